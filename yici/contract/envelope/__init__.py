"""Seal a submission so that only the platform can read it."""
