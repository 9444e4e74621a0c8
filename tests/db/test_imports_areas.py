"""Areas from files: whose a postcode is, judged on what is true once the whole file is in."""

from io import BytesIO

import pytest
from sqlalchemy import select

from scheduling.actions.imports.areas import import_areas
from scheduling.models import Area, AreaPostcode
from tests.factories import a_window, working


@pytest.fixture
def load(database):
    """Loads a file of areas: one row each, `ref,postcodes,kinds`."""

    def loaded(*rows, header="area_ref,postcodes,kinds"):
        with working(database.sessions) as work:
            return import_areas(work, BytesIO("\n".join([header, *rows]).encode()))

    return loaded


def owners(session):
    rows = session.execute(
        select(AreaPostcode.pc4, AreaPostcode.kind, Area.ref).join(Area, Area.id == AreaPostcode.area_id)
    )
    return {(row.pc4, row.kind): row.ref for row in rows}


@pytest.mark.parametrize(
    "rows", [("A,3811,", "B,3812-3813,"), ("B,3812-3813,", "A,3811,")], ids=["A, B", "B, A"]
)
def test_a_postcode_moves_between_areas_in_one_file_whichever_comes_first(load, session, rows):
    load("A,3811-3812,", "B,3813,")

    report = load(*rows)

    assert (report.updated, report.refusals) == (2, [])
    assert owners(session) == {("3811", "*"): "A", ("3812", "*"): "B", ("3813", "*"): "B"}


def test_two_areas_may_have_a_postcode_for_different_kinds(load, session):
    report = load("A,3811,maintenance", 'B,3811,"repair,installation"')

    assert report.refusals == []
    assert owners(session)["3811", "repair"] == "B"


@pytest.mark.parametrize("row", ["B,3811,", "B,3811,maintenance"], ids=["all kinds", "the same kind"])
def test_a_postcode_that_another_area_has_is_refused_and_nothing_of_the_row_is_kept(load, session, row):
    load("A,3811,maintenance")

    report = load(row, "C,3900,")

    assert report.refusals == ["line 2: postcodes: 3811 lies in area A already"]
    assert session.scalars(select(Area.ref).order_by(Area.ref)).all() == ["A", "C"]


def test_an_area_that_is_refused_keeps_what_it_had_also_against_others_in_the_file(load, session):
    load("A,3811,", "B,3812,", "C,3813,")

    # A wants C's postcode and stays where it is, so B cannot have A's.
    report = load("A,3813,", "B,3811,")

    assert report.refusals == [
        "line 2: postcodes: 3813 lies in area C already",
        "line 3: postcodes: 3811 lies in area A already",
    ]
    assert owners(session) == {("3811", "*"): "A", ("3812", "*"): "B", ("3813", "*"): "C"}


def test_an_empty_rule_leaves_as_it_was_and_an_empty_horizon_takes_the_limit_away(load, session):
    header = "area_ref,postcodes,name,horizon_days,book_until"
    load("A,3811,Amersfoort,30,15:00", header=header)

    load("A,3811,,,", header=header)

    area = session.scalars(select(Area)).one()
    assert (area.name, area.horizon_days, f"{area.book_until:%H:%M}") == ("Amersfoort", None, "15:00")


def test_a_horizon_that_the_file_does_not_speak_of_stays(load, session):
    load("A,3811,30", header="area_ref,postcodes,horizon_days")

    load("A,3811,")

    assert session.scalars(select(Area.horizon_days)).one() == 30


def test_a_time_zone_stays_once_there_are_windows(load, database, session):
    header = "area_ref,postcodes,time_zone"
    load("AMF,3811,Europe/Amsterdam", header=header)
    with working(database.sessions) as work:
        a_window(work)

    report = load("AMF,3811,Europe/London", header=header)

    assert report.refusals == ["line 2: time_zone: cannot become another one: the area has windows"]
    assert session.scalars(select(Area.time_zone)).one() == "Europe/Amsterdam"
