"""`corrections export`: what customers and staff corrected, given back to the company's own system."""

import csv
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from sqlalchemy import insert, select, update

from scheduling.actions.customers import correct
from scheduling.actions.people import Person, correct_person
from scheduling.models import Contact, Customer, WrongRecipient
from tests.environment import NOW
from tests.factories import a_customer, working
from tests.web.commands import CUSTOMERS, load, run

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
A_DAY = timedelta(days=1)


@pytest.fixture
def sanne(app, database) -> int:
    """C1, in whose data nobody corrected anything yet."""
    with working(database.sessions) as work:
        return a_customer(work, ref="C1")


def exported(app, since: str, *more: str) -> list[tuple[str, ...]]:
    answer = run(app, "corrections", "export", "--since", since, "--json", *more)
    assert answer.status == 0, answer.err
    return [
        (row["customer_ref"], row["field"], row["value"], row["source"], row["at"], row["contact_ref"])
        for row in answer.rows
    ]


def test_every_corrected_field_is_a_row_as_it_is_now(app, database, sanne):
    with working(database.sessions) as work:
        correct(work, sanne, {"last_name": "Bakker", "phone": "+31687654321"})
    with working(database.sessions, now=NOW + A_DAY, actor="staff:7") as work:
        correct(work, sanne, {"phone": None})

    assert exported(app, "2026-11-24") == [
        ("C1", "last_name", "Bakker", "customer", "2026-11-24T10:00:00+01:00", ""),
        ("C1", "phone", "", "staff", "2026-11-25T10:00:00+01:00", ""),
    ]


@pytest.mark.parametrize(
    ("since", "fields"),
    [
        ("2026-11-24", ["email", "phone"]),
        ("2026-11-25", ["phone"]),
        ("2026-11-25T00:00:00+01:00", ["phone"]),
        ("2026-11-24T23:00:00Z", ["phone"]),
        ("2026-11-25T00:00:01+01:00", []),
        ("2026-11-26", []),
    ],
)
@ON_SQLITE
def test_since_is_inclusive_and_a_local_day(app, database, sanne, since, fields):
    with working(database.sessions) as work:
        correct(work, sanne, {"email": "a@example.org"})
    midnight = datetime(2026, 11, 24, 23, tzinfo=UTC)  # 25 November 00:00 in Amsterdam
    with working(database.sessions, now=midnight) as work:
        correct(work, sanne, {"phone": None})

    assert [row[1] for row in exported(app, since)] == fields


def test_contacts_wrong_recipients_and_what_was_checked_are_there_too(app, database, sanne):
    with working(database.sessions) as work:
        contact_id = work.session.execute(
            insert(Contact)
            .values(ref="P1", customer_id=sanne, role="arranges", first_name="Anna", created_at=NOW)
            .returning(Contact.id)
        ).scalar_one()
        correct_person(work, Person(sanne, contact_id), {"first_name": "Anneke", "phone": "+31611111199"})
        correct_person(work, Person(sanne, contact_id), {"phone": "+31611111198"})
        work.session.execute(insert(WrongRecipient).values(customer_id=sanne, value="+31612345678", at=NOW))
        work.session.execute(update(Customer).where(Customer.id == sanne).values(checked_at=NOW))

    at = "2026-11-24T10:00:00+01:00"
    assert exported(app, "2026-11-24") == [
        ("C1", "first_name", "Anneke", "customer", at, "P1"),
        ("C1", "phone", "+31611111198", "customer", at, "P1"),
        ("C1", "wrong_recipient", "+31612345678", "recipient", at, ""),
        ("C1", "checked", "", "customer", at, ""),
    ]
    assert exported(app, "2026-11-25") == []


def test_a_corrected_address_is_given_by_the_columns_of_the_import(app, database, sanne):
    with working(database.sessions) as work:
        origin = {"address": {"source": "customer", "at": NOW.isoformat()}}
        work.session.execute(update(Customer).where(Customer.id == sanne).values(provenance=origin))

    rows = {field: value for _ref, field, value, *_rest in exported(app, "2026-11-24")}

    assert rows.keys() == {"postcode", "house_number", "house_suffix", "street", "place"}
    assert (rows["postcode"], rows["street"], rows["place"]) == ("3811AB", "Langestraat", "Amersfoort")


@ON_SQLITE
def test_as_csv_it_has_its_header_always_and_survives_commas_and_quotes(app, database, sanne):
    nothing = run(app, "corrections", "export", "--since", "2026-11-24")
    with working(database.sessions) as work:
        correct(work, sanne, {"last_name": 'Jansen, "Jan"'})

    answer = run(app, "corrections", "export", "--since", "2026-11-24")

    header = "customer_ref,field,value,source,at,contact_ref"
    assert (nothing.status, nothing.out) == (0, f"{header}\n")
    (row,) = csv.DictReader(StringIO(answer.out))
    assert row["value"] == 'Jansen, "Jan"'
    assert row["at"] == "2026-11-24T10:00:00+01:00"


@pytest.mark.parametrize("since", ["yesterday", "2026-13-01", "2026-11-24T08:00:00", "24-11-2026", ""])
@ON_SQLITE
def test_a_moment_that_cannot_be_read_is_one_line(app, database, since):
    answer = run(app, "corrections", "export", "--since", since)

    assert (answer.status, answer.out, len(answer.complaints)) == (2, "", 1)
    assert "--since" in answer.err


CORRECTED = {
    "title": "couple",
    "first_name": "Anna",
    "infix": "",
    "last_name": "Bakker",
    "formality": "informal",
    "language": "pl",
    "phone": None,
    "email": "anna@example.org",
    "channel": "email",
}


@pytest.mark.parametrize("field", CORRECTED)
@ON_SQLITE
def test_a_later_import_overwrites_no_corrected_field_and_says_so(app, database, tmp_path, field):
    header = CUSTOMERS.splitlines()[0] + ",formality,language,channel"
    row = "C1,ms,Sanne,de,Vries,06 12345678,sanne@example.org,3811 AB,12,formal,nl,sms"
    assert load(app, tmp_path, "customers", f"{header}\n{row}\n").status == 0
    with database.sessions.read() as session:
        customer_id = session.scalars(select(Customer.id)).one()
    with working(database.sessions) as work:
        correct(work, customer_id, {field: CORRECTED[field]})

    again = load(app, tmp_path, "customers", f"{header}\n{row}\n")

    with database.sessions.read() as session:
        assert getattr(session.get_one(Customer, customer_id), field) == CORRECTED[field]
    assert again.status == 0
    assert [f"line 2: {field}: kept as the customer corrected it on 2026-11-24"] == again.complaints


@ON_SQLITE
def test_importing_what_was_corrected_is_no_conflict(app, database, tmp_path):
    assert load(app, tmp_path, "customers", CUSTOMERS).status == 0
    with database.sessions.read() as session:
        customer_id = session.scalars(select(Customer.id).where(Customer.ref == "C1")).one()
    with working(database.sessions) as work:
        correct(work, customer_id, {"phone": "+31687654321", "last_name": "Bakker"})

    corrected = CUSTOMERS.replace("06 12345678", "06 87654321").replace("de,Vries", "de,Bakker")
    again = load(app, tmp_path, "customers", corrected)

    assert (again.status, again.complaints) == (0, [])
