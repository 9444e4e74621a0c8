"""Addresses of a batch of rows: read from the columns, found or added with two queries for many rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Integer, String, and_, column, insert, select, update, values

from scheduling.actions.imports.table import BadValue, Row
from scheduling.actions.work import Work
from scheduling.models import Address
from scheduling.rules.postcodes import (
    NotAHouseNumber,
    NotAPostcode,
    normalise_house_number,
    normalise_house_suffix,
    normalise_postcode,
    pc4_of,
    place_of,
)

COLUMNS = ("postcode", "house_number", "house_suffix", "street", "place")


@dataclass(frozen=True, slots=True)
class Door:
    """What makes an address one address."""

    country: str
    postcode: str
    house_number: int
    house_suffix: str


@dataclass(frozen=True, slots=True)
class Addresses:
    """The ids of addresses, and which of them got another street or place."""

    ids: dict[Door, int]
    changed: frozenset[Door]


@dataclass(frozen=True, slots=True)
class AddressRow:
    """An address as a row has it; street and place may be empty."""

    door: Door
    street: str
    place: str


def read_address(row: Row, country: str = "NL") -> AddressRow | None:
    """The address of a row; None where it gives none. Refuses: BadValue."""
    postcode, number = row.text("postcode"), row.text("house_number")
    if not postcode and not number:
        if row.text("house_suffix") or row.text("street") or row.text("place"):
            raise BadValue("postcode", "is empty; an address needs it")
        return None
    if not postcode or not number:
        raise BadValue("house_number" if postcode else "postcode", "is empty; an address needs both")
    try:
        normal = normalise_postcode(postcode, country)
    except NotAPostcode as error:
        raise BadValue("postcode", str(error)) from None
    try:
        house_number, suffix_of_number = normalise_house_number(number)
        own_suffix = row.text("house_suffix")
        suffix = normalise_house_suffix(own_suffix) if own_suffix else suffix_of_number
    except NotAHouseNumber as error:
        raise BadValue("house_number", str(error)) from None
    if own_suffix and suffix_of_number and suffix != suffix_of_number:
        raise BadValue("house_suffix", "differs from the suffix in house_number")
    return AddressRow(Door(country, normal, house_number, suffix), row.text("street"), row.text("place"))


def keep_addresses(work: Work, rows: Iterable[AddressRow]) -> Addresses:
    """Adds the addresses that are new; of the others a street or place that is given is kept."""
    by_door = _by_door(rows)
    found = _existing(work, list(by_door))
    fresh = [row for door, row in by_door.items() if door not in found]
    if fresh:
        work.session.execute(insert(Address), [_values(row) for row in fresh])
    better = []
    for door, (address_id, street, place) in found.items():
        row = by_door[door]
        if (row.street or street, row.place or place) != (street, place):
            # Another street or place means other coordinates, to be looked up again.
            values = {"street": row.street or street, "place": row.place or place, "geocoded_at": None}
            better.append((door, {"id": address_id, **values}))
    if better:
        work.session.execute(update(Address), [values for _, values in better])
    everything = _existing(work, [row.door for row in fresh]) | found
    return Addresses(
        {door: address_id for door, (address_id, _, _) in everything.items()},
        frozenset(door for door, _ in better),
    )


def _by_door(rows: Iterable[AddressRow]) -> dict[Door, AddressRow]:
    """One row for each door; of those who live behind one door, whoever gives a street gives it for all."""
    by_door: dict[Door, AddressRow] = {}
    for row in rows:
        before = by_door.get(row.door, row)
        by_door[row.door] = AddressRow(row.door, row.street or before.street, row.place or before.place)
    return by_door


def _existing(work: Work, doors: Sequence[Door]) -> dict[Door, tuple[int, str, str]]:
    if not doors:
        return {}
    # As a table to join with: a list of five hundred alternatives is one that PostgreSQL would try on every address.
    wanted_doors = (
        values(
            column("country", String),
            column("postcode", String),
            column("house_number", Integer),
            name="wanted",
        )
        .data(sorted({(door.country, door.postcode, door.house_number) for door in doors}))
        .cte("wanted")
    )
    rows = work.session.execute(
        select(
            Address.id,
            Address.country,
            Address.postcode,
            Address.house_number,
            Address.house_suffix,
            Address.street,
            Address.place,
        ).join(
            wanted_doors,
            and_(
                Address.country == wanted_doors.c.country,
                Address.postcode == wanted_doors.c.postcode,
                Address.house_number == wanted_doors.c.house_number,
            ),
        )
    )
    wanted = set(doors)
    found = {
        Door(row.country, row.postcode, row.house_number, row.house_suffix): (row.id, row.street, row.place)
        for row in rows
    }
    return {door: value for door, value in found.items() if door in wanted}


def _values(row: AddressRow) -> dict[str, object]:
    pc4 = pc4_of(row.door.postcode, row.door.country)
    known = place_of(pc4, row.door.country)
    return {
        "country": row.door.country,
        "postcode": row.door.postcode,
        "pc4": pc4,
        "house_number": row.door.house_number,
        "house_suffix": row.door.house_suffix,
        "street": row.street,
        "place": row.place or ("" if known is None else known.place),
    }
