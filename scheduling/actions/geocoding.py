"""Where addresses are: asked of a geocoder once, by the worker, and kept in the database."""

from sqlalchemy import update

from scheduling.actions.work import Work
from scheduling.models import Address


def keep_point(work: Work, address_id: int, point: tuple[float, float] | None) -> None:
    """Keeps latitude and longitude (WGS 84 degrees); None: no such address is known, and it is not asked again."""
    lat, lon = point or (None, None)
    work.session.execute(
        update(Address).where(Address.id == address_id).values(lat=lat, lon=lon, geocoded_at=work.now)
    )
