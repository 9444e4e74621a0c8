"""Public and school holidays: what the bundled dates say, and what is said beyond them."""

from datetime import date, timedelta

import pytest

from scheduling.rules.holidays import (
    REGIONS,
    HolidaysUnknown,
    is_working_day,
    public_holiday,
    school_data_until,
    school_holidays,
    working_day_before,
)


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2027, 1, 1), "Nieuwjaarsdag"),
        (date(2027, 3, 29), "Tweede paasdag"),
        (date(2027, 4, 27), "Koningsdag"),
        (date(2025, 4, 26), "Koningsdag"),  # the 27th was a Sunday
        (date(2027, 5, 5), None),  # a day off every fifth year: 2025, 2030
        (date(2030, 5, 5), "Bevrijdingsdag"),
        (date(2027, 12, 26), "Tweede kerstdag"),
        (date(2027, 4, 26), None),
    ],
    ids=str,
)
def test_public_holidays_have_their_dutch_name(day, name):
    assert public_holiday(day) == name


@pytest.mark.parametrize(
    ("language", "name"),
    [
        ("en", "King's Day"),
        ("en-GB", "King's Day"),
        ("pl", "King's Day"),
        ("nl-BE", "Koningsdag"),
        ("x", "King's Day"),
    ],
)
def test_a_language_without_names_reads_english(language, name):
    assert public_holiday(date(2027, 4, 27), language=language) == name


def test_another_country_has_its_own():
    assert public_holiday(date(2027, 10, 3), "DE", language="de") == "Tag der Deutschen Einheit"
    assert public_holiday(date(2027, 4, 27), "DE") is None


def test_a_country_that_is_not_known_is_refused():
    with pytest.raises(HolidaysUnknown):
        public_holiday(date(2027, 1, 1), "XX")


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        pytest.param(date(2027, 4, 26), True, id="Monday"),
        pytest.param(date(2027, 4, 27), False, id="King's Day, a Tuesday"),
        pytest.param(date(2027, 5, 1), False, id="Saturday"),
        pytest.param(date(2027, 5, 2), False, id="Sunday"),
    ],
)
def test_working_days(day, expected):
    assert is_working_day(day) is expected


@pytest.mark.parametrize(
    ("day", "before"),
    [
        pytest.param(date(2027, 4, 29), date(2027, 4, 28), id="the day before"),
        pytest.param(date(2027, 4, 28), date(2027, 4, 26), id="over King's Day"),
        pytest.param(date(2027, 5, 3), date(2027, 4, 30), id="over the weekend"),
        # Easter Monday 29 March, Sunday, Saturday, Good Friday 26 March: Thursday the 25th.
        pytest.param(date(2027, 3, 30), date(2027, 3, 25), id="over Easter"),
        pytest.param(date(2027, 1, 4), date(2026, 12, 31), id="over New Year"),
    ],
)
def test_the_working_day_before(day, before):
    assert working_day_before(day) == before


@pytest.mark.parametrize(
    ("day", "region", "names"),
    [
        (date(2027, 2, 15), "Zuid", ("Voorjaarsvakantie",)),  # 13 to 21 February
        (date(2027, 2, 15), "Noord", ()),  # 20 to 28 February
        (date(2027, 2, 24), "Noord", ("Voorjaarsvakantie",)),
        (date(2027, 3, 10), "Zuid", ()),
        (date(2026, 12, 31), "Midden", ("Kerstvakantie",)),
        (date(2027, 1, 2), "Midden", ("Kerstvakantie",)),
    ],
    ids=str,
)
def test_school_holidays_differ_by_region(day, region, names):
    assert school_holidays(day, region) == names


def test_school_holidays_have_an_english_name():
    assert school_holidays(date(2027, 2, 15), "Zuid", language="en") == ("Spring Break",)


@pytest.mark.parametrize("region", REGIONS)
def test_not_knowing_is_not_the_same_as_no_holiday(region):
    until = school_data_until(region)

    assert date(2030, 7, 1) < until < date(2030, 10, 1)  # the data end with the summer of 2030
    assert school_holidays(until, region) == ("Zomervakantie",)
    assert school_holidays(until + timedelta(days=1), region) is None
    assert school_holidays(date(2031, 7, 30), region) is None
    assert school_holidays(date(2013, 12, 31), region) is None
    assert school_holidays(until - timedelta(days=70), region) == ()


def test_a_holiday_known_beyond_a_gap_is_still_told():
    # The autumn break of 2030 is missing, the Christmas break after it is there.
    assert school_holidays(date(2030, 12, 25), "Midden") == ("Kerstvakantie",)


def test_a_region_that_does_not_exist_is_refused():
    with pytest.raises(HolidaysUnknown):
        school_holidays(date(2027, 1, 1), "Oost")
