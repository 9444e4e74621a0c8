"""The database: can it be reached and written to, does it keep what it confirms, has it the schema of this version."""

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from app import migrations
from app.doctor.findings import Finding, fail, ok, warn
from app.portal import Portal
from scheduling.models import Attempt

OLDEST_POSTGRESQL = 14
LITTLE_SPACE, NO_SPACE = 2_000_000_000, 200_000_000
"""Bytes free beside a SQLite file: when to look, and when the next import may be the last."""

OTHERS = 0o077


def reachable(portal: Portal, _now: datetime) -> Iterator[Finding]:
    """It answers."""
    try:
        with portal.sessions.engine.connect() as connection:
            name, version = connection.dialect.name, connection.dialect.server_version_info or ()
    except SQLAlchemyError as error:
        advice = "start it, and look at DATABASE_URL and at what the database's own log says"
        yield fail("database", f"cannot be reached ({_why(error)})", advice)
        return
    yield ok("database", f"{name} {'.'.join(str(part) for part in version)} answers")


def kind(portal: Portal, _now: datetime) -> Iterator[Finding]:
    """What each of the two needs in order to keep a confirmed visit through a power cut."""
    if make_url(portal.settings.database_url).get_backend_name() == "sqlite":
        yield from _sqlite(portal)
    else:
        yield from _postgresql(portal)


def migrated(portal: Portal, _now: datetime) -> Iterator[Finding]:
    """Its schema is the one that this version was written for."""
    found, missing = migrations.state(portal.sessions.engine)
    if found is None:
        yield fail("migrations", "the database has no tables yet", "run `flask --app wsgi db upgrade`")
    elif missing is None:
        advice = "start the newer version here too, or restore the backup that belongs to this one"
        yield fail("migrations", f"the schema ({found}) is newer than this version", advice)
    elif missing:
        advice = "stop the workers and run `flask --app wsgi db upgrade`"
        yield fail("migrations", f"{len(missing)} behind: {', '.join(missing)}", advice)
    else:
        yield ok("migrations", f"up to date ({found})")


def writable(portal: Portal, now: datetime) -> Iterator[Finding]:
    """Something can be written; it is taken back at once."""
    try:
        with portal.sessions.write() as session:
            session.execute(insert(Attempt).values(bucket="doctor", period_start=now, count=1))
            session.rollback()
    except SQLAlchemyError as error:
        advice = "look at the rights of its user, at the disk, and at who else holds it"
        yield fail("writing", f"the database takes nothing ({_why(error)})", advice)
        return
    yield ok("writing", "the database takes what it is given")


def _sqlite(portal: Portal) -> Iterator[Finding]:
    path = Path(make_url(portal.settings.database_url).database or "")
    with portal.sessions.engine.connect() as connection:
        journal = connection.scalar(text("PRAGMA journal_mode"))
        foreign_keys = connection.scalar(text("PRAGMA foreign_keys"))
    if journal != "wal" or not foreign_keys:
        finding = f"journal {journal}, foreign keys {'on' if foreign_keys else 'off'}"
        yield fail("SQLite", finding, "keep the file on a local disk; WAL does not work on network drives")
    elif portal.settings.uses_https:
        finding = "one writer at a time: fine for a try, slow for a company"
        yield warn("SQLite", finding, "set DATABASE_URL to PostgreSQL before the first customer")
    else:
        yield ok("SQLite", "write-ahead log and foreign keys are on")
    yield _rights(path)
    yield _space(path)


def _rights(path: Path) -> Finding:
    mode = path.stat().st_mode
    if mode & OTHERS:
        return warn(
            "database file", f"other users of this machine may open it ({mode & 0o777:o})", "chmod 600"
        )
    return ok("database file", "for its owner alone")


def _space(path: Path) -> Finding:
    free = shutil.disk_usage(path.parent).free
    finding = f"{free / 1e9:.1f} GB free beside the database"
    if free < NO_SPACE:
        return fail("disk", finding, "make room now: a full disk takes no booking")
    if free < LITTLE_SPACE:
        return warn("disk", finding, "make room")
    return ok("disk", finding)


def _postgresql(portal: Portal) -> Iterator[Finding]:
    with portal.sessions.engine.connect() as connection:

        def shown(name: str) -> Any:
            return connection.scalar(text(f"SHOW {name}"))

        version = int(shown("server_version_num")) // 10_000
        unsafe = [
            name for name in ("fsync", "synchronous_commit", "full_page_writes") if shown(name) == "off"
        ]
        zone = shown("TimeZone")
    if version < OLDEST_POSTGRESQL:
        finding, advice = f"version {version} is too old", f"upgrade to {OLDEST_POSTGRESQL} or newer"
        yield fail("PostgreSQL", finding, advice)
    elif unsafe:
        finding = f"{', '.join(unsafe)} off: a power cut takes confirmed visits with it"
        yield fail("PostgreSQL", finding, "set it to on in postgresql.conf and reload")
    else:
        yield ok("PostgreSQL", f"version {version}, keeps what it confirms; its time zone is {zone}")


def _why(error: SQLAlchemyError) -> str:
    """The first line of what the driver says: hosts and roles, never a password."""
    said = str(getattr(error, "orig", None) or type(error).__name__).strip()
    return said.splitlines()[0] if said else type(error).__name__
