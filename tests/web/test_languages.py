"""Language and register: the customer's own, the reader's choice over it, and what the browser asks for elsewhere."""

import re

import pytest
from sqlalchemy import delete

from scheduling.models import KindText
from tests.factories import working
from tests.web.customers import a_household, book, cancel

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
FORMAL = re.compile(r"\b(?:u|uw)\b", re.IGNORECASE)
INFORMAL = re.compile(r"\b(?:je|jij|jou|jouw)\b", re.IGNORECASE)
FORMAL_POLISH = re.compile(r"\b(?:państw(?:o|a|u|em)|prosimy)\b", re.IGNORECASE)
INFORMAL_POLISH = re.compile(r"\b(?:Tw(?:ój|oja|oje|ojej|ojego)|Ci|Cię|Ciebie|Tobą)\b")


def journey(page, household) -> list:
    """Every page of a customer, from choosing to having cancelled."""
    choosing = page.get(household.href)
    reviewing = page.submit_and_follow(choosing, "choose-window", window=household.windows[0])
    booked = page.submit_and_follow(reviewing, "confirm-visit")
    changing = page.submit_and_follow(booked, "change-visit")
    moving = page.submit_and_follow(changing, "choose-window", window=household.windows[1])
    wrong = page.submit(booked, "verify", postcode="1", house_number="1")
    seen = page.submit_and_follow(booked, "verify", postcode="3811AB", house_number="12")
    asking = page.submit_and_follow(booked, "cancel-visit")
    cancelled = page.submit_and_follow(asking, "cancel-visit")
    taken = page.get(f"{household.href}/review?window=999999")
    other, received = page.get(f"{household.href}/other"), page.get(f"{household.href}/other/received")
    return [
        choosing,
        reviewing,
        booked,
        changing,
        moving,
        wrong,
        seen,
        asking,
        cancelled,
        taken,
        other,
        received,
    ]


@pytest.mark.parametrize(
    ("customer", "own", "foreign"),
    [
        ({}, FORMAL, INFORMAL),
        ({"persona": "family"}, INFORMAL, FORMAL),
        ({"formality": "informal"}, INFORMAL, FORMAL),
        ({"persona": "family", "formality": "formal"}, FORMAL, INFORMAL),
    ],
    ids=["default", "family", "informal", "family that wants it formal"],
)
@ON_SQLITE
def test_every_page_keeps_to_the_customers_register(page, app, database, *, customer, own, foreign):
    pages = journey(page, a_household(app, database, **customer))

    assert [opened for opened in pages if foreign.search(opened.words)] == []
    assert sum(bool(own.search(opened.words)) for opened in pages) > 6
    assert {opened.lang for opened in pages} == {"nl"}


@pytest.mark.parametrize(
    ("language", "shown"),
    [("nl", "nl"), ("en", "en"), ("en-GB", "en"), ("pl", "pl"), ("cs", "en"), ("nl-BE", "nl")],
)
@ON_SQLITE
def test_a_page_is_in_the_customers_language_whatever_the_browser_asks_for(
    page, app, database, language, shown
):
    household = a_household(app, database, language=language)

    answer = page.get(household.href, headers={"Accept-Language": "nl" if shown == "en" else "en"})

    assert answer.lang == shown


@ON_SQLITE
def test_the_whole_road_exists_in_english(page, app, database):
    pages = journey(page, a_household(app, database, language="en"))

    assert {opened.lang for opened in pages} == {"en"}
    assert pages[0].words.startswith("Choose")
    assert "Dear Ms De Vries," in pages[0].words


@pytest.mark.parametrize(
    ("formality", "own", "foreign", "greeting"),
    [
        ("formal", FORMAL_POLISH, INFORMAL_POLISH, "Szanowna Pani,"),
        ("informal", INFORMAL_POLISH, FORMAL_POLISH, "Dzień dobry,"),
    ],
)
@ON_SQLITE
def test_the_whole_road_exists_in_polish(page, app, database, *, formality, own, foreign, greeting):
    pages = journey(page, a_household(app, database, language="pl", formality=formality))

    assert {opened.lang for opened in pages} == {"pl"}
    assert greeting in pages[0].words
    assert "czwartek, 3 grudnia" in pages[0].words
    assert "przegląd" in pages[0].words
    assert [opened for opened in pages if foreign.search(opened.words)] == []
    assert sum(bool(own.search(opened.words)) for opened in pages) > 4


