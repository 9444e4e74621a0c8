"""The database is restarted: who comes next does not notice."""

import pytest
from sqlalchemy import text

from tests.web.customers import a_household, cancel

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@pytest.fixture
def household(app, database):
    return a_household(app, database)


def end_connections(database):
    """What a restart does to every connection in every pool; how many there were."""
    with database.engine.connect() as connection:
        return connection.execute(
            text(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        ).scalar_one()


def test_a_page_is_shown_as_if_nothing_had_been(page, database, household):
    page.get(household.href)

    assert end_connections(database) > 0
    assert page.get(household.href).status == 200


def test_a_visit_is_booked_and_cancelled_once(page, database, household):
    reviewing = page.submit_and_follow(page.get(household.href), "choose-window", window=household.windows[0])

    assert end_connections(database) > 0
    booked = page.submit_and_follow(reviewing, "confirm-visit")

    assert (booked.status, booked.name) == (200, "booked")
    assert household.counters(household.windows[0]) == (1, 1, 0)
    assert end_connections(database) > 0
    assert cancel(page, household).name == "cancelled"
