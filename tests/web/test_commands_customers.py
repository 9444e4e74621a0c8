"""What a customer may ask for: all that is kept of them, and that nothing of it is left."""

import json
import stat
from dataclasses import replace

import pytest
from sqlalchemy import MetaData, insert, select, update

from scheduling.actions import visits
from scheduling.actions.customers import correct
from scheduling.models import (
    Address,
    Contact,
    ContactChange,
    ContactHistory,
    Customer,
    History,
    Invitation,
    WrongRecipient,
)
from tests.environment import NOW
from tests.factories import a_customer, an_address, an_invitation, hours_later, working
from tests.web.commands import run
from tests.web.customers import EMAIL, PHONE, STREET, Household, a_household, book, cancel

REF = "KLANT-77-XYZ"
NAME, CONTACT_NAME, WISHES, NEW_PHONE = "Zwaluwenberg", "Kraaijenbrink", "Alleen dinsdags.", "+31611111111"
PERSONAL = (REF, NAME, CONTACT_NAME, PHONE, EMAIL, STREET, WISHES, NEW_PHONE, "Saskia", "31699999999")


@pytest.fixture
def household(app, database) -> Household:
    """A customer of whom something is kept in every table that can keep something."""
    household = a_household(
        app,
        database,
        ref=REF,
        last_name=NAME,
        first_name="Saskia",
        kinds=("maintenance", "repair"),
        capacity=3,
    )
    invitation_id = household.invitation_id
    with working(database.sessions, actor="staff:1", announce=app.extensions["portal"].announce) as work:
        visits.book(work, invitation_id, household.windows[0], uid_host="example")
        customer_id = work.session.scalars(select(Customer.id)).one()
        contact = {"customer_id": customer_id, "role": "arranges", "created_at": NOW}
        work.session.execute(
            insert(Contact).values(ref="D1", last_name=CONTACT_NAME, phone="+31699999999", **contact)
        )
        contact_id = work.session.scalars(select(Contact.id)).one()
        work.session.execute(update(Invitation).values(contact_id=contact_id))
        said = {"at": NOW, "direction": "in", "channel": "web", "kind": "wishes", "actor": "customer"}
        for about in ({"customer_id": customer_id}, {"invitation_id": invitation_id}):
            work.session.execute(insert(ContactHistory).values(body=WISHES, **said, **about))
        dates = {"created_at": NOW, "expires_at": hours_later(24)}
        change = {"customer_id": customer_id, "field": "phone", "value": NEW_PHONE}
        work.session.execute(insert(ContactChange).values(**change, **dates))
        work.session.execute(insert(WrongRecipient).values(customer_id=customer_id, value=EMAIL, at=NOW))
    with working(database.sessions) as work:
        correct(work, customer_id, {"language": "en"})
    return household


def test_after_an_erasure_nothing_of_the_customer_is_in_any_table(app, database, household):
    assert [value for value in PERSONAL if value not in dump(database)] == []

    answer = run(app, "customers", "erase", REF, "--yes")

    assert (answer.status, answer.err) == (0, "")
    assert REF not in answer.out
    assert [value for value in PERSONAL if value in dump(database)] == []


def test_only_that_something_was_erased_is_left(app, database, household):
    run(app, "customers", "erase", REF, "--yes")

    with database.sessions.read() as session:
        (line,) = session.scalars(select(History).where(History.event != "windows_changed"))
    assert (line.event, line.actor, line.customer_id, line.visit_id, line.after) == (
        "customers_erased",
        "command",
        None,
        None,
        {"customers": 1},
    )


def test_the_places_of_a_visit_ahead_and_of_a_cancelled_one_are_free_again(page, app, database):
    household = a_household(app, database, ref=REF, capacity=3)
    book(page, household)
    cancel(page, household)
    book(page, household, household.windows[1])
    assert [household.counters(window) for window in household.windows] == [(3, 0, 0), (3, 1, 0)]
    cancel(page, household)
    assert household.counters(household.windows[1]) == (3, 0, 1)

    assert run(app, "customers", "erase", REF, "--yes").status == 0

    assert [household.counters(window) for window in household.windows] == [(3, 0, 0), (3, 0, 0)]


