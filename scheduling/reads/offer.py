"""The offer: the windows that an invitation's jobs may be booked into, day by day, the next free ones first.

Only windows that `policy` allows and that have room are in it. Ranking by the customer's own diary comes on top of
this order, not instead of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlalchemy import Integer, Row, and_, bindparam, case, func, select
from sqlalchemy.orm import Session

from scheduling.models import Hold, Window
from scheduling.reads.asked import Asked
from scheduling.rules.policy import bookable_days

DAYS_A_PAGE = 7
MOST_WINDOWS_A_DAY = 12
"""Windows are two hours long and never overlap."""

NEAREST = 8
NEAR_DAYS = 14


@dataclass(frozen=True, slots=True)
class OfferedWindow:
    """A window that can be chosen, in local time; `minutes` is how long the work takes."""

    window_id: int
    local_day: date
    starts: datetime
    ends: datetime
    minutes: int
    is_current: bool
    reasons: tuple[str, ...] = ()

    @property
    def done_by(self) -> datetime:
        """The latest end of the work, after an arrival at the very end; elapsed minutes, whatever the clock does."""
        return (self.ends.astimezone(UTC) + timedelta(minutes=self.minutes)).astimezone(self.ends.tzinfo)


@dataclass(frozen=True, slots=True)
class OfferDay:
    """One local day of an offer, with its windows in order of time."""

    local_day: date
    notes: tuple[str, ...]
    windows: tuple[OfferedWindow, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """Days in order. `later_day` is the first day that did not fit on this page; None when this was all."""

    days: tuple[OfferDay, ...]
    later_day: date | None


NOTHING = Offer((), None)


def offer(session: Session, ask: Asked, now: datetime, *, from_day: date | None = None) -> Offer:
    """One page of windows, from `from_day` on, or from the first day that may be booked."""
    if ask.rules is None:
        return NOTHING
    first, last = bookable_days(ask.wanted, ask.rules, now)
    rows = _windows(session, ask, max(first, from_day or first), last, (DAYS_A_PAGE + 1) * MOST_WINDOWS_A_DAY)
    local_days = sorted({row.local_day for row in rows})
    later = local_days[DAYS_A_PAGE] if len(local_days) > DAYS_A_PAGE else None
    shown = rows if later is None else [row for row in rows if row.local_day < later]
    return Offer(tuple(_by_day(shown, ask)), later)


def nearest(session: Session, ask: Asked, now: datetime, wanted: OfferedWindow | None) -> Offer:
    """The windows nearest in time to one that is gone; the first ones where it is not known."""
    if ask.rules is None or wanted is None:
        return offer(session, ask, now)
    first, last = bookable_days(ask.wanted, ask.rules, now)
    from_day = max(first, wanted.local_day - timedelta(days=NEAR_DAYS))
    to_day = wanted.local_day + timedelta(days=NEAR_DAYS)
    to_day = to_day if last is None else min(last, to_day)
    rows = _windows(session, ask, from_day, to_day, 2 * NEAR_DAYS * MOST_WINDOWS_A_DAY)
    if not rows:
        return offer(session, ask, now)
    near = sorted(rows, key=lambda row: abs(row.starts_at - wanted.starts))[:NEAREST]
    return Offer(tuple(_by_day(sorted(near, key=lambda row: row.starts_at), ask)), None)


def window_to_review(session: Session, ask: Asked, now: datetime, window_id: int) -> OfferedWindow | None:
    """The window as it is offered to this invitation; None when it may not be chosen (any more)."""
    if ask.rules is None:
        return None
    first, last = bookable_days(ask.wanted, ask.rules, now)
    rows = _windows(session, ask, first, last, 1, window_id=window_id)
    return _offered(rows[0], ask) if rows else None


def window_of_area(session: Session, ask: Asked, window_id: int) -> OfferedWindow | None:
    """A window of this invitation's own area, whether it can be chosen or not; None for any other."""
    if ask.rules is None:
        return None
    row = session.execute(
        select(Window.id, Window.local_day, Window.starts_at, Window.ends_at).where(
            Window.id == window_id, Window.area_id == ask.area_id
        )
    ).first()
    return None if row is None else _offered(row, ask)


def _windows(
    session: Session, ask: Asked, first: date, last: date | None, limit: int, *, window_id: int | None = None
) -> Sequence[Row[int, date, datetime, datetime]]:
    visit = ask.visit
    values = {
        "area_id": ask.area_id,
        "first": first,
        "last": last or date.max,
        "places": ask.wanted.places,
        "own_window_id": visit.window_id if visit is not None and visit.is_live else None,
        "own_places": visit.places if visit is not None else 0,
        "most": limit,
    }
    query = _FREE
    if visit is not None and visit.state == "cancelled":
        query, values["visit_id"] = _FREE_OR_HELD, visit.visit_id
    if window_id is not None:
        query = query.where(Window.id == window_id)
    return session.connection().execute(query, values).all()


# Made once: to put a statement together costs several times what the database needs for it.
_PLACES_LEFT = (
    Window.capacity
    - Window.booked
    - Window.held
    + case((Window.id == bindparam("own_window_id", type_=Integer), bindparam("own_places")), else_=0)
)
_OPEN = (
    select(Window.id, Window.local_day, Window.starts_at, Window.ends_at)
    .where(
        Window.area_id == bindparam("area_id"),
        Window.local_day >= bindparam("first"),
        Window.local_day <= bindparam("last"),
        Window.state == "open",
    )
    .order_by(Window.local_day, Window.starts_at)
    .limit(bindparam("most"))
)
_FREE = _OPEN.where(bindparam("places") <= _PLACES_LEFT)
# What is kept for an undo is this customer's own, so they may also choose it anew.
_FREE_OR_HELD = _OPEN.outerjoin(
    Hold, and_(Hold.window_id == Window.id, Hold.visit_id == bindparam("visit_id"))
).where(bindparam("places") <= _PLACES_LEFT + func.coalesce(Hold.places, 0))


def _by_day(rows: Sequence[Row[int, date, datetime, datetime]], ask: Asked) -> list[OfferDay]:
    return [
        OfferDay(local_day, (), tuple(_offered(row, ask) for row in day))
        for local_day, day in groupby(rows, key=lambda row: row.local_day)
    ]


def _offered(row: Row[int, date, datetime, datetime], ask: Asked) -> OfferedWindow:
    assert ask.rules is not None
    zone = ZoneInfo(ask.rules.time_zone)
    return OfferedWindow(
        window_id=row.id,
        local_day=row.local_day,
        starts=row.starts_at.astimezone(zone),
        ends=row.ends_at.astimezone(zone),
        minutes=ask.minutes,
        is_current=ask.visit is not None and ask.visit.is_live and ask.visit.window_id == row.id,
    )
