"""Book, change, cancel, restore, and the states of the day itself.

Each action reads the invitation under a lock, asks the one policy that the offer asks too, touches capacity, writes
the visit, and says what happened. Asking for the same thing twice gives the same visit once.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, update

from scheduling import links
from scheduling.actions import capacity
from scheduling.actions.work import (
    AboutInvitation,
    VisitBooked,
    VisitCancelled,
    VisitChanged,
    VisitProgressed,
    VisitRestored,
    Work,
)
from scheduling.errors import AlreadyBooked, LinkEnded, LinkUnknown, NotPossible, TooLate, WindowTaken
from scheduling.models import Invitation, Visit, VisitJob, Window
from scheduling.reads.asked import Asked, CurrentVisit, asked
from scheduling.rules.policy import (
    WindowFacts,
    change_deadline,
    is_live,
    may_become,
    undo_until,
    why_not,
)


@dataclass(frozen=True, slots=True)
class Booked:
    """The visit that an action left behind; `changed` is False where it was so already."""

    visit_id: int
    changed: bool


def book(work: Work, invitation_id: int, window_id: int, *, uid_host: str) -> Booked:
    """Books all open jobs of an invitation into a window. Refuses: WindowTaken, AlreadyBooked, LinkEnded."""
    ask = _ask(work, invitation_id)
    if ask.visit is not None and ask.visit.is_live:
        if ask.visit.window_id == window_id:
            return Booked(ask.visit.visit_id, changed=False)
        raise AlreadyBooked
    _judge(work, ask, window_id)
    cancelled = () if ask.visit is None else (ask.visit.visit_id,)
    capacity.claim_instead_of_holds(work, window_id, ask.wanted.places, cancelled)
    visit_id = _write_visit(work, ask, window_id, uid_host)
    work.happened(
        VisitBooked(
            customer_id=ask.customer_id,
            visit_id=visit_id,
            window_id=window_id,
            invitation_id=invitation_id,
            after={"window_id": window_id, "state": "booked"},
        )
    )
    return Booked(visit_id, changed=True)


def change(work: Work, invitation_id: int, window_id: int, *, sequence: int) -> Booked:
    """Moves the visit to another window; it stays the same visit.

    `sequence` is the one that was shown to whoever asks: somebody else may have changed the visit since.
    Refuses: WindowTaken, TooLate (for changing), NotPossible (no visit to be moved), AlreadyBooked (changed since).
    """
    ask = _ask(work, invitation_id)
    visit = _live_visit(ask)
    if visit.window_id == window_id:
        return Booked(visit.visit_id, changed=False)
    if visit.sequence != sequence:
        raise AlreadyBooked
    if visit.state != "booked":
        raise NotPossible(state=visit.state)
    if ask.rules is not None and work.now >= change_deadline(visit.local_day, ask.rules):
        raise TooLate
    _judge(work, ask, window_id)
    capacity.move(work, visit.window_id, window_id, visit.places)
    _update_visit(work, visit, window_id=window_id)
    work.happened(
        VisitChanged(
            customer_id=ask.customer_id,
            visit_id=visit.visit_id,
            window_id=window_id,
            invitation_id=invitation_id,
            before={"window_id": visit.window_id},
            after={"window_id": window_id},
        )
    )
    return Booked(visit.visit_id, changed=True)


def cancel(work: Work, invitation_id: int) -> Booked:
    """Cancels the visit, at any time until the technician is there; its places are kept for a while, for an undo.

    Refuses: NotPossible (no visit, or the technician is there), TooLate (the window is over).
    """
    ask = _ask(work, invitation_id)
    if ask.visit is not None and ask.visit.state == "cancelled":
        return Booked(ask.visit.visit_id, changed=False)
    visit = _live_visit(ask)
    if not may_become(visit.state, "cancelled"):
        raise NotPossible(state=visit.state)
    if work.now >= visit.ends_at:
        raise TooLate
    capacity.hold_after_cancel(work, visit.window_id, visit.visit_id, visit.places, undo_until(work.now))
    _set_state(work, visit, "cancelled")
    work.happened(_state_event(VisitCancelled, ask, visit, "cancelled"))
    return Booked(visit.visit_id, changed=True)


def restore(work: Work, invitation_id: int) -> Booked:
    """Undoes a cancellation while its places are still held. Refuses: NotPossible (nothing to undo), TooLate."""
    ask = _ask(work, invitation_id)
    visit = ask.visit
    if visit is not None and visit.state == "booked":
        return Booked(visit.visit_id, changed=False)
    if visit is None or not may_become(visit.state, "booked"):
        raise NotPossible(state=None if visit is None else visit.state)
    if not capacity.book_held(work, visit.visit_id):
        raise TooLate
    _set_state(work, visit, "booked")
    work.happened(_state_event(VisitRestored, ask, visit, "booked"))
    return Booked(visit.visit_id, changed=True)


def progress(work: Work, invitation_id: int, state: str) -> Booked:
    """The day itself: on_the_way, arrived, done, missed. A missed visit gives its places back. Refuses: NotPossible."""
    ask = _ask(work, invitation_id)
    visit = _live_visit(ask)
    if state not in {"on_the_way", "arrived", "done", "missed"} or not may_become(visit.state, state):
        raise NotPossible(state=visit.state)
    if not is_live(state):
        capacity.release(work, visit.window_id, visit.places)
    _set_state(work, visit, state)
    work.happened(_state_event(VisitProgressed, ask, visit, state))
    return Booked(visit.visit_id, changed=True)


def _ask(work: Work, invitation_id: int) -> Asked:
    """What is asked for, read while holding the invitation: two clicks of one household come one after the other."""
    ended = work.session.execute(
        select(Invitation.ended).where(Invitation.id == invitation_id).with_for_update()
    ).scalar()
    if ended is None:
        raise LinkUnknown
    if ended:
        raise LinkEnded(reason=ended)
    return asked(work.session, invitation_id)


def _live_visit(ask: Asked) -> CurrentVisit:
    if ask.visit is None or not ask.visit.is_live:
        raise NotPossible(state=None if ask.visit is None else ask.visit.state)
    return ask.visit


def _judge(work: Work, ask: Asked, window_id: int) -> None:
    """A window id that was posted by hand is judged like one that was shown, except for being full.

    Whether there is room is decided by the claim itself, which sees what other customers do meanwhile.
    """
    row = work.session.execute(
        select(Window.area_id, Window.local_day, Window.starts_at, Window.ends_at, Window.state).where(
            Window.id == window_id
        )
    ).first()
    if row is None or ask.rules is None or row.area_id != ask.area_id:
        raise WindowTaken(window_id=window_id)
    window = WindowFacts(
        window_id=window_id,
        local_day=row.local_day,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        is_open=row.state == "open",
        free=ask.wanted.places,
    )
    if why_not(window, ask.wanted, ask.rules, work.now) is not None:
        raise WindowTaken(window_id=window_id)


def _write_visit(work: Work, ask: Asked, window_id: int, uid_host: str) -> int:
    visit_id = work.session.execute(
        insert(Visit)
        .values(
            ref=links.visit_ref(),
            uid=links.calendar_uid(uid_host),
            code=links.visit_code(),
            customer_id=ask.customer_id,
            address_id=ask.address_id,
            invitation_id=ask.invitation_id,
            window_id=window_id,
            places=ask.wanted.places,
            minutes=ask.minutes,
            state="booked",
            sequence=0,
            booked_by=work.actor,
            booked_at=work.now,
            changed_at=work.now,
        )
        .returning(Visit.id)
    ).scalar_one()
    work.session.execute(
        insert(VisitJob), [{"visit_id": visit_id, "job_id": job_id, "live": True} for job_id in ask.job_ids]
    )
    return visit_id


def _set_state(work: Work, visit: CurrentVisit, state: str) -> None:
    _update_visit(work, visit, state=state)
    work.session.execute(
        update(VisitJob).where(VisitJob.visit_id == visit.visit_id).values(live=is_live(state))
    )


def _update_visit(work: Work, visit: CurrentVisit, **values: Any) -> None:
    work.session.execute(
        update(Visit)
        .where(Visit.id == visit.visit_id)
        .values(sequence=Visit.sequence + 1, changed_at=work.now, **values)
    )


def _state_event(
    event: type[AboutInvitation], ask: Asked, visit: CurrentVisit, state: str
) -> AboutInvitation:
    return event(
        customer_id=ask.customer_id,
        visit_id=visit.visit_id,
        window_id=visit.window_id,
        before={"state": visit.state},
        after={"state": state},
        invitation_id=ask.invitation_id,
    )
