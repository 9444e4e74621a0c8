"""Writes that are carried out together: all or none, on PostgreSQL in one statement; and ids known beforehand."""

from datetime import date

import pytest
from sqlalchemy import bindparam, event, insert, select, update
from sqlalchemy.exc import IntegrityError

from scheduling.db import Together, next_id, table_of
from scheduling.models import Customer, History, Job, Visit, Window
from tests.environment import NOW
from tests.factories import a_customer, a_job, a_window, an_area, an_invitation, counters, working

WINDOW, JOB, HISTORY = table_of(Window), table_of(Job), table_of(History)
TAKE_ONE = (
    update(WINDOW)
    .where(WINDOW.c.id == bindparam("one"), WINDOW.c.booked == 0)
    .values(booked=WINDOW.c.booked + 1)
)
DESCRIBE = update(JOB).where(JOB.c.ref == bindparam("described")).values(description="as agreed")
INSERT_JOBS, INSERT_HISTORY = insert(JOB), insert(HISTORY)


def a_new_job(ref: str, customer_id: int) -> dict[str, object]:
    return {
        "ref": ref,
        "customer_id": customer_id,
        "kind": "maintenance",
        "due_by": date(2026, 12, 24),
        "description": "Ketel: 'oud' {niet} %s \N{SNOWMAN}",
        "created_at": NOW,
    }


@pytest.fixture
def ids(database):
    """A window and a customer with one job."""
    with working(database.sessions) as work:
        an_area(work)
        window_id, customer_id = a_window(work), a_customer(work)
        a_job(work, customer_id, ref="J-old")
    return window_id, customer_id


def gathered(customer_id: int, *refs: str) -> Together:
    together = Together()
    together.add(INSERT_JOBS, [a_new_job(ref, customer_id) for ref in refs])
    together.add(DESCRIBE, [{"described": "J-old"}])
    line = {"at": NOW, "actor": "customer", "event": "tried", "before": None, "after": {"jobs": list(refs)}}
    together.add(INSERT_HISTORY, [line])
    return together


def test_all_is_written_and_reads_as_it_was_given(database, ids):
    window_id, customer_id = ids

    with working(database.sessions) as work:
        assert gathered(customer_id, "J-1", "J-2").carry_out(work.session, TAKE_ONE, {"one": window_id})

    with database.sessions.read() as session:
        jobs = {job.ref: job for job in session.scalars(select(Job))}
        line = session.scalars(select(History).where(History.event == "tried")).one()
        assert set(jobs) == {"J-old", "J-1", "J-2"}
        assert jobs["J-old"].description == "as agreed"
        assert jobs["J-2"].description == a_new_job("", 0)["description"]
        assert (jobs["J-1"].due_by, jobs["J-1"].created_at) == (date(2026, 12, 24), NOW)
        assert jobs["J-1"].exit == ""  # left out, so the database's own default
        assert (line.before, line.after) == (None, {"jobs": ["J-1", "J-2"]})
        assert counters(session, window_id) == (1, 1, 0)


def test_a_first_write_that_changes_nothing_says_so(database, ids):
    window_id, customer_id = ids

    with working(database.sessions) as work:
        assert Together().carry_out(work.session, TAKE_ONE, {"one": window_id})
        assert not gathered(customer_id, "J-1").carry_out(work.session, TAKE_ONE, {"one": window_id})


def test_what_breaks_a_promise_of_the_tables_breaks_all_of_it(database, ids):
    window_id, customer_id = ids

    with pytest.raises(IntegrityError), working(database.sessions) as work:
        gathered(customer_id, "J-1", "J-old").carry_out(work.session, TAKE_ONE, {"one": window_id})

    with database.sessions.read() as session:
        assert list(session.scalars(select(Job.ref))) == ["J-old"]
        assert counters(session, window_id) == (1, 0, 0)


def test_it_is_one_statement_where_the_database_can(database, ids):
    window_id, customer_id = ids
    sent: list[str] = []

    with working(database.sessions) as work:
        event.listen(work.session.connection(), "before_cursor_execute", lambda *args: sent.append(args[2]))
        gathered(customer_id, "J-1").carry_out(work.session, TAKE_ONE, {"one": window_id})

    assert len(sent) == (1 if database.kind == "postgresql" else 4)


def test_an_id_that_is_known_beforehand_is_free_and_stays_so(database):
    with working(database.sessions) as work:
        an_area(work)
        invitation_id = an_invitation(work)
        customer_id = work.session.scalars(select(Customer.id)).one()
        first = work.session.connection().execute(select(next_id(Visit.id))).scalar_one()
        visit = {
            "id": first,
            "ref": "V-1",
            "uid": "1@portal.example",
            "code": "code",
            "customer_id": customer_id,
            "address_id": work.session.scalars(select(Customer.address_id)).one(),
            "invitation_id": invitation_id,
            "window_id": a_window(work),
            "places": 1,
            "minutes": 45,
            "booked_by": "customer",
            "booked_at": NOW,
            "changed_at": NOW,
        }
        work.session.execute(insert(table_of(Visit)), [visit])

        second = work.session.connection().execute(select(next_id(Visit.id))).scalar_one()

    assert second > first


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_reading_session_leaves_prepared_statements_alone(database):
    # psycopg forgets them at every ROLLBACK; then each page would have its query planned anew.
    for _ in range(12):
        with database.sessions.read() as session:
            session.execute(select(Job.ref).where(Job.id == 1)).all()

    with database.engine.connect() as connection:
        prepared = connection.exec_driver_sql("SELECT statement FROM pg_prepared_statements").scalars().all()
    assert any("FROM job" in statement for statement in prepared)
