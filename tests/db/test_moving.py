"""Somebody moves: what stays with the house, what goes along, and what becomes of their visit."""

from functools import partial

import pytest
from sqlalchemy import select, update

from scheduling.actions import moving, visits
from scheduling.actions.imports.addresses import AddressRow, Door
from scheduling.actions.imports.kinds import import_kinds
from scheduling.actions.work import CustomerLeft, InvitationChanged, VisitCancelled, VisitChanged
from scheduling.errors import NotPossible, SameAddress
from scheduling.models import Address, ContactHistory, Customer, Invitation, Job, Kind, Visit, VisitJob
from scheduling.reads.asked import asked
from scheduling.reads.moving import on_moving
from tests.factories import a_job, a_window, an_address, an_area, an_invitation, counters, working

book = partial(visits.book, uid_host="portal.example")
IN_SOEST = AddressRow(Door("NL", "3761AB", 7, "A"), "Nieuwe Weg", "")
NEARBY = AddressRow(Door("NL", "3811AC", 7, ""), "", "")


@pytest.fixture
def events():
    """What was announced."""
    return []


@pytest.fixture
def work(database, events):
    """Areas for 3811 and 3761; repairs follow the person, maintenance the house."""
    with working(database.sessions, announce=lambda _, event: events.append(event)) as begun:
        an_area(begun)
        an_area(begun, "SOE", codes=("3761",))
        begun.session.execute(update(Kind).where(Kind.ref == "repair").values(follows="person"))
        yield begun


def jobs(work):
    rows = work.session.execute(
        select(Job.kind, Job.exit, Job.invitation_id, Job.withdrawn_at).order_by(Job.id)
    )
    return [(row.kind, row.exit, row.invitation_id is not None, row.withdrawn_at is None) for row in rows]


def test_both_kinds_in_one_visit_are_parted_and_the_visit_goes_along_nearby(work, events):
    window_id = a_window(work, capacity=2)
    invitation_id = an_invitation(work, kinds=("maintenance", "repair"))
    book(work, invitation_id, window_id)

    moving.move(work, invitation_id, NEARBY)

    assert jobs(work) == [("maintenance", "moved", True, False), ("repair", "", True, True)]
    visit = work.session.scalars(select(Visit)).one()
    address = work.session.get_one(Address, visit.address_id)
    assert (visit.state, visit.places, address.postcode) == ("booked", 1, "3811AC")
    assert counters(work, window_id) == (2, 1, 0)
    live = select(Job.kind).join(VisitJob, VisitJob.job_id == Job.id).where(VisitJob.live)
    assert work.session.scalars(live).all() == ["repair"]
    assert isinstance(events[-1], VisitChanged)
    said = work.session.scalars(select(ContactHistory.kind).order_by(ContactHistory.id)).all()
    assert said == ["new_address", "moved"]


def test_in_another_area_the_visit_ends_at_once_and_the_rest_is_chosen_anew(work, events):
    window_id = a_window(work, capacity=2)
    there = a_window(work, area="SOE")
    invitation_id = an_invitation(work, kinds=("maintenance", "repair"))
    book(work, invitation_id, window_id)

    moving.move(work, invitation_id, IN_SOEST)

    assert counters(work, window_id) == (2, 0, 0)
    (cancelled,) = [event for event in events if isinstance(event, VisitCancelled)]
    assert cancelled.undo_until is None
    assert book(work, invitation_id, there).changed
    assert asked(work.session, invitation_id).wanted.places == 1


def test_without_a_visit_the_invitation_follows_and_what_waits_is_written_anew(work, events):
    invitation_id = an_invitation(work, kinds=("maintenance", "repair"))

    moving.move(work, invitation_id, IN_SOEST)

    assert isinstance(events[-1], InvitationChanged)
    invitation = work.session.scalars(select(Invitation)).one()
    assert work.session.get_one(Address, invitation.address_id).postcode == "3761AB"


def test_all_that_is_open_for_them_is_parted_at_once(work):
    first = an_invitation(work, kinds=("repair",))
    customer_id = work.session.scalars(select(Customer.id)).one()
    a_job(work, customer_id, kind="maintenance")
    a_job(work, customer_id, kind="repair")

    moving.move(work, first, IN_SOEST)

    assert jobs(work) == [
        ("repair", "", True, True),
        ("maintenance", "moved", False, False),
        ("repair", "", False, True),
    ]


