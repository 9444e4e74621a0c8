"""How many statements each of a customer's doors takes: a fixed number, whatever there is to choose and to do."""

from datetime import time, timedelta

import pytest

from tests.factories import A_THURSDAY, TEN, TWO
from tests.web.customers import a_household, book, cancel, change, queries, statements

MANY_WINDOWS = tuple(
    (A_THURSDAY + timedelta(days=ahead), time(hour)) for ahead in range(10) for hour in (8, 10, 12, 14)
)
FEW = {"kinds": ("maintenance",), "windows": ((A_THURSDAY, TEN), (A_THURSDAY, TWO))}
MANY = {"kinds": ("maintenance", "repair", "inspection"), "windows": MANY_WINDOWS, "capacity": 9}

both = pytest.mark.parametrize("size", [FEW, MANY], ids=["few", "many"])


@pytest.fixture
def household(app, database, size):
    return a_household(app, database, **size)


def asked_of(app, page, path):
    """What a page asks of the database, once the process has seen one."""
    with statements(app) as seen:
        assert page.get(path).status == 200
    return queries(seen)


@both
def test_a_choose_page_is_two_statements(page, app, household):
    # Everything about the invitation, and its windows.
    assert len(asked_of(app, page, household.href)) == 2


@both
def test_a_review_is_two_statements(page, app, household):
    assert len(asked_of(app, page, f"{household.href}/review?window={household.windows[0]}")) == 2


@both
def test_the_calendar_file_is_two_statements(page, app, household):
    book(page, household)

    assert len(asked_of(app, page, f"{household.href}/visit.ics")) == 2


@both
@pytest.mark.parametrize("door", ["", "/cancel", "/other"])
def test_the_pages_of_a_booked_visit_ask_the_same_whatever_there_is(page, app, household, door):
    book(page, household)

    # What the page is about; the visit's own page also looks whether the customer's data are still right.
    assert len(asked_of(app, page, household.href + door)) <= 2


@both
def test_a_booking_is_one_lock_one_question_and_one_write(page, app, database, household):
    reviewing = page.submit_and_follow(page.get(household.href), "choose-window", window=household.windows[0])

    with statements(app) as seen:
        page.submit(reviewing, "confirm-visit")

    sent = queries(seen)
    assert sent[0].startswith("SELECT invitation.ended")
    assert sent[1].startswith("SELECT i.id AS invitation_id")
    # Claim, visit, its jobs, history, the invitation that waits no longer, the messages.
    assert len(sent) == (3 if database.kind == "postgresql" else 2 + 6)


@both
def test_a_change_and_a_cancellation_take_a_fixed_number(page, app, database, household):
    book(page, household)
    choosing = page.submit_and_follow(page.get(household.href), "change-visit")
    reviewing = page.submit_and_follow(choosing, "choose-window", window=household.windows[1])

    with statements(app) as changing:
        page.submit(reviewing, "confirm-visit")
    asking = page.submit_and_follow(page.get(household.href), "cancel-visit")
    with statements(app) as cancelling:
        page.submit(asking, "cancel-visit")

    assert (len(queries(changing)), len(queries(cancelling))) == (10, 11)


@both
def test_choosing_again_after_a_cancellation_is_two_statements_too(page, app, household):
    book(page, household)
    cancel(page, household)

    assert len(asked_of(app, page, household.href)) == 2


@both
def test_the_windows_to_change_to_are_two_statements(page, app, household):
    book(page, household)
    change(page, household, household.windows[1])

    assert len(asked_of(app, page, f"{household.href}/change")) == 2
