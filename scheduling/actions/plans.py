"""Books several homes of one contact at once, each into the window that a plan proposed for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from scheduling.actions import visits
from scheduling.actions.work import VisitsPlanned, Work
from scheduling.errors import AlreadyBooked, LinkEnded, WindowTaken
from scheduling.models import Visit, Window
from scheduling.reads.homes import homes_of


@dataclass(frozen=True, slots=True)
class Planned:
    """What became of a plan, by invitation: booked now, and what could not be had any more."""

    booked: Sequence[int]
    gone: Sequence[int]


def book_all(work: Work, invitation_id: int, wanted: Mapping[int, int], *, uid_host: str) -> Planned:
    """Books each invitation in `wanted` into its window. Homes of other contacts are passed over.

    `invitation_id` is the one whose link was used. Every place is claimed like that of any other booking; one that is
    gone by now is left out and hinders none of the others. The contact gets one message for all of them.
    """
    mine = {home.invitation_id for home in homes_of(work.session, invitation_id, work.now, language="")}
    booked: dict[int, int] = {}
    gone = []
    # Windows in one order for everybody, so that two plans at once wait for each other and never lock each other out.
    for window_id, home in sorted((window_id, home) for home, window_id in wanted.items() if home in mine):
        try:
            with work.session.begin_nested():
                visit = visits.book(work, home, window_id, uid_host=uid_host, told_together=True)
        except (WindowTaken, AlreadyBooked, LinkEnded):
            gone.append(home)
            continue
        if visit.changed:
            booked[home] = visit.visit_id
    _tell(work, booked)
    return Planned(tuple(booked), tuple(gone))


def _tell(work: Work, booked: Mapping[int, int]) -> None:
    """One message, about the visit that comes first."""
    if not booked:
        return
    first = work.session.execute(
        select(Visit.id, Visit.invitation_id, Visit.customer_id)
        .join(Window, Window.id == Visit.window_id)
        .where(Visit.id.in_(booked.values()))
        .order_by(Window.starts_at, Visit.id)
        .limit(1)
    ).one()
    work.happened(
        VisitsPlanned(
            customer_id=first.customer_id,
            visit_id=first.id,
            invitation_id=first.invitation_id,
            after={"visits": sorted(booked.values())},
            count=len(booked),
        )
    )
