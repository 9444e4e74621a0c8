"""Choose, review, booked: the main road, and every way in which a window can be gone."""

from datetime import date, timedelta

import pytest

from scheduling.models import Window
from tests.environment import NOW
from tests.factories import A_THURSDAY, EIGHT, TEN, TWO, a_window, an_area, an_invitation, close, working
from tests.web.customers import Household, a_household, book

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

# NOW is Tuesday 24 November 2026, 10:00 in Amsterdam: tomorrow may be chosen until 16:00 today.
TODAY = date(2026, 11, 24)


@pytest.fixture
def household(app, database) -> Household:
    """Two windows with one place each."""
    return a_household(app, database)


def test_the_choose_page_says_who_and_why_and_shows_the_windows(page, household):
    choosing = page.get(household.href)

    assert (choosing.status, choosing.name, choosing.lang) == (200, "choose", "nl")
    assert choosing.windows() == household.windows
    for words in ("Geachte mevrouw De Vries,", "Warmtehuis Eemland", "45 minuten", "3811 Amersfoort"):
        assert words in choosing.words


def test_choose_review_booked(page, household):
    choosing = page.get(household.href)
    reviewing = page.submit_and_follow(choosing, "choose-window", window=household.windows[1])
    booked = page.submit_and_follow(reviewing, "confirm-visit")

    assert reviewing.name == "review"
    assert "donderdag 3 december" in reviewing.words
    assert (booked.status, booked.name, booked.heading) == (200, "booked", "Uw afspraak staat vast")
    assert household.visit().window_id == household.windows[1]
    assert household.counters(household.windows[1]) == (1, 1, 0)
    assert [message.channel for message in household.messages("confirmation")] == ["sms", "email"]


def test_the_review_says_when_the_work_is_done_at_the_latest(page, household):
    choosing = page.get(household.href)

    reviewing = page.submit_and_follow(choosing, "choose-window", window=household.windows[0])

    # The window ends at 12:00, the work takes 45 minutes.
    assert "12:45" in reviewing.words


def test_nothing_is_booked_before_the_review_is_confirmed(page, household):
    page.submit_and_follow(page.get(household.href), "choose-window", window=household.windows[0])

    assert household.visits() == []
    assert household.counters(household.windows[0]) == (1, 0, 0)


def test_confirming_twice_is_one_visit(page, household):
    choosing = page.get(household.href)
    reviewing = page.submit_and_follow(choosing, "choose-window", window=household.windows[0])

    first, second = page.submit(reviewing, "confirm-visit"), page.submit(reviewing, "confirm-visit")

    assert (first.status, second.status) == (303, 303)
    assert page.follow(second).name == "booked"
    assert len(household.visits()) == 1
    assert household.counters(household.windows[0]) == (1, 1, 0)
    assert len(household.messages("confirmation")) == 2  # by SMS and by e-mail


def test_a_second_tab_with_another_window_changes_nothing(page, household):
    choosing = page.get(household.href)
    reviews = [
        page.submit_and_follow(choosing, "choose-window", window=window_id) for window_id in household.windows
    ]
    page.submit(reviews[0], "confirm-visit")

    answer = page.submit(reviews[1], "confirm-visit")

    assert (answer.status, answer.name) == (409, "booked")
    assert household.visit().window_id == household.windows[0]
    assert household.counters(household.windows[1]) == (1, 0, 0)


def test_who_is_booked_and_goes_back_to_an_old_page_does_not_book_twice(page, household):
    choosing = page.get(household.href)
    book(page, household)

    reviewing = page.submit_and_follow(choosing, "choose-window", window=household.windows[1])
    answer = page.submit(reviewing, "confirm-visit")

    assert (answer.status, answer.name) == (409, "booked")
    assert len(household.visits()) == 1


def test_a_window_that_was_taken_meanwhile_answers_409_with_a_new_offer(page, app, database, household):
    choosing = page.get(household.href)
    reviewing = page.submit_and_follow(choosing, "choose-window", window=household.windows[0])
    household.update(Window, household.windows[0], booked=1)

    answer = page.submit(reviewing, "confirm-visit")
    reviewing_again = page.submit_and_follow(answer, "choose-window", window=household.windows[1])
    booked = page.submit_and_follow(reviewing_again, "confirm-visit")

    assert (answer.status, answer.name) == (409, "window-taken")
    assert answer.windows() == [household.windows[1]]
    assert booked.name == "booked"


def test_a_window_that_is_taken_when_it_is_chosen_answers_409_too(page, household):
    choosing = page.get(household.href)
    household.update(Window, household.windows[0], booked=1)

    answer = page.submit(choosing, "choose-window", window=household.windows[0])

    assert (answer.status, answer.name) == (409, "window-taken")
    assert "donderdag 3 december" in answer.words
    assert answer.windows() == [household.windows[1]]


