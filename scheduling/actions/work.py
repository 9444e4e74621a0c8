"""One unit of work: the session, what time it is, who acts, and a way to say what happened.

An action says `work.happened(event)`: that writes the line of history and hands the event to `announce`, which in the
running application writes the messages into the same transaction. Who commits is not decided here (`app.work`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import insert
from sqlalchemy.orm import Session

from scheduling.models import History

CUSTOMER, COMMAND, WORKER = "customer", "command", "worker"


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
    """Something that happened to an invitation or the visit that came of it."""

    invitation_id: int


@dataclass(frozen=True, kw_only=True)
class InvitationIssued(AboutInvitation):
    """A customer is asked to choose a window."""

    name = "invitation_issued"


@dataclass(frozen=True, kw_only=True)
class VisitBooked(AboutInvitation):
    """A window was chosen and a place in it claimed."""

    name = "visit_booked"


@dataclass(frozen=True, kw_only=True)
class VisitChanged(AboutInvitation):
    """A visit was moved to another window, or lost some of its jobs; it is still the same visit."""

    name = "visit_changed"


@dataclass(frozen=True, kw_only=True)
class VisitCancelled(AboutInvitation):
    """A visit was cancelled by the customer or for them."""

    name = "visit_cancelled"


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

    def happened(self, event: Event) -> None:
        """Writes the line of history and announces; both are part of this transaction."""
        self.session.execute(
            insert(History).values(
                at=self.now,
                actor=self.actor,
                event=event.name,
                customer_id=event.customer_id,
                visit_id=event.visit_id,
                window_id=event.window_id,
                before=None if event.before is None else dict(event.before),
                after=None if event.after is None else dict(event.after),
            )
        )
        self.announce(self, event)
