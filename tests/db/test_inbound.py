"""What comes back, twice and in any order; and the list of what was said."""

from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import insert, select, update

from notifications.announce import Announcer
from notifications.company import Company
from notifications.inbound import delivery_report, incoming_sms
from notifications.links import Links
from notifications.log import messages
from notifications.models import Message
from notifications.texts import Texts
from scheduling.actions.work import InvitationIssued, VisitBooked
from scheduling.links import LinkKeys
from scheduling.models import Contact, ContactHistory, Job
from tests.doubles.affairs import Affairs, announce_all, work
from tests.environment import NOW

COMPANY = Company("Warmtehuis Eemland", "033 303 90 00", "a@b.example", "http://localhost:5000", "#0f5c63")
KEYS = LinkKeys(("a link key for tests",))
LINKS = Links(COMPANY.public_url, KEYS)
ANNOUNCER = Announcer(COMPANY, Texts(), LINKS, None)


@pytest.fixture
def session(database):
    with database.sessions.write() as writing:
        yield writing


@pytest.fixture
def affairs(session):
    return Affairs(session, email=None)


@pytest.fixture
def message(session, affairs):
    """An SMS that Twilio has taken as SM1; its id."""
    announce_all(
        session,
        ANNOUNCER,
        [InvitationIssued(customer_id=affairs.customer_id, invitation_id=affairs.invitation_id)],
    )
    session.execute(update(Message).values(state="sent", attempts=1, provider_id="SM1"))
    return session.scalars(select(Message.id)).one()


def state(session):
    return tuple(session.execute(select(Message.state, Message.error)).one())


def test_a_report_moves_a_message_forward(session, message):
    assert delivery_report(session, "SM1", state="delivered")

    assert state(session) == ("delivered", "")


def test_a_failure_is_kept_in_words(session, message):
    delivery_report(session, "SM1", state="failed", reason="this number does not exist (30005)")

    assert state(session) == ("failed", "this number does not exist (30005)")


@pytest.mark.parametrize("order", list(permutations(["sent", "failed", "delivered"])), ids="-".join)
def test_reports_in_any_order_end_in_the_same_state(session, message, order):
    for word in (*order, *order):
        delivery_report(session, "SM1", state=word, reason="lost" if word == "failed" else "")

    assert state(session) == ("delivered", "")


def test_a_failure_is_not_undone_by_an_earlier_word_that_comes_late(session, message):
    delivery_report(session, "SM1", state="failed", reason="lost")

    assert not delivery_report(session, "SM1", state="sent")
    assert state(session) == ("failed", "lost")


def test_an_unknown_message_is_tolerated(session, message):
    assert not delivery_report(session, "SM-unknown", state="delivered")
    assert not delivery_report(session, "SM-unknown", state="delivered", message_id=999_999)
    # Another id of Twilio's is not taken for ours because of the number in the address.
    assert not delivery_report(session, "SM-other", state="failed", message_id=message)

    assert state(session) == ("sent", "")


def test_a_report_may_overtake_the_answer_that_tells_its_name(session, message):
    session.execute(
        update(Message).values(
            state="sending", provider_id=None, lease_id="x", lease_until=NOW + timedelta(seconds=60)
        )
    )

    assert delivery_report(session, "SM1", state="delivered", message_id=message)

    assert state(session) == ("delivered", "")


def history(session):
    return session.execute(
        select(ContactHistory.customer_id, ContactHistory.direction, ContactHistory.kind, ContactHistory.body)
    ).all()


def test_an_sms_is_kept_with_whoever_we_wrote_to_last_on_that_number(session, affairs, message):
    Affairs(session)

    assert incoming_sms(
        work(session, None), provider_id="SMin1", sender="+31612345678", body="Ja, graag\x00 €"
    )

    assert history(session) == [(affairs.customer_id, "in", "sms", "Ja, graag €")]


def test_the_same_sms_twice_is_one(session, affairs):
    assert incoming_sms(work(session, None), provider_id="SMin1", sender="+31612345678", body="Ja")
    assert not incoming_sms(work(session, None), provider_id="SMin1", sender="+31612345678", body="Ja")

    assert len(history(session)) == 1


def test_an_sms_of_a_daughter_belongs_to_the_customer_she_speaks_for(session, affairs):
    session.execute(
        insert(Contact).values(
            customer_id=affairs.customer_id,
            role="arranges",
            phone="+31687654321",
            first_name="An",
            created_at=NOW,
        )
    )

    incoming_sms(work(session, None), provider_id="SMin1", sender="+31687654321", body="Ja")

    assert history(session)[0].customer_id == affairs.customer_id


def test_an_sms_from_a_stranger_is_kept_too(session, affairs):
    incoming_sms(work(session, None), provider_id="SMin1", sender="+31600000000", body="Wie is dit?" * 1000)

    assert history(session)[0].customer_id is None
    assert len(history(session)[0].body) == 4000


def test_the_operator_reads_messages_with_their_link_and_staff_without(session, affairs, message):
    [operators] = messages(session, links=LINKS)
    [staffs] = messages(session, links=None)

    token = KEYS.personal_token(affairs.invitation_id, 1)
    assert f"http://localhost:5000/v/{token}" in operators.body
    assert token not in staffs.body
    assert "…" in staffs.body
    assert (operators.id, operators.job_ref, operators.to) == (str(message), affairs.job_ref, "+31612345678")
    assert (operators.kind, operators.channel, operators.state, operators.attempts) == (
        "invitation",
        "sms",
        "sent",
        1,
    )
    assert operators.due_at == NOW


def test_the_list_can_be_asked_by_number_and_by_any_job_of_the_invitation(session, affairs, message):
    other = Affairs(session, phone="+31687654321", email=None)
    announce_all(
        session,
        ANNOUNCER,
        [
            VisitBooked(
                customer_id=other.customer_id, visit_id=other.visit().id, invitation_id=other.invitation_id
            )
        ],
    )
    session.execute(
        insert(Job).values(
            ref="second",
            customer_id=affairs.customer_id,
            kind="repair",
            invitation_id=affairs.invitation_id,
            created_at=NOW,
        )
    )

    def kinds(**asked):
        return [listed.kind for listed in messages(session, links=LINKS, **asked)]

    assert kinds() == ["invitation", "confirmation"]
    assert kinds(newest_first=True, limit=1) == ["confirmation"]
    assert kinds(to="+31687654321") == ["confirmation"]
    assert kinds(job_ref="second") == kinds(job_ref=affairs.job_ref) == ["invitation"]
    assert kinds(customer_id=other.customer_id) == ["confirmation"]
    assert kinds(to="+31600000000") == kinds(job_ref="no such job") == []