def test_work_with_an_address_of_its_own_stays_there_and_is_asked_about_anew(work):
    invitation_id = an_invitation(work, kinds=("repair", "repair"))
    address_id = work.session.scalars(select(Invitation.address_id)).one()
    stays = work.session.scalars(select(Job.id).order_by(Job.id.desc())).first()
    work.session.execute(update(Job).where(Job.id == stays).values(address_id=address_id))

    moving.move(work, invitation_id, IN_SOEST)

    assert jobs(work) == [("repair", "", True, True), ("repair", "", False, True)]
    assert work.session.scalars(select(Job.address_id).where(Job.id == stays)).one() == address_id


def test_only_work_with_addresses_of_its_own_keeps_invitation_and_visit(work):
    window_id, invitation_id = a_window(work), an_invitation(work, kinds=("repair",))
    address_id = work.session.scalars(select(Invitation.address_id)).one()
    work.session.execute(update(Job).values(address_id=address_id))
    book(work, invitation_id, window_id)

    moving.move(work, invitation_id, IN_SOEST)

    assert counters(work, window_id) == (1, 1, 0)
    assert work.session.scalars(select(Invitation.address_id)).one() == address_id


def test_what_is_done_already_is_nobodys_any_more(work):
    window_id, invitation_id = a_window(work), an_invitation(work, kinds=("maintenance",))
    book(work, invitation_id, window_id)
    visits.progress(work, invitation_id, "done")
    customer_id = work.session.scalars(select(Customer.id)).one()
    other = an_invitation_for(work, customer_id)

    moving.move(work, other, IN_SOEST)

    assert jobs(work) == [("maintenance", "", True, True), ("repair", "", True, True)]
    assert work.session.scalars(select(Visit.state)).one() == "done"


def an_invitation_for(work, customer_id):
    from scheduling.actions.invitations import invite

    ref = a_job(work, customer_id, kind="repair")
    invite(work, job_refs=[ref])
    return work.session.scalars(select(Job.invitation_id).where(Job.ref == ref)).one()


def test_who_has_only_work_of_the_house_needs_no_new_address(work, events):
    window_id, invitation_id = a_window(work), an_invitation(work)
    book(work, invitation_id, window_id)

    moving.move_out(work, invitation_id, note="To Groningen")
    moving.move_out(work, invitation_id, note="To Groningen")

    assert [event.after for event in events if isinstance(event, CustomerLeft)] == [
        {"reason": "moved", "jobs": work.session.scalars(select(Job.id)).all()}
    ]
    assert counters(work, window_id) == (1, 0, 0)
    said = work.session.execute(select(ContactHistory.kind, ContactHistory.body)).all()
    assert said == [("moved", "To Groningen")]


def test_who_has_work_that_goes_along_does(work):
    invitation_id = an_invitation(work, kinds=("maintenance", "repair"))

    with pytest.raises(NotPossible):
        moving.move_out(work, invitation_id)

    found = on_moving(work.session, invitation_id, "nl")
    assert (found.stays, found.goes) == (("onderhoud",), ("reparatie",))


def test_the_address_that_is_known_is_no_new_one(work):
    invitation_id = an_invitation(work, kinds=("repair",))
    address = work.session.scalars(select(Address)).one()
    door = Door("NL", address.postcode, address.house_number, address.house_suffix)

    with pytest.raises(SameAddress):
        moving.move(work, invitation_id, AddressRow(door, "", ""))


def test_who_moves_in_does_not_rename_the_street_of_others(work):
    other = an_address(work, postcode="3761AB", house_number=9)
    invitation_id = an_invitation(work, kinds=("repair",))

    moving.move(work, invitation_id, AddressRow(Door("NL", "3761AB", 9, ""), "Spookstraat", ""))

    assert work.session.get_one(Address, other).street == "Langestraat"
    assert work.session.scalars(select(Customer.address_id)).one() == other


def test_once_the_technician_is_there_nobody_moves(work):
    window_id, invitation_id = a_window(work), an_invitation(work, kinds=("repair",))
    book(work, invitation_id, window_id)
    visits.progress(work, invitation_id, "arrived")

    with pytest.raises(NotPossible):
        moving.move(work, invitation_id, IN_SOEST)


def test_whom_work_follows_is_read_with_its_kind(work):
    from io import BytesIO

    def load(text):
        return import_kinds(work, BytesIO(text.encode()))

    first = load("kind,follows\nrepair,house\nmaintenance,\n")
    wrong = load("kind,follows\nrepair,dog\n")
    fresh = load("kind,minutes,follows,name_nl\nmeter,30,person,meterwissel\n")

    assert (first.updated, first.unchanged, fresh.added) == (1, 1, 1)
    assert wrong.refusals == ["line 2: follows: must be one of: house, person"]
    found = dict(work.session.execute(select(Kind.ref, Kind.follows)).all())
    assert (found["repair"], found["maintenance"], found["meter"]) == ("house", "house", "person")
