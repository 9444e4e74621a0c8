"""The messages as staff see them: everything that was said, without what opens the customer's page."""

import re

import pytest
from sqlalchemy import update

from app.staff.views import MESSAGES_A_PAGE
from notifications.models import Message
from tests.factories import an_invitation, working
from tests.web.staff import sign_in

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def staff(client, database):
    """A signed-in browser."""
    return sign_in(client, database.sessions)


def invite(app, database, number=1, **customer):
    with working(database.sessions, announce=app.extensions["portal"].announce) as work:
        for _ in range(number):
            an_invitation(work, **customer)


def shown(page):
    return [int(found) for found in re.findall(r'data-message="(\d+)"', page)]


def test_a_message_is_shown_by_name_with_its_link_masked(app, staff, database):
    invite(app, database, email="sanne@example.org")

    page = staff.get("/staff/messages?lang=en").text

    assert "Invitation: Sanne de Vries" in page
    assert "Geachte mevrouw De Vries," in page
    assert "…" in page
    for private in ("/v/", "[[link]]", "612345678", "sanne@example.org"):
        assert private not in page


@ON_SQLITE
def test_the_code_of_a_letter_is_masked_too(app, staff, database):
    invite(app, database, channel="letter", phone=None)

    page = staff.get("/staff/messages?lang=en").text

    assert "Letter" in page
    assert "[[code]]" not in page
    assert "Geachte mevrouw De Vries," in page


def test_messages_are_filtered_by_state(app, staff, database):
    invite(app, database, 3)
    with database.sessions.write() as session, session.begin():
        ids = sorted(session.query(Message.id).all())
        session.execute(
            update(Message).where(Message.id == ids[1][0]).values(state="failed", error="out of use (30003)")
        )

    failed = staff.get("/staff/messages?state=failed").text

    assert shown(failed) == [ids[1][0]]
    assert "out of use (30003)" in failed
    assert shown(staff.get("/staff/messages?state=waiting").text) == [ids[2][0], ids[0][0]]
    assert len(shown(staff.get("/staff/messages").text)) == 3


@ON_SQLITE
def test_page_after_page_shows_every_message_once_newest_first(app, staff, database):
    invite(app, database, MESSAGES_A_PAGE * 2 + 1)

    found: list[list[int]] = []
    path: str | None = "/staff/messages?state=waiting&lang=en"
    while path:
        page = staff.get(path).text
        found.append(shown(page))
        older = re.search(r'href="([^"]+)">Older ones', page)
        path = older[1].replace("&amp;", "&") if older else None

    assert [len(ids) for ids in found] == [MESSAGES_A_PAGE, MESSAGES_A_PAGE, 1]
    everything = [message_id for ids in found for message_id in ids]
    assert everything == sorted(set(everything), reverse=True)


@pytest.mark.parametrize(
    "query", ["state=nonsense", "before=x", "before=-1", "before=99999999999999999999", "state=%00"]
)
def test_a_filter_that_makes_no_sense_is_no_filter(app, staff, database, query):
    invite(app, database)

    answer = staff.get(f"/staff/messages?{query}")

    assert answer.status_code == 200
    assert len(shown(answer.text)) == 1


@ON_SQLITE
def test_a_message_cannot_be_markup(app, staff, database):
    invite(app, database, last_name="<img src=x>", infix="")

    page = staff.get("/staff/messages").text

    assert "<img src=x>" not in page
    assert "&lt;img src=x&gt;" in page


@ON_SQLITE
def test_an_empty_outbox_says_so(staff):
    assert "There are no messages here." in staff.get("/staff/messages?lang=en").text
