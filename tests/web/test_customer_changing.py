"""Change, cancel, undo, choose again: what moves, what stays, and what comes too late."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete

from scheduling.actions import visits
from scheduling.models import AreaPostcode, Window
from tests.factories import A_THURSDAY, EIGHT, TEN, TWO, close, working
from tests.web.customers import Household, a_household, book, cancel, change, day_at

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
# The working day before Thursday 3 December: changing is possible until 12:00.
WEDNESDAY = date(2026, 12, 2)
MINUTE = 60


@pytest.fixture
def household(app, database) -> Household:
    """Three windows with one place each."""
    windows = ((A_THURSDAY, EIGHT), (A_THURSDAY, TEN), (A_THURSDAY, TWO))
    return a_household(app, database, windows=windows)


def test_a_change_moves_the_place_and_stays_the_same_visit(page, household):
    first, second, _ = household.windows
    book(page, household, first)

    moved = change(page, household, second)

    assert (moved.name, moved.heading) == ("booked", "Uw afspraak is verzet")
    assert "tussen 10:00 en 12:00" in moved.words
    (visit,) = household.visits()
    assert (visit.window_id, visit.sequence, visit.state) == (second, 1, "booked")
    assert household.counters(first) == (1, 0, 0)
    assert household.counters(second) == (1, 1, 0)
    assert len(household.messages("change")) == 2  # by SMS and by e-mail


def test_the_visit_stays_until_another_time_is_confirmed(page, household):
    book(page, household)

    choosing = page.submit_and_follow(page.get(household.href), "change-visit")
    page.submit_and_follow(choosing, "choose-window", window=household.windows[1])

    assert "Uw afspraak is nu donderdag 3 december tussen 08:00 en 10:00" in choosing.words
    assert household.visit().window_id == household.windows[0]


def test_the_window_one_has_is_shown_but_not_offered(page, household):
    book(page, household)

    choosing = page.submit_and_follow(page.get(household.href), "change-visit")

    assert choosing.windows() == household.windows[1:]
    assert "Uw tijd nu" in choosing.words


def test_the_review_of_a_change_shows_the_old_time_beside_the_new_one(page, household):
    book(page, household)
    choosing = page.submit_and_follow(page.get(household.href), "change-visit")

    reviewing = page.submit_and_follow(choosing, "choose-window", window=household.windows[2])

    assert "tussen 14:00 en 16:00" in reviewing.words
    assert "tussen 08:00 en 10:00" in reviewing.words


def test_a_stale_tab_does_not_move_a_visit_that_was_moved_since(page, household):
    first, second, third = household.windows
    book(page, household, first)
    choosing = page.submit_and_follow(page.get(household.href), "change-visit")
    stale = page.submit_and_follow(choosing, "choose-window", window=third)
    change(page, household, second)

    answer = page.submit(stale, "confirm-visit")

    assert (answer.status, answer.name) == (409, "booked")
    assert household.visit().window_id == second


def test_confirming_a_change_twice_moves_once(page, household):
    book(page, household)
    choosing = page.submit_and_follow(page.get(household.href), "change-visit")
    reviewing = page.submit_and_follow(choosing, "choose-window", window=household.windows[1])

    answers = [page.submit(reviewing, "confirm-visit") for _ in range(2)]

    assert [answer.status for answer in answers] == [303, 303]
    assert household.visit().sequence == 1
    assert household.counters(household.windows[1]) == (1, 1, 0)


def test_a_window_taken_meanwhile_leaves_the_visit_where_it_is(page, household):
    book(page, household)
    choosing = page.submit_and_follow(page.get(household.href), "change-visit")
    reviewing = page.submit_and_follow(choosing, "choose-window", window=household.windows[1])
    household.update(Window, household.windows[1], booked=1)

    answer = page.submit(reviewing, "confirm-visit")
    again = page.submit_and_follow(answer, "choose-window", window=household.windows[2])
    moved = page.submit_and_follow(again, "confirm-visit")

    assert (answer.status, answer.name) == (409, "window-taken")
    assert answer.windows() == [household.windows[2]]
    assert moved.heading == "Uw afspraak is verzet"


def test_a_change_without_a_mark_or_with_a_garbled_one_moves_nothing(page, household):
    book(page, household)
    choosing = page.submit_and_follow(page.get(household.href), "change-visit")
    reviewing = page.submit_and_follow(choosing, "choose-window", window=household.windows[1])

    assert page.submit(choosing, "choose-window").status == 422
    for forged in ({"window": "abc"}, {"window": 10**30}, {"sequence": "abc"}, {"sequence": 10**30}):
        assert page.forge(reviewing, "confirm-visit", **forged).status == 409
    assert household.visit().sequence == 0


def test_when_only_the_own_window_is_left_a_change_has_a_way_on(page, household):
    book(page, household)
    for window_id in household.windows[1:]:
        household.update(Window, window_id, booked=1)

    answer = page.submit_and_follow(page.get(household.href), "change-visit")

    assert (answer.status, answer.name) == (200, "no-windows")


def test_changing_ends_at_noon_on_the_working_day_before(page, household, clock):
    booked = book(page, household)
    choosing = page.submit_and_follow(booked, "change-visit")
    reviewing = page.submit_and_follow(choosing, "choose-window", window=household.windows[1])
    clock.move_to(day_at(WEDNESDAY, 12, AMSTERDAM))

    late = page.get(household.href)
    chosen = page.submit(choosing, "choose-window", window=household.windows[1])
    confirmed = page.submit(reviewing, "confirm-visit")

    assert "cancel-visit" in late.forms()
    assert "change-visit" not in late.forms()
    assert page.submit(booked, "change-visit").status == 303
    assert page.follow(page.submit(booked, "change-visit")).status == 303
    assert (chosen.status, chosen.name) == (409, "booked")
    assert (confirmed.status, confirmed.name) == (409, "booked")
    assert household.visit().window_id == household.windows[0]


def test_a_minute_before_noon_it_can_still_be_changed(page, household, clock):
    book(page, household)
    clock.move_to(day_at(WEDNESDAY, 12, AMSTERDAM) - timedelta(minutes=1))

    assert "change-visit" in page.get(household.href).forms()


def test_cancelling_asks_once_more_and_then_keeps_the_place_for_a_while(page, household):
    book(page, household)
    asking = page.submit_and_follow(page.get(household.href), "cancel-visit")
    still = household.visit().state

    cancelled = page.submit_and_follow(asking, "cancel-visit")

    assert asking.forms() == ["change-visit", "cancel-visit"]
    assert still == "booked"
    assert (cancelled.status, cancelled.name) == (200, "cancelled")
    assert "restore-visit" in cancelled.forms()
    assert household.visit().state == "cancelled"
    assert household.counters(household.windows[0]) == (1, 0, 1)
    assert len(household.messages("cancellation")) == 2


def test_cancelling_twice_is_one_cancellation(page, household):
    book(page, household)
    asking = page.submit_and_follow(page.get(household.href), "cancel-visit")

    answers = [page.submit(asking, "cancel-visit") for _ in range(2)]

    assert [answer.status for answer in answers] == [303, 303]
    assert household.visit().sequence == 1
    assert household.counters(household.windows[0]) == (1, 0, 1)


def test_a_late_cancellation_is_still_accepted(page, household, clock):
    book(page, household)
    # The visit is today between 8 and 10.
    clock.move_to(day_at(A_THURSDAY, 9, AMSTERDAM))

    assert cancel(page, household).name == "cancelled"


def test_when_the_technician_is_there_nothing_is_cancelled(page, household, database):
    booked = book(page, household)
    asking = page.submit_and_follow(booked, "cancel-visit")
    with working(database.sessions) as work:
        visits.progress(work, household.invitation_id, "arrived")

    answer = page.submit(asking, "cancel-visit")

    assert (answer.status, answer.name) == (409, "booked")
    assert answer.forms() == ["verify"]
    assert page.get(f"{household.href}/cancel").status == 303
    assert household.visit().state == "arrived"


@pytest.mark.parametrize(
    ("state", "heading"),
    [
        ("on_the_way", "Wij zijn naar u onderweg"),
        ("arrived", "Onze monteur is bij u"),
        ("done", "Ons bezoek is klaar"),
    ],
)
@ON_SQLITE
def test_the_page_says_how_far_the_visit_is(page, household, database, state, heading):
    book(page, household)
    with working(database.sessions) as work:
        visits.progress(work, household.invitation_id, state)

    answer = page.get(household.href)

    assert answer.name == "booked"
    assert answer.heading == heading
    assert "change-visit" not in answer.forms()


def test_after_a_missed_visit_another_window_can_be_chosen(page, household, database):
    book(page, household)
    with working(database.sessions) as work:
        visits.progress(work, household.invitation_id, "missed")

    assert page.get(household.href).name == "choose"
    book(page, household, household.windows[1])
    assert [visit.state for visit in household.visits()] == ["missed", "booked"]


def test_a_cancellation_can_be_undone(page, household):
    book(page, household)
    cancelled = cancel(page, household)

    restored = page.submit_and_follow(cancelled, "restore-visit")

    assert (restored.name, restored.heading) == ("booked", "Uw afspraak gaat toch door")
    assert household.counters(household.windows[0]) == (1, 1, 0)
    assert household.visit().sequence == 2
    assert len(household.messages("restored")) == 2


def test_undoing_twice_is_once(page, household):
    book(page, household)
    cancelled = cancel(page, household)

    answers = [page.submit(cancelled, "restore-visit") for _ in range(2)]

    assert [answer.status for answer in answers] == [303, 303]
    assert household.visit().sequence == 2


def test_after_a_quarter_of_an_hour_it_is_too_late_to_undo(page, household, clock):
    book(page, household)
    cancelled = cancel(page, household)
    clock.shift(15 * MINUTE)

    late = page.get(household.href)
    answer = page.submit(cancelled, "restore-visit")

    assert "restore-visit" not in late.forms()
    assert (answer.status, answer.name) == (409, "cancelled")
    assert "Ongedaan maken kan niet meer" in answer.words
    assert household.visit().state == "cancelled"


def test_a_second_before_that_it_is_not(page, household, clock):
    book(page, household)
    cancelled = cancel(page, household)
    clock.shift(15 * MINUTE - 1)

    assert page.submit_and_follow(cancelled, "restore-visit").name == "booked"


def test_after_cancelling_one_can_choose_again_and_gets_a_new_visit(page, household):
    book(page, household)
    cancelled = cancel(page, household)

    reviewing = page.submit_and_follow(cancelled, "choose-window", window=household.windows[1])
    booked = page.submit_and_follow(reviewing, "confirm-visit")

    assert booked.heading == "Uw afspraak staat vast"
    old, new = household.visits()
    assert (old.state, new.state, new.window_id) == ("cancelled", "booked", household.windows[1])
    assert old.uid != new.uid
    # What was kept for an undo is kept no longer.
    assert household.counters(household.windows[0]) == (1, 0, 0)


def test_one_may_choose_the_cancelled_window_anew(page, household):
    book(page, household)
    cancelled = cancel(page, household)

    assert household.windows[0] in cancelled.windows()
    reviewing = page.submit_and_follow(cancelled, "choose-window", window=household.windows[0])
    page.submit_and_follow(reviewing, "confirm-visit")

    assert household.counters(household.windows[0]) == (1, 1, 0)


def test_undoing_after_having_chosen_again_changes_nothing(page, household):
    book(page, household)
    cancelled = cancel(page, household)
    book(page, household, household.windows[1])

    page.submit(cancelled, "restore-visit")

    assert [visit.state for visit in household.visits()] == ["cancelled", "booked"]
    assert household.visit().window_id == household.windows[1]


@ON_SQLITE
def test_without_a_visit_there_is_nothing_to_change_or_cancel(page, household):
    token = page.get(household.href).token()

    for path, status in (("change", 303), ("cancel", 303), ("cancel/confirm", 409), ("restore", 409)):
        answer = page.post(f"{household.href}/{path}", {"csrf_token": token})
        assert answer.status == status, path
    for path in ("change", "cancel", "change/review"):
        assert page.get(f"{household.href}/{path}").location == household.href, path
    values = {"csrf_token": token, "window": household.windows[0], "sequence": 0}
    for path in ("change/choose", "change/confirm"):
        answer = page.post(f"{household.href}/{path}", values)
        assert (answer.status, answer.name) == (409, "choose"), path
    assert household.visits() == []


def test_a_visit_whose_postcode_left_the_area_can_still_be_seen_and_cancelled(page, household, database):
    book(page, household)
    with working(database.sessions) as work:
        work.session.execute(delete(AreaPostcode))

    seen = page.get(household.href)

    assert (seen.status, seen.name) == (200, "booked")
    assert "change-visit" not in seen.forms()
    assert cancel(page, household).name == "cancelled"


def test_closing_the_window_leaves_the_visit_alone(page, household, database):
    book(page, household)
    with working(database.sessions) as work:
        close(work, household.windows[0])

    assert page.get(household.href).name == "booked"
    assert change(page, household, household.windows[1]).heading == "Uw afspraak is verzet"