def test_when_nothing_is_left_the_page_has_a_way_on(page, household):
    reviewing = page.submit_and_follow(page.get(household.href), "choose-window", window=household.windows[0])
    for window_id in household.windows:
        household.update(Window, window_id, booked=1)

    answer = page.submit(reviewing, "confirm-visit")

    assert (answer.status, answer.name) == (409, "window-taken")
    assert "Geen van deze tijden komt mij uit" in answer.words


def unavailable(database) -> dict[str, int]:
    """Windows that cannot be chosen, by what is wrong with them."""
    with working(database.sessions) as work:
        an_area(work, "UTR", codes=("3511",))
        ids = {
            "full": a_window(work, starts=EIGHT, day=A_THURSDAY),
            "closed": a_window(work, starts=EIGHT, day=A_THURSDAY + timedelta(days=1)),
            "other area": a_window(work, area="UTR"),
            "today": a_window(work, day=TODAY, starts=TWO),
        }
        close(work, ids["closed"])
        work.session.get_one(Window, ids["full"]).booked = 1
        past = a_window(work, day=A_THURSDAY + timedelta(days=4))
        window = work.session.get_one(Window, past)
        window.local_day = TODAY - timedelta(days=7)
        window.starts_at -= timedelta(days=20)
        window.ends_at -= timedelta(days=20)
        ids["past"] = past
    return {**ids, "unknown": 999_999, "largest": 2**31 - 1, "beyond": 2**31, "far beyond": 10**30}


def test_what_cannot_be_chosen_is_not_shown(page, database, household):
    unavailable(database)

    assert page.get(household.href).windows() == household.windows


def test_a_window_posted_by_hand_is_judged_like_one_that_is_shown(page, database, household):
    choosing = page.get(household.href)
    reviewing = page.submit_and_follow(choosing, "choose-window", window=household.windows[0])

    for what, window_id in unavailable(database).items():
        chosen = page.forge(choosing, "choose-window", window=window_id)
        reviewed = page.get(f"{household.href}/review?window={window_id}")
        confirmed = page.forge(reviewing, "confirm-visit", window=window_id)
        for answer in (chosen, reviewed, confirmed):
            assert (answer.status, answer.name) == (409, "window-taken"), what
            assert answer.windows() == household.windows, what
    assert household.visits() == []


@pytest.mark.parametrize(
    "garbage", ["abc", "-1", "0", "1.5", "1e3", "１２", "9" * 5000, "1 OR 1=1", "\x00", "é", "🙂", "<b>"]
)
@ON_SQLITE
def test_a_window_that_is_no_number_is_taken_too(page, household, garbage):
    choosing = page.get(household.href)
    reviewing = page.submit_and_follow(choosing, "choose-window", window=household.windows[0])

    for form, answered in (("choose-window", choosing), ("confirm-visit", reviewing)):
        answer = page.forge(answered, form, window=garbage)
        assert (answer.status, answer.name) == (409, "window-taken")
    assert page.get(f"{household.href}/review", query_string={"window": garbage}).status == 409
    assert household.visits() == []


@ON_SQLITE
def test_who_marks_nothing_is_told_to(page, household):
    answer = page.submit(page.get(household.href), "choose-window")

    assert (answer.status, answer.name) == (422, "choose")
    assert "Kies eerst een tijd." in answer.words


@ON_SQLITE
def test_a_confirmation_without_a_window_shows_the_choice_again(page, household):
    choosing = page.get(household.href)
    reviewing = page.submit_and_follow(choosing, "choose-window", window=household.windows[0])

    answer = page.forge(reviewing, "confirm-visit", window=None)

    assert (answer.status, answer.name) == (409, "window-taken")


def test_later_days_are_a_link_away_and_back_again(page, app, database):
    days = tuple(A_THURSDAY + timedelta(days=number) for number in range(10))
    household = a_household(app, database, windows=tuple((day, TEN) for day in days))

    first = page.get(household.href)
    later = page.get(first.href("Latere dagen"))

    # Seven days stand on a page.
    assert first.windows() == household.windows[:7]
    assert later.windows() == household.windows[7:]
    assert f"from={days[7]}" in first.href("Latere dagen")
    assert page.get(later.href("Eerdere dagen")).windows() == household.windows[:7]


@pytest.mark.parametrize("odd", ["", "tomorrow", "2026-02-30", "0001-01-01", "9999-12-31", "\x00", "9" * 400])
@ON_SQLITE
def test_an_odd_day_to_start_from_shows_the_first_days(page, household, odd):
    answer = page.get(household.href, query_string={"from": odd})

    assert (answer.status, answer.windows()) == (200, household.windows)


