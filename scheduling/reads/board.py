"""Windows and visits of areas over days, for lists and for the dispatcher's week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from scheduling.errors import NoSuchThing
from scheduling.models import Area, Customer, Job, Visit, VisitJob, Window


@dataclass(frozen=True, slots=True)
class ListedWindow:
    """A window with its places. Times are local to the area."""

    window_id: int
    area_ref: str
    area_name: str
    local_day: date
    starts: datetime
    ends: datetime
    capacity: int
    booked: int
    held: int
    state: str


@dataclass(frozen=True, slots=True)
class ListedVisit:
    """A visit of any state. Times are local to the area; `job_refs` in the order of their import."""

    visit_ref: str
    job_refs: tuple[str, ...]
    customer_ref: str
    area_ref: str
    window_id: int
    local_day: date
    starts: datetime
    ends: datetime
    state: str
    sequence: int


def area_id_of(session: Session, area_ref: str) -> int:
    """The id of an area. Refuses: NoSuchThing."""
    area_id = session.execute(select(Area.id).where(Area.ref == area_ref)).scalar()
    if area_id is None:
        raise NoSuchThing(what="area", ref=area_ref)
    return area_id


def windows(
    session: Session, *, area_ref: str | None = None, first: date | None = None, last: date | None = None
) -> Sequence[ListedWindow]:
    """Windows in order of time. Refuses: NoSuchThing for an area that is not there."""
    query = select(
        Window.id,
        Area.ref,
        Area.name,
        Area.time_zone,
        Window.local_day,
        Window.starts_at,
        Window.ends_at,
        Window.capacity,
        Window.booked,
        Window.held,
        Window.state,
    ).join(Area, Area.id == Window.area_id)
    query = _within(session, query, area_ref, first, last)
    return [
        ListedWindow(
            window_id=row.id,
            area_ref=row.ref,
            area_name=row.name,
            local_day=row.local_day,
            starts=row.starts_at.astimezone(ZoneInfo(row.time_zone)),
            ends=row.ends_at.astimezone(ZoneInfo(row.time_zone)),
            capacity=row.capacity,
            booked=row.booked,
            held=row.held,
            state=row.state,
        )
        for row in session.execute(query.order_by(Window.starts_at, Area.ref))
    ]


def visits(
    session: Session, *, area_ref: str | None = None, first: date | None = None, last: date | None = None
) -> Sequence[ListedVisit]:
    """Visits of every state in order of time. Refuses: NoSuchThing for an area that is not there."""
    query = (
        select(
            Visit.id,
            Visit.ref,
            Customer.ref.label("customer_ref"),
            Area.ref.label("area_ref"),
            Area.time_zone,
            Window.id.label("window_id"),
            Window.local_day,
            Window.starts_at,
            Window.ends_at,
            Visit.state,
            Visit.sequence,
        )
        .join(Window, Window.id == Visit.window_id)
        .join(Area, Area.id == Window.area_id)
        .join(Customer, Customer.id == Visit.customer_id)
    )
    query = _within(session, query, area_ref, first, last)
    rows = session.execute(query.order_by(Window.starts_at, Visit.id)).all()
    job_refs = _job_refs(session, query)
    return [
        ListedVisit(
            visit_ref=row.ref,
            job_refs=tuple(job_refs.get(row.id, ())),
            customer_ref=row.customer_ref,
            area_ref=row.area_ref,
            window_id=row.window_id,
            local_day=row.local_day,
            starts=row.starts_at.astimezone(ZoneInfo(row.time_zone)),
            ends=row.ends_at.astimezone(ZoneInfo(row.time_zone)),
            state=row.state,
            sequence=row.sequence,
        )
        for row in rows
    ]


def _within(
    session: Session,
    query: Select[*tuple[Any, ...]],
    area_ref: str | None,
    first: date | None,
    last: date | None,
) -> Select[*tuple[Any, ...]]:
    if area_ref is not None:
        query = query.where(Window.area_id == area_id_of(session, area_ref))
    if first is not None:
        query = query.where(Window.local_day >= first)
    if last is not None:
        query = query.where(Window.local_day <= last)
    return query


def _job_refs(session: Session, visits_query: Select[*tuple[Any, ...]]) -> dict[int, list[str]]:
    wanted = visits_query.with_only_columns(Visit.id).subquery()
    found: dict[int, list[str]] = {}
    rows = session.execute(
        select(VisitJob.visit_id, Job.ref)
        .join(Job, Job.id == VisitJob.job_id)
        .where(VisitJob.visit_id.in_(select(wanted.c.id)))
        .order_by(VisitJob.visit_id, Job.id)
    )
    for visit_id, ref in rows:
        found.setdefault(visit_id, []).append(ref)
    return found
