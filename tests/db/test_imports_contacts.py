"""Contacts from a file: who is asked for a time, and which rows are refused."""

from io import BytesIO

import pytest
from sqlalchemy import select

from scheduling.actions.contacts import remove
from scheduling.actions.exits import not_for_me
from scheduling.actions.imports.contacts import import_contacts
from scheduling.actions.invitations import invite
from scheduling.actions.people import Person, correct_person
from scheduling.errors import NoSuchThing
from scheduling.models import Contact, Invitation
from scheduling.reads.corrections import corrections
from tests.environment import NOW
from tests.factories import a_customer, a_job, an_area, an_invitation, hours_later, working

HEADER = "contact_ref,customer_ref,role,first_name,last_name,phone,email"
DAUGHTER = "P1,C1,arranges,Anna,Bakker,06 87654321,"


@pytest.fixture
def load(database):
    """Loads a file of contacts: its rows."""

    def loaded(*rows, header=HEADER):
        with working(database.sessions, now=hours_later(1), actor="command") as work:
            return import_contacts(work, BytesIO("\n".join([header, *rows]).encode()))

    return loaded


@pytest.fixture
def mother(database):
    with working(database.sessions) as work:
        an_area(work)
        return a_customer(work, ref="C1")


def test_a_contact_is_added_updated_and_left_as_they_were(load, mother, session):
    first = load(DAUGHTER)
    second = load("P1,C1,arranges,,Visser,,")
    third = load("P1,C1,arranges,,Visser,,")

    contact = session.scalars(select(Contact)).one()
    assert (first.added, second.updated, third.unchanged) == (1, 1, 1)
    assert (contact.first_name, contact.last_name, contact.phone) == ("Anna", "Visser", "+31687654321")
    assert contact.language == "nl"


def test_whoever_arranges_things_is_asked_for_a_time(load, mother, database, session):
    load(DAUGHTER)

    with working(database.sessions) as work:
        invite(work, job_refs=[a_job(work, mother)])

    assert session.scalars(select(Invitation.contact_id)).one() == session.scalars(select(Contact.id)).one()


def test_a_caretaker_is_not_asked_for_a_time(load, mother, database, session):
    load("P1,C1,caretaker,,Bakker,06 87654321,")

    with working(database.sessions) as work:
        invite(work, job_refs=[a_job(work, mother)])

    assert session.scalars(select(Invitation.contact_id)).one() is None


def test_an_open_invitation_goes_over_to_whoever_arranges_things_now_and_back(load, database, session):
    with working(database.sessions) as work:
        an_area(work)
        an_invitation(work, ref="C1")
        an_invitation(work, ref="C2")

    load(DAUGHTER)
    taken_over = session.scalars(select(Invitation.contact_id).order_by(Invitation.id)).all()
    session.rollback()
    load("P1,C1,on_site,,,,")
    given_back = session.scalars(select(Invitation.contact_id).order_by(Invitation.id)).all()

    assert taken_over == [session.scalars(select(Contact.id)).one(), None]
    assert given_back == [None, None]


def test_a_contact_who_is_removed_is_asked_for_nothing_any_more(load, database, session):
    with working(database.sessions) as work:
        an_area(work)
        an_invitation(work, ref="C1")
    load(DAUGHTER)

    with working(database.sessions) as work:
        remove(work, "P1")

    assert session.scalars(select(Invitation.contact_id)).one() is None
    assert session.scalars(select(Contact)).all() == []


def test_removing_somebody_unknown_is_refused(database):
    with working(database.sessions) as work, pytest.raises(NoSuchThing):
        remove(work, "P9")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("P1,C9,arranges,,Bakker,06 87654321,", "customer_ref: no such customer; import customers first"),
        ("P1,C1,neighbour,,Bakker,06 87654321,", "role: must be one of: arranges, caretaker, on_site"),
        ("P1,C1,,,Bakker,06 87654321,", "role: must be one of: arranges, caretaker, on_site"),
        ("P1,C1,arranges,,,06 87654321,", "last_name: is empty; a contact needs a name"),
        ("P1,C1,arranges,,Bakker,,", "phone: is empty, and so is email; a contact needs one of them"),
        (
            "P1,C1,arranges,,Bakker,12,",
            "phone: is not a phone number; write it like 06 12345678 or +31612345678",
        ),
        (",C1,arranges,,Bakker,06 87654321,", "contact_ref: is empty"),
    ],
)
def test_a_row_that_cannot_be_used_is_refused_with_its_reason(load, mother, row, reason, session):
    report = load(row)

    assert report.refusals == [f"line 2: {reason}"]
    assert session.scalars(select(Contact)).all() == []


def test_two_people_cannot_both_arrange_things_for_one_customer(load, mother):
    in_one_file = load(DAUGHTER, "P2,C1,arranges,Bas,Bakker,06 11111111,")
    in_a_second = load("P3,C1,arranges,Cas,Bakker,06 11111112,")

    reason = "role: somebody else arranges things for this customer already"
    assert in_one_file.refusals == [f"line 3: {reason}"]
    assert in_a_second.refusals == [f"line 2: {reason}"]


def test_a_contact_cannot_pass_to_another_customer(load, mother, database):
    with working(database.sessions) as work:
        a_customer(work, ref="C2")
    load(DAUGHTER)

    report = load("P1,C2,arranges,Anna,Bakker,06 87654321,")

    assert report.refusals == ["line 2: customer_ref: this contact is another customer's"]


def test_what_a_contact_corrected_stays_with_a_warning(load, mother, database, session):
    load(DAUGHTER)
    with working(database.sessions) as work:
        person = Person(mother, work.session.scalars(select(Contact.id)).one())
        correct_person(work, person, {"phone": "+31611111111"})

    report = load("P1,C1,arranges,Anna,Visser,06 87654321,")

    contact = session.scalars(select(Contact)).one()
    assert report.warnings == ["line 2: phone: kept as the customer corrected it on 2026-11-24"]
    assert (contact.last_name, contact.phone) == ("Visser", "+31611111111")
    given_back = [(row.contact_ref, row.field, row.value) for row in corrections(session, NOW)]
    assert given_back == [("P1", "phone", "+31611111111")]


def test_a_number_of_somebody_else_is_not_taken_again_but_another_is(load, database, session):
    with working(database.sessions) as work:
        an_area(work)
        invitation_id = an_invitation(work, ref="C1")
    load(DAUGHTER)
    with working(database.sessions) as work:
        not_for_me(work, invitation_id, 1, {"+31687654321"})

    again = load(DAUGHTER)
    gone = session.scalars(select(Contact.phone)).one()
    session.rollback()
    load("P1,C1,arranges,Anna,Bakker,06 11111111,")

    reason = "phone: not taken: who reads there said on 2026-11-24 to be somebody else"
    assert (again.warnings, gone) == ([f"line 2: {reason}"], None)
    assert session.scalars(select(Contact.phone)).one() == "+31611111111"
    assert session.scalars(select(Contact.provenance)).one() == {}
