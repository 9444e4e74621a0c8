"""Old and lost links: sent again to what is on file, and the same answer for everybody."""

import pytest
from sqlalchemy import select

from notifications.models import Message
from scheduling.models import Customer, Invitation
from tests.factories import an_invitation, hours_later, working
from tests.page import PageBrowser
from tests.web.customers import EMAIL, PHONE, a_household, book

A_QUARTER = 15 * 60
OTHER_PHONE = "+31611223344"


@pytest.fixture
def household(app, database):
    """A customer with two windows to choose from."""
    return a_household(app, database)


def ask(page, reached_at, postcode="3811AB"):
    return page.submit(page.get("/lost"), "lost-link", reached_at=reached_at, postcode=postcode)


def versions(household):
    with household.database.sessions.read() as session:
        return session.execute(select(Invitation.version, Invitation.expires_at)).one()


def test_an_expired_link_with_open_work_is_replaced_and_sent_to_what_is_on_file(page, app, household, clock):
    household.end_link(expires_at=hours_later(0))
    expired = page.get(household.href)

    answer = page.submit_and_follow(expired, "send-link")

    assert (expired.status, answer.status, answer.name) == (410, 200, "lost")
    (message,) = household.messages("link")
    assert (message.channel, message.to, message.link_version) == ("sms", PHONE, 2)
    version, expires_at = versions(household)
    assert version == 2
    assert expires_at > hours_later(24 * 30)
    token = app.extensions["portal"].link_keys.personal_token(household.invitation_id, 2)
    assert page.get(f"/v/{token}").name == "choose"
    # The one that lies around somewhere stays shut.
    assert page.get(household.href).status == 410


def test_an_older_link_has_the_current_one_sent_and_changes_nothing(page, household):
    household.end_link(version=2)

    page.submit(page.get(household.href), "send-link")

    assert [message.link_version for message in household.messages("link")] == [2]
    assert versions(household).version == 2


@pytest.mark.parametrize(
    "values",
    [
        {"ended": "withdrawn"},
        {"ended": "revoked"},
        {"version": 2, "exit": "not_for_me"},
        {"version": 255, "expires_at": hours_later(0)},
    ],
    ids=["withdrawn", "revoked", "a stranger's", "no version left"],
)
def test_where_nothing_may_be_sent_the_answer_is_the_same(page, household, values):
    token = page.get(household.href).token()
    household.end_link(**values)

    answer = page.post(f"{household.href}/send-link", {"csrf_token": token})

    assert (answer.status, answer.location) == (303, "/lost/sent")
    assert household.messages("link") == []


def test_an_expired_link_whose_work_is_done_is_not_made_anew(page, household):
    book(page, household)
    household.update(type(household.visit()), household.visit().id, state="done")
    household.end_link(expires_at=hours_later(0))

    page.submit(page.get(household.href), "send-link")

    assert household.messages("link") == []
    assert versions(household).version == 1


def test_one_old_link_sends_three_messages_in_a_quarter_of_an_hour(page, household, clock):
    household.end_link(version=2)
    old = page.get(household.href)

    answers = []
    for _ in range(4):
        clock.shift(1)
        answers.append(page.submit(old, "send-link"))

    assert [answer.status for answer in answers] == [303, 303, 303, 429]
    # NOW is 10:00 in Amsterdam; the quarter that was counted ends at 10:15.
    assert "10:1" in answers[-1].words
    assert len(household.messages("link")) == 3


@pytest.mark.parametrize("reached_at", ["06 87654321", "+31 6 8765 4321", EMAIL, EMAIL.upper()])
def test_who_lost_everything_gets_the_link_where_we_write_to_them(page, household, reached_at):
    answer = page.follow(ask(page, reached_at, "3811 ab"))

    assert (answer.status, answer.name, answer.heading) == (200, "lost", "Er is een link onderweg")
    (message,) = household.messages("link")
    assert (message.channel, message.to) == ("sms", PHONE)


def test_a_stranger_learns_nothing_and_nothing_is_sent(page, household):
    known = page.follow(ask(page, PHONE))
    strangers = [
        page.follow(ask(page, *asked))
        for asked in ((OTHER_PHONE, "3811AB"), (PHONE, "3811AC"), ("a@example.org", "3811AB"))
    ]

    assert {stranger.html for stranger in strangers} == {known.html}
    assert len(household.messages("link")) == 1


def test_too_often_for_one_number_is_told_to_nobody(page, household, clock):
    answers = []
    for _ in range(5):
        clock.shift(1)
        answers.append(ask(page, PHONE))

    assert [answer.status for answer in answers] == [303] * 5
    assert len(household.messages("link")) == 3


def test_too_often_from_one_network_says_when_to_try_again(page, household, clock):
    answers = [ask(page, f"+316111111{number:02}") for number in range(21)]

    assert [answer.status for answer in answers] == [303] * 20 + [429]
    assert "opnieuw proberen" in answers[-1].words
    clock.shift(A_QUARTER)
    assert ask(page, PHONE).status == 303


@pytest.mark.parametrize(
    ("reached_at", "postcode"),
    [
        ("", ""),
        ("hier", "3811AB"),
        (PHONE, "hier"),
        ("a@", "3811AB"),
        ("6" * 300, "3811AB"),
        ("\x00", "\x00"),
    ],
)
def test_what_cannot_be_read_is_asked_again_and_nothing_is_lost(page, household, reached_at, postcode):
    answer = page.forge(page.get("/lost"), "lost-link", reached_at=reached_at, postcode=postcode)

    assert (answer.status, answer.name) == (422, "lost")
    assert household.messages("link") == []


def test_only_open_invitations_are_sent_and_three_at_most(page, app, database):
    household = a_household(app, database)
    with working(database.sessions, announce=app.extensions["portal"].announce) as work:
        for _ in range(4):
            an_invitation(work, phone=PHONE)
    household.end_link(ended="withdrawn")

    ask(page, PHONE)

    with database.sessions.read() as session:
        sent = session.scalars(select(Message.invitation_id).where(Message.kind == "link")).all()
    assert len(sent) == len(set(sent)) == 3
    assert household.invitation_id not in sent


def test_the_way_there_stands_on_the_start_page_and_where_a_link_is_unknown(app, household):
    page = PageBrowser(app.test_client())

    for answer in (page.get("/"), page.get("/v/" + "x" * 29)):
        assert "/lost" in {link.get("href") for link in answer.tree.iter("a")}


def test_a_number_that_was_a_strangers_gets_no_link(page, household):
    household.update(Customer, 1, phone=None)

    ask(page, PHONE)

    assert household.messages("link") == []
