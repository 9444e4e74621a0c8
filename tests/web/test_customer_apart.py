"""One job of several: another time for it, or no visit, from the pages of the customer."""

import pytest
from sqlalchemy import select

from scheduling.models import Job, Window
from tests.factories import A_THURSDAY, EIGHT, TEN, TWO, an_invitation, working
from tests.page import Opened, PageBrowser
from tests.web.customers import NUMBER, POSTCODE, STREET, Household, a_household, book


@pytest.fixture
def household(app, database) -> Household:
    """Maintenance and a repair; three windows with room for both."""
    windows = ((A_THURSDAY, EIGHT), (A_THURSDAY, TEN), (A_THURSDAY, TWO))
    return a_household(app, database, windows=windows, capacity=2, kinds=("maintenance", "repair"))


def jobs(household: Household) -> dict[int, int]:
    """Job ids with the invitation that each belongs to, in order."""
    with household.database.sessions.read() as session:
        rows = session.execute(select(Job.id, Job.invitation_id).order_by(Job.id))
        return {row.id: row.invitation_id for row in rows}


def the_repair(household: Household) -> int:
    return list(jobs(household))[1]


def windows_apart(page: PageBrowser, household: Household, at: Opened) -> Opened:
    """From a page of the link to the windows for the repair alone."""
    which = page.get(at.href("Een andere tijd" if at.name == "choose" else "Voor één van"))
    assert (which.status, which.name) == (200, "apart")
    choosing = page.submit(which, "choose-apart", job=the_repair(household))
    assert (choosing.status, choosing.name) == (200, "choose")
    return choosing


def test_one_job_of_a_visit_gets_another_time(page, household):
    early, ten, _ = household.windows
    booked = book(page, household, early)

    choosing = windows_apart(page, household, booked)
    assert "reparatie" in choosing.words
    assert "onderhoud" not in choosing.words
    assert "Al het andere blijft op" in choosing.words
    assert "tussen 08:00 en 10:00" in choosing.words
    assert early not in choosing.windows()
    reviewing = page.submit_and_follow(choosing, "choose-window", window=ten)
    own = page.submit_and_follow(reviewing, "confirm-visit")

    assert "Dit wordt een aparte afspraak. De rest blijft op" in reviewing.words
    assert "verzet" not in reviewing.words
    assert (own.status, own.name) == (200, "booked")
    assert own.path != household.href
    assert "tussen 10:00 en 12:00" in own.words
    rest = page.get(household.href)
    assert "tussen 08:00 en 10:00" in rest.words
    assert "reparatie" not in rest.words
    assert household.counters(early) == (2, 1, 0)
    assert household.counters(ten) == (2, 1, 0)


def test_both_visits_stand_on_one_page_from_then_on(page, household):
    booked = book(page, household)
    choosing = windows_apart(page, household, booked)
    reviewing = page.submit_and_follow(choosing, "choose-window", window=household.windows[2])
    own = page.submit_and_follow(reviewing, "confirm-visit")

    everything = page.get(own.href("Al uw afspraken"))

    assert everything.name == "homes"
    assert "tussen 08:00 en 10:00" in everything.words
    assert "tussen 14:00 en 16:00" in everything.words
    assert f'href="{household.href}"' in everything.html


def test_before_there_is_a_visit_each_job_is_chosen_on_its_own(page, household):
    choosing = windows_apart(page, household, page.get(household.href))
    reviewing = page.submit_and_follow(choosing, "choose-window", window=household.windows[1])
    page.submit_and_follow(reviewing, "confirm-visit")

    rest = page.get(household.href)
    assert rest.name == "choose"
    assert "reparatie" not in rest.words
    assert len(set(jobs(household).values())) == 2


def test_a_device_that_was_verified_sees_the_street_of_the_new_visit_too(page, household):
    booked = book(page, household)
    page.submit(booked, "verify", postcode=POSTCODE, house_number=str(NUMBER))
    choosing = windows_apart(page, household, page.get(household.href))
    reviewing = page.submit_and_follow(choosing, "choose-window", window=household.windows[1])

    assert STREET in page.submit_and_follow(reviewing, "confirm-visit").words


def test_clicking_twice_is_one_visit(page, household):
    choosing = windows_apart(page, household, book(page, household))
    reviewing = page.submit_and_follow(choosing, "choose-window", window=household.windows[1])

    first = page.submit(reviewing, "confirm-visit")
    second = page.submit(reviewing, "confirm-visit")

    assert first.location == second.location
    assert household.counters(household.windows[1]) == (2, 1, 0)


