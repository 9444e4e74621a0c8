"""How far and how long it is from one place to another, by a formula that needs no map.

Good enough to compare windows with each other; it knows no water, no motorway and no rush hour.
"""

from typing import Protocol

from geopy.distance import great_circle

DETOUR = 1.3
"""Road kilometres for each kilometre as the crow flies."""
SLOW_KM = 5.0
"""So much of a trip is driven through streets, at `SLOW_KMH`; the rest at `FAST_KMH`."""
SLOW_KMH = 40.0
FAST_KMH = 70.0


class HasCoordinates(Protocol):
    """A place on earth: WGS 84 degrees."""

    @property
    def lat(self) -> float: ...

    @property
    def lon(self) -> float: ...


def distance_km(a: HasCoordinates, b: HasCoordinates) -> float:
    """Kilometres over the earth's surface (great circle)."""
    return float(great_circle((a.lat, a.lon), (b.lat, b.lon)).km)


def drive_seconds(a: HasCoordinates, b: HasCoordinates) -> int:
    """Whole seconds of driving, whatever the time of day; 0 from a place to itself.

    The road is `DETOUR` times the great circle; its first `SLOW_KM` go at `SLOW_KMH`, the rest at `FAST_KMH`.
    """
    road_km = DETOUR * distance_km(a, b)
    slow_km = min(road_km, SLOW_KM)
    return round(3600 * (slow_km / SLOW_KMH + (road_km - slow_km) / FAST_KMH))


def drive_minutes(a: HasCoordinates, b: HasCoordinates) -> float:
    """The same in minutes, not rounded further."""
    return drive_seconds(a, b) / 60
