"""Distance and driving time."""

from math import pi
from typing import NamedTuple

import pytest

from scheduling.rules.postcodes import place_of
from scheduling.rules.travel import distance_km, drive_minutes, drive_seconds


class Place(NamedTuple):
    lat: float
    lon: float


def north(km: float) -> Place:
    """So far north of 0, 0: a degree is a 360th of the circumference, 2 pi times 6371.0088 km."""
    return Place(km * 180 / (pi * 6371.0088), 0.0)


START = Place(0.0, 0.0)


def test_distance_is_as_the_crow_flies():
    assert distance_km(START, north(10)) == pytest.approx(10, abs=0.001)


@pytest.mark.parametrize(
    ("km", "minutes"),
    [
        pytest.param(0, 0, id="where one is"),
        # 2 km x 1.3 = 2.6 km; 2.6 / 40 h = 3.9 min
        pytest.param(2, 3.9, id="all through streets"),
        # 10 km x 1.3 = 13 km; 5 / 40 h = 7.5 min, and 8 / 70 h = 6.857 min
        pytest.param(10, 14.357, id="out of town"),
    ],
)
def test_driving_is_slow_first_and_faster_after(km, minutes):
    assert drive_minutes(START, north(km)) == pytest.approx(minutes, abs=0.01)


def test_seconds_are_whole_and_the_same_both_ways():
    there, back = drive_seconds(START, north(10)), drive_seconds(north(10), START)

    assert there == back == 861  # 14.357 min
    assert isinstance(there, int)


def test_places_of_the_table_will_do():
    amersfoort, utrecht = place_of("3811"), place_of("3511")

    assert amersfoort is not None
    assert utrecht is not None
    assert 18 < distance_km(amersfoort, utrecht) < 22