def test_a_window_that_was_taken_meanwhile_answers_409_and_the_visit_stays_whole(page, household):
    _, ten, two = household.windows
    choosing = windows_apart(page, household, book(page, household))
    reviewing = page.submit_and_follow(choosing, "choose-window", window=ten)
    household.update(Window, ten, booked=2)
    taken = page.submit(reviewing, "confirm-visit")

    assert (taken.status, taken.name) == (409, "window-taken")
    assert len(set(jobs(household).values())) == 1
    again = page.submit_and_follow(taken, "choose-window", window=two)
    assert page.submit_and_follow(again, "confirm-visit").name == "booked"
    assert household.counters(two) == (2, 1, 0)


def test_a_job_is_let_go_of_and_the_visit_goes_on(page, household):
    choosing = windows_apart(page, household, book(page, household))

    leaving = page.get(choosing.href("Is hiervoor geen afspraak nodig"))
    assert (leaving.status, leaving.name) == (200, "leave-part")
    rest = page.submit_and_follow(leaving, "leave-part", reason="done", note="Door mijn broer")

    assert rest.name == "booked"
    assert "Daarvoor komen wij niet meer" in rest.words
    assert "reparatie" not in rest.words
    assert household.counters(household.windows[0]) == (2, 1, 0)


def test_what_was_done_is_said_on_the_page_of_that_visit_alone(page, household):
    choosing = windows_apart(page, household, book(page, household))
    reviewing = page.submit_and_follow(choosing, "choose-window", window=household.windows[1])
    done = page.submit(reviewing, "confirm-visit")

    assert page.get(household.href).heading != page.get(done.location).heading


def test_a_job_is_let_go_of_before_there_is_a_visit(page, household):
    choosing = windows_apart(page, household, page.get(household.href))

    rest = page.submit_and_follow(
        page.get(choosing.href("Is hiervoor geen afspraak nodig")), "leave-part", reason="not_needed"
    )

    assert rest.name == "choose"
    assert "reparatie" not in rest.words


@pytest.mark.parametrize("reason", ["", "moved", "not_for_me", "x"])
def test_a_reason_that_is_none_of_these_is_asked_again_with_what_was_typed(page, household, reason):
    choosing = windows_apart(page, household, book(page, household))
    leaving = page.get(choosing.href("Is hiervoor geen afspraak nodig"))

    answer = page.forge(leaving, "leave-part", reason=reason, note="Door mijn broer")

    assert (answer.status, answer.name) == (422, "leave-part")
    assert "Door mijn broer" in answer.words
    assert household.counters(household.windows[0]) == (2, 2, 0)


@pytest.mark.parametrize("query", ["", "job=", "job=x", "job=999999", "job=" + "9" * 5000, "job=-1"])
def test_jobs_that_are_no_part_are_asked_for_again(page, household, query):
    booked = book(page, household)

    answer = page.get(f"{household.href}/apart/windows?{query}")

    assert (answer.status, answer.name) == (422, "apart")
    assert "Vink aan waarvoor u een andere tijd wilt" in answer.words
    assert booked.name == "booked"


def test_all_jobs_together_are_no_part(page, household):
    query = "&".join(f"job={job_id}" for job_id in jobs(household))

    assert page.get(f"{household.href}/apart/windows?{query}").status == 422


def test_another_household_cannot_take_these_jobs(page, household):
    book(page, household)
    with working(household.database.sessions) as work:
        stranger = an_invitation(work, kinds=("maintenance", "repair"))
    token = household.app.extensions["portal"].link_keys.personal_token(stranger, 1)
    form_token = page.get(f"/v/{token}").token()

    seen = page.get(f"/v/{token}/apart/windows?job={the_repair(household)}")
    done = page.post(
        f"/v/{token}/apart/confirm?job={the_repair(household)}",
        {"csrf_token": form_token, "window": household.windows[1]},
    )

    assert (seen.status, done.status) == (422, 409)
    assert jobs(household)[the_repair(household)] == household.invitation_id
    assert household.counters(household.windows[1]) == (2, 0, 0)


def test_one_job_alone_has_nothing_to_be_apart_from(page, app, database):
    alone = a_household(app, database)

    answer = page.get(f"{alone.href}/apart")

    assert (answer.status, answer.location) == (303, alone.href)
    assert "/apart" not in page.get(alone.href).html
