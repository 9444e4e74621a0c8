"""Keeps what waits in the outbox true when its invitation changes: another link, less work, a stranger's number.

A message that has left stays as it was said; the page behind its link shows what holds now.
"""

from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select, update

from notifications.models import SENDING, WAITING, WITHDRAWN, Message
from notifications.writing import Writer
from scheduling.actions.work import (
    CustomerReturned,
    Event,
    InvitationChanged,
    LinkRenewed,
    VisitCancelled,
    Work,
    WrongRecipientTold,
)
from scheduling.reads.correspondence import Correspondence, correspondence
from scheduling.rules.wording import clock_time

EXIT = "exit"
_NAMES_WORK = ("invitation", "link")
"""Kinds that say what is asked for, and are about no visit: those are told anew when their visit changes."""


def keep_true(work: Work, event: Event, writer: Writer) -> None:
    """Withdraws or rewrites what waits. Other events pass unnoticed."""
    if isinstance(event, CustomerReturned):
        _change(work, Message.invitation_id == event.invitation_id, Message.kind == EXIT, state=WITHDRAWN)
    elif isinstance(event, WrongRecipientTold):
        _change(
            work,
            Message.customer_id == event.customer_id,
            Message.to.in_(event.recipients),
            state=WITHDRAWN,
        )
        _change(work, Message.invitation_id == event.invitation_id, link_version=event.version)
    elif isinstance(event, LinkRenewed):
        _change(work, Message.invitation_id == event.invitation_id, link_version=event.version)
    elif isinstance(event, InvitationChanged):
        _rewrite(work, event.invitation_id, writer)


def undo_values(event: Event, about: Correspondence) -> dict[str, str]:
    """Until when a cancellation can be undone, as people say it, where it can at all; empty for any other event."""
    if not isinstance(event, VisitCancelled) or event.undo_until is None or about.visit is None:
        return {}
    until = event.undo_until.astimezone(ZoneInfo(about.visit.time_zone))
    return {"undo_until": clock_time(until, about.correspondent.language)}


def _rewrite(work: Work, invitation_id: int, writer: Writer) -> None:
    """In place: what is listed as said is what was sent, and the link in it stays the one that opens."""
    waiting = work.session.execute(
        select(Message.id, Message.kind, Message.channel).where(
            Message.invitation_id == invitation_id, Message.kind.in_(_NAMES_WORK), _WAITS
        )
    ).all()
    if not waiting:
        return
    about = correspondence(work.session, invitation_id)
    for message in waiting:
        written = writer.write(about, kind=message.kind, channel=message.channel, tells_of_visit=False)
        if written is not None:
            _change(
                work,
                Message.id == message.id,
                subject=written.subject,
                body=written.body,
                segments=written.segments,
            )


_WAITS = Message.state.in_((WAITING, SENDING))


def _change(work: Work, *which: ColumnElement[bool], **values: Any) -> None:
    """What waits; also what a worker has taken up but not yet begun to send."""
    work.session.execute(
        update(Message).where(_WAITS, *which).values(**values).execution_options(synchronize_session=False)
    )
