"""What all tests share: a fixed moment, databases, the application; and that nothing leaves this machine.

A test that asks for `database`, or for anything that stands on it, runs on SQLite and on PostgreSQL. One that is about
one of them says so: `@pytest.mark.parametrize("database", ["postgresql"], indirect=True)`.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings

from tests.environment import ENVIRONMENT, NOW, RUN_FOLDER

# Unit tests need no database and no Flask, and are over before either would have been imported.
if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from sqlalchemy.orm import Session

    from app.config import Settings
    from tests.databases import Database

# The same examples in every run: what fails here fails everywhere. Machines differ in speed, so there is no deadline.
hypothesis_settings.register_profile(
    "ci", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
# HYPOTHESIS_PROFILE=search looks for new ones, for longer.
hypothesis_settings.register_profile("search", deadline=None, max_examples=2000, print_blob=True)
# HYPOTHESIS_PROFILE=long gives the fuzzers minutes (tests/property/effort.py); what fails is shown as it was found.
hypothesis_settings.register_profile(
    "long", deadline=None, database=None, phases=[Phase.explicit, Phase.generate], print_blob=True
)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_configure(config: pytest.Config) -> None:
    """Tests start from the settings they are given, not from those of the person who runs them."""
    for name in ENVIRONMENT:
        os.environ.pop(name, None)
    if not hasattr(config, "workerinput"):
        os.environ[RUN_FOLDER] = tempfile.mkdtemp(prefix="homevisit-tests-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """After the last process has gone."""
    if hasattr(config, "workerinput") or RUN_FOLDER not in os.environ:
        return
    folder = Path(os.environ.pop(RUN_FOLDER))
    if (folder / "postgresql").exists():
        from tests.databases import stop_postgresql

        stop_postgresql(folder)
    shutil.rmtree(folder, ignore_errors=True)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One process a core that we may use, and no more than 8: each brings a database and perhaps a browser."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, 8)


@pytest.fixture
def now() -> datetime:
    """The moment at which a test happens."""
    return NOW


@pytest.fixture
def clock(now: datetime) -> Iterator[Any]:
    """Stops the clock of the process at `now`; `clock.shift(seconds)` and `clock.move_to(moment)` set it on."""
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> "Iterator[Database]":
    """A migrated database of this test's own: `kind`, `url`, `engine`, `sessions.read`, `sessions.write`."""
    from tests.databases import fresh_database

    with fresh_database(request.param, tmp_path) as fresh:
        yield fresh


@pytest.fixture
def session(database: "Database") -> "Iterator[Session]":
    """A session for reading, as a page has one; what it began ends with the test."""
    with database.sessions.read() as reading:
        yield reading


@pytest.fixture
def settings(database: "Database") -> "Settings":
    """The settings of `tests.environment`, over this test's database; vary with `dataclasses.replace`."""
    from app.config import read_settings

    return read_settings({**ENVIRONMENT, "DATABASE_URL": database.url})


@pytest.fixture
def app(settings: "Settings", clock: Any) -> "Flask":
    """The application over this test's database, its clock stopped at `now`."""
    from app import create_app

    application = create_app(settings)
    application.testing = True
    return application


@pytest.fixture
def client(app: "Flask") -> "FlaskClient":
    """A browser without JavaScript, as far as the application can tell; keeps cookies."""
    return app.test_client()
