"""What customers said, for staff: what still waits for somebody, and what was handled of late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from scheduling.models import ContactHistory, Customer, Invitation, Job, Visit
from scheduling.reads.names import NAME_COLUMNS, name_of
from scheduling.rules.exits import REASONS
from scheduling.rules.policy import DEAD_STATES

WISHES = "wishes"
HANDLED_LASTS = timedelta(days=7)
"""How long what was handled can be seen, and opened again."""


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that a customer said. `at` and `handled_at` are instants (UTC); `text` is in their own words.

    `customer_ref` and `customer_name` are empty where nobody knows whose message it is; `job_refs` is the work that
    it is about.
    """

    said_id: int
    customer_ref: str
    customer_name: str
    at: datetime
    kind: str
    text: str
    job_refs: Sequence[str]
    handled_at: datetime | None


def waiting(session: Session, *, language: str, limit: int) -> Sequence[Said]:
    """What nobody has dealt with yet, the longest waiting first. `language` is the reader's.

    Wishes wait while their customer has no visit and is still asked for one.
    """
    rows = session.execute(
        _query().where(_waits()).order_by(ContactHistory.at, ContactHistory.id).limit(limit)
    ).all()
    return _all(session, rows, language)


def handled(session: Session, *, now: datetime, language: str, limit: int) -> Sequence[Said]:
    """What somebody dealt with of late, the latest first; not what customers took back themselves."""
    rows = session.execute(
        _query()
        .where(
            ContactHistory.direction == "in",
            ContactHistory.handled_at > now - HANDLED_LASTS,
            ContactHistory.handled_by.like("staff:%"),
        )
        .order_by(ContactHistory.handled_at.desc(), ContactHistory.id.desc())
        .limit(limit)
    ).all()
    return _all(session, rows, language)


def _query() -> Select[*tuple[Any, ...]]:
    return (
        select(
            ContactHistory.id,
            ContactHistory.at,
            ContactHistory.kind,
            ContactHistory.body,
            ContactHistory.invitation_id,
            ContactHistory.handled_at,
            *NAME_COLUMNS,
        )
        .outerjoin(Customer, Customer.id == ContactHistory.customer_id)
        .outerjoin(Invitation, Invitation.id == ContactHistory.invitation_id)
    )


def _waits() -> ColumnElement[bool]:
    has_visit = exists().where(
        Visit.invitation_id == ContactHistory.invitation_id, Visit.state.not_in(DEAD_STATES)
    )
    return and_(
        ContactHistory.direction == "in",
        ContactHistory.handled_at.is_(None),
        or_(ContactHistory.kind != WISHES, and_(Invitation.ended == "", ~has_visit)),
    )


def _all(session: Session, rows: Sequence[Row[*tuple[Any, ...]]], language: str) -> Sequence[Said]:
    jobs = session.execute(
        select(Job.invitation_id, Job.ref, Job.exit)
        .where(Job.invitation_id.in_({row.invitation_id for row in rows}))
        .order_by(Job.id)
    ).all()
    return tuple(
        Said(
            said_id=row.id,
            customer_ref=row.customer_ref or "",
            customer_name=name_of(row, language) if row.customer_ref else "",
            at=row.at,
            kind=row.kind,
            text=row.body,
            job_refs=tuple(job.ref for job in jobs if _is_about(row, job)),
            handled_at=row.handled_at,
        )
        for row in rows
    )


def _is_about(row: Row[*tuple[Any, ...]], job: Row[*tuple[Any, ...]]) -> bool:
    """Of who moved, only the work that stays behind; otherwise all work that was asked about together."""
    if job.invitation_id != row.invitation_id:
        return False
    return job.exit == row.kind if row.kind in REASONS and row.kind != "not_for_me" else True