def test_a_postcode_in_no_area_has_a_page_with_a_way_on(page, app, database):
    household = a_household(app, database, postcode="1011AB")

    answer = page.get(household.href)

    assert (answer.status, answer.name, answer.forms()) == (200, "no-windows", ["leave-wishes"])
    assert "033 303 90 00" in answer.words
    assert "afspraak@warmtehuis-eemland.example" in answer.words


def test_no_free_window_has_a_page_with_a_way_on(page, app, database):
    household = a_household(app, database, windows=())

    answer = page.get(household.href)

    assert (answer.status, answer.name, answer.forms()) == (200, "no-windows", ["leave-wishes"])


@ON_SQLITE
@pytest.mark.parametrize("postcode", ["1011AB", "3811AB"], ids=["no area", "no window"])
def test_a_choice_where_there_is_none_is_answered_too(page, app, database, postcode):
    household = a_household(app, database, windows=(), postcode=postcode)
    token = page.get(household.href).token()

    nothing = page.post(f"{household.href}/choose", {"csrf_token": token})
    something = page.post(f"{household.href}/choose", {"csrf_token": token, "window": "1"})
    confirmed = page.post(f"{household.href}/confirm", {"csrf_token": token, "window": "1"})
    cancelled = page.post(f"{household.href}/cancel/confirm", {"csrf_token": token})

    assert (nothing.status, nothing.name) == (422, "no-windows")
    assert (something.status, confirmed.status) == (409, 409)
    assert (cancelled.status, cancelled.name) == (409, "no-windows")


def test_wishes_are_kept_for_the_dispatcher(page, household, database):
    asking = page.get(page.get(household.href).href("Geen van deze tijden"))

    thanks = page.submit_and_follow(asking, "leave-wishes", wishes="Dinsdag <b>na tienen</b> 🙂")

    assert thanks.name == "wishes-received"
    assert wishes_of(database) == ["Dinsdag <b>na tienen</b> 🙂"]


def test_a_wish_with_a_nul_in_it_is_kept_without(page, household, database):
    asking = page.get(f"{household.href}/other")

    answer = page.submit(asking, "leave-wishes", wishes="Dinsdag\x00 graag")

    assert answer.status == 303
    assert wishes_of(database) == ["Dinsdag graag"]


@ON_SQLITE
@pytest.mark.parametrize("wishes", ["", "   ", "x" * 2001], ids=["empty", "blank", "too long"])
def test_wishes_that_say_nothing_or_too_much_are_asked_again_and_nothing_is_lost(
    page, household, database, wishes
):
    answer = page.forge(page.get(f"{household.href}/other"), "leave-wishes", wishes=wishes)

    assert (answer.status, answer.name) == (422, "no-windows")
    assert answer.form("leave-wishes").find(".//textarea").text in {wishes, None}
    assert (wishes.strip() == "") or wishes in answer.html
    assert wishes_of(database) == []


def test_several_jobs_are_one_page_one_visit_and_their_places_in_sum(page, app, database):
    household = a_household(app, database, kinds=("maintenance", "installation"), capacity=3)

    booked = book(page, household)

    # 45 minutes and 120; one place and two.
    assert "2 uur en 45 minuten" in booked.words
    assert len(household.visits()) == 1
    assert household.counters(household.windows[0]) == (3, 3, 0)


def test_two_households_do_not_get_the_same_place(page, app, database, household):
    with working(database.sessions) as work:
        other = Household(app, database, an_invitation(work), household.windows)
    reviewing = page.submit_and_follow(page.get(household.href), "choose-window", window=household.windows[0])
    book(page, other, household.windows[0])

    answer = page.submit(reviewing, "confirm-visit")

    assert (answer.status, answer.name) == (409, "window-taken")
    assert household.visits() == []


def wishes_of(database) -> list[str]:
    from sqlalchemy import select

    from scheduling.models import ContactHistory

    with database.sessions.read() as session:
        return list(session.scalars(select(ContactHistory.body).where(ContactHistory.kind == "wishes")))


@pytest.mark.parametrize("ended", [{"ended": "withdrawn"}, {"version": 2}, {"expires_at": NOW}])
def test_confirming_by_a_link_that_ended_meanwhile_says_so_like_every_page_of_it(page, household, ended):
    reviewing = page.submit_and_follow(page.get(household.href), "choose-window", window=household.windows[0])
    household.end_link(**ended)

    confirmed, shown = page.submit(reviewing, "confirm-visit"), page.get(household.href)

    assert (confirmed.status, shown.status) == (410, 410)
    assert (confirmed.name, confirmed.words) == (shown.name, shown.words)
    assert household.visits() == []
