"""Statements that are asked for all the time: what keeps the libraries below from reading them anew each time."""

import pytest
from psycopg._queries import MAX_CACHED_STATEMENT_LENGTH
from sqlalchemy import bindparam, literal, select, text

from scheduling.db import known_by_name
from scheduling.reads import affairs
from tests.environment import NOW
from tests.factories import an_area, an_invitation, working


@pytest.mark.parametrize(
    "statement", [affairs._ABOUT, affairs._WITH_WINDOW, affairs._TO_BOOK], ids=["about", "window", "book"]
)
def test_the_question_about_an_invitation_is_short_enough_for_the_driver_to_remember(statement, database):
    asked = str(statement.compile(database.engine))

    assert len(asked) <= MAX_CACHED_STATEMENT_LENGTH
    # A list that is put in at each time would be searched for, at each time.
    assert "POSTCOMPILE" not in asked


def test_statements_known_by_name_are_told_apart_and_take_their_values_each_time(database):
    one, two = (known_by_name(select(literal(word), bindparam("said"))) for word in ("one", "two"))

    with database.sessions.read() as session:
        connection = session.connection()
        answers = [
            tuple(connection.execute(statement, {"said": said}).one())
            for said in ("a", "b")
            for statement in (one, two)
        ]

    assert answers == [("one", "a"), ("two", "a"), ("one", "b"), ("two", "b")]


def test_columns_are_described_to_who_looks(database):
    with database.sessions.read() as session:
        result = session.execute(text("SELECT 1 AS one, 'b' AS two"))
        described = result.cursor.description

        assert [column[0] for column in described] == ["one", "two"]
        assert [column[0] for column in described[-1:]] == ["two"]
        assert len(described) == 2
        assert result.one()._asdict() == {"one": 1, "two": "b"}


def test_the_same_question_is_answered_for_each_invitation(database):
    with working(database.sessions) as work:
        an_area(work)
        invitation_ids = [an_invitation(work, ref=ref) for ref in ("K-1", "K-2")]

    with database.sessions.read() as session:
        found = [affairs.rows_about(session, invitation_id) for invitation_id in invitation_ids]

    assert [rows[0].customer_ref for rows in found] == ["K-1", "K-2"]
    assert all(rows[0].expires_at > NOW for rows in found)