def test_a_booked_visit_gives_its_places_back(app, database, household):
    # Maintenance and a repair, one place each.
    assert household.counters(household.windows[0]) == (3, 2, 0)

    run(app, "customers", "erase", REF, "--yes")

    assert household.counters(household.windows[0]) == (3, 0, 0)


def test_every_door_of_the_customer_is_closed_afterwards(client, app, household):
    code = household.visit().code
    doors = (household.href, f"{household.href}/visit.ics", f"/visit/{code}")
    assert [client.get(door).status_code for door in doors] == [200, 200, 200]

    run(app, "customers", "erase", REF, "--yes")

    assert [client.get(door).status_code for door in doors] == [404, 404, 404]


def test_the_old_link_never_opens_the_page_of_whoever_comes_next(client, app, database):
    first = a_household(app, database, ref=REF)
    old_door = first.href
    run(app, "customers", "erase", REF, "--yes")

    with working(database.sessions) as work:
        next_invitation = an_invitation(work, postcode="3811ZZ")

    assert next_invitation > first.invitation_id
    assert client.get(old_door).status_code == 404


def test_what_belongs_to_others_stays(app, database, household):
    with working(database.sessions) as work:
        shared = work.session.scalar(select(Customer.address_id))
        a_customer(work, ref="NEIGHBOUR", address_id=shared, phone=PHONE, postcode="3899ZZ")

    run(app, "customers", "erase", REF, "--yes")

    with database.sessions.read() as session:
        (customer,) = session.scalars(select(Customer))
        assert (customer.ref, customer.phone) == ("NEIGHBOUR", PHONE)
        assert customer.address_id in session.scalars(select(Address.id)).all()


def test_the_old_address_of_somebody_who_moved_goes_too(app, database, household):
    with working(database.sessions) as work:
        work.session.execute(update(Customer).values(address_id=an_address(work, postcode="3899ZZ")))

    run(app, "customers", "erase", REF, "--yes")

    with database.sessions.read() as session:
        assert session.scalars(select(Address.id)).all() == []


@pytest.mark.parametrize("command", ["erase", "export"])
def test_a_customer_who_is_not_there_is_one_line_and_status_2(app, command):
    answer = run(app, "customers", command, "nobody", *(["--yes"] if command == "erase" else []))

    assert (answer.status, answer.out, answer.complaints) == (2, "", ["no such customer: nobody"])


def test_a_second_erasure_finds_nobody(app, household):
    assert run(app, "customers", "erase", REF, "--yes").status == 0
    assert run(app, "customers", "erase", REF, "--yes").status == 2


def test_without_a_terminal_and_without_yes_nothing_is_deleted(app, database, household):
    answer = run(app, "customers", "erase", REF)

    assert answer.status == 2
    assert answer.complaints == ["nobody can be asked here: give --yes to delete without a question"]
    assert NAME in dump(database)


@pytest.mark.parametrize("typed", [REF, "KLANT-78"])
def test_on_a_terminal_the_reference_has_to_be_typed(app, database, household, monkeypatch, typed):
    monkeypatch.setattr("app.cli.customers._is_terminal", lambda: True)

    answer = run(app, "customers", "erase", REF, stdin=f"{typed}\n".encode())

    assert answer.status == (0 if typed == REF else 2)
    assert (NAME in dump(database)) == (typed != REF)
    assert "1 booked visit" in answer.err


def test_an_erasure_that_fails_half_way_leaves_everything(app, database, household, monkeypatch):
    before = dump(database)

    def fails(*_arguments):
        raise RuntimeError

    monkeypatch.setattr("app.retention.erase_customers", fails)
    with pytest.raises(RuntimeError):
        run(app, "customers", "erase", REF, "--yes")

    assert dump(database) == before


