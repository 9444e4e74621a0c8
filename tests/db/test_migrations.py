"""Migrations and models agree, on both databases, and every migration can be taken back."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

import scheduling.models  # noqa: F401  (its tables are in Base.metadata once it is imported)
from app import migrations
from scheduling.db import Base, make_engine
from tests.databases import empty_url

KINDS = ("sqlite", "postgresql")


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_database_brought_up_equals_the_models(kind: str, tmp_path: Path) -> None:
    url = empty_url(kind, tmp_path)

    migrations.upgrade(url)

    engine = make_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    assert migrations.is_current(engine)
    engine.dispose()


@pytest.mark.parametrize("kind", KINDS)
def test_every_migration_can_be_taken_back_and_done_again(kind: str, tmp_path: Path) -> None:
    url = empty_url(kind, tmp_path)
    engine = make_engine(url)
    migrations.upgrade(url)

    revisions = [script.revision for script in ScriptDirectory(str(migrations.FOLDER)).walk_revisions()]
    for revision in revisions:
        migrations.downgrade(url, "-1")
        assert not migrations.is_current(engine), revision

    assert inspect(engine).get_table_names() == ["alembic_version"]
    migrations.upgrade(url)
    assert migrations.is_current(engine)
    engine.dispose()


@pytest.mark.parametrize("kind", KINDS)
def test_the_four_kinds_of_work_are_there_from_the_start(kind: str, tmp_path: Path) -> None:
    url = empty_url(kind, tmp_path)
    migrations.upgrade(url)

    engine = make_engine(url)
    with engine.connect() as connection:
        kinds = connection.execute(text("SELECT ref, minutes, places FROM kind ORDER BY ref")).all()
    engine.dispose()

    assert [tuple(kind) for kind in kinds] == [
        ("inspection", 30, 1),
        ("installation", 120, 2),
        ("maintenance", 45, 1),
        ("repair", 60, 1),
    ]
