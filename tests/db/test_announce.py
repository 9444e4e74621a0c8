"""Events to messages, in the transaction in which they happened."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from notifications.announce import Announcer
from notifications.company import Company
from notifications.links import Links
from notifications.models import Message
from notifications.quiet import QuietHours
from notifications.texts import Texts
from scheduling.actions.work import (
    COMMAND,
    InvitationIssued,
    JobsWithdrawn,
    LinkRequested,
    VisitBooked,
    VisitCancelled,
    VisitChanged,
    VisitProgressed,
    VisitRestored,
)
from scheduling.links import LinkKeys
from scheduling.models import Invitation, Visit
from tests.doubles.affairs import Affairs, announce_all, work
from tests.environment import NOW

COMPANY = Company(
    "Warmtehuis Eemland",
    "033 303 90 00",
    "afspraak@warmtehuis-eemland.example",
    "http://localhost:5000",
    "#0f5c63",
)
ANNOUNCER = Announcer(COMPANY, Texts(), Links(COMPANY.public_url, LinkKeys(("a link key for tests",))), None)
AT_NIGHT = datetime(2026, 11, 24, 20, 30, tzinfo=UTC)  # 21:30 in Amsterdam
NEXT_MORNING = datetime(2026, 11, 25, 7, tzinfo=UTC)  # 08:00


@pytest.fixture
def session(database):
    with database.sessions.write() as writing:
        yield writing


def told(session, *columns):
    rows = session.execute(
        select(*(columns or (Message.kind, Message.channel, Message.state))).order_by(Message.id)
    )
    return [tuple(row) for row in rows]


def invited(affairs):
    return InvitationIssued(customer_id=affairs.customer_id, invitation_id=affairs.invitation_id)


def about_visit(event, affairs, visit):
    return event(customer_id=affairs.customer_id, visit_id=visit.id, invitation_id=affairs.invitation_id)


def test_an_invitation_goes_to_the_preferred_channel_alone(session):
    affairs = Affairs(session)

    announce_all(session, ANNOUNCER, [invited(affairs)], actor=COMMAND)

    message = session.scalars(select(Message)).one()
    assert (message.kind, message.channel, message.to, message.state) == (
        "invitation",
        "sms",
        "+31612345678",
        "waiting",
    )
    assert message.body.startswith(
        "Geachte heer De Vries,\nWarmtehuis Eemland komt graag bij u langs voor onderhoud."
    )
    assert "[[link]]" in message.body
    assert (message.segments, message.attempts, message.due_at) == (2, 0, NOW)
    assert (message.customer_id, message.job_id) == (affairs.customer_id, affairs.job_id)
    assert message.answers_customer is False


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (VisitBooked, "confirmation"),
        (VisitChanged, "change"),
        (VisitCancelled, "cancellation"),
        (VisitRestored, "restored"),
    ],
)
def test_what_happens_to_a_visit_is_told_and_mailed_for_the_calendar(session, event, kind):
    affairs = Affairs(session)
    visit = affairs.visit()

    announce_all(session, ANNOUNCER, [about_visit(event, affairs, visit)])

    assert told(session) == [(kind, "sms", "waiting"), (kind, "email", "waiting")]
    assert all("vrijdag 27 november tussen 10:00 en 12:00" in body for (body,) in told(session, Message.body))
    assert told(session, Message.answers_customer) == [(True,), (True,)]


@pytest.mark.parametrize(
    ("customer", "channels"),
    [
        pytest.param({"channel": "email"}, ["email"], id="prefers e-mail"),
        pytest.param({"email": None}, ["sms"], id="has no e-mail"),
        pytest.param({"channel": "letter"}, ["letter", "email"], id="prefers letters"),
        pytest.param({"channel": "letter", "email": None, "phone": None}, ["letter"], id="only an address"),
    ],
)
def test_the_channels_are_those_that_reach_the_customer(session, customer, channels):
    affairs = Affairs(session, **customer)

    announce_all(session, ANNOUNCER, [about_visit(VisitBooked, affairs, affairs.visit())])

    assert [channel for (channel,) in told(session, Message.channel)] == channels


def test_the_principal_is_named(session):
    affairs = Affairs(session, principal="Woningstichting Eemwoningen")

    announce_all(session, ANNOUNCER, [invited(affairs)])

    assert "namens Woningstichting Eemwoningen" in session.scalars(select(Message.body)).one()


def test_the_same_event_never_gives_two_messages_on_a_channel(session):
    affairs = Affairs(session)
    announce_all(session, ANNOUNCER, [invited(affairs)])

    with pytest.raises(IntegrityError):
        announce_all(session, ANNOUNCER, [invited(affairs)])


def test_a_new_version_of_the_link_replaces_the_invitation_that_still_waits(session):
    affairs = Affairs(session)
    announce_all(session, ANNOUNCER, [invited(affairs)])
    session.execute(update(Invitation).values(version=2))

    announce_all(session, ANNOUNCER, [invited(affairs)])

    assert told(session, Message.state, Message.link_version) == [("withdrawn", 1), ("waiting", 2)]


def test_a_change_withdraws_the_confirmation_that_is_no_longer_true(session):
    affairs = Affairs(session)
    visit = affairs.visit()
    announce_all(session, ANNOUNCER, [about_visit(VisitBooked, affairs, visit)])
    session.execute(update(Visit).values(sequence=1))

    announce_all(session, ANNOUNCER, [about_visit(VisitChanged, affairs, visit)])

    assert told(session) == [
        ("confirmation", "sms", "withdrawn"),
        ("confirmation", "email", "withdrawn"),
        ("change", "sms", "waiting"),
        ("change", "email", "waiting"),
    ]


def test_undoing_a_cancellation_withdraws_it_and_what_was_sent_stays_sent(session):
    affairs = Affairs(session)
    visit = affairs.visit()
    announce_all(session, ANNOUNCER, [about_visit(VisitCancelled, affairs, visit)])
    session.execute(update(Message).where(Message.channel == "sms").values(state="sent"))
    session.execute(update(Visit).values(sequence=1))

    announce_all(session, ANNOUNCER, [about_visit(VisitRestored, affairs, visit)])

    assert told(session)[:2] == [("cancellation", "sms", "sent"), ("cancellation", "email", "withdrawn")]


def test_booking_withdraws_the_invitation_that_still_waits_and_no_one_elses(session):
    affairs, other = Affairs(session), Affairs(session)
    announce_all(session, ANNOUNCER, [invited(affairs), invited(other)])

    announce_all(session, ANNOUNCER, [about_visit(VisitBooked, affairs, affairs.visit())])

    assert told(session, Message.customer_id, Message.kind, Message.state)[:2] == [
        (affairs.customer_id, "invitation", "withdrawn"),
        (other.customer_id, "invitation", "waiting"),
    ]


def test_a_withdrawn_job_whose_invitation_never_left_is_not_spoken_of(session):
    affairs = Affairs(session)
    announce_all(session, ANNOUNCER, [invited(affairs)])

    announce_all(
        session,
        ANNOUNCER,
        [JobsWithdrawn(customer_id=affairs.customer_id, invitation_id=affairs.invitation_id)],
    )

    assert told(session) == [("invitation", "sms", "withdrawn")]


def test_a_withdrawn_job_is_told_to_whoever_may_know_of_it(session):
    affairs = Affairs(session)
    announce_all(session, ANNOUNCER, [invited(affairs)])
    session.execute(update(Message).values(state="waiting", attempts=1))

    announce_all(
        session,
        ANNOUNCER,
        [JobsWithdrawn(customer_id=affairs.customer_id, invitation_id=affairs.invitation_id)],
    )

    assert told(session)[0] == ("invitation", "sms", "withdrawn")
    assert told(session)[1] == ("withdrawal", "sms", "waiting")
    assert "U hoeft geen tijd meer te kiezen." in told(session, Message.body)[1][0]


def test_a_visit_that_the_company_withdraws_is_named_with_its_day(session):
    affairs = Affairs(session)
    visit = affairs.visit(state="cancelled")
    announce_all(session, ANNOUNCER, [invited(affairs)])
    session.execute(update(Message).values(state="sent"))

    announce_all(session, ANNOUNCER, [about_visit(JobsWithdrawn, affairs, visit)], actor=COMMAND)

    assert [row for row in told(session) if row[0] == "withdrawal"] == [
        ("withdrawal", "sms", "waiting"),
        ("withdrawal", "email", "waiting"),
    ]
    body = told(session, Message.body)[1][0]
    assert "op vrijdag 27 november tussen 10:00 en 12:00 gaat niet door" in body
    assert "[[link]]" not in body


def test_a_link_may_be_asked_for_again_and_again(session):
    affairs = Affairs(session)
    asked = LinkRequested(customer_id=affairs.customer_id, invitation_id=affairs.invitation_id)

    announce_all(session, ANNOUNCER, [asked])
    announce_all(session, ANNOUNCER, [asked], now=NOW + timedelta(minutes=1))

    assert told(session) == [("link", "sms", "waiting"), ("link", "sms", "waiting")]


def test_a_link_is_not_sent_by_post(session):
    affairs = Affairs(session, channel="letter", email=None)

    announce_all(
        session,
        ANNOUNCER,
        [LinkRequested(customer_id=affairs.customer_id, invitation_id=affairs.invitation_id)],
    )

    assert told(session) == [("link", "sms", "waiting")]


def test_other_events_pass_unsaid(session):
    affairs = Affairs(session)

    announce_all(session, ANNOUNCER, [about_visit(VisitProgressed, affairs, affairs.visit())])

    assert told(session) == []


def test_at_night_the_unasked_waits_and_the_answer_does_not(session):
    at_night = replace(ANNOUNCER, quiet=QuietHours.parse("20:00-08:00"))
    affairs = Affairs(session)

    announce_all(session, at_night, [invited(affairs)], actor=COMMAND, now=AT_NIGHT)
    visit = affairs.visit()
    announce_all(session, at_night, [about_visit(VisitBooked, affairs, visit)], now=AT_NIGHT)

    assert told(session, Message.kind, Message.due_at) == [
        ("invitation", NEXT_MORNING),
        ("confirmation", AT_NIGHT),
        ("confirmation", AT_NIGHT),
    ]


@pytest.mark.parametrize(
    ("starts_at", "due"),
    [
        pytest.param(NEXT_MORNING + timedelta(hours=2), AT_NIGHT, id="tomorrow at ten: told tonight"),
        pytest.param(NEXT_MORNING + timedelta(days=3), NEXT_MORNING, id="in three days: tomorrow morning"),
    ],
)
def test_staff_moving_a_visit_at_night_wakes_nobody_unless_it_is_near(session, starts_at, due):
    at_night = replace(ANNOUNCER, quiet=QuietHours.parse("20:00-08:00"))
    affairs = Affairs(session)
    visit = affairs.visit(starts_at=starts_at)

    announce_all(
        session, at_night, [about_visit(VisitChanged, affairs, visit)], actor="staff:1", now=AT_NIGHT
    )

    assert {due_at for (due_at,) in told(session, Message.due_at)} == {due}


def test_announcing_costs_a_handful_of_statements(session):
    affairs = Affairs(session)
    visit = affairs.visit()
    statements = []
    connection = session.connection()

    def note(_connection, _cursor, statement, *_rest):
        statements.append(statement.split()[0])

    sqlalchemy_event.listen(connection, "before_cursor_execute", note)
    ANNOUNCER(work(session, None), about_visit(VisitBooked, affairs, visit))
    sqlalchemy_event.remove(connection, "before_cursor_execute", note)

    # Whom, which work, its names, which visit; withdraw; one INSERT for both messages.
    assert statements.count("SELECT") <= 4
    assert [verb for verb in statements if verb != "SELECT"] == ["UPDATE", "INSERT"]


def test_nothing_is_said_of_what_did_not_happen(database):
    with database.sessions.write() as session:
        affairs = Affairs(session)
        announce_all(session, ANNOUNCER, [invited(affairs)])
        session.rollback()

    with database.sessions.read() as session:
        assert told(session) == []
