"""Customers, jobs and kinds from files: what a second import changes, what it leaves, and at what price."""

from io import BytesIO

import pytest
from sqlalchemy import event, select

from scheduling.actions.customers import correct
from scheduling.actions.imports.customers import import_customers
from scheduling.actions.imports.jobs import import_jobs
from scheduling.actions.imports.kinds import import_kinds
from scheduling.models import Address, Customer, Job, Kind, KindText, Principal
from tests.factories import a_customer, hours_later, working

CUSTOMER = "customer_ref,last_name,phone,postcode,house_number,street"


@pytest.fixture
def load(database):
    """Loads a file: what action, its header, its rows."""

    def loaded(action, header, *rows):
        with working(database.sessions, now=hours_later(1), actor="command") as work:
            return action(work, BytesIO("\n".join([header, *rows]).encode()))

    return loaded


def test_an_empty_field_leaves_as_it_was_and_a_given_one_updates(load, session):
    load(import_customers, CUSTOMER, "C1,Vries,06 12345678,3811AB,1,Langestraat")

    report = load(import_customers, CUSTOMER, "C1,Jansen,,,,")

    customer, address = session.execute(select(Customer, Address).join(Address)).one()
    assert report.updated == 1
    assert (customer.last_name, customer.phone, customer.sort_key) == ("Jansen", "+31612345678", "jansen")
    assert (address.postcode, address.street) == ("3811AB", "Langestraat")


def test_what_was_corrected_stays_with_a_warning(load, database, session):
    load(import_customers, CUSTOMER, "C1,Vries,06 12345678,3811AB,1,")
    with working(database.sessions) as work:
        customer_id = work.session.scalars(select(Customer.id)).one()
        correct(work, customer_id, {"phone": "+31687654321"})

    report = load(import_customers, CUSTOMER, "C1,Vriesman,06 12345678,3811AB,1,")

    assert report.refusals == []
    assert report.warnings == ["line 2: phone: kept as the customer corrected it on 2026-11-24"]
    row = session.execute(select(Customer.last_name, Customer.phone)).one()
    assert tuple(row) == ("Vriesman", "+31687654321")


def test_people_behind_one_door_share_the_address_and_an_empty_street_takes_none_away(load, session):
    load(import_customers, CUSTOMER, "C1,Vries,,3811AB,1,Langestraat", "C2,Jansen,,3811 ab,1,")

    assert [row.street for row in session.scalars(select(Address))] == ["Langestraat"]


def test_another_street_counts_as_an_update_and_is_located_again(load, database, session):
    load(import_customers, CUSTOMER, "C1,Vries,,3811AB,1,Langestraat")
    with working(database.sessions) as work:
        work.session.scalars(select(Address)).one().geocoded_at = work.now

    report = load(import_customers, CUSTOMER, "C1,Vries,,3811AB,1,Kortestraat")

    address = session.scalars(select(Address)).one()
    assert (report.updated, report.unchanged) == (1, 0)
    assert (address.street, address.geocoded_at) == ("Kortestraat", None)


def test_the_number_of_statements_does_not_grow_with_the_number_of_rows(load, database):
    def statements(rows, suffix):
        counted = []
        event.listen(
            database.engine, "before_cursor_execute", lambda *arguments: counted.append(arguments[2])
        )
        lines = [f"C{number},Vries{suffix},,3811AB,{number + 1},S{suffix}" for number in range(rows)]
        load(import_customers, CUSTOMER, *lines)
        found = len(counted)
        counted.clear()
        return found

    first = statements(5, "a"), statements(5, "b")
    many = statements(400, "c"), statements(400, "d")

    assert many[1] <= first[1]  # every row changed, in one statement
    assert many[0] <= first[0] + first[1]


JOB = "job_ref,customer_ref,kind,minutes,due_by,principal,postcode,house_number"


def test_a_job_is_updated_and_its_empty_fields_stay(load, database, session):
    with working(database.sessions) as work:
        a_customer(work, ref="C1")
    load(import_jobs, JOB, "J1,C1,repair,30,2027-03-01,Woonbedrijf,3812AB,9")

    report = load(import_jobs, JOB, "J1,C1,inspection,,2027-04-01,,,")
    same = load(import_jobs, JOB, "J1,C1,inspection,,2027-04-01,,,")

    job, principal, address = session.execute(
        select(Job, Principal.name, Address.postcode).join(Principal).join(Address)
    ).one()
    assert (report.updated, same.unchanged) == (1, 1)
    assert (job.kind, job.minutes, job.due_by.isoformat()) == ("inspection", 30, "2027-04-01")
    assert (principal, address) == ("Woonbedrijf", "3812AB")


def test_a_job_does_not_change_hands(load, database):
    with working(database.sessions) as work:
        a_customer(work, ref="C1")
        a_customer(work, ref="C2")
    load(import_jobs, JOB, "J1,C1,repair,,,,,")

    report = load(import_jobs, JOB, "J1,C2,repair,,,,,")

    assert report.refusals == ["line 2: customer_ref: this job is another customer's"]


def test_a_due_date_is_judged_with_the_date_that_stays(load, database):
    with working(database.sessions) as work:
        a_customer(work, ref="C1")
    header = "job_ref,customer_ref,kind,not_before,due_by"
    load(import_jobs, header, "J1,C1,repair,2027-03-01,2027-04-01")

    report = load(import_jobs, header, "J1,C1,repair,,2027-02-01")

    assert report.refusals == ["line 2: due_by: lies before not_before"]


def test_a_kind_has_texts_in_any_language_in_its_usual_spelling(load, session):
    load(import_kinds, "kind,minutes,name_nl,name_zh-hant,prepare_nl", "fibre,90,Glasvezel,光纖,Ruimte maken")

    load(import_kinds, "kind,minutes,name_nl,name_zh-hant,prepare_nl", "fibre,,Glas,,")

    texts = session.execute(
        select(KindText.language, KindText.name, KindText.prepare).where(KindText.kind == "fibre")
    )
    assert sorted(map(tuple, texts)) == [("nl", "Glas", "Ruimte maken"), ("zh-Hant", "光纖", "")]
    assert session.scalar(select(Kind.minutes).where(Kind.ref == "fibre")) == 90


def test_a_text_in_a_language_without_a_name_is_warned_about(load):
    report = load(import_kinds, "kind,minutes,name_nl,prepare_pl", "fibre,90,Glasvezel,Prosze")

    assert report.warnings == ["line 2: name_pl: is empty, so the other texts in this language are not kept"]
