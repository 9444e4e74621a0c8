"""What was written to customers, as staff may see it: by name, with links and codes masked, no number or address."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, or_, select
from sqlalchemy.orm import Session

from notifications.links import masked
from notifications.models import FAILED, SENDING, WAITING, Message
from scheduling.models import Customer
from scheduling.reads.names import NAME_COLUMNS, name_of

STUCK_AFTER = timedelta(minutes=15)
"""A message that is due this long and has not left needs somebody; the worker takes a minute at most."""

TROUBLE_LASTS = timedelta(days=14)
"""How long a failure is news."""


@dataclass(frozen=True, slots=True)
class StaffMessage:
    """One message. Times are instants (UTC); `error` is in words, empty where nothing went wrong."""

    message_id: int
    customer_ref: str
    customer_name: str
    kind: str
    channel: str
    subject: str
    body: str
    state: str
    due_at: datetime
    sent_at: datetime | None
    attempts: int
    error: str
    language: str


def messages(
    session: Session, *, state: str | None, before: int | None, language: str, limit: int
) -> Sequence[StaffMessage]:
    """The newest first, in one state or in any, written before the one with the id `before`.

    `language` is the reader's.
    """
    query = _query().order_by(Message.id.desc()).limit(limit)
    if state is not None:
        query = query.where(Message.state == state)
    if before is not None:
        query = query.where(Message.id < before)
    return tuple(_shown(row, language) for row in session.execute(query))


def in_trouble(session: Session, *, now: datetime, language: str, limit: int) -> Sequence[StaffMessage]:
    """Messages that failed of late, and those that ought to have left by now; the newest first."""
    query = _query().where(_needs_somebody(now)).order_by(Message.due_at.desc(), Message.id.desc())
    return tuple(_shown(row, language) for row in session.execute(query.limit(limit)))


def _needs_somebody(now: datetime) -> ColumnElement[bool]:
    # Letters wait for the printer, and may.
    has_not_left = and_(
        Message.state.in_((WAITING, SENDING)),
        Message.channel != "letter",
        Message.due_at < now - STUCK_AFTER,
    )
    return or_(has_not_left, and_(Message.state == FAILED, Message.due_at > now - TROUBLE_LASTS))


def _query() -> Select[*tuple[Any, ...]]:
    return select(Message, *NAME_COLUMNS).join(Customer, Customer.id == Message.customer_id)


def _shown(row: Row[*tuple[Any, ...]], language: str) -> StaffMessage:
    message: Message = row.Message
    return StaffMessage(
        message_id=message.id,
        customer_ref=row.customer_ref,
        customer_name=name_of(row, language),
        kind=message.kind,
        channel=message.channel,
        subject=message.subject,
        body=masked(message.body),
        state=message.state,
        due_at=message.due_at,
        sent_at=message.sent_at,
        attempts=message.attempts,
        error=message.error,
        language=message.language,
    )
