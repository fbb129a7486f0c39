"""Terminals: enrolment, standing, greeting."""
