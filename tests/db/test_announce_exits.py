"""What waits in the outbox stays true when its invitation changes."""

from functools import partial

import pytest
from sqlalchemy import select, update

from notifications.models import Message
from scheduling.actions import exits, lost_links, visits
from scheduling.actions.jobs import withdraw
from scheduling.models import Invitation, Job
from tests.db.test_announce import ANNOUNCER
from tests.factories import a_window, an_area, an_invitation, hours_later, working

book = partial(visits.book, uid_host="portal.example")
PHONE, EMAIL = "+31612345678", "sanne@example.org"


@pytest.fixture
def work(database):
    """A unit of work whose messages are really written."""
    with working(database.sessions, announce=ANNOUNCER) as begun:
        an_area(begun)
        yield begun


def messages(work, kind):
    return work.session.scalars(
        select(Message)
        .where(Message.kind == kind)
        .order_by(Message.id)
        .execution_options(populate_existing=True)
    ).all()


@pytest.mark.parametrize("state", ["waiting", "sending"])
def test_an_invitation_that_waits_names_the_work_that_is_left(work, state):
    an_invitation(work, kinds=("maintenance", "repair"))
    values = {"state": state, "lease_until": hours_later(1)} if state == "sending" else {"state": state}
    work.session.execute(update(Message).values(**values))
    before = messages(work, "invitation")[0]
    assert "onderhoud en reparatie" in before.body
    key, version = before.event_key, before.link_version

    withdraw(work, work.session.scalars(select(Job.ref).where(Job.kind == "repair")).all())

    (message,) = messages(work, "invitation")
    assert "reparatie" not in message.body
    assert "onderhoud" in message.body
    assert (message.event_key, message.link_version, message.state) == (key, version, state)
    assert work.session.scalars(select(Message)).all() == [message]


def test_what_was_sent_already_stays_as_it_was_said(work):
    an_invitation(work, kinds=("maintenance", "repair"))
    work.session.execute(update(Message).values(state="sent"))

    withdraw(work, work.session.scalars(select(Job.ref).where(Job.kind == "repair")).all())

    (message,) = messages(work, "invitation")
    assert "onderhoud en reparatie" in message.body


def test_a_cancellation_says_until_when_it_can_be_undone(work):
    window_id, invitation_id = a_window(work), an_invitation(work, email=EMAIL)
    book(work, invitation_id, window_id)

    visits.cancel(work, invitation_id)

    # NOW is 10:00 in Amsterdam, and a place is kept for a quarter of an hour.
    sms, email = messages(work, "cancellation")
    assert "Dat kan tot 10:15." in sms.body
    assert "Tot 10:15 houden wij uw plaats vrij" in email.body


def test_an_exit_withdraws_what_waits_and_is_taken_back_with_its_own_message(work):
    invitation_id = an_invitation(work)

    exits.leave(work, invitation_id, "done")
    assert [message.state for message in messages(work, "invitation")] == ["withdrawn"]
    assert [message.state for message in messages(work, "exit")] == ["waiting"]

    exits.come_back(work, invitation_id)
    assert [message.state for message in messages(work, "exit")] == ["withdrawn"]


def test_nothing_goes_to_a_strangers_number_any_more_and_the_rest_carries_the_new_link(work):
    window_id, invitation_id = a_window(work), an_invitation(work, phone=PHONE, email=EMAIL)
    book(work, invitation_id, window_id)

    exits.not_for_me(work, invitation_id, 1, {PHONE})

    found = {(one.channel, one.state, one.link_version) for one in messages(work, "confirmation")}
    assert found == {("sms", "withdrawn", 1), ("email", "waiting", 2)}
    assert messages(work, "exit") == []


def test_a_link_that_is_made_anew_is_the_one_in_what_waits(work):
    invitation_id = an_invitation(work)
    work.session.execute(update(Invitation).values(expires_at=hours_later(0)))

    lost_links.renew_link(work, invitation_id)

    assert [one.link_version for one in messages(work, "invitation")] == [2]
    assert [one.link_version for one in messages(work, "link")] == [2]
