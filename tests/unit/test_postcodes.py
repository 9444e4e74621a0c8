"""Postcodes, house numbers, the table of PC4s and the ranges that make an area."""

import pytest

from scheduling.rules.postcodes import (
    NotAHouseNumber,
    NotAPostcode,
    NotPostcodeRanges,
    all_places,
    normalise_house_number,
    normalise_house_suffix,
    normalise_postcode,
    parse_pc4_ranges,
    pc4_of,
    place_of,
)


@pytest.mark.parametrize(
    "text", ["3811AB", "3811 ab", " 3811  aB ", "3 811 AB", "NL-3811 AB", "３８１１ＡＢ", "3811\u00a0AB"]
)
def test_a_postcode_has_one_spelling(text):
    assert normalise_postcode(text) == "3811AB"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3811",
        "AB3811",
        "0811AB",
        "38111AB",
        "3811ABC",
        "3811-AB",
        "3811SS",
        "3811Ä B",
        "٣٨١١AB",
        "x" * 300,
    ],
)
def test_what_is_no_dutch_postcode_is_refused(text):
    with pytest.raises(NotAPostcode):
        normalise_postcode(text)


def test_another_countrys_postcode_is_only_tidied():
    assert normalise_postcode(" sw1a  1aa ", "GB") == "SW1A 1AA"
    with pytest.raises(NotAPostcode):
        normalise_postcode("<script>", "GB")


def test_areas_are_made_of_the_first_four_digits():
    assert pc4_of("3811AB") == "3811"
    assert pc4_of("10115", "DE") == "10115"


@pytest.mark.parametrize(
    ("text", "number", "suffix"),
    [
        ("12", 12, ""),
        ("12a", 12, "A"),
        ("12-A", 12, "A"),
        ("12 A", 12, "A"),
        ("12 bis", 12, "bis"),
        ("12BIS", 12, "bis"),
        ("12 A bis", 12, "A bis"),
        ("12-2", 12, "2"),
        ("12/2", 12, "2"),
        ("12-II", 12, "II"),
        ("12 ii", 12, "II"),
        ("12hs", 12, "hs"),
        ("12 a2", 12, "A2"),
        ("12-A-3", 12, "A-3"),
        ("007", 7, ""),
        (" 12 ,", 12, ""),
        ("99999", 99999, ""),
    ],
    ids=str,
)
def test_a_house_number_is_read_as_people_write_it(text, number, suffix):
    assert normalise_house_number(text) == (number, suffix)


@pytest.mark.parametrize("text", ["", "0", "a12", "-12", "100000", "12 <b>", "12" + "a" * 30, "huis", "12é!"])
def test_what_is_no_house_number_is_refused(text):
    with pytest.raises(NotAHouseNumber):
        normalise_house_number(text)


@pytest.mark.parametrize("text", ["A", "bis", "A bis", "2", "II", "A-3", "1hoog", ""])
def test_a_normalised_suffix_stays_as_it_is(text):
    assert normalise_house_suffix(text) == text


def test_the_table_has_every_dutch_pc4_with_all_it_says():
    places = all_places()

    assert len(places) == 4071
    assert [row.pc4 for row in places] == sorted({row.pc4 for row in places})
    assert {row.region for row in places} == {"Noord", "Midden", "Zuid"}
    assert all(row.place and row.municipality and row.province for row in places)
    # The European Netherlands lie between these degrees.
    assert all(50.7 < row.lat < 53.6 and 3.3 < row.lon < 7.3 for row in places)


def test_a_postcode_is_found_whole_or_by_its_pc4():
    row = place_of("3811")

    assert row is not None
    assert (row.place, row.municipality, row.province, row.region) == (
        "Amersfoort",
        "Amersfoort",
        "Utrecht",
        "Midden",
    )
    assert place_of("3811AB") is row


def test_a_split_municipality_has_the_region_of_the_postcode():
    # Abcoude (De Ronde Venen) kept the north's holidays; Mijdrecht, the main part, has the middle's.
    abcoude, mijdrecht = place_of("1391"), place_of("3641")

    assert abcoude is not None
    assert mijdrecht is not None
    assert abcoude.municipality == mijdrecht.municipality == "De Ronde Venen"
    assert (abcoude.region, mijdrecht.region) == ("Noord", "Midden")


def test_what_the_table_lacks_is_none():
    assert place_of("1099AB") is None
    assert place_of("3811", "BE") is None
    assert all_places("BE") == ()


def test_ranges_name_every_code_once_and_in_order():
    assert parse_pc4_ranges("3831, 3811-3813,3812") == ("3811", "3812", "3813", "3831")


@pytest.mark.parametrize("text", ["3811–3812", "3811 - 3812", "3811;3812"])
def test_ranges_are_read_as_people_write_them(text):
    assert parse_pc4_ranges(text) == ("3811", "3812")


def test_one_range_may_be_the_whole_country():
    assert len(parse_pc4_ranges("1000-9999")) == 9000


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no postcodes"),
        ("  ", "no postcodes"),
        ("3829-3811", "'3829-3811' runs backwards"),
        ("3811AB", "'3811AB' is not a 4-digit postcode"),
        ("3811,", "'' is not"),
        ("3811--3829", "is not a 4-digit postcode"),
        ("0999-1001", "run from 1000 to 9999"),
        ("3811-38290", "is not"),
        ("٣٨١١", "is not"),
        (",".join(["3811"] * 10_001), "10001 ranges"),
    ],
    ids=["empty", "blank", "reversed", "letters", "comma", "dashes", "low", "long", "digits", "many"],
)
def test_ranges_that_cannot_be_read_say_why(text, reason):
    with pytest.raises(NotPostcodeRanges, match=reason):
        parse_pc4_ranges(text)
