"""Addresses that still have to be located."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from scheduling.models import Address


@dataclass(frozen=True, slots=True)
class AddressToLocate:
    """An address that no geocoder was asked about yet."""

    address_id: int
    postcode: str
    house_number: int
    suffix: str
    street: str
    place: str
    country: str


def to_locate(session: Session, limit: int) -> Sequence[AddressToLocate]:
    """The oldest of them first."""
    rows = session.execute(
        select(
            Address.id,
            Address.postcode,
            Address.house_number,
            Address.house_suffix,
            Address.street,
            Address.place,
            Address.country,
        )
        .where(Address.geocoded_at.is_(None))
        .order_by(Address.id)
        .limit(limit)
    )
    return [AddressToLocate(*row) for row in rows]
