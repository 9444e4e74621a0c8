"""One unit of work: the session, what time it is, who acts, and a way to say what happened.

An action says `work.happened(event)`: that writes the line of history and hands the event to `announce`, which in the
running application writes the messages into the same transaction. Who commits is not decided here (`app.work`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Insert, Update, insert
from sqlalchemy.orm import Session

from scheduling.db import Together, table_of
from scheduling.models import History
from scheduling.reads.correspondence import Correspondence

CUSTOMER, COMMAND, WORKER = "customer", "command", "worker"

_INSERT_HISTORY = insert(table_of(History))


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened to a customer's affairs. `before` and `after` go into history: ids, states and times."""

    name: ClassVar[str]
    customer_id: int | None = None
    visit_id: int | None = None
    window_id: int | None = None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class AboutInvitation(Event):
    """Something that happened to an invitation or the visit that came of it.

    `told` is all that there is to be said of it, where the action knows already; otherwise it is read.
    """

    invitation_id: int
    told: Correspondence | None = None


@dataclass(frozen=True, kw_only=True)
class InvitationIssued(AboutInvitation):
    """A customer is asked to choose a window."""

    name = "invitation_issued"


@dataclass(frozen=True, kw_only=True)
class VisitBooked(AboutInvitation):
    """A window was chosen and a place in it claimed. `told_together`: with others, by one message for all of them."""

    name = "visit_booked"
    told_together: bool = False


@dataclass(frozen=True, kw_only=True)
class VisitChanged(AboutInvitation):
    """A visit was moved to another window, or lost some of its jobs; it is still the same visit."""

    name = "visit_changed"


@dataclass(frozen=True, kw_only=True)
class VisitCancelled(AboutInvitation):
    """A visit was cancelled by the customer or for them. `undo_until`: its place is kept so long; None: not at all."""

    name = "visit_cancelled"
    undo_until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class VisitRestored(AboutInvitation):
    """A cancellation was undone within its time."""

    name = "visit_restored"


@dataclass(frozen=True, kw_only=True)
class VisitProgressed(AboutInvitation):
    """The day itself: on the way, arrived, done, missed."""

    name = "visit_progressed"


@dataclass(frozen=True, kw_only=True)
class JobsWithdrawn(AboutInvitation):
    """The company needs no visit any more for the last jobs of an invitation; link and visit (if any) ended."""

    name = "jobs_withdrawn"


@dataclass(frozen=True, kw_only=True)
class LinkRequested(AboutInvitation):
    """Somebody asked for the personal link to be sent again to what is on file."""

    name = "link_requested"


@dataclass(frozen=True, kw_only=True)
class WishesLeft(AboutInvitation):
    """No window suited; the customer left when they can."""

    name = "wishes_left"


@dataclass(frozen=True, kw_only=True)
class WindowsChanged(Event):
    """Capacity was opened, resized, closed or opened again."""

    name = "windows_changed"


@dataclass(frozen=True, kw_only=True)
class CustomerCorrected(Event):
    """Customer or staff corrected what we knew; the field names are in `after`, the values are not."""

    name = "customer_corrected"


@dataclass(frozen=True, kw_only=True)
class CustomersErased(Event):
    """All that was kept of customers is gone, asked for or because its time was over; `after` says of how many."""

    name = "customers_erased"


@dataclass(frozen=True, kw_only=True)
class CustomerChecked(Event):
    """The customer said that all we know of them is still right."""

    name = "customer_checked"


@dataclass(frozen=True, kw_only=True)
class AboutContact(Event):
    """Something that happened to a phone number or e-mail address (`field`).

    `old` and `new` are for the messages alone: history holds neither.
    """

    field: str
    old: str | None = None
    new: str | None = None


@dataclass(frozen=True, kw_only=True)
class ContactCheckAsked(AboutContact):
    """A new number or address was given, or its link is wanted once more; that it arrives has still to be shown."""

    name = "contact_check_asked"
    invitation_id: int
    contact_change_id: int


@dataclass(frozen=True, kw_only=True)
class ContactChangeEnded(AboutContact):
    """A change that waited is given up, or a newer one took its place: its link confirms nothing any more."""

    name = "contact_change_ended"
    contact_change_id: int


@dataclass(frozen=True, kw_only=True)
class ContactChanged(AboutContact):
    """Another number or address is in use from here on, or none (`new` is None).

    `contact_change_id` is the change that was confirmed; without one `invitation_id` is whose page it was said on.
    """

    name = "contact_changed"
    invitation_id: int | None = None
    contact_change_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class CustomerLeft(AboutInvitation):
    """The customer wants no visit for these jobs (`EXITS`); link and visit (if any) ended."""

    name = "customer_left"


@dataclass(frozen=True, kw_only=True)
class CustomerReturned(AboutInvitation):
    """The customer took back that they want no visit; the same link opens again."""

    name = "customer_returned"


@dataclass(frozen=True, kw_only=True)
class InvitationChanged(AboutInvitation):
    """An invitation without a visit asks for less work now, or for work at another address; its link stays."""

    name = "invitation_changed"


@dataclass(frozen=True, kw_only=True)
class WrongRecipientTold(AboutInvitation):
    """Whoever got the link is not the customer; `recipients` are the numbers and addresses that it was sent to.

    They are for the outbox alone: history does not hold them. `version` is that of the links from here on.
    """

    name = "wrong_recipient_told"
    recipients: tuple[str, ...]
    version: int


@dataclass(frozen=True, kw_only=True)
class LinkRenewed(AboutInvitation):
    """A link that had expired while work is still open was replaced by one of this version."""

    name = "link_renewed"
    version: int


@dataclass(frozen=True, kw_only=True)
class VisitsPlanned(AboutInvitation):
    """Several visits of one contact were booked together; the invitation and the visit are those of the first."""

    name = "visits_planned"
    count: int


@dataclass(frozen=True, kw_only=True)
class SaidHandled(Event):
    """Somebody dealt with what a customer said."""

    name = "said_handled"


@dataclass(frozen=True, kw_only=True)
class SaidReopened(Event):
    """What a customer said was not dealt with after all."""

    name = "said_reopened"


@dataclass(frozen=True, slots=True)
class Work:
    """What every action takes first.

    `actor` is `customer`, `command`, `worker` or `staff:<id>`. Nothing below `app/` opens a session, reads the clock
    or asks who is signed in: it is all here.
    """

    session: Session
    now: datetime
    actor: str
    announce: Callable[["Work", Event], None]
    gathered: Together | None = None
    """Where an action gathers what it writes, to write it in one go; None: everything is written when it is said."""

    def write(self, statement: Insert | Update, rows: Sequence[Mapping[str, Any]]) -> None:
        """Inserts rows, or updates by one row of values: now, or with all else that is gathered."""
        if self.gathered is not None:
            self.gathered.add(statement, rows)
        elif rows:
            self.session.connection().execute(statement, rows)

    def happened(self, event: Event) -> None:
        """Writes the line of history and announces; both are part of this transaction."""
        line = {
            "at": self.now,
            "actor": self.actor,
            "event": event.name,
            "customer_id": event.customer_id,
            "visit_id": event.visit_id,
            "window_id": event.window_id,
            "before": None if event.before is None else dict(event.before),
            "after": None if event.after is None else dict(event.after),
        }
        self.write(_INSERT_HISTORY, [line])
        self.announce(self, event)
