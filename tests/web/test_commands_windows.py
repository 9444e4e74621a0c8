"""`windows open` and `windows list`: what is opened, what is left out and why, and what scripts read."""

from datetime import datetime, timedelta

import pytest

from tests.web.commands import AREAS, a_company, load, run

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def open_(app, first, last, times="10:00", *more, capacity="2"):
    days = ("--area", "AMF", "--from", first, "--to", last)
    return run(app, "windows", "open", *days, "--times", times, "--capacity", capacity, *more)


@pytest.fixture
def listed(app, tmp_path):
    """An area; lists its windows from one local day to another."""
    load(app, tmp_path, "areas", AREAS)
    return lambda first, last: (
        run(app, "windows", "list", "--area", "AMF", "--from", first, "--to", last, "--json").rows
    )


def test_windows_are_listed_with_the_promised_keys_and_types(app, listed):
    open_(app, "2027-03-26", "2027-03-26", "08:00")

    (window,) = listed("2027-03-26", "2027-03-26")

    assert window == {
        "area_ref": "AMF",
        "window_id": window["window_id"],
        "starts_at": "2027-03-26T08:00:00+01:00",
        "ends_at": "2027-03-26T10:00:00+01:00",
        "capacity": 2,
        "booked": 0,
        "held": 0,
        "state": "open",
    }
    assert isinstance(window["window_id"], str)


def test_opening_again_leaves_windows_as_they_are_and_counts_them(app, listed):
    first = open_(app, "2026-12-07", "2026-12-11", "08:00,10:00")
    again = open_(app, "2026-12-07", "2026-12-11", "08:00,10:00,12:00", capacity="9")

    assert first.out == "10 opened, 0 were there, 0 days skipped, 0 refused\n"
    assert (again.status, again.out) == (0, "5 opened, 10 were there, 0 days skipped, 0 refused\n")
    assert [row["capacity"] for row in listed("2026-12-07", "2026-12-07")] == [2, 2, 9]


@ON_SQLITE
@pytest.mark.parametrize(
    ("weekdays", "days"),
    [("mon-fri", [7, 8, 9, 10, 11]), ("mon,wed,sat", [7, 9, 12]), ("sat-mon", [7, 12, 13]), ("SUN", [13])],
)
def test_weekdays_are_ranges_or_lists(app, listed, weekdays, days):
    open_(app, "2026-12-07", "2026-12-13", "10:00", "--weekdays", weekdays)

    assert [int(row["starts_at"][8:10]) for row in listed("2026-12-07", "2026-12-13")] == days


@pytest.mark.parametrize(
    ("day", "times", "said"),
    [
        # The clock goes from 02:00 to 03:00: two elapsed hours end at 04:00 by the clock.
        pytest.param(
            "2027-03-28",
            "01:00,08:00",
            [("01:00:00+01:00", "04:00:00+02:00"), ("08:00:00+02:00", "10:00:00+02:00")],
            id="spring",
        ),
        # The clock goes from 03:00 back to 02:00; 02:00 is the first of the two.
        pytest.param(
            "2027-10-31",
            "02:00,08:00",
            [("02:00:00+02:00", "03:00:00+01:00"), ("08:00:00+01:00", "10:00:00+01:00")],
            id="autumn",
        ),
    ],
)
def test_windows_last_two_elapsed_hours_when_the_clock_changes(app, listed, day, times, said):
    open_(app, day, day, times, "--weekdays", "sun")

    rows = listed(day, day)

    assert [(row["starts_at"][11:], row["ends_at"][11:]) for row in rows] == said
    for row in rows:
        starts, ends = (datetime.fromisoformat(row[name]) for name in ("starts_at", "ends_at"))
        assert ends - starts == timedelta(hours=2)


def test_a_start_that_the_clock_skips_is_refused_and_the_others_open(app, listed):
    answer = open_(app, "2027-03-28", "2027-03-28", "02:00,10:00", "--weekdays", "sun")

    assert answer.status == 1
    assert answer.complaints == ["2027-03-28 02:00: does not exist: the clock skips it that night"]
    assert len(listed("2027-03-28", "2027-03-28")) == 1


@ON_SQLITE
def test_windows_that_would_overlap_are_refused_also_across_midnight(app, listed):
    open_(app, "2026-12-07", "2026-12-07", "23:00")

    answer = open_(app, "2026-12-07", "2026-12-08", "22:00,00:30,01:00", "--weekdays", "mon,tue")

    assert answer.status == 1
    assert answer.complaints == [
        "2026-12-07 01:00: overlaps a window that is there",  # 00:30 to 02:30, opened just before
        "2026-12-07 22:00: overlaps a window that is there",  # 23:00 to 01:00
        "2026-12-08 00:30: overlaps a window that is there",  # 23:00 to 01:00, begun the day before
    ]


