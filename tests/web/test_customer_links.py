"""Personal links, letter codes and the page of a shared calendar entry: what opens, for whom, and how often."""

import pytest

from scheduling.models import Customer
from tests.factories import hours_later
from tests.page import PageBrowser
from tests.web.customers import EMAIL, PHONE, STREET, a_household, book, cancel, queries, statements

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
A_QUARTER = 15 * 60


@pytest.fixture
def household(app, database):
    """A customer with two windows to choose from."""
    return a_household(app, database)


def mangled(token: str) -> dict[str, str]:
    """Tokens that we never made."""
    other = "0" if token[-1] != "0" else "1"
    return {
        "cut": token[:-1],
        "extended": token + "0",
        "changed": token[:-1] + other,
        "first changed": ("B" if token[0] != "B" else "C") + token[1:],
        "swapped": token.swapcase(),
        "empty-like": "%20",
        "nul": "%00" * 29,
        "not ascii": "%C3%A9" * 29,
        "not utf-8": "%ff" * 29,
        "long": "a" * 4000,
    }


def test_a_token_that_we_never_made_is_404_without_asking_the_database(page, app, household):
    for what, token in mangled(household.token).items():
        with statements(app) as seen:
            answer = page.get(f"/v/{token}")
            file = page.get(f"/v/{token}/visit.ics")
        assert (answer.status, file.status) == (404, 404), what
        assert answer.name == "not-found", what
        assert queries(seen) == [], what


def test_the_counting_would_notice_a_query(page, app, household):
    with statements(app) as seen:
        page.get(household.href)

    assert queries(seen)


def test_a_token_of_ours_for_an_invitation_that_is_gone_is_404(page, app, household):
    token = app.extensions["portal"].link_keys.personal_token(household.invitation_id + 1000, 1)
    largest = app.extensions["portal"].link_keys.personal_token(2**31 - 1, 255)

    assert page.get(f"/v/{token}").status == 404
    assert page.get(f"/v/{largest}").status == 404


@pytest.mark.parametrize(
    ("values", "heading"),
    [
        ({"version": 2}, "Deze link werkt niet meer"),
        ({"ended": "revoked"}, "Deze link werkt niet meer"),
        ({"ended": "withdrawn"}, "Dit bezoek is niet meer nodig"),
        ({"expires_at": hours_later(0)}, "Deze link is verlopen"),
    ],
    ids=["newer version", "revoked", "withdrawn", "expired"],
)
def test_a_link_that_ended_is_410_at_every_door_and_says_why(page, household, values, heading):
    token = page.get(household.href).token()
    household.end_link(**values)

    answer = page.get(household.href)

    assert (answer.status, answer.name) == (410, "expired")
    assert answer.heading == heading
    for path in ("choose", "confirm", "change", "change/confirm", "cancel/confirm", "restore", "verify"):
        posted = page.post(f"{household.href}/{path}", {"csrf_token": token, "window": household.windows[0]})
        assert (posted.status, posted.name) == (410, "expired"), path
    assert page.get(f"{household.href}/visit.ics").status == 410
    assert household.visits() == []


def test_a_link_opens_until_the_moment_it_expires(page, household):
    household.end_link(expires_at=hours_later(0.001))

    assert page.get(household.href).status == 200


def test_links_made_with_an_older_key_still_open(page, household, settings):
    from dataclasses import replace

    from app import create_app

    newer = create_app(replace(settings, link_keys=("a newer key for personal links", *settings.link_keys)))
    newer.testing = True

    assert PageBrowser(newer.test_client()).get(household.href).status == 200


def spellings(code: str) -> dict[str, str]:
    return {
        "as derived": code,
        "as printed": f"{code[:4]}-{code[4:]}",
        "lower case": code.lower(),
        "spaces": f"  {code[:4]}  {code[4:]} ",
        "long dash": f"{code[:4]}–{code[4:]}",
    }


def test_the_code_of_a_letter_leads_to_the_personal_page(page, household):
    for what, code in spellings(household.code).items():
        answer = page.submit(page.get("/"), "enter-code", code=code, postcode="3811 ab")
        assert answer.location == household.href, what


@pytest.mark.parametrize(
    "postcode", ["3811AB", " 3811 ab ", "nl-3811ab", "３８１１ＡＢ"], ids=["plain", "spaces", "NL", "wide"]
)
@ON_SQLITE
def test_a_postcode_is_read_as_people_write_it(page, household, postcode):
    answer = page.submit(page.get("/"), "enter-code", code=household.code, postcode=postcode)

    assert answer.location == household.href


