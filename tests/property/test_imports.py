"""Whatever a file holds: a report or UnreadableFile, and a database that keeps its promises."""

import csv
from collections.abc import Iterator
from io import BytesIO, StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from scheduling.actions.imports.areas import import_areas
from scheduling.actions.imports.customers import import_customers
from scheduling.actions.imports.jobs import import_jobs
from scheduling.actions.imports.kinds import import_kinds
from scheduling.actions.imports.table import UnreadableFile
from scheduling.actions.work import Work
from scheduling.models import Area, AreaPostcode, Customer, Job, Kind
from tests.databases import Database, fresh_database
from tests.environment import NOW
from tests.factories import a_customer

FILES = {
    import_areas: "area_ref,name,postcodes,kinds,horizon_days,book_until,change_until,time_zone",
    import_kinds: "kind,minutes,places,name_nl,prepare_nl,name_pl",
    import_customers: "customer_ref,title,initials,first_name,infix,last_name,organisation,formality,language,"
    "persona,phone,email,channel,postcode,house_number,house_suffix,street,place",
    import_jobs: "job_ref,customer_ref,kind,minutes,not_before,due_by,description,principal,postcode,house_number",
}
LIKELY = st.sampled_from(
    [
        "",
        "C1",
        "J1",
        "mr",
        "repair",
        "fibre",
        "formal",
        "nl",
        "sms",
        "0612345678",
        "3811AB",
        "3811-3813",
        "12",
        "2027-03-01",
        "a@example.org",
        "16:00",
        "Europe/Amsterdam",
        "x" * 300,
        "ﷺ" * 300,
        "Zoë 🦊",
    ]
)
CELLS = st.one_of(LIKELY, st.text(max_size=30), st.text(st.characters(codec="utf-8"), max_size=450))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared(request: pytest.FixtureRequest) -> Iterator[Database]:
    """One database for all examples: each rolls back what it wrote."""
    with TemporaryDirectory() as folder, fresh_database(request.param, Path(folder)) as fresh:
        yield fresh


def outcome(database, action, content):
    """The report, or None for an unreadable file; checks the database before rolling all back."""
    with database.sessions.write() as session:
        transaction = session.begin()
        try:
            work = working_in(session)
            a_customer(work, ref="C1")
            try:
                report = action(work, BytesIO(content))
            except UnreadableFile:
                return None
            assert report.added == rows_added(session, action)
            claims = session.execute(select(AreaPostcode.pc4, AreaPostcode.kind, AreaPostcode.area_id)).all()
            for pc4, kind, area_id in claims:
                assert not [
                    one for one in claims if one[0] == pc4 and one[2] != area_id and "*" in (kind, one[1])
                ]
            return report
        finally:
            transaction.rollback()


def working_in(session):
    return Work(session=session, now=NOW, actor="command", announce=lambda work, event: None)


def rows_added(session, action):
    before = {import_areas: (Area, 0), import_customers: (Customer, 1), import_jobs: (Job, 0)}
    if action is import_kinds:
        return session.scalar(select(func.count()).select_from(Kind)) - 4  # those that come with the product
    table, there = before[action]
    return session.scalar(select(func.count()).select_from(table)) - there


@pytest.mark.parametrize("action", FILES, ids=lambda action: action.__name__)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(content=st.binary(max_size=400))
def test_any_bytes_after_a_good_header_give_a_report_or_one_reason(shared, action, content):
    outcome(shared, action, content)
    outcome(shared, action, FILES[action].encode() + b"\n" + content)


@pytest.mark.parametrize("action", FILES, ids=lambda action: action.__name__)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(rows=st.data())
def test_any_cells_give_a_report_in_which_every_row_is_counted_once(shared, action, rows):
    columns = FILES[action].split(",")
    table = rows.draw(st.lists(st.lists(CELLS, min_size=len(columns), max_size=len(columns)), max_size=4))
    text = StringIO()
    csv.writer(text).writerows([columns, *table])
    content = text.getvalue().encode("utf-8", errors="replace")

    report = outcome(shared, action, content)

    if report is not None:
        filled = [row for row in table if any(cell.strip() for cell in row)]
        counted = report.added + report.updated + report.unchanged + len(report.refusals)
        assert counted == len(filled)
