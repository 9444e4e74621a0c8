"""What becomes of messages when their time is over: texts and recipients go, that something was sent stays."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, delete, func, or_, select, update

from notifications.models import DELIVERED, FAILED, SENDING, SENT, WAITING, WITHDRAWN, Message
from scheduling.actions.retention import Sweep
from scheduling.actions.work import Work
from scheduling.models import Customer, Invitation

FORGOTTEN = "…"
"""Stands where a recipient stood. No number and no address, so no incoming message can be taken for an answer to it."""

LETTER = "letter"
"""Letters wait for the printer, and nobody says when they were printed: they are over by their age alone."""

_OVER = (SENT, DELIVERED, FAILED, WITHDRAWN)


def delete_messages(work: Work, customer_ids: Sequence[int]) -> None:
    """Deletes all that was written to these customers or about their invitations, and what waits to be sent."""
    theirs = select(Invitation.id).where(Invitation.customer_id.in_(customer_ids))
    work.session.execute(
        delete(Message).where(or_(Message.customer_id.in_(customer_ids), Message.invitation_id.in_(theirs)))
    )


def written_to(now: datetime, kept: timedelta) -> ColumnElement[bool]:
    """Whether anything was written to a `Customer` within `kept`, or still waits to be sent."""
    waits = and_(Message.state.in_((WAITING, SENDING)), Message.channel != LETTER)
    is_recent = or_(Message.created_at >= now - kept, waits)
    return select(Message.id).where(Message.customer_id == Customer.id, is_recent).exists()


def sent_messages(now: datetime, kept: timedelta) -> Sweep:
    """Messages that left, or never will: of each stays what kind it was, when, through which channel, how it ended."""
    due = select(Message.id).where(
        or_(Message.state.in_(_OVER), Message.channel == LETTER),
        func.coalesce(Message.sent_at, Message.created_at) < now - kept,
        Message.to != FORGOTTEN,
    )
    return Sweep("messages", Message.id, due, _forget)


def _forget(work: Work, ids: Sequence[int]) -> None:
    work.session.execute(
        update(Message)
        .where(Message.id.in_(ids))
        # A supplier could still tell the number by the name that it gave the message.
        .values(
            to=FORGOTTEN,
            subject="",
            body="",
            provider_id=None,
            state=case((Message.state == WAITING, WITHDRAWN), else_=Message.state),
        )
    )
