"""Book, change, cancel, restore, and the states of the day itself.

Each action reads the invitation under a lock, asks the one policy that the offer asks too, touches capacity, writes
the visit, and says what happened. Asking for the same thing twice gives the same visit once.
"""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update

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
from scheduling.db import Together, table_of
from scheduling.errors import AlreadyBooked, LinkEnded, LinkUnknown, NotPossible, TooLate, WindowTaken
from scheduling.models import Invitation, Visit, VisitJob
from scheduling.reads.affairs import rows_to_book, rows_with_window
from scheduling.reads.asked import Asked, CurrentVisit, asked, asked_by, check_link, check_rows
from scheduling.reads.correspondence import VisitFacts, told_by
from scheduling.rules.policy import (
    WindowFacts,
    change_deadline,
    is_live,
    may_become,
    undo_until,
    why_not,
)

_LOCK = (
    select(table_of(Invitation).c.ended)
    .where(table_of(Invitation).c.id == bindparam("invitation_id"))
    .with_for_update()
)
_INSERT_VISIT, _INSERT_JOBS = insert(table_of(Visit)), insert(table_of(VisitJob))


@dataclass(frozen=True, slots=True)
class Booked:
    """The visit that an action left behind; `changed` is False where it was so already."""

    visit_id: int
    changed: bool


def book(
    work: Work,
    invitation_id: int,
    window_id: int,
    *,
    uid_host: str,
    link_version: int | None = None,
    told_together: bool = False,
) -> Booked:
    """Books all open jobs of an invitation into a window. Refuses: WindowTaken, AlreadyBooked, LinkEnded.

    `link_version` is that of the link by which it is asked for, which has to open still. `told_together`: whoever books
    several visits tells of all of them at once.
    """
    _lock(work, invitation_id, link_version)
    rows = rows_to_book(work.session, invitation_id, window_id)
    if link_version is not None:
        check_rows(rows, link_version, work.now)
    ask = asked_by(rows)
    if ask.visit is not None and ask.visit.is_live:
        if ask.visit.window_id == window_id:
            return Booked(ask.visit.visit_id, changed=False)
        raise AlreadyBooked
    _judge(work, ask, rows[0], window_id)
    visit = _new_visit(work, ask, rows[0], uid_host)
    # Told before it is written: all of it goes into one statement, together with the claim that decides.
    writing = replace(work, gathered=Together())
    _write_visit(writing, ask, visit)
    writing.happened(
        VisitBooked(
            customer_id=ask.customer_id,
            visit_id=visit.visit_id,
            window_id=window_id,
            invitation_id=invitation_id,
            after={"window_id": window_id, "state": "booked"},
            told=replace(told_by(rows), visit=visit),
            told_together=told_together,
        )
    )
    cancelled = () if ask.visit is None else (ask.visit.visit_id,)
    capacity.claim_instead_of_holds(writing, window_id, ask.wanted.places, cancelled)
    return Booked(visit.visit_id, changed=True)


def change(work: Work, invitation_id: int, window_id: int, *, sequence: int) -> Booked:
    """Moves the visit to another window; it stays the same visit.

    `sequence` is the one that was shown to whoever asks: somebody else may have changed the visit since.
    Refuses: WindowTaken, TooLate (for changing), NotPossible (no visit to be moved), AlreadyBooked (changed since).
    """
    _lock(work, invitation_id)
    rows = rows_with_window(work.session, invitation_id, window_id)
    ask = asked_by(rows)
    visit = _live_visit(ask)
    if visit.window_id == window_id:
        return Booked(visit.visit_id, changed=False)
    if visit.sequence != sequence:
        raise AlreadyBooked
    if visit.state != "booked":
        raise NotPossible(state=visit.state)
    if ask.rules is not None and work.now >= change_deadline(visit.local_day, ask.rules):
        raise TooLate
    _judge(work, ask, rows[0], window_id)
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
    until = undo_until(work.now)
    capacity.hold_after_cancel(work, visit.window_id, visit.visit_id, visit.places, until)
    _set_state(work, visit, "cancelled")
    work.happened(
        VisitCancelled(
            customer_id=ask.customer_id,
            visit_id=visit.visit_id,
            window_id=visit.window_id,
            invitation_id=invitation_id,
            before={"state": visit.state},
            after={"state": "cancelled"},
            undo_until=until,
        )
    )
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
    """What is asked for, read while holding the invitation."""
    _lock(work, invitation_id)
    return asked(work.session, invitation_id)


def _lock(work: Work, invitation_id: int, link_version: int | None = None) -> None:
    """Holds the invitation: two clicks of one household come one after the other, and what is read next is true."""
    ended = work.session.connection().execute(_LOCK, {"invitation_id": invitation_id}).scalar()
    if ended is None:
        raise LinkUnknown
    if ended:
        if link_version is not None:
            # In the words in which every other page of this link says it.
            check_link(work.session, invitation_id, link_version, work.now)
        raise LinkEnded(reason=ended)


def _live_visit(ask: Asked) -> CurrentVisit:
    if ask.visit is None or not ask.visit.is_live:
        raise NotPossible(state=None if ask.visit is None else ask.visit.state)
    return ask.visit


def _judge(work: Work, ask: Asked, row: Row[*tuple[Any, ...]], window_id: int) -> None:
    """A window id that was posted by hand is judged like one that was shown, except for being full.

    Whether there is room is decided by the claim itself, which sees what other customers do meanwhile.
    """
    if row.wanted_window_id is None or ask.rules is None or row.wanted_area_id != ask.area_id:
        raise WindowTaken(window_id=window_id)
    window = WindowFacts(
        window_id=window_id,
        local_day=row.wanted_local_day,
        starts_at=row.wanted_starts_at,
        ends_at=row.wanted_ends_at,
        is_open=row.wanted_state == "open",
        free=ask.wanted.places,
    )
    if why_not(window, ask.wanted, ask.rules, work.now) is not None:
        raise WindowTaken(window_id=window_id)


def _new_visit(work: Work, ask: Asked, row: Row[*tuple[Any, ...]], uid_host: str) -> VisitFacts:
    assert ask.rules is not None, "what no area serves was refused before"
    return VisitFacts(
        visit_id=row.next_visit_id,
        visit_ref=links.visit_ref(),
        uid=links.calendar_uid(uid_host),
        code=links.visit_code(),
        state="booked",
        sequence=0,
        window_id=row.wanted_window_id,
        local_day=row.wanted_local_day,
        starts_at=row.wanted_starts_at,
        ends_at=row.wanted_ends_at,
        time_zone=ask.rules.time_zone,
        minutes=ask.minutes,
        places=ask.wanted.places,
        booked_by=work.actor,
        booked_at=work.now,
        changed_at=work.now,
    )


def _write_visit(work: Work, ask: Asked, visit: VisitFacts) -> None:
    row = {
        "id": visit.visit_id,
        "ref": visit.visit_ref,
        "uid": visit.uid,
        "code": visit.code,
        "customer_id": ask.customer_id,
        "address_id": ask.address_id,
        "invitation_id": ask.invitation_id,
        "window_id": visit.window_id,
        "places": visit.places,
        "minutes": visit.minutes,
        "state": visit.state,
        "sequence": visit.sequence,
        "booked_by": visit.booked_by,
        "booked_at": visit.booked_at,
        "changed_at": visit.changed_at,
    }
    work.write(_INSERT_VISIT, [row])
    work.write(
        _INSERT_JOBS, [{"visit_id": visit.visit_id, "job_id": job_id, "live": True} for job_id in ask.job_ids]
    )


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
