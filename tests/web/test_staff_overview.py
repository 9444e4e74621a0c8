"""The overview: windows with their places, who is coming, who is waiting, and what went wrong."""

import re
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from sqlalchemy import event, update

from notifications.models import Message
from scheduling.actions import invitations, jobs, visits
from scheduling.models import Job
from tests.environment import NOW
from tests.factories import (
    A_THURSDAY,
    EIGHT,
    NOON,
    TEN,
    a_window,
    an_area,
    an_invitation,
    close,
    working,
)
from tests.web.staff import sign_in

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
WEEK = f"/staff/?from={A_THURSDAY}&lang=en"


@pytest.fixture
def staff(client, database):
    """A signed-in browser."""
    return sign_in(client, database.sessions)


@contextmanager
def counted(engine):
    """The queries that are asked meanwhile."""
    queries = []

    def count(_connection, _cursor, statement, *_rest):
        if statement.startswith("SELECT"):
            queries.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    try:
        yield queries
    finally:
        event.remove(engine, "before_cursor_execute", count)


def booked(work, window_id, **customer):
    invitation_id = an_invitation(work, **customer)
    visits.book(work, invitation_id, window_id, uid_host="localhost")
    return invitation_id


def window_on(page, window_id):
    """What the page says about a window, without markup."""
    found = re.search(
        rf'<li class="staff-window[^>]*data-window="{window_id}".*?(?=<li class="staff-window|</section>)',
        page,
        re.DOTALL,
    )
    assert found is not None, f"window {window_id} is not there"
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split())


def test_a_window_says_how_full_it_is_and_who_is_coming(staff, database):
    with working(database.sessions) as work:
        an_area(work)
        window_id = a_window(work, starts=TEN, capacity=4)
        booked(work, window_id)
        visits.cancel(work, booked(work, window_id, first_name="Bram", infix="van den", last_name="Berg"))

    page = staff.get(WEEK).text

    text = window_on(page, window_id)
    assert "10:00 – 12:00" in text
    assert "Booked 1 of 4, held 1" in text
    assert re.search(r"Sanne de Vries booked \S+, maintenance", text, re.IGNORECASE)
    assert "Bram van den Berg cancelled" in text


@ON_SQLITE
def test_the_bar_is_as_long_as_the_places_are_many(staff, database):
    with working(database.sessions) as work:
        an_area(work)
        window_id = a_window(work, capacity=5)
        booked(work, window_id)
        booked(work, window_id)
        visits.cancel(work, booked(work, window_id))

    page = staff.get(WEEK).text

    assert 'viewBox="0 0 5 1"' in page
    assert '<rect class="places__booked" width="2" height="1"/>' in page
    # Held places begin where the booked ones end, at half the height.
    assert '<rect class="places__held" x="2" y="0.5" width="1" height="0.5"/>' in page


@ON_SQLITE
def test_no_phone_number_address_or_link_is_shown(staff, database):
    with working(database.sessions) as work:
        an_area(work)
        booked(work, a_window(work), phone="+31612345678", email="sanne@example.org")

    page = staff.get(WEEK).text

    assert "Sanne de Vries" in page
    for private in ("612345678", "sanne@example.org", "Langestraat", "/v/"):
        assert private not in page


@ON_SQLITE
def test_a_closed_window_says_so(staff, database):
    with working(database.sessions) as work:
        an_area(work)
        open_id, closed_id = a_window(work, starts=EIGHT), a_window(work, starts=TEN)
        close(work, closed_id)

    page = staff.get(WEEK).text

    assert "closed" in window_on(page, closed_id)
    assert "closed" not in window_on(page, open_id)


@ON_SQLITE
def test_a_week_is_asked_for_by_any_of_its_days(staff, database):
    # The third of December 2026 is a Thursday, so its week runs from 30 November to 6 December.
    with working(database.sessions) as work:
        an_area(work)
        monday = a_window(work, day=date(2026, 11, 30))
        sunday = a_window(work, day=date(2026, 12, 6))
        before, after = a_window(work, day=date(2026, 11, 29)), a_window(work, day=date(2026, 12, 7))

    for day in ("2026-11-30", "2026-12-03", "2026-12-06"):
        page = staff.get(f"/staff/?from={day}").text
        assert [window in shown_windows(page) for window in (before, monday, sunday, after)] == [
            False,
            True,
            True,
            False,
        ]


def shown_windows(page):
    return [int(found) for found in re.findall(r'data-window="(\d+)"', page)]


@ON_SQLITE
@pytest.mark.parametrize("asked", ["", "?from=", "?from=yesterday", "?from=9999-12-31", "?from=0001-01-01"])
def test_without_a_day_that_makes_sense_it_is_this_week(staff, database, asked):
    with working(database.sessions) as work:
        an_area(work)
        window_id = a_window(work, day=(NOW + timedelta(days=1)).date())

    answer = staff.get(f"/staff/{asked}")

    assert answer.status_code == 200
    assert shown_windows(answer.text) == [window_id]


@ON_SQLITE
def test_the_weeks_before_and_after_are_links_that_keep_the_area(staff, database):
    with working(database.sessions) as work:
        an_area(work)

    page = staff.get(f"{WEEK}&area=AMF").text

    assert 'href="/staff/?area=AMF&amp;from=2026-11-23"' in page
    assert 'href="/staff/?area=AMF&amp;from=2026-12-07"' in page


def test_one_area_shows_its_own_windows_alone(staff, database):
    with working(database.sessions) as work:
        an_area(work, "AMF", codes=("3811",))
        an_area(work, "SOE", codes=("3761",))
        here, there = a_window(work, area="AMF"), a_window(work, area="SOE")
        booked(work, there, postcode="3761AB", first_name="Joost")

    page = staff.get(f"{WEEK}&area=AMF").text

    assert shown_windows(page) == [here]
    assert "Joost" not in page
    assert sorted(shown_windows(staff.get(WEEK).text)) == [here, there]


