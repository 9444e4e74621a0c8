"""What a device may see before and after it gave postcode and house number."""

import pytest

from app import create_app
from app.customer import telling
from app.customer.telling import MOST_VERIFICATIONS, MOST_VERIFICATIONS_A_DAY
from scheduling.models import Address
from tests.factories import an_invitation, working
from tests.page import PageBrowser
from tests.web.customers import (
    EMAIL,
    NUMBER,
    PHONE,
    POSTCODE,
    STREET,
    Household,
    a_household,
    book,
    cancel,
)

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def household(app, database):
    """Kerkepad 12, 3811 AB Amersfoort."""
    return a_household(app, database)


def secrets() -> tuple[str, ...]:
    """What stands on no page before it was asked for; `AB` is what the form asks."""
    return (STREET, "3811AB", "3811 AB", PHONE, "0687654321", EMAIL, EMAIL.partition("@")[2])


def test_no_page_shows_street_phone_or_e_mail_before(page, household):
    choosing = page.get(household.href)
    reviewing = page.submit_and_follow(choosing, "choose-window", window=household.windows[0])
    booked = page.submit_and_follow(reviewing, "confirm-visit")
    asking = page.submit_and_follow(booked, "cancel-visit")
    changing = page.submit_and_follow(booked, "change-visit")
    wrong = page.submit(booked, "verify", postcode="3811AC", house_number="12")
    cancelled = page.submit_and_follow(asking, "cancel-visit")
    others = [page.get(f"{household.href}/{path}") for path in ("other", "other/received")]

    for opened in (choosing, reviewing, booked, asking, changing, wrong, cancelled, *others):
        shown = [secret for secret in secrets() if secret in opened.html]
        assert shown == [], opened


def test_after_the_right_answer_the_address_is_whole_and_the_rest_masked(page, household):
    booked = book(page, household)

    seen = page.submit_and_follow(booked, "verify", postcode=POSTCODE, house_number=NUMBER)

    assert seen.name == "booked"
    assert f"{STREET} {NUMBER}" in seen.words
    assert "3811 AB" in seen.words
    assert "verify" not in seen.forms()
    assert PHONE not in seen.html
    assert EMAIL not in seen.html
    assert "s•••@familie-de-vries.example" in seen.words


def test_it_is_asked_once_on_a_device_and_again_on_another(page, app, household):
    booked = book(page, household)
    page.submit(booked, "verify", postcode=POSTCODE, house_number=NUMBER)

    assert STREET in page.get(household.href).words
    assert "verify" in PageBrowser(app.test_client()).get(household.href).forms()


@pytest.mark.parametrize(
    ("postcode", "house_number", "suffix"),
    [
        ("3811 ab", "12", ""),
        ("nl-3811AB", " 12 ", ""),
        ("３８１１ＡＢ", "012", ""),
        ("3811AB", "12a", "A"),
        ("3811AB", "12 A", "A"),
        ("3811AB", "12-a", "A"),
        ("3811AB", "12 BIS", "bis"),
        ("3811AB", "12/2", "2"),
    ],
)
@ON_SQLITE
def test_every_usual_spelling_is_right(page, household, postcode, house_number, suffix):
    book(page, household)
    household.update(Address, household.visit().address_id, house_suffix=suffix)

    answer = page.submit(page.get(household.href), "verify", postcode=postcode, house_number=house_number)

    assert answer.status == 303


@pytest.mark.parametrize(
    ("postcode", "house_number"),
    [
        ("3811AC", "12"),
        ("3811AB", "13"),
        ("3811AB", "12a"),
        ("3811", "12"),
        ("", ""),
        ("3811AB", ""),
        ("3811AB", "twaalf"),
        ("<script>", "' OR 1=1 --"),
        ("3811AB\x00", "12\x00"),
        ("9" * 3000, "9" * 3000),
    ],
)
@ON_SQLITE
def test_a_wrong_answer_shows_nothing_and_says_so(page, household, postcode, house_number):
    answer = page.submit(book(page, household), "verify", postcode=postcode, house_number=house_number)

    assert (answer.status, answer.name) == (422, "booked")
    assert "Vergelijk ze en probeer het opnieuw." in answer.words
    assert STREET not in page.get(household.href).html


