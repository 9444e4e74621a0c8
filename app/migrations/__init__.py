"""Brings a database's schema up to date, or back down, with Alembic; also says whether it is current."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

FOLDER = Path(__file__).parent


def alembic_config(url: str) -> Config:
    """Alembic's configuration for a database; there is no alembic.ini to keep in step."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["url"] = url
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Runs the migrations that are missing, up to `revision`."""
    command.upgrade(alembic_config(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Takes migrations back, down to `revision` (`base` for an empty database)."""
    command.downgrade(alembic_config(url), revision)


def state(engine: Engine) -> tuple[str | None, list[str] | None]:
    """The database's revision, None where it has none; and those that it lacks, None where it has one unknown to us."""
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    known = [script.revision for script in ScriptDirectory(str(FOLDER)).walk_revisions()]
    known.reverse()
    if found is None:
        return None, known
    return found, known[known.index(found) + 1 :] if found in known else None


def is_current(engine: Engine) -> bool:
    """Whether the database has exactly the schema that this code was written for."""
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_heads()
    return set(found) == set(ScriptDirectory(str(FOLDER)).get_heads())
