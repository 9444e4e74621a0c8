"""Customers who want no visit: what ends, what staff hear, what can be taken back, and what a stranger may say."""

from datetime import timedelta
from functools import partial
from io import BytesIO

import pytest
from sqlalchemy import select, update

from scheduling.actions import exits, visits
from scheduling.actions.imports.customers import import_customers
from scheduling.actions.invitations import invite
from scheduling.actions.jobs import withdraw
from scheduling.actions.work import CustomerLeft, CustomerReturned, VisitRestored, WrongRecipientTold
from scheduling.errors import LinkEnded, NotPossible
from scheduling.models import (
    Contact,
    ContactHistory,
    Customer,
    History,
    Invitation,
    Job,
    Visit,
    VisitJob,
    WrongRecipient,
)
from scheduling.reads.asked import check_link
from tests.environment import NOW
from tests.factories import (
    a_job,
    a_window,
    an_address,
    an_area,
    an_invitation,
    counters,
    hours_later,
    working,
)

book = partial(visits.book, uid_host="portal.example")
PHONE, EMAIL = "+31612345678", "sanne@example.org"


@pytest.fixture
def events():
    """What was announced."""
    return []


@pytest.fixture
def at(database, events):
    """Units of work, so many minutes after now."""

    def begin(minutes=0):
        now = NOW + timedelta(minutes=minutes)
        return working(database.sessions, now=now, announce=lambda _, event: events.append(event))

    return begin


@pytest.fixture
def work(at):
    """A unit of work with an area for 3811."""
    with at() as begun:
        an_area(begun)
        yield begun


def ended(work, *, version=1, now=NOW):
    """What the link says: the facts of its refusal, or None while it opens."""
    (invitation_id,) = work.session.scalars(select(Invitation.id)).all()
    try:
        check_link(work.session, invitation_id, version, now)
    except LinkEnded as refusal:
        return refusal.facts
    return None


def said(work):
    columns = (ContactHistory.kind, ContactHistory.body, ContactHistory.handled_by)
    return [tuple(row) for row in work.session.execute(select(*columns).order_by(ContactHistory.id))]


@pytest.mark.parametrize("reason", ["done", "not_needed", "refused"])
def test_an_exit_ends_link_and_jobs_and_tells_staff(work, events, reason):
    invitation_id = an_invitation(work, kinds=("maintenance", "repair"))

    exits.leave(work, invitation_id, reason, note="By my neighbour")
    exits.leave(work, invitation_id, reason, note="By my neighbour")

    assert work.session.execute(select(Job.withdrawn_at, Job.exit)).all() == [(NOW, reason)] * 2
    row = work.session.execute(select(Invitation.ended, Invitation.exit, Invitation.exited_at)).one()
    assert row == ("revoked", reason, NOW)
    assert said(work) == [(reason, "By my neighbour", "")]
    assert [type(event) for event in events if isinstance(event, CustomerLeft)] == [CustomerLeft]
    assert ended(work) == {"reason": reason, "can_return": True}
    assert ended(work, now=hours_later(24 * 400)) == {"reason": reason, "can_return": False}


def test_an_exit_with_a_visit_keeps_its_place_for_a_while_and_brings_it_back(work, events):
    window_id, invitation_id = a_window(work), an_invitation(work)
    book(work, invitation_id, window_id)

    exits.leave(work, invitation_id, "not_needed")
    assert counters(work, window_id) == (1, 0, 1)
    assert work.session.scalars(select(Visit.state)).one() == "cancelled"

    assert exits.come_back(work, invitation_id).is_booked
    assert counters(work, window_id) == (1, 1, 0)
    assert work.session.execute(select(Visit.state, Visit.sequence)).one() == ("booked", 2)
    assert work.session.scalars(select(VisitJob.live)).all() == [True]
    assert [type(event) for event in events[-2:]] == [CustomerReturned, VisitRestored]
    assert ended(work) is None
    assert said(work) == [("not_needed", "", "customer")]
    assert exits.come_back(work, invitation_id).is_booked is False


