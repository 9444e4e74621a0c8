"""The only code that changes how many places of a window are taken.

Every claim is one guarded UPDATE: the database decides, in one statement, whether there is room. No row changed means
that there is none. The table's CHECK refuses as well, and two windows are always touched in id order, so that two
customers who swap windows cannot lock each other out.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Integer, Row, Update, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from scheduling.actions.work import Work
from scheduling.db import Together, table_of
from scheduling.errors import WindowTaken
from scheduling.models import Hold, Visit, Window
from scheduling.rules.policy import DEAD_STATES

HeldPlaces = Row[int, int]
"""A window id and the places held in it."""


def claim(work: Work, window_id: int, places: int) -> None:
    """Takes `places` of an open window for a visit, and writes with it what `work` has gathered. Refuses: WindowTaken.

    Holds that ran out free their places only when somebody sweeps them up; a claim that finds the window full does so
    and tries once more.
    """
    if _claim(work.session, window_id, places, work.gathered):
        return
    if not (release_lapsed_holds(work, window_id=window_id) and _claim(work.session, window_id, places)):
        raise WindowTaken(window_id=window_id)


def release(work: Work, window_id: int, places: int) -> None:
    """Gives the places of a visit back."""
    work.session.execute(update(Window).where(Window.id == window_id).values(booked=Window.booked - places))


def move(work: Work, from_window_id: int, to_window_id: int, places: int) -> None:
    """Moves a visit's places from one window to another. Refuses: WindowTaken, and then nothing was moved.

    The lower id is touched first, whichever way the visit goes.
    """
    if from_window_id < to_window_id:
        release(work, from_window_id, places)
        claim(work, to_window_id, places)
    else:
        claim(work, to_window_id, places)
        release(work, from_window_id, places)


def hold_after_cancel(work: Work, window_id: int, visit_id: int, places: int, until: datetime) -> None:
    """Turns a visit's places into held ones, in one statement, so that nobody can slip in between."""
    work.session.execute(
        update(Window)
        .where(Window.id == window_id)
        .values(booked=Window.booked - places, held=Window.held + places)
    )
    work.session.execute(
        insert(Hold).values(window_id=window_id, visit_id=visit_id, places=places, until=until)
    )


def book_held(work: Work, visit_id: int) -> bool:
    """Turns the places held for a cancelled visit back into booked ones; False where they are no longer held."""
    hold = work.session.execute(
        delete(Hold)
        .where(Hold.visit_id == visit_id, Hold.until > work.now)
        .returning(Hold.window_id, Hold.places)
    ).first()
    if hold is None:
        return False
    work.session.execute(
        update(Window)
        .where(Window.id == hold.window_id)
        .values(booked=Window.booked + hold.places, held=Window.held - hold.places)
    )
    return True


def is_held(work: Work, visit_id: int) -> bool:
    """Whether places are still kept for a cancelled visit; what is found stays so until the transaction ends."""
    return work.session.scalar(select(Hold.id).where(Hold.visit_id == visit_id).with_for_update()) is not None


def hold_fewer(work: Work, visit_id: int, places: int) -> None:
    """Keeps no more than `places` for a cancelled visit; the others are free at once."""
    hold = work.session.execute(
        select(Hold.window_id, Hold.places).where(Hold.visit_id == visit_id).with_for_update()
    ).one()
    work.session.execute(update(Hold).where(Hold.visit_id == visit_id).values(places=places))
    _free_places(work.session, hold.window_id, hold.places - places)


def claim_instead_of_holds(work: Work, window_id: int, places: int, held_visit_ids: Sequence[int]) -> None:
    """Claims a window for a customer who chooses again, and gives up what was held for them. Refuses: WindowTaken.

    What is held in the very window they choose is theirs to use; other windows follow in id order.
    """
    holds = _take_holds(work, held_visit_ids)
    _free_held(work.session, [hold for hold in holds if hold.window_id <= window_id])
    claim(work, window_id, places)
    _free_held(work.session, [hold for hold in holds if hold.window_id > window_id])


def release_lapsed_holds(work: Work, *, window_id: int | None = None) -> int:
    """Frees the places of holds whose time is over, of one window or of all; how many holds."""
    lapsed = delete(Hold).where(Hold.until <= work.now)
    if window_id is not None:
        lapsed = lapsed.where(Hold.window_id == window_id)
    holds = work.session.execute(lapsed.returning(Hold.window_id, Hold.places)).all()
    _free_held(work.session, holds)
    return len(holds)


def give_up_all(work: Work, visit_ids: Sequence[int]) -> None:
    """Frees whatever these visits take, booked or held, before they are deleted; windows in id order."""
    if not visit_ids:
        return
    held: Counter[int] = Counter()
    for hold in _take_holds(work, visit_ids):
        held[hold.window_id] += hold.places
    booked: Counter[int] = Counter()
    live = select(Visit.window_id, Visit.places).where(
        Visit.id.in_(visit_ids), Visit.state.not_in(DEAD_STATES)
    )
    for window_id, places in work.session.execute(live):
        booked[window_id] += places
    for window_id in sorted(booked.keys() | held.keys()):
        work.session.execute(
            update(Window)
            .where(Window.id == window_id)
            .values(booked=Window.booked - booked[window_id], held=Window.held - held[window_id])
        )


def set_capacity(work: Work, window_id: int, capacity: int) -> bool:
    """Sets a window's capacity, never below what is taken; False (and nothing changed) where it would be."""
    return _changed_one(
        work.session,
        update(Window)
        .where(Window.id == window_id, Window.booked + Window.held <= capacity)
        .values(capacity=capacity),
    )


_PLACES = bindparam("claimed_places", type_=Integer)
_CLAIM = (
    update(table_of(Window))
    .where(
        Window.id == bindparam("claimed_window_id"),
        Window.state == "open",
        Window.booked + Window.held + _PLACES <= Window.capacity,
    )
    .values(booked=Window.booked + _PLACES)
)


def _claim(session: Session, window_id: int, places: int, gathered: Together | None = None) -> bool:
    values = {"claimed_window_id": window_id, "claimed_places": places}
    return (gathered or Together()).carry_out(session, _CLAIM, values)


def _take_holds(work: Work, visit_ids: Sequence[int]) -> Sequence[HeldPlaces]:
    if not visit_ids:
        return []
    return work.session.execute(
        delete(Hold).where(Hold.visit_id.in_(visit_ids)).returning(Hold.window_id, Hold.places)
    ).all()


def _free_held(session: Session, holds: Sequence[HeldPlaces]) -> None:
    for window_id, places in sorted((hold.window_id, hold.places) for hold in holds):
        _free_places(session, window_id, places)


def _free_places(session: Session, window_id: int, places: int) -> None:
    session.execute(update(Window).where(Window.id == window_id).values(held=Window.held - places))


def _changed_one(session: Session, statement: Update) -> bool:
    return session.execute(statement.returning(Window.id)).first() is not None
