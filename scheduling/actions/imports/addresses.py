"""Addresses of a batch of rows: read from the columns, found or added with two queries for many rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select, update

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
class AddressRow:
    """An address as a row has it; street and place may be empty."""

    door: Door
    street: str
    place: str


def read_address(row: Row, country: str = "NL") -> AddressRow | None:
    """The address of a row; None where it gives none. Refuses: BadValue."""
    postcode, number = row.text("postcode"), row.text("house_number")
    if not postcode and not number:
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


def address_ids(work: Work, rows: Iterable[AddressRow]) -> Mapping[Door, int]:
    """The ids of these addresses; new ones are added, and a street or place that is given is kept."""
    by_door = {row.door: row for row in rows}
    found = _existing(work, list(by_door))
    fresh = [row for door, row in by_door.items() if door not in found]
    if fresh:
        work.session.execute(insert(Address), [_values(row) for row in fresh])
    for door, (address_id, street, place) in found.items():
        row = by_door[door]
        better = {"street": row.street or street, "place": row.place or place}
        if better != {"street": street, "place": place}:
            # Another street or place means other coordinates, to be looked up again.
            work.session.execute(
                update(Address).where(Address.id == address_id).values(**better, geocoded_at=None)
            )
    everything = _existing(work, [row.door for row in fresh]) | found
    return {door: address_id for door, (address_id, _, _) in everything.items()}


def _existing(work: Work, doors: Sequence[Door]) -> dict[Door, tuple[int, str, str]]:
    if not doors:
        return {}
    rows = work.session.execute(
        select(
            Address.id,
            Address.country,
            Address.postcode,
            Address.house_number,
            Address.house_suffix,
            Address.street,
            Address.place,
        ).where(Address.postcode.in_(sorted({door.postcode for door in doors})))
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