def test_after_a_quarter_of_an_hour_the_link_opens_again_without_the_visit(at):
    with at() as work:
        an_area(work)
        window_id, invitation_id = a_window(work), an_invitation(work)
        book(work, invitation_id, window_id)
        exits.leave(work, invitation_id, "done")

    with at(minutes=15) as work:
        assert exits.come_back(work, invitation_id).is_booked is False
        assert ended(work) is None
        assert work.session.execute(select(Job.withdrawn_at, Job.exit)).all() == [(None, "")]
        book(work, invitation_id, window_id)
        assert counters(work, window_id) == (1, 1, 0)


def test_a_visit_that_was_cancelled_before_does_not_come_back_with_the_customer(work):
    window_id, invitation_id = a_window(work), an_invitation(work)
    book(work, invitation_id, window_id)
    visits.cancel(work, invitation_id)

    exits.leave(work, invitation_id, "refused")

    assert counters(work, window_id) == (1, 0, 0)
    assert exits.come_back(work, invitation_id).is_booked is False


def test_the_same_exit_may_be_made_and_taken_back_again(work):
    invitation_id = an_invitation(work)

    for _ in range(2):
        exits.leave(work, invitation_id, "done")
        exits.come_back(work, invitation_id)

    assert [handled_by for _, _, handled_by in said(work)] == ["customer", "customer"]


@pytest.mark.parametrize("state", ["arrived", "done"])
def test_it_is_too_late_to_leave_once_the_technician_is_there(work, state):
    window_id, invitation_id = a_window(work), an_invitation(work)
    book(work, invitation_id, window_id)
    visits.progress(work, invitation_id, state)

    with pytest.raises(NotPossible):
        exits.leave(work, invitation_id, "not_needed")

    assert said(work) == []


def test_another_reason_or_a_withdrawn_invitation_is_refused(work):
    invitation_id = an_invitation(work)
    exits.leave(work, invitation_id, "done")

    with pytest.raises(LinkEnded):
        exits.leave(work, invitation_id, "refused")


@pytest.mark.parametrize("reason", ["moved", "withdrawn"])
def test_only_the_customers_own_word_can_be_taken_back(work, reason):
    invitation_id = an_invitation(work)
    if reason == "moved":
        exits.leave(work, invitation_id, reason)
    else:
        withdraw(work, work.session.scalars(select(Job.ref)).all())

    with pytest.raises(NotPossible):
        exits.come_back(work, invitation_id)


def test_an_expired_link_cannot_be_opened_again(at):
    with at() as work:
        invitation_id = an_invitation(work)
        exits.leave(work, invitation_id, "done")
    with at(minutes=60 * 24 * 400) as work, pytest.raises(LinkEnded):
        exits.come_back(work, invitation_id)


def test_what_the_company_withdraws_meanwhile_does_not_come_back(work):
    window_id = a_window(work, capacity=3)
    invitation_id = an_invitation(work, kinds=("maintenance", "repair"))
    book(work, invitation_id, window_id)
    first, second = work.session.scalars(select(Job.ref).order_by(Job.id)).all()
    exits.leave(work, invitation_id, "not_needed")

    assert withdraw(work, [second]) == 0
    assert exits.come_back(work, invitation_id).is_booked

    live = select(Job.ref).join(VisitJob, VisitJob.job_id == Job.id).where(VisitJob.live)
    assert work.session.scalars(live).all() == [first]
    assert work.session.scalars(select(Job.ref).where(Job.withdrawn_at.is_(None))).all() == [first]


def test_when_the_company_withdraws_everything_the_exit_is_final_and_the_place_free(work):
    window_id, invitation_id = a_window(work), an_invitation(work)
    book(work, invitation_id, window_id)
    exits.leave(work, invitation_id, "not_needed")

    withdraw(work, work.session.scalars(select(Job.ref)).all())

    assert ended(work) == {"reason": "withdrawn", "can_return": False}
    assert counters(work, window_id) == (1, 0, 0)
    with pytest.raises(NotPossible):
        exits.come_back(work, invitation_id)


