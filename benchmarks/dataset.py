"""The rows to measure over: areas full of windows, and customers who were asked to choose one.

Made in Python and copied in, without the product's own imports: what is measured is answering, not loading. The rows
are what those imports would write, and the same for each size whatever the database; only days count from today.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

import psycopg
from sqlalchemy import Engine, make_url
from sqlalchemy.sql.schema import Table

from scheduling.clock import window_bounds, zone
from scheduling.models import Address, Area, AreaPostcode, Customer, Invitation, Job, Window

STARTS = (time(8), time(10), time(12), time(14), time(16))
TIME_ZONE = "Europe/Amsterdam"
FIRST_POSTCODE = 1000
CAPACITY = 20
"""Places a window, so that no booking of a run is refused: being full is another measurement."""

DAYS_LEFT_ALONE = 10
"""Bookings are made from this day on, so that no deadline, holiday or weekend comes between."""

_SQLITE_ROWS = 10_000
"""Rows handed over at once; a few megabytes."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is. At most 8,999 areas (a four-digit postcode each), at least 11 days."""

    areas: int
    days: int
    invitations: int

    @property
    def windows_an_area(self) -> int:
        """Windows of one area over all days."""
        return self.days * len(STARTS)

    @property
    def windows(self) -> int:
        """Windows of all areas."""
        return self.areas * self.windows_an_area

    def __str__(self) -> str:
        return (
            f"{self.areas:,} areas x {self.days} days x {len(STARTS)} windows = {self.windows:,} windows, "
            f"{self.invitations:,} invitations"
        )


QUICK = Size(areas=20, days=40, invitations=6_000)
MODERATE = Size(areas=100, days=90, invitations=40_000)
FULL = Size(areas=1_000, days=365, invitations=60_000)
SMALL = Size(areas=20, days=40, invitations=15_000)


def area_of(invitation_id: int, size: Size) -> int:
    """The area (by id) whose windows an invitation is offered: neighbours in time are none in place."""
    return (invitation_id - 1) % size.areas + 1


def window_for(invitation_id: int, size: Size) -> int:
    """The window (by id) that an invitation books: all bookable ones in turn, so that places are taken evenly."""
    skipped = DAYS_LEFT_ALONE * len(STARTS)
    ordinal = skipped + (invitation_id - 1) // size.areas % (size.windows_an_area - skipped)
    return (area_of(invitation_id, size) - 1) * size.windows_an_area + ordinal + 1


def load(engine: Engine, size: Size, now: datetime) -> None:
    """Fills an empty, migrated database, and lets it look at what it has, as it would by itself after a while."""
    tables: list[tuple[Any, Iterator[tuple[Any, ...]], Sequence[str]]] = [
        (
            Area.__table__,
            _areas(size, now),
            ("id", "ref", "name", "time_zone", "book_until", "change_until", "created_at"),
        ),
        (AreaPostcode.__table__, _postcodes(size), ("pc4", "kind", "area_id")),
        (
            Window.__table__,
            _windows(size, now),
            ("id", "area_id", "local_day", "starts_at", "ends_at", "capacity"),
        ),
        (
            Address.__table__,
            _addresses(size),
            ("id", "postcode", "pc4", "house_number", "street", "place"),
        ),
        (Customer.__table__, _customers(size, now), _CUSTOMER_COLUMNS),
        (
            Invitation.__table__,
            _invitations(size, now),
            ("id", "customer_id", "address_id", "created_at", "expires_at"),
        ),
        (
            Job.__table__,
            _jobs(size, now),
            ("id", "ref", "customer_id", "kind", "created_at", "invitation_id"),
        ),
    ]
    if engine.dialect.name == "postgresql":
        _copy_in(engine, tables)
    else:
        _insert(engine, tables)


_CUSTOMER_COLUMNS = (
    "id",
    "ref",
    "title",
    "initials",
    "first_name",
    "infix",
    "last_name",
    "formality",
    "language",
    "phone",
    "email",
    "channel",
    "persona",
    "sort_key",
    "address_id",
    "imported_at",
    "created_at",
)


def _areas(size: Size, now: datetime) -> Iterator[tuple[Any, ...]]:
    for area_id in range(1, size.areas + 1):
        yield area_id, f"area-{area_id}", f"Gebied {area_id}", TIME_ZONE, time(16), time(12), now


def _postcodes(size: Size) -> Iterator[tuple[Any, ...]]:
    for area_id in range(1, size.areas + 1):
        yield _pc4(area_id), "*", area_id


