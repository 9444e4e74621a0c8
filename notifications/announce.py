"""From an event to messages, in the transaction in which it happened: the transactional outbox.

Decides which events are told, through which channels, when, and which waiting messages are no longer true. The words
are `texts`, sending is `relay`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Integer, bindparam, insert, or_, select, update

from notifications.announce_contact import announce_contact
from notifications.announce_exits import EXIT, keep_true, undo_values
from notifications.announce_others import NOTICE, Copy, copies
from notifications.company import Company
from notifications.links import Links
from notifications.models import DELIVERED, SENDING, SENT, WAITING, WITHDRAWN, Message
from notifications.outbox_row import outbox_row
from notifications.quiet import QuietHours
from notifications.texts import Texts
from notifications.writing import Writer, letter_recipient
from scheduling.actions.work import (
    CUSTOMER,
    AboutContact,
    CustomerLeft,
    Event,
    InvitationIssued,
    JobsWithdrawn,
    LinkRequested,
    VisitBooked,
    VisitCancelled,
    VisitChanged,
    VisitRestored,
    VisitsPlanned,
    Work,
)
from scheduling.db import table_of
from scheduling.reads.correspondence import Correspondence, correspondence
from scheduling.rules.phone import can_receive_sms

Told = (
    InvitationIssued
    | VisitBooked
    | VisitChanged
    | VisitCancelled
    | VisitRestored
    | JobsWithdrawn
    | LinkRequested
    | CustomerLeft
    | VisitsPlanned
)

_KIND_OF: dict[type[Event], str] = {
    InvitationIssued: "invitation",
    VisitBooked: "confirmation",
    VisitChanged: "change",
    VisitCancelled: "cancellation",
    VisitRestored: "restored",
    JobsWithdrawn: "withdrawal",
    LinkRequested: "link",
    CustomerLeft: EXIT,
    VisitsPlanned: "plan",
}

_ABOUT_A_VISIT = frozenset({"confirmation", "change", "cancellation", "restored"})
_WITH_CALENDAR = _ABOUT_A_VISIT | {"withdrawal", EXIT}
_ASKED_FOR = (VisitBooked, VisitsPlanned, LinkRequested)
"""Only ever happen because the customer wanted it, whoever typed it in."""

_NOTICE = timedelta(hours=24)
"""What concerns a visit is told at least this long before it, quiet hours or not: nobody waits at home in vain."""


@dataclass(frozen=True, slots=True)
class Announcer:
    """Hand `announcer` itself to a `Work` as its `announce`. `quiet` None: nothing waits for a better hour.

    `time_zone` is the company's: an invitation has no area of its own.
    """

    company: Company
    texts: Texts
    links: Links
    quiet: QuietHours | None
    time_zone: str = "Europe/Amsterdam"

    def __call__(self, work: Work, event: Event) -> None:
        """Writes the event's messages and withdraws those that it makes untrue. Other events pass unsaid."""
        if isinstance(event, AboutContact):
            announce_contact(work, event, Writer(self.company, self.texts, self.links))
        keep_true(work, event, Writer(self.company, self.texts, self.links))
        if not isinstance(event, Told):
            return
        kind = _kind_of(event)
        if kind == "withdrawal" and event.visit_id is None and not _was_told(work, event.invitation_id):
            _withdraw(work, event, kind)
            return
        _withdraw(work, event, kind)
        work.write(_INSERT_MESSAGES, self._rows(work, event, kind))

    def _rows(self, work: Work, event: Told, kind: str) -> list[dict[str, Any]]:
        about = event.told or correspondence(work.session, event.invitation_id, visit_id=event.visit_id)
        answers_customer = work.actor == CUSTOMER or isinstance(event, _ASKED_FOR)
        more = _values_of(event, about)
        # Of several visits the contact hears once, and whoever opens the door of each.
        tells_contact = not (isinstance(event, VisitBooked) and event.told_together)
        tells_the_door = event.visit_id is not None and not isinstance(event, VisitsPlanned)
        rows = []
        if tells_contact:
            main = Copy(about, kind, "", more)
            rows += self._rows_to(work, event, main, answers_customer=answers_customer)
        if event.visit_id is not None:
            for copy in copies(work, about, kind, more):
                if tells_the_door if copy.kind == NOTICE else tells_contact:
                    rows += self._rows_to(work, event, copy, answers_customer=False)
        return rows

    def _rows_to(
        self, work: Work, event: Told, copy: Copy, *, answers_customer: bool
    ) -> list[dict[str, Any]]:
        about, kind = copy.about, copy.kind
        tells_of_visit = event.visit_id is not None
        due_at = work.now if answers_customer else self._due_at(work.now, about if tells_of_visit else None)
        event_key = _event_key(work, about, _kind_of(event)) + copy.mark
        writer = Writer(self.company, self.texts, self.links)
        rows = []
        for channel in _channels(about, kind=kind, with_calendar=tells_of_visit):
            written = writer.write(
                about, kind=kind, channel=channel, tells_of_visit=tells_of_visit, more=copy.more
            )
            if written is not None:
                rows.append(
                    outbox_row(
                        work,
                        about,
                        written,
                        event_key=event_key,
                        kind=kind,
                        channel=channel,
                        to=_recipient(about, channel),
                        due_at=due_at,
                        answers_customer=answers_customer,
                        visit_id=event.visit_id,
                    )
                )
        return rows

    def _due_at(self, now: datetime, about: Correspondence | None) -> datetime:
        if self.quiet is None:
            return now
        visit = about.visit if about else None
        zone = ZoneInfo(visit.time_zone if visit else self.time_zone)
        allowed = self.quiet.next_allowed(now, zone)
        if visit is not None and allowed > visit.starts_at - _NOTICE:
            return now
        return allowed