@ON_SQLITE
def test_a_polish_customer_gets_polish_messages_and_a_polish_calendar(page, app, database):
    household = a_household(app, database, language="pl")
    book(page, household)
    calendar = page.client.get(f"{household.href}/visit.ics").text.replace("\r\n ", "")

    written = household.messages("confirmation")

    assert {message.language for message in written} == {"pl"}
    assert [message for message in written if "3 grudnia" not in message.body] == []
    assert "SUMMARY;LANGUAGE=pl:" in calendar
    assert "Cel wizyty: przegląd" in calendar


@ON_SQLITE
def test_every_language_is_on_the_first_screen_in_its_own_name(page):
    opened = page.get("/", headers={"Accept-Language": "nl"})

    header = next(opened.tree.iter("header"))
    links = {link.get("lang"): "".join(link.itertext()) for link in header.iter("a")}
    polish = page.get(opened.href("Polski"))

    assert links == {"en": "English", "pl": "Polski"}
    assert polish.lang == "pl"
    assert page.get("/").lang == "pl"


@ON_SQLITE
def test_the_reader_may_choose_another_language_and_it_stays(page, app, database):
    household = a_household(app, database)
    first = page.get(household.href)

    english = page.get(first.href("English"))
    later = page.get(household.href)
    dutch = page.get(later.href("Nederlands"))

    assert [opened.lang for opened in (first, english, later, dutch)] == ["nl", "en", "en", "nl"]
    assert "Dear Ms De Vries," in english.words
    assert ("onderhoud" in first.words, "onderhoud" in english.words) == (True, False)
    assert "visit you for maintenance" in english.words


@ON_SQLITE
def test_work_without_a_name_in_the_language_of_the_page_is_said_in_english(page, app, database):
    household = a_household(app, database)
    with working(database.sessions) as work:
        work.session.execute(delete(KindText).where(KindText.language == "pl"))

    opened = page.get(f"{household.href}?lang=pl")

    assert "Cel wizyty: maintenance." in opened.words


@pytest.mark.parametrize("odd", ["xx", "", "NL", "nl@informal", "../nl", "\x00", "x" * 3000])
@ON_SQLITE
def test_an_unknown_language_is_passed_over(page, app, database, odd):
    household = a_household(app, database)

    assert page.get(household.href, query_string={"lang": odd}).lang == "nl"


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("pl", "pl"),
        ("pl-PL,pl;q=0.9,en;q=0.8", "pl"),
        ("en", "en"),
        ("nl", "nl"),
        ("de, en;q=0.5", "en"),
        ("fr", "nl"),
        ("", "nl"),
        ("en-US,en;q=0.9", "en"),
        ("*", "nl"),
    ],
)
@ON_SQLITE
def test_the_start_page_is_in_the_language_that_the_browser_asks_for(page, asked, shown):
    assert page.get("/", headers={"Accept-Language": asked}).lang == shown


@ON_SQLITE
def test_the_language_link_keeps_the_page_and_what_was_chosen_on_it(page, app, database):
    household = a_household(app, database)
    reviewing = page.submit_and_follow(page.get(household.href), "choose-window", window=household.windows[1])

    english = page.get(reviewing.href("English"))

    assert (english.name, english.lang) == ("review", "en")
    assert page.submit_and_follow(english, "confirm-visit").name == "booked"


@ON_SQLITE
def test_the_language_link_of_a_page_that_answered_a_form_leads_to_where_its_reader_is(page, app, database):
    household = a_household(app, database)
    booked = book(page, household)
    shared = page.get(f"/visit/{household.visit().code}")

    wrong = page.submit(booked, "verify", postcode="1", house_number="1")
    sent = page.submit(shared, "send-link")

    assert page.get(wrong.href("English")).name == "booked"
    assert page.get(sent.href("Nederlands" if sent.lang == "en" else "English")).name == "shared-visit"


@ON_SQLITE
def test_reading_in_another_language_changes_nothing_about_the_customer(page, app, database):
    household = a_household(app, database)
    page.get(f"{household.href}?lang=en")
    book(page, household)
    cancel(page, household)

    assert {message.language for message in household.messages("confirmation")} == {"nl"}
