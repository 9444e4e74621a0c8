"""All homes that one contact is asked about: what an organisation, or anybody with several addresses, sees on one page.

They belong together by customer and by who speaks for them: a daughter who arranges things for one home does not see
what is asked of somebody else.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Select, and_, exists, select
from sqlalchemy.orm import Session, aliased

from scheduling.models import (
    Address,
    Area,
    AreaPostcode,
    Invitation,
    Job,
    Kind,
    Visit,
    VisitJob,
    Window,
)
from scheduling.reads.affairs import serves
from scheduling.reads.asked import rules_by, wanted_by
from scheduling.reads.correspondence import house_number, text_in
from scheduling.reads.work_in import kind_texts
from scheduling.rules.pattern import FreeWindow, Home
from scheduling.rules.policy import DEAD_STATES, bookable_days

MOST_HOMES = 500
"""On one page; an institution with more dwellings is asked in several waves."""

MOST_WINDOWS = 5000
"""That are looked through for one plan: a year of five a day in a few areas."""


@dataclass(frozen=True, slots=True)
class HomeVisit:
    """When somebody comes to a home, in local time of its area."""

    state: str
    local_day: date
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class HomeAsked:
    """One home that a contact is asked about. `version` is that of its personal link; `visit` a live one."""

    invitation_id: int
    version: int
    kind_names: Sequence[str]
    pc4: str
    postcode: str
    place: str
    street: str
    house_number: str
    country: str
    visit: HomeVisit | None


def has_others(invitation: type[Invitation], now: datetime) -> ColumnElement[bool]:
    """Whether the same contact is asked about another home as well."""
    other = aliased(Invitation)
    return exists().where(*_together(other, invitation), other.id != invitation.id, *_open(other, now))


def homes_of(session: Session, invitation_id: int, now: datetime, *, language: str) -> Sequence[HomeAsked]:
    """The homes that the contact of this invitation is asked about, by postcode and number."""
    rows = session.execute(_homes(invitation_id, now)).all()
    names = _kind_names(session, [row.id for row in rows], language)
    return [_home(row, names.get(row.id, ())) for row in rows]


def to_plan(session: Session, invitation_ids: Iterable[int], now: datetime) -> Sequence[Home]:
    """What a plan needs to know of homes, in the order given; without those that have a visit or no area."""
    wanted = list(invitation_ids)
    by_invitation: dict[int, list[Row[*tuple[Any, ...]]]] = {}
    for row in session.execute(_WORK.where(Job.invitation_id.in_(wanted))):
        by_invitation.setdefault(row.invitation_id, []).append(row)
    homes = (_to_plan(invitation_id, by_invitation.get(invitation_id, []), now) for invitation_id in wanted)
    return [home for home in homes if home is not None]


def free_windows(session: Session, homes: Sequence[Home]) -> Sequence[FreeWindow]:
    """Open windows with room in the areas of these homes, in order of time."""
    if not homes:
        return []
    free = Window.capacity - Window.booked - Window.held
    rows = session.execute(
        select(
            Window.id,
            Window.area_id,
            Window.local_day,
            Window.starts_at,
            Window.ends_at,
            free.label("free"),
            Area.time_zone,
        )
        .join(Area, Area.id == Window.area_id)
        .where(
            Window.area_id.in_({home.area_id for home in homes}),
            Window.local_day >= min(home.first_day for home in homes),
            Window.state == "open",
            free > 0,
        )
        .order_by(Window.local_day, Window.starts_at, Window.id)
        .limit(MOST_WINDOWS)
    )
    return [
        FreeWindow(
            window_id=row.id,
            area_id=row.area_id,
            local_day=row.local_day,
            starts=row.starts_at.astimezone(ZoneInfo(row.time_zone)),
            ends=row.ends_at.astimezone(ZoneInfo(row.time_zone)),
            free=row.free,
        )
        for row in rows
    ]


def _homes(invitation_id: int, now: datetime) -> Select[*tuple[Any, ...]]:
    this = aliased(Invitation)
    live = and_(Visit.invitation_id == Invitation.id, Visit.state.not_in(DEAD_STATES))
    return (
        select(
            Invitation.id,
            Invitation.version,
            Address.pc4,
            Address.postcode,
            Address.place,
            Address.street,
            Address.house_number,
            Address.house_suffix,
            Address.country,
            Visit.state,
            Window.local_day,
            Window.starts_at,
            Window.ends_at,
            Area.time_zone,
        )
        .join(this, and_(*_together(Invitation, this), this.id == invitation_id))
        .join(Address, Address.id == Invitation.address_id)
        .outerjoin(Visit, live)
        .outerjoin(Window, Window.id == Visit.window_id)
        .outerjoin(Area, Area.id == Window.area_id)
        .where(*_open(Invitation, now))
        .order_by(Address.postcode, Address.house_number, Address.house_suffix, Invitation.id)
        .limit(MOST_HOMES)
    )


def _together(one: type[Invitation], other: type[Invitation]) -> tuple[ColumnElement[bool], ...]:
    return (one.customer_id == other.customer_id, one.contact_id.is_not_distinct_from(other.contact_id))


def _open(invitation: type[Invitation], now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (invitation.ended == "", invitation.expires_at > now)


def _home(row: Row[*tuple[Any, ...]], kind_names: Sequence[str]) -> HomeAsked:
    visit = None
    if row.state is not None:
        zone = ZoneInfo(row.time_zone)
        visit = HomeVisit(
            row.state, row.local_day, row.starts_at.astimezone(zone), row.ends_at.astimezone(zone)
        )
    return HomeAsked(
        invitation_id=row.id,
        version=row.version,
        kind_names=kind_names,
        pc4=row.pc4,
        postcode=row.postcode,
        place=row.place,
        street=row.street,
        house_number=house_number(row.house_number, row.house_suffix),
        country=row.country,
        visit=visit,
    )


def _kind_names(
    session: Session, invitation_ids: Sequence[int], language: str
) -> Mapping[int, Sequence[str]]:
    texts = kind_texts(session)
    names: dict[int, list[str]] = {}
    rows = session.execute(
        select(Job.invitation_id, Job.kind)
        .where(Job.invitation_id.in_(invitation_ids), Job.withdrawn_at.is_(None))
        .order_by(Job.id)
    )
    for row in rows:
        text = text_in(texts.get(row.kind, {}), language)
        name = row.kind if text is None else text.name
        if name not in names.setdefault(row.invitation_id, []):
            names[row.invitation_id].append(name)
    return names


_WORK = (
    select(
        Job.invitation_id,
        Job.not_before,
        Job.due_by,
        Kind.places,
        AreaPostcode.area_id,
        Area.time_zone,
        Area.country.label("area_country"),
        Area.horizon_days,
        Area.book_until,
        Area.change_until,
    )
    .join(Kind, Kind.ref == Job.kind)
    .join(Invitation, Invitation.id == Job.invitation_id)
    .join(Address, Address.id == Invitation.address_id)
    .outerjoin(AreaPostcode, serves(Address.pc4, Job.kind))
    .outerjoin(Area, Area.id == AreaPostcode.area_id)
    .where(
        Job.withdrawn_at.is_(None),
        ~exists().where(VisitJob.job_id == Job.id, VisitJob.live),
    )
    .order_by(Job.id)
)


def _to_plan(invitation_id: int, jobs: Sequence[Row[*tuple[Any, ...]]], now: datetime) -> Home | None:
    areas = {job.area_id for job in jobs}
    if len(areas) != 1 or None in areas:
        return None
    first, wanted = jobs[0], wanted_by(jobs)
    first_day, last_day = bookable_days(wanted, rules_by(first), now)
    return Home(invitation_id, first.area_id, wanted.places, first_day, last_day)
