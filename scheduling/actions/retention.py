"""Ends what has been kept long enough, in small batches: which rows are due, and what becomes of them.

How long that is comes from the settings; why, from docs/decisions/0011-retention.md. Any number of workers may sweep at
once: rows that one of them holds are left to it, and a row that was dealt with is due no more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from scheduling.actions.erase import unused_addresses
from scheduling.actions.work import Work
from scheduling.db import skip_locked
from scheduling.models import (
    Address,
    ContactChange,
    ContactHistory,
    Customer,
    History,
    Invitation,
    Job,
    Visit,
    VisitJob,
    Window,
)

CONTACT_CHANGE_KEPT = timedelta(days=7)
"""After a number or address that nobody confirmed has expired; until then its link says kindly that it did."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """One kind of row to be ended. `due` selects its `key`; `end` deals with the rows of these keys."""

    what: str
    key: InstrumentedAttribute[int]
    due: Select[int]
    end: Callable[[Work, Sequence[int]], None]


def count_due(session: Session, sweep: Sweep) -> int:
    """How many rows are due now."""
    return session.scalar(select(func.count()).select_from(sweep.due.subquery())) or 0


def sweep_batch(work: Work, sweep: Sweep, limit: int) -> int:
    """Ends at most `limit` rows that nobody else holds; how many it were."""
    held = work.session.scalars(skip_locked(sweep.due.order_by(sweep.key).limit(limit))).all()
    # Asked again now that nobody can add to them: what was due may have come back to life before it was held.
    ids = work.session.scalars(sweep.due.where(sweep.key.in_(held))).all()
    if ids:
        sweep.end(work, ids)
    return len(ids)


def past_customers(now: datetime, kept: timedelta) -> Select[int]:
    """Ids of customers with whom nothing was to do for `kept`, nor is now.

    Work, a visit, a file that lists them, a word from them: the last of these counts. Whoever has open work without a
    due date, a visit ahead or a link that still opens is never among them.
    """
    before = now - kept
    return select(Customer.id).where(
        Customer.imported_at < before,
        Customer.created_at < before,
        or_(Customer.checked_at.is_(None), Customer.checked_at < before),
        ~_has_work(before),
        ~_has_visit(before),
        ~_has_link(before, now),
        ~select(ContactHistory.id)
        .where(ContactHistory.customer_id == Customer.id, ContactHistory.at >= before)
        .exists(),
    )


def said_by_customers(now: datetime, kept: timedelta) -> Sweep:
    """What customers wrote and staff noted: the words go, that it was said and through which channel stays."""
    due = select(ContactHistory.id).where(ContactHistory.at < now - kept, ContactHistory.body != "")
    return Sweep("what customers wrote", ContactHistory.id, due, _empty_said)


def history_lines(now: datetime, kept: timedelta) -> Sweep:
    """Who did what and when."""
    return Sweep("history", History.id, select(History.id).where(History.at < now - kept), _delete_history)


def lapsed_contact_changes(now: datetime) -> Sweep:
    """New numbers and addresses: confirmed, they are the customer's own; not confirmed, they are nobody's."""
    due = select(ContactChange.id).where(ContactChange.expires_at < now - CONTACT_CHANGE_KEPT)
    return Sweep("contact changes", ContactChange.id, due, _delete_contact_changes)


def addresses_without_use() -> Sweep:
    """Addresses that customers moved away from and that nobody else has anything to do with."""
    return Sweep("addresses", Address.id, unused_addresses(), _delete_addresses)


def _has_work(before: datetime) -> ColumnElement[bool]:
    has_visit = select(VisitJob.job_id).where(VisitJob.job_id == Job.id, VisitJob.live).exists()
    # Work without a due date is open until it is done or withdrawn; with one, its time is over some day.
    is_open = and_(Job.withdrawn_at.is_(None), Job.due_by.is_(None), ~has_visit)
    is_recent = or_(Job.created_at >= before, Job.withdrawn_at >= before, Job.due_by >= before.date())
    return select(Job.id).where(Job.customer_id == Customer.id, or_(is_open, is_recent)).exists()


def _has_visit(before: datetime) -> ColumnElement[bool]:
    return (
        select(Visit.id)
        .join(Window, Window.id == Visit.window_id)
        .where(Visit.customer_id == Customer.id, or_(Window.ends_at >= before, Visit.changed_at >= before))
        .exists()
    )


def _has_link(before: datetime, now: datetime) -> ColumnElement[bool]:
    opens = and_(Invitation.ended == "", Invitation.expires_at > now)
    is_recent = or_(Invitation.created_at >= before, Invitation.exited_at >= before)
    return select(Invitation.id).where(Invitation.customer_id == Customer.id, or_(opens, is_recent)).exists()


def _empty_said(work: Work, ids: Sequence[int]) -> None:
    nobodys = ContactHistory.customer_id.is_(None)
    work.session.execute(delete(ContactHistory).where(ContactHistory.id.in_(ids), nobodys))
    work.session.execute(
        update(ContactHistory).where(ContactHistory.id.in_(ids)).values(body="", provider_id=None)
    )


def _delete_history(work: Work, ids: Sequence[int]) -> None:
    work.session.execute(delete(History).where(History.id.in_(ids)))


def _delete_contact_changes(work: Work, ids: Sequence[int]) -> None:
    work.session.execute(delete(ContactChange).where(ContactChange.id.in_(ids)))


def _delete_addresses(work: Work, ids: Sequence[int]) -> None:
    work.session.execute(delete(Address).where(Address.id.in_(ids)))