def test_an_export_has_everything_with_its_source(app, household):
    answer = run(app, "customers", "export", REF)

    assert (answer.status, answer.err) == (0, "")
    all_of_it = json.loads(answer.out)
    assert [value for value in PERSONAL if value not in answer.out] == []
    customer = all_of_it["customer"]
    assert customer["customer_ref"] == REF
    assert customer["last_name"] == {"value": NAME, "source": "import", "at": "2026-11-24T10:00:00+01:00"}
    assert customer["language"] == {"value": "en", "source": "customer", "at": "2026-11-24T10:00:00+01:00"}
    (visit,) = all_of_it["visits"]
    assert (visit["starts_at"], visit["ends_at"], visit["state"]) == (
        "2026-12-03T10:00:00+01:00",
        "2026-12-03T12:00:00+01:00",
        "booked",
    )
    assert visit["job_refs"] == [job["job_ref"] for job in all_of_it["jobs"]]
    assert visit["booked_by"] == "staff"
    (address,) = all_of_it["addresses"]
    assert (address["street"], address["house_number"]) == (STREET, 12)
    assert {line["event"] for line in all_of_it["history"]} == {
        "invitation_issued",
        "visit_booked",
        "customer_corrected",
    }
    assert all_of_it["contact_changes"][0]["value"] == NEW_PHONE
    assert all_of_it["messages"][0]["kind"] == "confirmation"


def test_an_export_has_no_key_to_anything(app, household):
    text = run(app, "customers", "export", REF).out

    visit = household.visit()
    for secret in (household.token, household.code, visit.code, visit.uid, "[[link]]", "staff:1"):
        assert secret not in text


def test_every_column_of_the_customers_tables_is_in_the_export_or_left_out_on_purpose(app, household):
    """A column that is added later has to be decided about."""
    all_of_it = json.loads(run(app, "customers", "export", REF).out)
    left_out = {"id", "customer_id", "address_id", "contact_id", "invitation_id", "visit_id", "window_id"}
    ours = {"sort_key", "provenance", "provider_id", "handled_by", "version"}
    for table, part, renamed in (
        (Customer, all_of_it["customer"], {"ref"}),
        (Contact, all_of_it["contacts"][0], {"ref"}),
        (Address, all_of_it["addresses"][0], {"pc4", "geocoded_at"}),
        (Invitation, all_of_it["invitations"][0], set()),
        (ContactHistory, all_of_it["said"][0], set()),
        (History, all_of_it["history"][0], set()),
        (ContactChange, all_of_it["contact_changes"][0], set()),
        (WrongRecipient, all_of_it["wrong_recipients"][0], set()),
    ):
        columns = {column.key for column in table.__mapper__.column_attrs}
        assert columns - left_out - ours - renamed <= set(part), table.__name__


def test_an_export_goes_into_a_file_for_its_owner_alone_and_never_over_another(app, household, tmp_path):
    path = tmp_path / "export.json"

    answer = run(app, "customers", "export", REF, "--out", str(path))

    assert (answer.status, answer.out) == (0, "")
    assert json.loads(path.read_text(encoding="utf-8"))["customer"]["customer_ref"] == REF
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = run(app, "customers", "export", REF, "--out", str(path))
    assert (again.status, again.complaints) == (2, [f"--out: {path}: File exists"])


def test_retention_counts_first_and_then_does_it(app, database):
    with working(database.sessions) as work:
        a_customer(work, ref="past", imported_at=hours_later(-731 * 24), created_at=hours_later(-731 * 24))
        a_customer(work, ref="now")

    dry = run(app, "retention", "--dry-run", "--json")
    assert (dry.status, {row["what"]: row["count"] for row in dry.rows}["customers"]) == (0, 1)
    assert "past" in dump(database)

    done = run(app, "retention", "--json")
    counts = {row["what"]: row["count"] for row in done.rows}
    assert (done.status, counts["customers"]) == (0, 1)
    assert all(count == 0 for what, count in counts.items() if what != "customers")
    assert "past" not in dump(database)
    assert "past" not in done.out


def test_retention_goes_by_the_settings(database, settings, clock):
    from app import create_app

    with working(database.sessions) as work:
        a_customer(work, ref="past", imported_at=hours_later(-731 * 24), created_at=hours_later(-731 * 24))

    apps = []
    for days, count in ((0, None), (732, 0), (731, 0), (730, 1)):
        apps.append(create_app(replace(settings, keep=replace(settings.keep, customers=days))))
        rows = run(apps[-1], "retention", "--dry-run", "--json").rows
        assert {row["what"]: row["count"] for row in rows}.get("customers") == count, days


def dump(database) -> str:
    """Every value of every table."""
    tables = MetaData()
    tables.reflect(database.engine)
    with database.engine.connect() as connection:
        return "\n".join(
            f"{table.name}.{column}: {value}"
            for table in tables.sorted_tables
            for row in connection.execute(select(table)).mappings()
            for column, value in row.items()
        )