def test_after_five_wrong_answers_the_right_one_has_to_wait(page, household, clock):
    booked = book(page, household)
    wrong = [
        page.submit(booked, "verify", postcode="3811AC", house_number=NUMBER)
        for _ in range(MOST_VERIFICATIONS)
    ]
    right = page.submit(booked, "verify", postcode=POSTCODE, house_number=NUMBER)
    clock.shift(15 * 60)
    later = page.submit(booked, "verify", postcode=POSTCODE, house_number=NUMBER)

    assert [answer.status for answer in wrong] == [422] * 5
    assert (right.status, right.name) == (429, "error-429")
    assert later.status == 303


def test_wrong_answers_from_elsewhere_do_not_lock_the_household_out(page, household):
    booked = book(page, household)
    stranger = PageBrowser(household.app.test_client())
    strange = stranger.get(household.href, environ_base={"REMOTE_ADDR": "192.0.2.7"})
    form = {
        "csrf_token": strange.token(),
        "postcode": "1",
        "house_number": "1",
    }
    for _ in range(MOST_VERIFICATIONS + 1):
        stranger.post(f"{household.href}/verify", form, environ_base={"REMOTE_ADDR": "192.0.2.7"})

    assert page.submit(booked, "verify", postcode=POSTCODE, house_number=NUMBER).status == 303


def test_without_a_visit_a_wrong_answer_asks_again_on_the_page_of_the_details(page, household):
    token = page.get(household.href).token()
    form = {"csrf_token": token, "postcode": "3811AC", "house_number": "12"}

    before = page.post(f"{household.href}/verify", form)
    book(page, household)
    cancel(page, household)
    after = page.post(f"{household.href}/verify", form)

    for answer in (before, after):
        assert (answer.status, answer.name, answer.forms()) == (422, "details", ["verify"])
        assert "Vergelijk ze en probeer het opnieuw." in answer.words


def tries(page, household, address, *, times=1, postcode="3811AC"):
    """The statuses of answers from this address."""
    where = {"REMOTE_ADDR": address}
    form = {"csrf_token": page.get(household.href).token(), "postcode": postcode, "house_number": NUMBER}
    return [page.post(f"{household.href}/verify", form, environ_base=where).status for _ in range(times)]


@ON_SQLITE
def test_a_patient_guesser_has_a_limit_for_the_day_too(page, household, clock):
    wrong = []
    for _ in range(MOST_VERIFICATIONS_A_DAY // MOST_VERIFICATIONS):
        wrong += tries(page, household, "192.0.2.7", times=MOST_VERIFICATIONS)
        clock.shift(15 * 60)

    next_quarter = tries(page, household, "192.0.2.7", postcode=POSTCODE)
    elsewhere = tries(page, household, "198.51.100.1", postcode=POSTCODE)
    # 09:00 and an hour later are the same day (UTC); 24 hours later is another one.
    clock.shift(24 * 3600)
    tomorrow = tries(page, household, "192.0.2.7", postcode=POSTCODE)

    assert set(wrong) == {422}
    assert (next_quarter, elsewhere, tomorrow) == ([429], [303], [303])


@pytest.mark.parametrize(
    ("first", "second", "is_one"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("192.0.2.7", "::ffff:192.0.2.7", True),
        ("192.0.2.7", "192.0.2.8", False),
    ],
    ids=["one home", "two homes", "mapped", "neighbours"],
)
@ON_SQLITE
def test_the_many_addresses_of_one_home_are_one_network(page, household, first, second, is_one):
    tries(page, household, first, times=MOST_VERIFICATIONS)

    assert tries(page, household, second) == [429 if is_one else 422]


@ON_SQLITE
def test_one_network_cannot_try_link_after_link_without_end(page, app, database, monkeypatch):
    monkeypatch.setattr(telling, "MOST_VERIFICATIONS_OF_A_NETWORK", 2)
    first = a_household(app, database)
    with working(database.sessions) as work:
        second = Household(app, database, an_invitation(work))

    assert tries(page, first, "192.0.2.7", times=2) == [422, 422]
    assert tries(page, second, "192.0.2.7") == [429]
    assert tries(page, second, "192.0.2.8") == [422]


def test_processes_count_together(page, app, household, settings):
    other_process = create_app(settings)
    other_process.testing = True
    there = PageBrowser(other_process.test_client())

    here = tries(page, household, "192.0.2.7", times=MOST_VERIFICATIONS - 1)

    assert here == [422] * (MOST_VERIFICATIONS - 1)
    assert tries(there, household, "192.0.2.7", times=2) == [422, 429]