def _windows(size: Size, now: datetime) -> Iterator[tuple[Any, ...]]:
    where = zone(TIME_ZONE)
    today = now.astimezone(where).date()
    bounds: list[tuple[date, datetime, datetime]] = [
        (local_day, *window_bounds(local_day, start, where))
        for local_day in (today + timedelta(days=ahead) for ahead in range(1, size.days + 1))
        for start in STARTS
    ]
    window_id = 0
    for area_id in range(1, size.areas + 1):
        for local_day, starts_at, ends_at in bounds:
            window_id += 1
            yield window_id, area_id, local_day, starts_at, ends_at, CAPACITY


def _addresses(size: Size) -> Iterator[tuple[Any, ...]]:
    for number in range(1, size.invitations + 1):
        pc4 = _pc4(area_of(number, size))
        yield number, f"{pc4}AB", pc4, number, "Lange Nieuwstraat", "Amersfoort"


def _customers(size: Size, now: datetime) -> Iterator[tuple[Any, ...]]:
    """Every second one reads u, every second pair has an e-mail address beside the phone: what companies have."""
    for number in range(1, size.invitations + 1):
        yield (
            number,
            f"C-{number}",
            ("mr", "ms", "couple", "")[number % 4],
            "S.",
            "Sanne",
            "van der",
            f"Berg{number}",
            "formal" if number % 2 else "informal",
            "nl",
            f"+316{10_000_000 + number}",
            f"klant{number}@example.org" if number % 4 < 2 else None,
            "sms",
            "family",
            f"berg{number}",
            number,
            now,
            now,
        )


def _invitations(size: Size, now: datetime) -> Iterator[tuple[Any, ...]]:
    for number in range(1, size.invitations + 1):
        yield number, number, number, now, now + timedelta(days=size.days + 30)


def _jobs(size: Size, now: datetime) -> Iterator[tuple[Any, ...]]:
    for number in range(1, size.invitations + 1):
        yield number, f"J-{number}", number, "maintenance", now, number


def _pc4(area_id: int) -> str:
    return str(FIRST_POSTCODE + area_id)


_Tables = Sequence[tuple[Table, Iterator[tuple[Any, ...]], Sequence[str]]]


def _copy_in(engine: Engine, tables: _Tables) -> None:
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as connection:
        for table, rows, columns in tables:
            names = ", ".join(f'"{column}"' for column in columns)
            with connection.cursor().copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
                for row in rows:
                    copy.write_row(row)
            if "id" in columns:
                # The ids were brought along; those that the portal makes from here on come after them.
                connection.execute(
                    f"SELECT setval(pg_get_serial_sequence('\"{table.name}\"', 'id'), max(id))"  # noqa: S608
                    f' FROM "{table.name}"'
                )
    with psycopg.connect(url, autocommit=True) as connection:
        # Only what is filled: autovacuum does not look at an empty table of a new database either (it waits for rows).
        # One that was looked at is thought to stay empty, and foreign keys to it are checked by reading all of it.
        filled = ", ".join(f'"{table.name}"' for table, _, _ in tables)
        connection.execute(f"VACUUM ANALYZE {filled}")
        connection.execute("CHECKPOINT")


def _insert(engine: Engine, tables: _Tables) -> None:
    path = make_url(engine.url).database
    assert path, "a benchmark's SQLite database is a file"
    with sqlite3.connect(path) as connection:
        for table, rows, columns in tables:
            places = ", ".join("?" * len(columns))
            statement = f'INSERT INTO "{table.name}" ({", ".join(columns)}) VALUES ({places})'  # noqa: S608
            batch: list[tuple[Any, ...]] = []
            for row in rows:
                batch.append(tuple(_for_sqlite(value) for value in row))
                if len(batch) == _SQLITE_ROWS:
                    connection.executemany(statement, batch)
                    batch.clear()
            connection.executemany(statement, batch)
        connection.execute("ANALYZE")
    connection.close()


def _for_sqlite(value: Any) -> Any:
    """As SQLAlchemy writes it there: instants in UTC without saying so, microseconds always."""
    match value:
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        case date():
            return value.isoformat()
        case time():
            return value.strftime("%H:%M:%S.%f")
        case _:
            return value


@dataclass(frozen=True, slots=True)
class Kept:
    """What a database holds after a run. `taken`: places of all windows together."""

    visits: int
    confirmations: int
    taken: int
    worst: Literal["never overbooked", "OVERBOOKED"]


def kept(engine: Engine) -> Kept:
    """Counts what a run has left behind, in one statement."""
    with engine.connect() as connection:
        row = connection.exec_driver_sql(
            "SELECT (SELECT count(*) FROM visit),"
            " (SELECT count(DISTINCT visit_id) FROM message WHERE kind = 'confirmation'),"
            ' (SELECT sum(booked) FROM "window"),'
            ' (SELECT count(*) FROM "window" WHERE booked + held > capacity)'
        ).one()
    return Kept(row[0], row[1], row[2], "OVERBOOKED" if row[3] else "never overbooked")
