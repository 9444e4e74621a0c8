"""What customers said: one list for staff, until somebody has dealt with it, and a way back."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from notifications.inbound import incoming_sms
from scheduling.actions import exits, invitations, moving
from scheduling.models import ContactHistory, History
from scheduling.reads.said import handled
from tests.environment import NOW
from tests.factories import an_area, an_invitation, working
from tests.web.staff import sign_in, submit

OVERVIEW = "/staff/?lang=en"


@pytest.fixture
def staff(client, database):
    """A signed-in browser."""
    return sign_in(client, database.sessions)


@pytest.fixture
def said(database):
    """Five customers who each said something."""
    with working(database.sessions) as work:
        an_area(work)
        exits.leave(work, an_invitation(work, ref="K1"), "done", note="By <i>my</i> brother")
        exits.leave(work, an_invitation(work, ref="K2"), "refused")
        moving.move_out(work, an_invitation(work, ref="K3"))
        exits.not_for_me(work, an_invitation(work, ref="K4"), 1, {"+31612345678"})
        invitations.leave_wishes(work, an_invitation(work, ref="K5"), "Saturdays")


def refs(page):
    """The customer of each row, in order."""
    return re.findall(r"K\d(?=,)", " ".join(rows(page)))


def rows(page):
    """The words of each row of the list, markup left out; those that wait, and those that were handled."""
    found = re.findall(r'<li class="staff-window" data-said="\d+">.*?</li>', page, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in found]


def test_everything_is_on_one_list_with_what_it_is_about(staff, said):
    page = staff.get(OVERVIEW).text

    words = rows(page)
    assert refs(page) == ["K1", "K2", "K3", "K4", "K5"]
    for row, kind in zip(
        words,
        ("Done already", "Refused", "Moved: the new resident", "Wrong person", "No time fits"),
        strict=True,
    ):
        assert kind in row
        assert re.search(r"Work: J\d+", row)
    assert "By &lt;i&gt;my&lt;/i&gt; brother" in words[0]
    assert "612345678" not in page


def test_what_is_handled_leaves_the_list_and_can_be_opened_again(staff, database, said):
    answer = submit(staff, OVERVIEW, "handle-said")
    page = staff.get(OVERVIEW).text
    with database.sessions.read() as session:
        row = session.execute(
            select(ContactHistory.handled_at, ContactHistory.handled_by).where(
                ContactHistory.handled_at.is_not(None)
            )
        ).one()

    assert (answer.status_code, answer.location) == (303, "/staff/#said")
    assert (row.handled_at, row.handled_by) == (NOW, "staff:1")
    # The first row waited longest; it is the last one now, under what was handled of late.
    assert refs(page) == ["K2", "K3", "K4", "K5", "K1"]
    assert "Handled of late" in page

    submit(staff, OVERVIEW, "reopen-said")

    assert refs(staff.get(OVERVIEW).text)[0] == "K1"
    with database.sessions.read() as session:
        events = session.scalars(select(History.event).where(History.event.like("said_%"))).all()
    assert events == ["said_handled", "said_reopened"]


def test_what_was_handled_is_shown_for_a_week(staff, database, said):
    submit(staff, OVERVIEW, "handle-said")

    with database.sessions.read() as session:
        shown = [
            len(handled(session, now=NOW + timedelta(days=days), language="en", limit=9)) for days in (6, 7)
        ]
    assert shown == [1, 0]


def test_what_a_customer_takes_back_is_nobodys_work(staff, database):
    with working(database.sessions) as work:
        an_area(work)
        invitation_id = an_invitation(work)
        exits.leave(work, invitation_id, "not_needed")
        exits.come_back(work, invitation_id)

    page = staff.get(OVERVIEW).text

    assert "Nobody is waiting." in page
    assert "Handled of late" not in page


def test_an_sms_of_nobody_we_know_is_there_too(staff, database):
    with working(database.sessions) as work:
        incoming_sms(work, provider_id="SM1", sender="+31600000000", body="Who are you?")

    (words,) = rows(staff.get(OVERVIEW).text)

    assert words.startswith("Unknown sender Answer by SMS")
    assert "Who are you?" in words


@pytest.mark.parametrize("said_id", ["0", "99", "99999999999", "x"])
def test_what_nobody_said_cannot_be_handled(staff, said_id, said):
    token = re.findall(r'name="csrf_token" value="([^"]+)"', staff.get(OVERVIEW).text)[0]

    answer = staff.post(f"/staff/said/{said_id}/handled", data={"csrf_token": token})

    assert answer.status_code == 404
