"""A stretch of days as the dispatcher sees it: windows in order of time, and who is coming in each.

The number of queries does not depend on how many areas, windows or visits there are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from scheduling.models import Area, Customer, Job, KindText, Visit, VisitJob, Window
from scheduling.reads import board
from scheduling.reads.board import ListedWindow
from scheduling.reads.names import NAME_COLUMNS, name_of

FALLBACK_LANGUAGE = "en"
"""Of a kind of work that has no name in the reader's language."""


@dataclass(frozen=True, slots=True)
class AreaName:
    """An area to choose from, with the zone that its days are counted in."""

    ref: str
    name: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class WeekVisit:
    """A visit of any state in a window. `kinds`: the work by name, each once."""

    visit_ref: str
    customer_ref: str
    customer_name: str
    kinds: tuple[str, ...]
    places: int
    state: str


@dataclass(frozen=True, slots=True)
class WeekWindow:
    """A window with its visits, in the order in which they were booked."""

    window: ListedWindow
    visits: tuple[WeekVisit, ...]


def areas(session: Session) -> Sequence[AreaName]:
    """Every area, by name."""
    rows = session.execute(select(Area.ref, Area.name, Area.time_zone).order_by(Area.name, Area.ref))
    return tuple(AreaName(*row) for row in rows)


def week(
    session: Session, *, area_ref: str | None, first: date, last: date, language: str
) -> Sequence[WeekWindow]:
    """The windows from `first` to `last` (local days, both included), open or closed, of one area or of all.

    Refuses: NoSuchThing for an area that is not there.
    """
    windows = board.windows(session, area_ref=area_ref, first=first, last=last)
    visits = _visits(session, area_ref, first, last, language)
    return tuple(WeekWindow(window, tuple(visits.get(window.window_id, ()))) for window in windows)


def _visits(
    session: Session, area_ref: str | None, first: date, last: date, language: str
) -> Mapping[int, Sequence[WeekVisit]]:
    asked = (
        select(Visit.id)
        .join(Window, Window.id == Visit.window_id)
        .join(Area, Area.id == Window.area_id)
        .where(Window.local_day.between(first, last))
    )
    if area_ref is not None:
        asked = asked.where(Area.ref == area_ref)
    kinds: dict[int, dict[str, None]] = {}
    names = _kind_names(session, language)
    for visit_id, kind in session.execute(
        select(VisitJob.visit_id, Job.kind)
        .join(Job, Job.id == VisitJob.job_id)
        .where(VisitJob.visit_id.in_(asked))
        .order_by(VisitJob.visit_id, Job.id)
    ):
        kinds.setdefault(visit_id, {})[names.get(kind, kind)] = None
    found: dict[int, list[WeekVisit]] = {}
    rows = session.execute(
        select(Visit.id, Visit.ref, Visit.window_id, Visit.places, Visit.state, *NAME_COLUMNS)
        .join(Customer, Customer.id == Visit.customer_id)
        .where(Visit.id.in_(asked))
        .order_by(Visit.booked_at, Visit.id)
    )
    for row in rows:
        visit = WeekVisit(
            visit_ref=row.ref,
            customer_ref=row.customer_ref,
            customer_name=name_of(row, language),
            kinds=tuple(kinds.get(row.id, ())),
            places=row.places,
            state=row.state,
        )
        found.setdefault(row.window_id, []).append(visit)
    return found


def _kind_names(session: Session, language: str) -> Mapping[str, str]:
    rows = session.execute(
        select(KindText.kind, KindText.language, KindText.name).where(
            KindText.language.in_((FALLBACK_LANGUAGE, language))
        )
    ).all()
    # The reader's language last, so that it wins.
    return {row.kind: row.name for row in sorted(rows, key=lambda row: row.language == language)}
