"""Alembic revisions, one a change of the schema."""