def test_a_code_that_does_not_fit_is_asked_again_and_nothing_is_lost(page, household):
    last = "2" if household.code[-1] != "2" else "3"
    cases = {
        "wrong code": (household.code[:-1] + last, "3811AB"),
        "wrong postcode": (household.code, "3811AC"),
        "no postcode": (household.code, "hier"),
        "nothing": ("", ""),
        "script": ('"><script>alert(1)</script>', "3811AB"),
        "long": ("A" * 5000, "9" * 5000),
    }
    for what, (code, postcode) in cases.items():
        answer = page.submit(page.get("/"), "enter-code", code=code, postcode=postcode)
        assert (answer.status, answer.name) == (422, "home"), what
        fields = {field.get("name"): field.get("value") for field in answer.tree.iter("input")}
        assert (fields["code"], fields["postcode"]) == (code, postcode), what


def test_a_code_of_a_revoked_or_expired_invitation_opens_nothing(page, household):
    for values in ({"version": 2}, {"version": 1, "expires_at": hours_later(-1)}):
        household.end_link(**values)
        answer = page.submit(page.get("/"), "enter-code", code=household.code, postcode="3811AB")
        assert answer.status == 422, values


def test_codes_can_be_tried_ten_times_in_a_quarter_of_an_hour(page, household, clock):
    home = page.get("/")
    tried = [page.submit(home, "enter-code", code="AAAA", postcode="3811AB") for _ in range(11)]
    right = page.submit(home, "enter-code", code=household.code, postcode="3811AB")
    clock.shift(A_QUARTER)
    later = page.submit(home, "enter-code", code=household.code, postcode="3811AB")

    assert [answer.status for answer in tried] == [422] * 10 + [429]
    assert (right.status, right.name) == (429, "error-429")
    # The quarter began at 09:00 and so does the next at 09:15.
    assert 0 < int(right.headers["Retry-After"]) <= A_QUARTER + 1
    assert later.status == 303


def test_guessing_at_one_postcode_keeps_nobody_out_at_another_in_the_same_network(page, household):
    home = page.get("/")
    for _ in range(11):
        page.submit(home, "enter-code", code="AAAA", postcode="3812 CD")

    assert page.submit(home, "enter-code", code="AAAA", postcode="3812cd").status == 429
    assert page.submit(home, "enter-code", code=household.code, postcode="3811AB").status == 303


def shared_href(household) -> str:
    return f"/visit/{household.visit().code}"


def test_a_shared_visit_shows_the_window_and_nothing_about_anybody(page, household):
    book(page, household)
    stranger = PageBrowser(household.app.test_client())

    answer = stranger.get(shared_href(household))

    assert (answer.status, answer.name, answer.forms()) == (200, "shared-visit", ["send-link"])
    assert "donderdag 3 december" in answer.words
    for personal in ("Vries", STREET, "3811", "Amersfoort", PHONE[-6:], EMAIL, household.token):
        assert personal not in answer.html


def test_the_personal_link_is_sent_again_once_for_every_press(page, household, clock):
    book(page, household)
    shared = page.get(shared_href(household))

    for pressed in (1, 2, 3):
        clock.shift(1)
        answer = page.submit(shared, "send-link")
        assert (answer.status, answer.name) == (200, "shared-visit")
        assert len(household.messages("link")) == pressed
    often = page.submit(shared, "send-link")

    assert (often.status, often.name) == (429, "error-429")
    assert len(household.messages("link")) == 3
    (message, *_) = household.messages("link")
    assert (message.channel, message.to) == ("sms", PHONE)
    assert "[[link]]" in message.body
    assert household.token not in message.body


def test_the_answer_never_says_whether_there_is_a_phone_or_an_e_mail(page, app, database):
    household = a_household(app, database, phone=None, email=None)
    book(page, household)
    unreachable = page.submit(page.get(shared_href(household)), "send-link")
    household.update(Customer, household.visit().customer_id, phone=PHONE)
    reachable = page.submit(page.get(shared_href(household)), "send-link")

    assert unreachable.words == reachable.words
    assert (unreachable.status, reachable.status) == (200, 200)
    assert len(household.messages("link")) == 1


def test_a_shared_visit_says_that_it_was_cancelled(page, household):
    book(page, household)
    cancel(page, household)

    assert "geannuleerd" in page.get(shared_href(household)).words


@pytest.mark.parametrize("code", ["x", "0" * 22, "%00", "%C3%A9", "%ff", "a" * 4000, "1%27%20OR%201=1"])
def test_an_unknown_code_of_a_visit_is_404(page, household, code):
    assert page.get(f"/visit/{code}").status == 404


def test_what_a_device_may_see_does_not_pass_to_another_invitation(page, app, database, household):
    book(page, household)
    page.submit(page.get(household.href), "verify", postcode="3811AB", house_number="12")

    other = PageBrowser(app.test_client()).get(household.href)

    assert STREET in page.get(household.href).words
    assert STREET not in other.words
