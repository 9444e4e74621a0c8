"""Who else hears of a visit: a customer for whom a daughter arranges things, a caretaker, somebody on site."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, select

from notifications.announce import Announcer
from notifications.company import Company
from notifications.links import LINK, Links
from notifications.models import Message
from notifications.quiet import QuietHours
from notifications.texts import Texts
from scheduling.actions import visits
from scheduling.actions.contacts import take_over_invitations
from scheduling.actions.exits import leave
from scheduling.actions.invitations import invite
from scheduling.actions.jobs import withdraw
from scheduling.actions.plans import book_all
from scheduling.links import LinkKeys
from scheduling.models import Contact, Invitation, Job
from tests.factories import TEN, TWO, a_job, a_window, an_address, an_area, an_invitation, working

URL = "https://visits.example"
COMPANY = Company("Warmtehuis Eemland", "033 303 90 00", "post@warmtehuis.example", URL, "#0f5c63")
ANNOUNCER = Announcer(COMPANY, Texts(), Links(URL, LinkKeys(("a link key for tests",))), None)
MOTHER, DAUGHTER, CARETAKER = "+31612345678", "+31687654321", "huismeester@example.org"
HOST = "visits.example"


@pytest.fixture
def work(database):
    """A unit of work that writes messages, with an area for 3811."""
    with working(database.sessions, announce=ANNOUNCER) as begun:
        an_area(begun)
        yield begun


def a_contact(work, customer_id, role, **values):
    """A person who speaks for the customer."""
    known = {"first_name": "Anna", "last_name": "Bakker", "formality": "informal", "created_at": work.now}
    work.session.execute(insert(Contact).values(customer_id=customer_id, role=role, **known, **values))
    take_over_invitations(work, [customer_id])


def customer_of(work, invitation_id):
    return work.session.scalars(select(Invitation.customer_id).where(Invitation.id == invitation_id)).one()


def messages(work, *kinds):
    """Kind, channel, recipient and state of what was written."""
    columns = (Message.kind, Message.channel, Message.to, Message.state)
    query = select(*columns).order_by(Message.id)
    if kinds:
        query = query.where(Message.kind.in_(kinds))
    return [tuple(row) for row in work.session.execute(query)]


def body(work, to, kind):
    return work.session.scalars(
        select(Message.body)
        .where(Message.to == to, Message.kind == kind)
        .order_by(Message.id.desc())
        .limit(1)
    ).one()


def test_a_daughter_who_arranges_things_gets_every_message_and_her_mother_hears_of_the_visit(work):
    invitation_id = an_invitation(work, phone=MOTHER, formality="formal")
    a_contact(work, customer_of(work, invitation_id), "arranges", phone=DAUGHTER)

    visits.book(work, invitation_id, a_window(work), uid_host=HOST)
    visits.cancel(work, invitation_id)

    assert messages(work, "confirmation", "cancellation") == [
        ("confirmation", "sms", DAUGHTER, "withdrawn"),
        ("confirmation", "sms", MOTHER, "withdrawn"),
        ("cancellation", "sms", DAUGHTER, "waiting"),
        ("cancellation", "sms", MOTHER, "waiting"),
    ]
    assert body(work, DAUGHTER, "confirmation").startswith("Beste Anna,\n")
    assert body(work, MOTHER, "confirmation").startswith("Geachte mevrouw De Vries,\n")
    assert LINK in body(work, MOTHER, "confirmation")


def test_a_contact_without_a_number_is_not_reached_at_the_customers(work):
    invitation_id = an_invitation(work, phone=MOTHER)
    a_contact(work, customer_of(work, invitation_id), "arranges", phone=None, email="anna@example.org")

    visits.book(work, invitation_id, a_window(work), uid_host=HOST)

    assert messages(work, "confirmation") == [
        ("confirmation", "email", "anna@example.org", "waiting"),
        ("confirmation", "sms", MOTHER, "waiting"),
    ]


def test_a_caretaker_is_told_when_we_come_without_the_link(work):
    invitation_id = an_invitation(work, phone=MOTHER)
    a_contact(work, customer_of(work, invitation_id), "caretaker", email=CARETAKER)
    first, second = a_window(work, starts=TEN), a_window(work, starts=TWO)

    visits.book(work, invitation_id, first, uid_host=HOST)
    booked = body(work, CARETAKER, "notice")
    visits.change(work, invitation_id, second, sequence=0)
    moved = body(work, CARETAKER, "notice")
    visits.cancel(work, invitation_id)
    cancelled = body(work, CARETAKER, "notice")

    assert "tussen 10:00 en 12:00 langs op het adres Langestraat" in booked
    assert "Het bezoek is verzet." in moved
    assert "tussen 14:00 en 16:00" in moved
    assert "gaat niet door" in cancelled
    assert all(LINK not in text for text in (booked, moved, cancelled))
    assert messages(work, "notice") == [
        ("notice", "email", CARETAKER, "withdrawn"),
        ("notice", "email", CARETAKER, "withdrawn"),
        ("notice", "email", CARETAKER, "waiting"),
    ]


@pytest.mark.parametrize("how", ["withdrawn by the company", "left by the customer"])
def test_a_caretaker_hears_that_nobody_comes_however_the_visit_ended(work, how):
    invitation_id = an_invitation(work, phone=MOTHER)
    a_contact(work, customer_of(work, invitation_id), "on_site", phone=DAUGHTER)
    visits.book(work, invitation_id, a_window(work), uid_host=HOST)

    if how == "withdrawn by the company":
        withdraw(work, list(work.session.scalars(select(Job.ref))))
    else:
        leave(work, invitation_id, "done")

    assert messages(work, "notice") == [
        ("notice", "sms", DAUGHTER, "withdrawn"),
        ("notice", "sms", DAUGHTER, "waiting"),
    ]
    assert "Gaat niet door" in body(work, DAUGHTER, "notice")


def test_nobody_else_hears_of_an_invitation(work):
    customer_id = customer_of(work, an_invitation(work, phone=MOTHER))
    a_contact(work, customer_id, "caretaker", email=CARETAKER)
    a_contact(work, customer_id, "arranges", phone=DAUGHTER)

    invite(work, job_refs=[a_job(work, customer_id)])

    assert messages(work)[-1] == ("invitation", "sms", DAUGHTER, "waiting")
    assert [row for row in messages(work) if row[2] == CARETAKER] == []


def test_who_did_not_ask_is_not_told_at_night(work):
    at_night = datetime(2026, 11, 24, 20, 30, tzinfo=UTC)  # 21:30 in Amsterdam
    quiet = replace(ANNOUNCER, quiet=QuietHours.parse("20:00-08:00"))
    invitation_id = an_invitation(work, phone=MOTHER)
    a_contact(work, customer_of(work, invitation_id), "caretaker", email=CARETAKER)

    late = replace(work, now=at_night, announce=quiet)
    visits.book(late, invitation_id, a_window(work), uid_host=HOST)

    due = {row.kind: row.due_at for row in work.session.execute(select(Message.kind, Message.due_at))}
    assert due["confirmation"] == at_night
    assert due["notice"] == datetime(2026, 11, 25, 7, tzinfo=UTC)


def test_visits_that_are_booked_together_are_told_by_one_message(work):
    customer_id = customer_of(work, an_invitation(work, phone=MOTHER))
    for _ in range(3):
        invite(work, job_refs=[a_job(work, customer_id, address_id=an_address(work))])
    a_contact(work, customer_id, "caretaker", email=CARETAKER)
    later, sooner = a_window(work, starts=TWO, capacity=2), a_window(work, starts=TEN, capacity=2)
    ids = work.session.scalars(select(Invitation.id).order_by(Invitation.id)).all()

    book_all(work, ids[0], dict(zip(ids, [later, later, sooner, sooner], strict=True)), uid_host=HOST)

    assert messages(work, "confirmation") == []
    assert messages(work, "plan") == [("plan", "sms", MOTHER, "waiting")]
    assert {row[3] for row in messages(work, "invitation")} == {"withdrawn"}
    assert "4 keer langs, voor het eerst op donderdag 3 december tussen 10:00 en 12:00" in body(
        work, MOTHER, "plan"
    )
    assert len(messages(work, "notice")) == 4


def test_a_customer_for_whom_several_visits_were_booked_hears_it_once(work):
    customer_id = customer_of(work, an_invitation(work, phone=MOTHER))
    invite(work, job_refs=[a_job(work, customer_id, address_id=an_address(work))])
    a_contact(work, customer_id, "arranges", phone=DAUGHTER)
    ids = work.session.scalars(select(Invitation.id).order_by(Invitation.id)).all()
    window_id = a_window(work, capacity=2)

    book_all(work, ids[0], dict.fromkeys(ids, window_id), uid_host=HOST)

    assert messages(work, "plan", "confirmation") == [
        ("plan", "sms", DAUGHTER, "waiting"),
        ("plan", "sms", MOTHER, "waiting"),
    ]


def test_one_home_alone_is_confirmed_like_any_other(work):
    invitation_id = an_invitation(work, phone=MOTHER)

    book_all(work, invitation_id, {invitation_id: a_window(work)}, uid_host=HOST)

    assert messages(work, "plan", "confirmation") == [("confirmation", "sms", MOTHER, "waiting")]
