"""Bring a database to this release's schema (Alembic, run from code)."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine

from yici.unified_platform.storage.errors import NewerSchema

_SCRIPTS = Path(__file__).parent
_UPGRADE_LOCK = 0x79696369


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.set_main_option("path_separator", "os")
    return config


def upgrade_schema(engine: Engine) -> None:
    """All pending revisions in one transaction. Raises NewerSchema."""
    config = _config()
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":  # SQLite's BEGIN IMMEDIATE already excludes others
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_UPGRADE_LOCK})")
        if _is_current(connection, config):
            return
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _is_current(connection: Connection, config: Config) -> bool:
    revision = MigrationContext.configure(connection).get_current_revision()
    scripts = ScriptDirectory.from_config(config)
    if revision is not None:
        try:
            scripts.get_revision(revision)
        except CommandError as error:
            raise NewerSchema(
                f"the database has schema {revision!r}, which this release does not know; "
                "install the release that wrote it, or a newer one"
            ) from error
    return revision == scripts.get_current_head()
