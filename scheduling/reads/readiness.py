"""Whether customers can be served: areas without windows or postcodes, work that no area serves, accounts of staff."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from scheduling.models import Address, Area, AreaPostcode, Customer, Job, Staff, VisitJob, Window
from scheduling.reads.affairs import serves


@dataclass(frozen=True, slots=True)
class Unserved:
    """Work that waits for an area: how many jobs of a kind at a postcode's four digits."""

    pc4: str
    kind: str
    jobs: int


def area_refs(session: Session) -> Sequence[str]:
    """All areas."""
    return session.scalars(select(Area.ref).order_by(Area.ref)).all()


def countries(session: Session) -> Sequence[str]:
    """The countries in which areas lie."""
    return session.scalars(select(Area.country).distinct().order_by(Area.country)).all()


def areas_without_windows(session: Session, first: datetime, last: datetime) -> Sequence[str]:
    """Areas in which no window with a free place begins in this time."""
    has_windows = (
        select(Window.id)
        .where(
            Window.area_id == Area.id,
            Window.starts_at >= first,
            Window.starts_at < last,
            Window.state == "open",
            Window.booked + Window.held < Window.capacity,
        )
        .exists()
    )
    return session.scalars(select(Area.ref).where(~has_windows).order_by(Area.ref)).all()


def areas_without_postcodes(session: Session) -> Sequence[str]:
    """Areas that serve nobody."""
    has_postcodes = select(AreaPostcode.pc4).where(AreaPostcode.area_id == Area.id).exists()
    return session.scalars(select(Area.ref).where(~has_postcodes).order_by(Area.ref)).all()


def unserved(session: Session, limit: int) -> Sequence[Unserved]:
    """Open work at postcodes that no area serves for its kind, the most first."""
    has_visit = select(VisitJob.job_id).where(VisitJob.job_id == Job.id, VisitJob.live).exists()
    count = func.count().label("jobs")
    rows = session.execute(
        select(Address.pc4, Job.kind, count)
        .select_from(Job)
        .join(Customer, Customer.id == Job.customer_id)
        .join(Address, Address.id == func.coalesce(Job.address_id, Customer.address_id))
        .outerjoin(AreaPostcode, serves(Address.pc4, Job.kind))
        .where(AreaPostcode.area_id.is_(None), Job.withdrawn_at.is_(None), ~has_visit)
        .group_by(Address.pc4, Job.kind)
        .order_by(count.desc(), Address.pc4, Job.kind)
        .limit(limit)
    )
    return [Unserved(*row) for row in rows]


def staff_accounts(session: Session) -> tuple[int, int]:
    """How many accounts there are, and how many of them have set a password."""
    row = session.execute(select(func.count(Staff.id), func.count(Staff.password_hash))).one()
    return row[0], row[1]