@ON_SQLITE
def test_windows_in_the_past_are_refused_row_by_row(app, listed):
    answer = open_(app, "2026-11-23", "2026-11-24", "10:00")

    assert (answer.status, answer.complaints) == (
        1,
        ["2026-11-23 10:00: lies in the past", "2026-11-24 10:00: lies in the past"],
    )
    assert listed("2026-11-01", "2026-12-01") == []


@ON_SQLITE
def test_days_off_are_skipped_and_named(app, listed):
    public = open_(app, "2026-12-24", "2026-12-28", "10:00", "--skip", "public", "--weekdays", "mon-sun")
    school = open_(app, "2027-01-01", "2027-01-08", "10:00", "--skip", "public,school")

    assert "3 opened" in public.out
    assert "2026-12-25 Eerste kerstdag" in public.out
    assert "2026-12-26 Tweede kerstdag" in public.out
    assert "2027-01-01 Nieuwjaarsdag" in school.out
    assert [row["starts_at"][:10] for row in listed("2027-01-01", "2027-01-08")] == [
        "2027-01-04",
        "2027-01-05",
        "2027-01-06",
        "2027-01-07",
        "2027-01-08",
    ]


@ON_SQLITE
def test_days_of_which_nobody_knows_the_school_holidays_are_skipped_and_said(app, listed):
    answer = open_(app, "2040-03-05", "2040-03-05", "10:00", "--skip", "school")

    assert answer.status == 0
    assert "2040-03-05 school holidays of Midden not known yet" in answer.out
    assert listed("2040-03-05", "2040-03-05") == []


@ON_SQLITE
def test_a_capacity_of_nothing_opens_windows_that_are_full(app, listed):
    answer = open_(app, "2026-12-07", "2026-12-07", capacity="0")

    assert answer.status == 0
    assert [row["capacity"] for row in listed("2026-12-07", "2026-12-07")] == [0]


@ON_SQLITE
@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"--area": "XYZ"}, "no such area: XYZ", id="area"),
        pytest.param({"--to": "2026-12-01"}, "--to lies before --from", id="backwards"),
        pytest.param({"--to": "2036-12-01"}, "--from and --to lie more than", id="ten years"),
        pytest.param({"--from": "7-12-2026"}, "Invalid value for '--from'", id="date"),
        pytest.param({"--from": "0001-01-01"}, "Invalid value for '--from'", id="first day of all"),
        pytest.param({"--to": "9999-12-31"}, "Invalid value for '--to'", id="last day of all"),
        pytest.param({"--times": "8"}, "Invalid value for '--times'", id="time"),
        pytest.param({"--times": ""}, "Invalid value for '--times'", id="no time"),
        pytest.param({"--times": "25:00"}, "Invalid value for '--times'", id="hour 25"),
        pytest.param({"--weekdays": "mon-"}, "Invalid value for '--weekdays'", id="half a range"),
        pytest.param({"--weekdays": "maandag"}, "Invalid value for '--weekdays'", id="Dutch"),
        pytest.param({"--capacity": "-1"}, "Invalid value for '--capacity'", id="less than nothing"),
        pytest.param({"--capacity": "99999"}, "Invalid value for '--capacity'", id="too many"),
        pytest.param({"--capacity": "two"}, "Invalid value for '--capacity'", id="a word"),
        pytest.param({"--skip": "sundays"}, "Invalid value for '--skip'", id="skip"),
    ],
)
def test_a_wrong_option_is_one_line_and_nothing_is_opened(app, listed, changes, says):
    options = {
        "--area": "AMF",
        "--from": "2026-12-07",
        "--to": "2026-12-08",
        "--times": "10:00",
        "--capacity": "2",
        **changes,
    }

    answer = run(app, "windows", "open", *(word for pair in options.items() for word in pair))

    assert (answer.status, answer.out) == (2, "")
    assert len(answer.complaints) == 1
    assert answer.err.startswith(says)
    assert listed("2026-11-01", "2030-12-01") == []


@ON_SQLITE
def test_only_the_days_asked_for_are_listed_both_included(app, tmp_path, listed):
    open_(app, "2026-12-07", "2026-12-11")

    assert [row["starts_at"][8:10] for row in listed("2026-12-08", "2026-12-09")] == ["08", "09"]
    assert run(app, "windows", "list", "--area", "AMF", "--from", "2028-01-01", "--json").rows == []


@ON_SQLITE
def test_people_get_lines_and_a_count(app, tmp_path):
    a_company(app, tmp_path)

    answer = run(app, "windows", "list")

    assert len(answer.out.splitlines()) == 3
    assert answer.err == "3 in all\n"