def _channels(about: Correspondence, *, kind: str, with_calendar: bool) -> Sequence[str]:
    """The customer's own channel; with it an e-mail, for its calendar file, where that isn't the one."""
    whom = about.correspondent
    can_sms = whom.phone is not None and can_receive_sms(whom.phone)
    channel = whom.channel
    if channel == "sms" and not can_sms:
        channel = "email" if whom.email else "letter"
    if channel == "email" and not whom.email:
        channel = "sms" if can_sms else "letter"
    if kind in {"link", NOTICE} and channel == "letter":
        # They are waiting for it in front of a screen, or we know no other address of theirs.
        channel = "email" if whom.email else "sms"
    if channel == "sms" and not can_sms:
        return ()
    if with_calendar and kind in _WITH_CALENDAR and whom.email and channel != "email":
        return (channel, "email")
    return (channel,)


def _kind_of(event: Told) -> str:
    """The kind of message; several visits of which one alone could be had are told like any other."""
    is_one = isinstance(event, VisitsPlanned) and event.count == 1
    return "confirmation" if is_one else _KIND_OF[type(event)]


def _values_of(event: Event, about: Correspondence) -> Mapping[str, str]:
    """What only this kind of message knows."""
    if isinstance(event, VisitsPlanned):
        return {"count": str(event.count)}
    return undo_values(event, about)


def _recipient(about: Correspondence, channel: str) -> str:
    if channel == "letter":
        return letter_recipient(about)
    reached_at = about.correspondent.phone if channel == "sms" else about.correspondent.email
    assert reached_at is not None, "a channel is only chosen where there is a number or an address for it"
    return reached_at


def _event_key(work: Work, about: Correspondence, kind: str) -> str:
    """The same for the same event, however often it is announced; a link may be asked for again and again, and an exit
    be taken back and made again.
    """
    if kind in _ABOUT_A_VISIT:
        assert about.visit is not None, "this kind is about a visit"
        return f"visit:{about.visit.visit_id}:{about.visit.sequence}:{kind}"
    if kind in {"link", "plan", EXIT}:
        return f"{kind}:{about.invitation_id}:{work.now.isoformat()}"
    return f"{kind}:{about.invitation_id}:{about.link_version}"


def _was_told(work: Work, invitation_id: int) -> bool:
    """Whether anything about this invitation may have reached the customer, letters in print included."""
    reached = or_(Message.state.in_((SENT, DELIVERED)), Message.attempts > 0)
    query = select(Message.id).where(Message.invitation_id == invitation_id, reached).limit(1)
    return work.session.scalar(query) is not None


def _withdraw(work: Work, event: Told, kind: str) -> None:
    """What waits and is no longer true is not sent; nor is what a worker has taken up but not yet begun to send."""
    if kind in {"withdrawal", EXIT}:
        work.write(_WITHDRAW_ALL, [{"untrue_of": event.invitation_id}])
    elif kind in {"confirmation", "invitation"}:
        # They have chosen already (what was said of an earlier, cancelled visit still holds), or a new link was made,
        # and an older one opens nothing any more.
        work.write(_WITHDRAW_INVITATION, [{"untrue_of": event.invitation_id}])
    elif kind in _ABOUT_A_VISIT:
        work.write(_WITHDRAW_OF_VISIT, [{"untrue_of": event.visit_id}])


_MESSAGE = table_of(Message)
_INSERT_MESSAGES = insert(_MESSAGE)
_UNTRUE_OF = bindparam("untrue_of", type_=Integer)
_WAITS = or_(_MESSAGE.c.state == WAITING, _MESSAGE.c.state == SENDING)
_WITHDRAW = update(_MESSAGE).where(_WAITS).values(state=WITHDRAWN)
_WITHDRAW_ALL = _WITHDRAW.where(_MESSAGE.c.invitation_id == _UNTRUE_OF)
_WITHDRAW_INVITATION = _WITHDRAW_ALL.where(_MESSAGE.c.kind == "invitation")
_WITHDRAW_OF_VISIT = _WITHDRAW.where(_MESSAGE.c.visit_id == _UNTRUE_OF)
