"""Where addresses are: asked of a geocoder once, by the worker, and kept in the database."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from scheduling.actions.work import Work
from scheduling.models import Address
from scheduling.suppliers.geocoder import GeocoderQuery, Point


def not_located_yet(session: Session, limit: int) -> Sequence[tuple[int, GeocoderQuery]]:
    """Addresses that no geocoder was asked about yet, oldest first, with the question."""
    rows = session.execute(
        select(Address).where(Address.geocoded_at.is_(None)).order_by(Address.id).limit(limit)
    ).scalars()
    return [
        (
            row.id,
            GeocoderQuery(
                postcode=row.postcode,
                house_number=row.house_number,
                suffix=row.house_suffix,
                street=row.street,
                place=row.place,
                country=row.country,
            ),
        )
        for row in rows
    ]


def keep_point(work: Work, address_id: int, point: Point | None) -> None:
    """Keeps what the geocoder found; None: it knows no such address, and is not asked again."""
    work.session.execute(
        update(Address)
        .where(Address.id == address_id)
        .values(
            lat=None if point is None else point.lat,
            lon=None if point is None else point.lon,
            geocoded_at=work.now,
        )
    )
