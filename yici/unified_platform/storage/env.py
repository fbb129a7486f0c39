"""Alembic's entry point; the connection is handed over by `schema.upgrade_schema`."""

from alembic import context

from yici.unified_platform.storage.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
context.run_migrations()
