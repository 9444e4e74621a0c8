"""What an invitation asks for: its open jobs, the area that serves them, its rules, and the visit they have.

The booking and the offer both start from here; nothing in it is for people's eyes.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from scheduling.errors import LinkEnded, LinkUnknown, NotPossible
from scheduling.models import AreaPostcode, Invitation, Visit, Window
from scheduling.models.company import ALL_KINDS
from scheduling.reads.affairs import Rows, rows_about
from scheduling.rules.exits import CAN_BE_TAKEN_BACK, why_ended
from scheduling.rules.policy import AreaRules, Wanted, is_live


@dataclass(frozen=True, slots=True)
class CurrentVisit:
    """The latest visit of an invitation, whatever its state."""

    visit_id: int
    window_id: int
    local_day: date
    ends_at: datetime
    state: str
    sequence: int
    places: int
    minutes: int
    changed_at: datetime

    @property
    def is_live(self) -> bool:
        """Whether it occupies its jobs."""
        return is_live(self.state)


@dataclass(frozen=True, slots=True)
class Asked:
    """An invitation's jobs and where they may be planned. `area_id` is None where no one area serves them all.

    A visit keeps the places and minutes that it was booked with, also when its jobs are imported anew: so they are what
    is asked for as long as it lives.
    """

    invitation_id: int
    customer_id: int
    address_id: int
    job_ids: tuple[int, ...]
    wanted: Wanted
    minutes: int
    area_id: int | None
    rules: AreaRules | None
    visit: CurrentVisit | None


def check_link(session: Session, invitation_id: int, version: int, now: datetime) -> None:
    """Whether a personal link still opens. Refuses: LinkUnknown; LinkEnded with its reason."""
    link = select(Invitation.ended, Invitation.version, Invitation.expires_at, Invitation.exit)
    check_rows(session.execute(link.where(Invitation.id == invitation_id)).all(), version, now)


def check_rows(rows: Sequence[Row[*tuple[Any, ...]]], version: int, now: datetime) -> None:
    """The same of rows that are there already."""
    if not rows:
        raise LinkUnknown
    row = rows[0]
    if row.ended or row.version != version:
        raise LinkEnded(
            reason=why_ended(row.exit, row.ended, is_current=row.version == version),
            can_return=row.version == version and row.exit in CAN_BE_TAKEN_BACK and now < row.expires_at,
        )
    if row.expires_at <= now:
        raise LinkEnded(reason="expired")


def asked(session: Session, invitation_id: int) -> Asked:
    """What the invitation asks for now. Refuses: LinkUnknown; LinkEnded when no job of it is open any more."""
    return asked_by(rows_about(session, invitation_id))


def asked_by(rows: Rows) -> Asked:
    """What these rows about an invitation ask for. Refuses like `asked`."""
    jobs = [row for row in rows if row.job_id is not None and row.withdrawn_at is None]
    if not jobs:
        raise LinkEnded(reason="withdrawn")
    first = jobs[0]
    visit = _visit(first)
    booked = visit if visit is not None and visit.is_live else None
    areas = {job.area_id for job in jobs}
    served = len(areas) == 1 and first.area_id is not None
    return Asked(
        invitation_id=first.invitation_id,
        customer_id=first.customer_id,
        address_id=first.address_id,
        job_ids=tuple(job.job_id for job in jobs),
        wanted=wanted_by(jobs, places=booked.places if booked else None),
        minutes=booked.minutes if booked else sum(job.minutes for job in jobs),
        area_id=first.area_id if served else None,
        rules=rules_by(first) if served else None,
        visit=visit,
    )


def apart_by(rows: Rows, job_ids: Collection[int]) -> Asked:
    """What some of the jobs ask for, if they are to have a time of their own. Refuses like `asked`; NotPossible.

    They have to be some of several open ones. The visit of all is still there to be seen, but takes none of their
    places: what they take in it is given up only when they have another window.
    """
    whole = asked_by(rows)
    if not 0 < len(set(job_ids) & set(whole.job_ids)) < len(whole.job_ids):
        raise NotPossible(jobs=len(job_ids))
    part = asked_by([row for row in rows if row.job_id in job_ids])
    jobs = [row for row in rows if row.job_id in part.job_ids]
    return replace(
        part,
        wanted=wanted_by(jobs),
        minutes=sum(job.minutes for job in jobs),
        visit=None if whole.visit is None else replace(whole.visit, places=0),
    )


def wanted_by(jobs: Rows, *, places: int | None = None) -> Wanted:
    """What these jobs ask of a window together; `places` are those of a visit that they have already."""
    return Wanted(
        places=sum(job.places for job in jobs) if places is None else places,
        not_before=max((job.not_before for job in jobs if job.not_before), default=None),
        due_by=min((job.due_by for job in jobs if job.due_by), default=None),
    )


def current_visit(session: Session, invitation_id: int) -> CurrentVisit | None:
    """The latest visit that was made through this invitation; None when there was none yet."""
    row = session.execute(
        select(
            Visit.id,
            Visit.window_id,
            Window.local_day,
            Window.ends_at,
            Visit.state,
            Visit.sequence,
            Visit.places,
            Visit.minutes,
            Visit.changed_at,
        )
        .join(Window, Window.id == Visit.window_id)
        .where(Visit.invitation_id == invitation_id)
        .order_by(Visit.id.desc())
        .limit(1)
    ).first()
    return None if row is None else CurrentVisit(*row)


def area_ids(session: Session, pc4: str, kinds: Sequence[str]) -> dict[str, int]:
    """The area that serves each of these kinds of work at a postcode; kinds that none serves are left out."""
    rows = session.execute(
        select(AreaPostcode.kind, AreaPostcode.area_id).where(
            AreaPostcode.pc4 == pc4, AreaPostcode.kind.in_([*kinds, ALL_KINDS])
        )
    ).all()
    by_kind = {row.kind: row.area_id for row in rows}
    found = {kind: by_kind.get(kind, by_kind.get(ALL_KINDS)) for kind in kinds}
    return {kind: area_id for kind, area_id in found.items() if area_id is not None}


def _visit(row: Row[*tuple[Any, ...]]) -> CurrentVisit | None:
    if row.visit_id is None:
        return None
    return CurrentVisit(
        visit_id=row.visit_id,
        window_id=row.window_id,
        local_day=row.local_day,
        ends_at=row.ends_at,
        state=row.state,
        sequence=row.sequence,
        places=row.visit_places,
        minutes=row.visit_minutes,
        changed_at=row.changed_at,
    )


def rules_by(row: Row[*tuple[Any, ...]]) -> AreaRules:
    """The rules of the area that serves a job."""
    return AreaRules(
        time_zone=row.time_zone,
        country=row.area_country,
        horizon_days=row.horizon_days,
        book_until=row.book_until,
        change_until=row.change_until,
    )
