"""What has been kept long enough goes, and nothing else does: rows of every kind, by their dates."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, insert, select, update

from app.config import Keep
from app.retention import sweeps
from notifications.models import Message
from notifications.retention import FORGOTTEN
from scheduling.actions import visits
from scheduling.actions.jobs import withdraw
from scheduling.actions.retention import count_due, sweep_batch
from scheduling.models import (
    Address,
    ContactChange,
    ContactHistory,
    Customer,
    History,
    Invitation,
    Job,
    Visit,
    Window,
)
from tests.environment import NOW
from tests.factories import (
    a_customer,
    a_job,
    a_window,
    an_address,
    an_area,
    an_invitation,
    counters,
    working,
)

KEEP = Keep(customers=730, messages=365, said=365, history=730)
LONG_AGO = NOW - timedelta(days=731)
DAY = timedelta(days=1)


def sweep(database, *, keep=KEEP, now=NOW, limit=100):
    """Sweeps until nothing is due; how many rows of each kind went."""
    ended = {}
    for one in sweeps(keep, now):
        with database.sessions.read() as session:
            due = count_due(session, one)
        ended[one.what] = 0
        while True:
            with working(database.sessions, now=now, actor="worker") as work:
                count = sweep_batch(work, one, limit)
            if not count:
                break
            ended[one.what] += count
        if one.what != "addresses":
            assert ended[one.what] == due
    return ended


def customers(database):
    with database.sessions.read() as session:
        return set(session.scalars(select(Customer.ref)))


def rows(database, table):
    with database.sessions.read() as session:
        return session.scalar(select(func.count()).select_from(table))


def a_past_customer(work, **values):
    return a_customer(work, imported_at=LONG_AGO, created_at=LONG_AGO, **values)


def test_a_customer_with_whom_nothing_was_to_do_for_two_years_goes_with_their_address(database):
    with working(database.sessions) as work:
        a_past_customer(work, ref="past")
        a_customer(work, ref="recent", imported_at=NOW - 729 * DAY, created_at=LONG_AGO)

    ended = sweep(database)

    assert ended["customers"] == 1
    assert customers(database) == {"recent"}
    assert rows(database, Address) == 1
    with database.sessions.read() as session:
        (line,) = session.scalars(select(History))
    assert (line.event, line.actor, line.customer_id, line.after) == (
        "customers_erased",
        "worker",
        None,
        {"customers": 1},
    )


@pytest.mark.parametrize(
    ("job", "stays"),
    [
        ({}, True),
        ({"withdrawn_at": LONG_AGO}, False),
        ({"withdrawn_at": NOW - DAY}, True),
        ({"due_by": date(2024, 11, 20)}, False),
        ({"due_by": date(2024, 11, 26)}, True),
    ],
    ids=["open", "withdrawn long ago", "just withdrawn", "due more than 730 days ago", "due since"],
)
def test_work_keeps_its_customer_until_it_has_been_over_for_long_enough(database, job, stays):
    with working(database.sessions) as work:
        a_job(work, a_past_customer(work, ref="past"), created_at=LONG_AGO, **job)

    sweep(database)

    assert customers(database) == ({"past"} if stays else set())


def test_a_visit_ahead_and_a_link_that_opens_keep_their_customer(database):
    with working(database.sessions, now=LONG_AGO) as work:
        an_area(work)
        booked = an_invitation(work, ref="booked", imported_at=LONG_AGO, created_at=LONG_AGO)
        an_invitation(work, ref="asked", imported_at=LONG_AGO, created_at=LONG_AGO)
    with working(database.sessions) as work:
        window_id = a_window(work)
        visits.book(work, booked, window_id, uid_host="example")
        # Of the first only the visit is left to speak for them, of the second only the link.
        work.session.execute(update(Invitation).where(Invitation.id == booked).values(ended="revoked"))
        work.session.execute(update(Visit).values(changed_at=LONG_AGO))
        work.session.execute(update(Job).values(due_by=LONG_AGO.date()))
        work.session.execute(update(Invitation).values(expires_at=NOW + DAY))

    assert sweep(database)["customers"] == 0
    assert customers(database) == {"booked", "asked"}

    with working(database.sessions) as work:
        work.session.execute(update(Invitation).values(expires_at=NOW - DAY))

    assert sweep(database)["customers"] == 1
    assert customers(database) == {"booked"}


def test_somebody_we_heard_from_or_wrote_to_stays(database):
    with working(database.sessions) as work:
        heard = a_past_customer(work, ref="heard")
        a_past_customer(work, ref="checked", checked_at=NOW - DAY)
        wrote = a_past_customer(work, ref="written to")
        work.session.execute(insert(ContactHistory).values(**_said(heard, NOW - DAY)))
        invitation_id = _an_old_invitation(work, wrote)
        work.session.execute(insert(Message).values(**_message(wrote, invitation_id, at=NOW - DAY)))

    sweep(database)

    assert customers(database) == {"heard", "checked", "written to"}


def test_a_customer_goes_with_messages_visits_contacts_and_what_they_said(database):
    with working(database.sessions, now=LONG_AGO - 30 * DAY) as work:
        an_area(work)
        past = an_invitation(work, ref="past", imported_at=LONG_AGO, created_at=LONG_AGO)
        window_id = a_window(work, day=LONG_AGO.date() - 9 * DAY)
        visits.book(work, past, window_id, uid_host="example")
        customer_id = work.session.scalar(select(Customer.id))
        work.session.execute(insert(ContactHistory).values(**_said(customer_id, LONG_AGO, past)))
        work.session.execute(insert(Message).values(**_message(customer_id, past, at=LONG_AGO)))
        work.session.execute(update(Job).values(due_by=LONG_AGO.date() - 9 * DAY))

    assert sweep(database)["customers"] == 1
    for table in (Customer, Visit, Invitation, Job, ContactHistory, Message, Address):
        assert rows(database, table) == 0, table
    with database.sessions.read() as session:
        assert counters(session, window_id) == (1, 0, 0)


def test_an_old_message_loses_its_text_and_its_recipient(database):
    with working(database.sessions) as work:
        an_area(work)
        customer_id = a_customer(work)
        invitation_id = _an_old_invitation(work, customer_id)
        for key, state, at in (
            ("old", "delivered", NOW - 366 * DAY),
            ("recent", "delivered", NOW - 364 * DAY),
            ("waits", "waiting", NOW - 366 * DAY),
        ):
            values = _message(customer_id, invitation_id, at=at, state=state, event_key=key, provider_id=key)
            work.session.execute(insert(Message).values(**values))

    assert sweep(database)["messages"] == 1
    assert sweep(database)["messages"] == 0

    with database.sessions.read() as session:
        found = {message.event_key: message for message in session.scalars(select(Message))}
    old = found["old"]
    assert (old.to, old.subject, old.body, old.provider_id) == (FORGOTTEN, "", "", None)
    assert (old.kind, old.channel, old.state) == ("invitation", "sms", "delivered")
    assert {found[key].to for key in ("recent", "waits")} == {"+31612345678"}
    assert all(found[key].body for key in ("recent", "waits"))


def test_a_letter_that_waits_for_the_printer_for_ever_keeps_nobody(database):
    with working(database.sessions) as work:
        past = a_past_customer(work, ref="past")
        invitation_id = _an_old_invitation(work, past)
        letter = {"channel": "letter", "state": "waiting", "event_key": "a", "at": NOW - 366 * DAY}
        work.session.execute(insert(Message).values(**_message(past, invitation_id, **letter)))

    assert sweep(database)["messages"] == 1
    with database.sessions.read() as session:
        (message,) = session.scalars(select(Message))
    assert (message.to, message.body, message.state) == (FORGOTTEN, "", "withdrawn")
    # Written to a year ago, it keeps them for another one.
    assert sweep(database, now=NOW + 363 * DAY)["customers"] == 0
    assert sweep(database, now=NOW + 365 * DAY)["customers"] == 1


def test_what_a_customer_wrote_goes_and_that_they_wrote_stays(database):
    with working(database.sessions) as work:
        customer_id = a_customer(work)
        for at in (NOW - 366 * DAY, NOW - 364 * DAY):
            work.session.execute(insert(ContactHistory).values(**_said(customer_id, at)))
        # From a number that nobody has: there is nobody with whom it could go later.
        work.session.execute(insert(ContactHistory).values(**_said(None, NOW - 366 * DAY)))

    sweep(database)

    with database.sessions.read() as session:
        query = select(ContactHistory.body, ContactHistory.kind).order_by(ContactHistory.at)
        assert [tuple(row) for row in session.execute(query)] == [("", "wishes"), ("Liever niet.", "wishes")]


def test_old_history_and_contact_changes_that_expired_go(database):
    with working(database.sessions) as work:
        customer_id = a_customer(work)
        for at in (NOW - 731 * DAY, NOW - 729 * DAY):
            work.session.execute(insert(History).values(at=at, actor="staff:1", event="windows_changed"))
        for expired in (NOW - 8 * DAY, NOW - 6 * DAY):
            work.session.execute(
                insert(ContactChange).values(
                    customer_id=customer_id,
                    field="phone",
                    value="+31687654321",
                    created_at=expired - DAY,
                    expires_at=expired,
                )
            )

    ended = sweep(database)

    assert (ended["history"], ended["contact changes"]) == (1, 1)
    assert (rows(database, History), rows(database, ContactChange)) == (1, 1)


def test_an_address_is_kept_for_whoever_else_is_there(database):
    with working(database.sessions) as work:
        shared = an_address(work)
        a_past_customer(work, ref="past", address_id=shared)
        a_customer(work, ref="now", address_id=shared)
        an_address(work)

    sweep(database)

    with database.sessions.read() as session:
        assert (
            list(session.scalars(select(Address.id)))
            == [session.scalar(select(Customer.address_id))]
            == [shared]
        )


def test_nothing_goes_where_0_days_means_for_ever(database):
    with working(database.sessions) as work:
        customer_id = a_past_customer(work, ref="past")
        work.session.execute(insert(ContactHistory).values(**_said(customer_id, LONG_AGO)))
        work.session.execute(insert(History).values(at=LONG_AGO, actor="customer", event="x"))

    ended = sweep(database, keep=Keep(customers=0, messages=0, said=0, history=0))

    assert ended == {"contact changes": 0, "addresses": 0}
    assert customers(database) == {"past"}


def test_many_go_in_small_batches(database):
    with working(database.sessions) as work:
        for _ in range(7):
            a_past_customer(work)

    assert sweep(database, limit=3)["customers"] == 7
    assert rows(database, Customer) == 0


def test_a_customer_who_came_back_to_life_while_we_looked_stays(database, monkeypatch):
    with working(database.sessions) as work:
        customer_id = a_past_customer(work, ref="past")
    (one,) = [one for one in sweeps(KEEP, NOW) if one.what == "customers"]

    with working(database.sessions, actor="worker") as work:
        looked = work.session.scalars

        def meanwhile(statement, *args, **kwargs):
            found = looked(statement, *args, **kwargs)
            if statement is not one.due and not work.session.scalar(select(func.count(Job.id))):
                a_job(work, customer_id)
            return found

        monkeypatch.setattr(work.session, "scalars", meanwhile)
        assert sweep_batch(work, one, 10) == 0

    assert customers(database) == {"past"}


def test_withdrawn_work_whose_time_is_over_leaves_no_counter_wrong(database):
    with working(database.sessions, now=LONG_AGO - 30 * DAY) as work:
        an_area(work)
        past = an_invitation(work, ref="past", imported_at=LONG_AGO, created_at=LONG_AGO)
        window_id = a_window(work, day=LONG_AGO.date() - 9 * DAY, capacity=2)
        visits.book(work, past, window_id, uid_host="example")
        withdraw(work, list(work.session.scalars(select(Job.ref))))

    sweep(database)

    assert customers(database) == set()
    with database.sessions.read() as session:
        assert counters(session, window_id) == (2, 0, 0)
    assert rows(database, Window) == 1


def _said(customer_id, at, invitation_id=None):
    return {
        "at": at,
        "direction": "in",
        "channel": "web",
        "kind": "wishes",
        "customer_id": customer_id,
        "invitation_id": invitation_id,
        "actor": "customer",
        "body": "Liever niet.",
    }


def _an_old_invitation(work, customer_id):
    address_id = work.session.scalar(select(Customer.address_id).where(Customer.id == customer_id))
    return work.session.scalar(
        insert(Invitation)
        .values(
            customer_id=customer_id,
            address_id=address_id,
            created_at=LONG_AGO - DAY,
            expires_at=LONG_AGO,
        )
        .returning(Invitation.id)
    )


def _message(customer_id, invitation_id, *, at, **values):
    return {
        "event_key": f"invitation:{invitation_id}:1",
        "kind": "invitation",
        "channel": "sms",
        "customer_id": customer_id,
        "invitation_id": invitation_id,
        "link_version": 1,
        "to": "+31612345678",
        "body": "Geachte mevrouw De Vries, kies zelf uw tijd: [[link]]",
        "language": "nl",
        "formality": "formal",
        "state": "sent",
        "due_at": at,
        "created_at": at,
        **values,
    }
