"""Many customers, few places, at the same moment.

First that the harness can oversell at all, with a naive claim written here; without it the rest proves nothing. On
SQLite writers queue, so there is nothing to show there.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from scheduling.actions import visits
from scheduling.actions.work import Work
from scheduling.db import was_a_race
from scheduling.errors import AlreadyBooked, NotPossible, TooLate, WindowTaken
from scheduling.models import Visit, Window
from scheduling.reads.asked import current_visit
from tests.databases import Database
from tests.environment import NOW
from tests.factories import A_THURSDAY, EIGHT, TEN, TWO, a_window, an_area, an_invitation, counters, working

pytestmark = pytest.mark.races

CUSTOMERS = 50
PLACES = 7


def at_once(count: int, act: Callable[[int], str]) -> Counter[str]:
    """Runs `act` in so many threads that all start together; what came out, counted."""
    gate = threading.Barrier(count)

    def run(number: int) -> str:
        gate.wait()
        return act(number)

    with ThreadPoolExecutor(count) as pool:
        return Counter(pool.map(run, range(count)))


def retried(database: Database, act: Callable[[Work], object]) -> str:
    """As `app.work.carry_out` does it: from the top after a deadlock or a lost unique race."""
    for _ in range(3):
        try:
            with working(database.sessions) as work:
                act(work)
        except (WindowTaken, AlreadyBooked, NotPossible, TooLate) as refusal:
            return refusal.code
        except DBAPIError as error:
            if not was_a_race(error):
                raise
            continue
        return "done"
    return "gave up"


@pytest.fixture
def prepared(database: Database) -> tuple[int, list[int]]:
    """A window with few places, and many customers who were asked to choose."""
    with working(database.sessions) as work:
        an_area(work)
        window_id = a_window(work, capacity=PLACES)
        return window_id, [an_invitation(work) for _ in range(CUSTOMERS)]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_harness_can_oversell_with_a_naive_claim(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("CREATE TABLE naive (capacity int, booked int)"))
        connection.execute(text("INSERT INTO naive VALUES (7, 0)"))
        connection.execute(text("CREATE TABLE naive_visit (number int)"))

    def read_then_write(number: int) -> str:
        with database.engine.begin() as connection:
            booked, capacity = connection.execute(text("SELECT booked, capacity FROM naive")).one()
            if booked >= capacity:
                return "window_taken"
            time.sleep(0.01)
            connection.execute(text("UPDATE naive SET booked = :booked"), {"booked": booked + 1})
            connection.execute(text("INSERT INTO naive_visit VALUES (:number)"), {"number": number})
            return "done"

    assert at_once(12, read_then_write)["done"] > PLACES
    with database.engine.begin() as connection:
        connection.execute(text("DROP TABLE naive"))
        connection.execute(text("DROP TABLE naive_visit"))


def test_fifty_customers_at_once_get_exactly_the_places_there_are(
    database: Database, prepared: tuple[int, list[int]]
) -> None:
    window_id, invitations = prepared

    outcome = at_once(
        CUSTOMERS,
        lambda number: retried(
            database, lambda work: visits.book(work, invitations[number], window_id, uid_host="h")
        ),
    )

    assert outcome == Counter({"done": PLACES, "window_taken": CUSTOMERS - PLACES})
    with working(database.sessions) as work:
        assert counters(work, window_id) == (PLACES, PLACES, 0)
        assert work.session.scalar(select(func.count()).select_from(Visit)) == PLACES


def test_one_household_clicking_twenty_times_gets_one_visit(
    database: Database, prepared: tuple[int, list[int]]
) -> None:
    window_id, invitations = prepared

    outcome = at_once(
        20,
        lambda number: retried(
            database, lambda work: visits.book(work, invitations[0], window_id, uid_host="h")
        ),
    )

    assert outcome == Counter({"done": 20})
    with working(database.sessions) as work:
        assert counters(work, window_id) == (PLACES, 1, 0)


def test_opposite_moves_between_two_windows_do_not_lock_each_other_out(database: Database) -> None:
    with working(database.sessions) as work:
        an_area(work)
        one, other = a_window(work, capacity=40), a_window(work, starts=TWO, capacity=40)
        invitations = [an_invitation(work) for _ in range(40)]
        for number, invitation_id in enumerate(invitations):
            visits.book(work, invitation_id, one if number % 2 else other, uid_host="h")

    deadlocks: list[DBAPIError] = []

    def swap(number: int) -> str:
        target = other if number % 2 else one
        try:
            with working(database.sessions) as work:
                visits.change(work, invitations[number], target, sequence=0)
        except DBAPIError as error:
            deadlocks.append(error)
            return "deadlock"
        return "done"

    assert at_once(40, swap) == Counter({"done": 40})
    assert not deadlocks
    with working(database.sessions) as work:
        assert counters(work, one) == (40, 20, 0)
        assert counters(work, other) == (40, 20, 0)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_customers_of_different_windows_do_not_wait_for_each_other(database: Database) -> None:
    with working(database.sessions) as work:
        an_area(work)
        one, other = a_window(work), a_window(work, starts=TWO)
        first, second = an_invitation(work), an_invitation(work)

    with working(database.sessions) as slow:
        visits.book(slow, first, one, uid_host="h")
        slow.session.flush()
        # Were anything shared locked, this would wait for the transaction around it, and never end.
        with working(database.sessions) as quick:
            quick.session.execute(text("SET LOCAL lock_timeout = '2s'"))
            visits.book(quick, second, other, uid_host="h")

    with working(database.sessions) as work:
        assert counters(work, one) == counters(work, other) == (1, 1, 0)


def _sequence(work: Work, invitation_id: int) -> int:
    visit = current_visit(work.session, invitation_id)
    return visit.sequence if visit else 0


def test_booking_changing_cancelling_and_restoring_at_once_never_loses_count(database: Database) -> None:
    with working(database.sessions) as work:
        an_area(work)
        windows = [a_window(work, starts=starts, capacity=3) for starts in (EIGHT, TEN, TWO)]
        windows.append(a_window(work, day=A_THURSDAY + timedelta(days=1), capacity=3))
        invitations = [an_invitation(work) for _ in range(16)]

    def live_a_little(number: int) -> str:
        invitation_id = invitations[number]
        for step in range(6):
            window_id = windows[(number + step) % len(windows)]
            retried(database, lambda work: visits.book(work, invitation_id, window_id, uid_host="h"))  # noqa: B023
            target = windows[(number + step + 1) % len(windows)]
            retried(
                database,
                lambda work: visits.change(
                    work,
                    invitation_id,
                    target,  # noqa: B023
                    sequence=_sequence(work, invitation_id),
                ),
            )
            retried(database, lambda work: visits.cancel(work, invitation_id))
            if (number + step) % 3 == 0:
                retried(database, lambda work: visits.restore(work, invitation_id))
        return "done"

    assert at_once(16, live_a_little) == Counter({"done": 16})
    with working(database.sessions, now=NOW) as work:
        live = dict.fromkeys(windows, 0)
        for visit in work.session.scalars(select(Visit).where(Visit.state == "booked")):
            live[visit.window_id] += visit.places
        assert {window.id: window.booked for window in work.session.scalars(select(Window))} == live