@pytest.mark.parametrize("area", ["NOWHERE", "%00", "'; --", "é" * 300])
def test_an_area_that_is_not_there_shows_all_and_says_so(staff, database, area):
    with working(database.sessions) as work:
        an_area(work)
        window_id = a_window(work)

    answer = staff.get(f"{WEEK}&area={area}")

    assert answer.status_code == 200
    assert "That area is not there." in answer.text
    assert shown_windows(answer.text) == [window_id]


@ON_SQLITE
def test_a_name_cannot_be_markup(staff, database):
    with working(database.sessions) as work:
        an_area(work)
        booked(work, a_window(work), first_name="<script>alert(1)</script>")

    page = staff.get(WEEK).text

    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_ten_times_the_windows_and_visits_take_the_same_queries(staff, database):
    with working(database.sessions) as work:
        an_area(work)
        booked(work, a_window(work, capacity=2))
    with counted(app_engine(staff)) as few:
        staff.get(WEEK)

    with working(database.sessions) as work:
        for day in range(4):
            for starts in (EIGHT, NOON):
                window_id = a_window(work, day=A_THURSDAY - timedelta(days=day), starts=starts, capacity=3)
                for _ in range(3):
                    booked(work, window_id)
        invitations.leave_wishes(work, an_invitation(work), "Saturdays")
        invitations.leave_wishes(work, an_invitation(work), "Evenings")
    with counted(app_engine(staff)) as many:
        page = staff.get(WEEK).text

    # 1 window with 1 visit before; 8 more windows with 3 visits each.
    assert (len(shown_windows(page)), page.count("data-visit=")) == (9, 25)
    assert len(many) == len(few)
    # The account, areas, windows, kinds' names, kinds of visits, visits, messages; what was said and what was handled,
    # each with the work that it is about.
    assert len(many) == 11


def app_engine(client):
    return client.application.extensions["portal"].sessions.engine


def test_wishes_are_listed_until_there_is_a_visit(staff, database):
    with working(database.sessions) as work:
        an_area(work)
        window_id = a_window(work)
        invitation_id = an_invitation(work)
        invitations.leave_wishes(work, invitation_id, "Only <b>Saturdays</b>,\nafter ten")

    waiting = staff.get(WEEK).text
    with working(database.sessions) as work:
        visits.book(work, invitation_id, window_id, uid_host="localhost")
    helped = staff.get(WEEK).text
    with working(database.sessions) as work:
        visits.cancel(work, invitation_id)
    waiting_again = staff.get(WEEK).text

    assert "Only &lt;b&gt;Saturdays&lt;/b&gt;,\nafter ten" in waiting
    assert "Saturdays" not in helped
    assert "Nobody is waiting." in helped
    assert "Saturdays" in waiting_again


@ON_SQLITE
def test_wishes_end_with_the_work_that_they_were_about(staff, database):
    with working(database.sessions) as work:
        an_area(work)
        invitation_id = an_invitation(work)
        invitations.leave_wishes(work, invitation_id, "Only Saturdays")
        jobs.withdraw(work, [work.session.query(Job.ref).filter_by(invitation_id=invitation_id).scalar()])

    assert "Only Saturdays" not in staff.get(WEEK).text


@ON_SQLITE
def test_wishes_stand_in_the_order_in_which_people_wait(staff, database):
    with working(database.sessions, now=NOW) as work:
        an_area(work)
        later = an_invitation(work)
        invitations.leave_wishes(work, later, "Second")
    with working(database.sessions, now=NOW - timedelta(days=1)) as work:
        invitations.leave_wishes(work, an_invitation(work), "First")

    page = staff.get(WEEK).text

    assert page.index("First") < page.index("Second")


def invited(app, database, **values):
    """A customer with an invitation in the outbox, changed to `values`."""
    with working(database.sessions, announce=app.extensions["portal"].announce) as work:
        an_invitation(work)
        work.session.execute(update(Message).values(**values))


@pytest.mark.parametrize(
    ("values", "is_listed"),
    [
        ({"state": "failed", "error": "this number does not exist (30005)"}, True),
        ({"state": "failed", "due_at": NOW - timedelta(days=15)}, False),
        ({"state": "waiting", "due_at": NOW - timedelta(minutes=16)}, True),
        ({"state": "waiting", "due_at": NOW - timedelta(minutes=14)}, False),
        ({"state": "waiting", "channel": "letter", "due_at": NOW - timedelta(days=2)}, False),
        ({"state": "delivered", "due_at": NOW - timedelta(days=1)}, False),
    ],
    ids=["failed", "failed-long-ago", "stuck", "just-due", "letter", "delivered"],
)
def test_messages_that_need_somebody_are_listed(app, staff, database, values, is_listed):
    invited(app, database, **values)

    page = staff.get(WEEK).text

    assert ("Messages that need attention" in page) == is_listed
    assert ("Sanne de Vries" in page) == is_listed
    assert values.get("error", "") in page


@ON_SQLITE
def test_an_empty_portal_has_an_overview_too(staff):
    page = staff.get("/staff/?lang=en").text

    assert "There are no windows in this week." in page
    assert "Nobody is waiting." in page


@ON_SQLITE
def test_the_overview_speaks_dutch(staff, database):
    with working(database.sessions) as work:
        an_area(work)
        booked(work, a_window(work))

    page = staff.get(f"/staff/?from={A_THURSDAY}&lang=nl").text

    assert "Vensters en bezoeken" in page
    assert "Geboekt 1 van 1" in page
    assert "donderdag 3 december" in page
