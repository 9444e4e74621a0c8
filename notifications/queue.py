"""How the outbox stands: what should have left, what failed, what waits for the printer."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from notifications.models import FAILED, SENDING, WAITING, Message


@dataclass(frozen=True, slots=True)
class Queue:
    """Counts of messages. `overdue` are due since before the moment that was asked for; `untried` of them were never
    even begun. `failed` since the moment asked for. Letters are for the printer, and in `letters` alone.
    """

    waiting: int
    overdue: int
    untried: int
    oldest_due_at: datetime | None
    failed: int
    letters: int


def queue(session: Session, *, now: datetime, overdue_at: datetime, failed_since: datetime) -> Queue:
    """The outbox now: overdue is what was due before `overdue_at` and that nobody is sending."""
    is_letter = Message.channel == "letter"
    waits = or_(Message.state == WAITING, and_(Message.state == SENDING, Message.lease_until <= now))
    is_overdue = and_(~is_letter, Message.due_at <= overdue_at)
    outbox = session.execute(
        select(
            func.count().filter(~is_letter),
            func.count().filter(is_overdue),
            func.count().filter(and_(is_overdue, Message.attempts == 0)),
            func.min(Message.due_at).filter(is_overdue),
            func.count().filter(and_(is_letter, Message.due_at <= now)),
        ).where(Message.state.in_((WAITING, SENDING)), waits)
    ).one()
    failed = session.scalar(
        select(func.count(Message.id)).where(Message.state == FAILED, Message.due_at >= failed_since)
    )
    waiting, overdue, untried, oldest, letters = outbox
    return Queue(waiting, overdue, untried, oldest, failed or 0, letters)