def test_a_stranger_ends_the_link_and_is_forgotten_but_cancels_nothing(work, events):
    window_id = a_window(work)
    invitation_id = an_invitation(work, phone=PHONE, email=EMAIL)
    book(work, invitation_id, window_id)

    exits.not_for_me(work, invitation_id, 1, {PHONE})
    exits.not_for_me(work, invitation_id, 1, {PHONE})

    customer = work.session.scalars(select(Customer)).one()
    assert (customer.phone, customer.email) == (None, EMAIL)
    assert customer.provenance == {"phone": {"source": "recipient", "at": NOW.isoformat()}}
    assert work.session.execute(select(WrongRecipient.value, WrongRecipient.at)).all() == [(PHONE, NOW)]
    assert work.session.scalars(select(Visit.state)).one() == "booked"
    assert ended(work, version=1) == {"reason": "not_for_me", "can_return": False}
    assert ended(work, version=2) is None
    assert said(work) == [("not_for_me", "", "")]
    told = [event for event in events if isinstance(event, WrongRecipientTold)]
    assert [(event.recipients, event.version) for event in told] == [((PHONE,), 2)]
    kept = [*work.session.scalars(select(History.after)), *work.session.scalars(select(History.before))]
    assert PHONE not in str(kept)


def test_a_stranger_with_the_last_version_of_a_link_ends_it_altogether(work):
    invitation_id = an_invitation(work)
    work.session.execute(update(Invitation).values(version=255))

    exits.not_for_me(work, invitation_id, 255, {PHONE})

    assert ended(work, version=255) == {"reason": "not_for_me", "can_return": False}


def test_a_stranger_ends_the_links_to_the_other_homes_of_that_customer_too(work, events):
    invitation_id = an_invitation(work, phone=PHONE)
    customer_id = work.session.scalars(select(Customer.id)).one()
    invite(work, job_refs=[a_job(work, customer_id, address_id=an_address(work))])
    somebody_else = an_invitation(work, phone=PHONE)

    exits.not_for_me(work, invitation_id, 1, {PHONE})

    versions = dict(work.session.execute(select(Invitation.id, Invitation.version)).all())
    assert [version for each, version in sorted(versions.items()) if each != somebody_else] == [2, 2]
    assert versions[somebody_else] == 1
    assert len([event for event in events if isinstance(event, WrongRecipientTold)]) == 2
    assert said(work) == [("not_for_me", "", "")]


def test_the_number_of_somebody_who_speaks_for_the_customer_is_forgotten_too(work):
    invitation_id = an_invitation(work, phone=None)
    customer_id = work.session.scalars(select(Customer.id)).one()
    contact = Contact(customer_id=customer_id, role="arranges", phone=PHONE, created_at=NOW)
    work.session.add(contact)
    work.session.flush()

    exits.not_for_me(work, invitation_id, 1, {PHONE})

    work.session.expire_all()
    assert work.session.scalars(select(Contact.phone)).one() is None


def file(phone):
    return BytesIO(f"customer_ref,postcode,house_number,phone\nC1,3811AB,7,{phone}\n".encode())


def test_an_import_does_not_bring_a_strangers_number_back_but_takes_another(work):
    invitation_id = an_invitation(work, ref="C1", phone=PHONE)
    exits.not_for_me(work, invitation_id, 1, {PHONE})

    again = import_customers(work, file(PHONE))
    other = import_customers(work, file("0687654321"))
    once_more = import_customers(work, file(PHONE))

    warning = "line 2: phone: not taken: who reads there said on 2026-11-24 to be somebody else"
    assert (again.warnings, other.warnings, once_more.warnings) == ([warning], [], [warning])
    row = work.session.execute(select(Customer.phone, Customer.provenance)).one()
    assert row == ("+31687654321", {})
