"""Public holidays and school holidays, by day and region, asked of the `holidays` package.

Also what a working day is, and until when the school dates are known. What a holiday means for windows,
messages or an offer is decided elsewhere.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

REGIONS = ("Noord", "Midden", "Zuid")
"""The regions by which Dutch schools spread their holidays."""

_SATURDAY = 5
_FIRST_SCHOOL_YEAR = 2014
_LAST_YEAR_ASKED = 2100
_BREAKS_A_YEAR = frozenset(
    {"Voorjaarsvakantie", "Meivakantie", "Zomervakantie", "Herfstvakantie", "Kerstvakantie"}
)


class HolidaysUnknown(ValueError):
    """No holidays are known for this country or region."""

    code = "holidays_unknown"


def public_holiday(day: date, country: str = "NL", *, language: str = "nl") -> str | None:
    """The name of the public holiday on this day, or None. Languages without names read English.

    As the package has it for the Netherlands: Good Friday is in it, 5 May every fifth year only.
    Refuses: HolidaysUnknown for a country that the package does not have.
    """
    return _public(country, day.year, language).get(day)


def knows_public_holidays(year: int, country: str = "NL") -> bool:
    """Whether that year's are known at all. Refuses: HolidaysUnknown for a country that the package does not have."""
    return bool(_public(country, year, "nl"))


def is_working_day(day: date, country: str = "NL") -> bool:
    """Monday to Friday and no public holiday."""
    return day.weekday() < _SATURDAY and public_holiday(day, country) is None


def working_day_before(day: date, country: str = "NL") -> date:
    """The last working day before this one, which is never this one itself."""
    before = day - timedelta(days=1)
    while not is_working_day(before, country):
        before -= timedelta(days=1)
    return before


def school_holidays(day: date, region: str, *, language: str = "nl") -> tuple[str, ...] | None:
    """The names of the school holidays on this day in this Dutch region; empty where schools are open.

    None where nobody knows: outside the years with dates, so before 2014 and after `school_data_until`. Not
    knowing is never the same as no holiday. Autumn and spring dates are advice that a school may leave.
    Refuses: HolidaysUnknown for a region that is not one of `REGIONS`.
    """
    names = _school(region, day.year, language).get(day)
    if names is not None:
        return names
    is_known = day.year >= _FIRST_SCHOOL_YEAR and day <= school_data_until(region)
    return () if is_known else None


@lru_cache(maxsize=8)
def school_data_until(region: str) -> date:
    """The last day up to which every school holiday of the region is known.

    In the first year that lacks one of its five breaks it is the last day of the break before that one.
    """
    until = date(_FIRST_SCHOOL_YEAR, 1, 1) - timedelta(days=1)
    for year in range(_FIRST_SCHOOL_YEAR, _LAST_YEAR_ASKED):
        days = _school(region, year, "nl")
        if {name for names in days.values() for name in names} >= _BREAKS_A_YEAR:
            until = date(year, 12, 31)
            continue
        return max(until, _last_day_before_the_gap(days))
    return until


def _last_day_before_the_gap(days: dict[date, tuple[str, ...]]) -> date:
    in_order = ("Kerstvakantie", "Voorjaarsvakantie", "Meivakantie", "Zomervakantie", "Herfstvakantie")
    until = date.min
    for name in in_order:
        # The year's own Christmas break belongs to its end; here it is the tail of last year's that counts.
        its_days = [
            day for day, names in days.items() if name in names and not (day.month == 12 and day.day > 15)
        ]
        if not its_days:
            break
        until = max(until, *its_days)
    return until


@lru_cache(maxsize=64)
def _public(country: str, year: int, language: str) -> dict[date, str]:
    return {day: ", ".join(names) for day, names in _asked(country, year, language, None)}


@lru_cache(maxsize=64)
def _school(region: str, year: int, language: str) -> dict[date, tuple[str, ...]]:
    if region not in REGIONS:
        raise HolidaysUnknown(f"no such school region: {region!r}")
    return dict(_asked("NL", year, language, region))


def _asked(
    country: str, year: int, language: str, region: str | None
) -> Iterator[tuple[date, tuple[str, ...]]]:
    # Imported here: processes that never ask about holidays do without its memory.
    from holidays import country_holidays, list_localized_countries, list_supported_countries

    if country not in list_supported_countries():
        raise HolidaysUnknown(f"no public holidays are known for {country!r}")
    spoken = list_localized_countries().get(country, [])
    wanted = language.partition("-")[0]
    found = country_holidays(
        country,
        subdiv=region,
        years=year,
        expand=False,
        categories="school" if region else "public",
        language=wanted if wanted in spoken else "en_US" if "en_US" in spoken else None,
    )
    for day in sorted(found):
        yield day, tuple(found.get_list(day))
