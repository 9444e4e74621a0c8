"""Books several homes of one contact at once, each into the window that a plan proposed for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scheduling.actions import visits
from scheduling.actions.work import Work
from scheduling.errors import AlreadyBooked, LinkEnded, WindowTaken
from scheduling.reads.homes import homes_of


@dataclass(frozen=True, slots=True)
class Planned:
    """What became of a plan, by invitation: booked now, and what could not be had any more."""

    booked: Sequence[int]
    gone: Sequence[int]


def book_all(work: Work, invitation_id: int, wanted: Mapping[int, int], *, uid_host: str) -> Planned:
    """Books each invitation in `wanted` into its window. Homes of other contacts are passed over.

    `invitation_id` is the one whose link was used. Every place is claimed like that of any other booking; one that is
    gone by now is left out and hinders none of the others.
    """
    mine = {home.invitation_id for home in homes_of(work.session, invitation_id, work.now, language="")}
    booked, gone = [], []
    # Windows in one order for everybody, so that two plans at once wait for each other and never lock each other out.
    for window_id, home in sorted((window_id, home) for home, window_id in wanted.items() if home in mine):
        try:
            with work.session.begin_nested():
                visit = visits.book(work, home, window_id, uid_host=uid_host)
        except (WindowTaken, AlreadyBooked, LinkEnded):
            gone.append(home)
            continue
        if visit.changed:
            booked.append(home)
    return Planned(tuple(booked), tuple(gone))
