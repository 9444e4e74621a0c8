"""Reads and normalises postcodes and house numbers; knows where each Dutch 4-digit postcode (PC4) lies.

Which area a postcode belongs to is the company's own matter and is kept in the database. Functions take the
country (ISO 3166) where the answer depends on it: the rules written down here are the Netherlands', and
another country's postcode is only tidied, not judged.
"""

import csv
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from sys import intern

_PLACES = Path(__file__).parent.parent / "data" / "nl" / "postcode4.csv"

_DUTCH_POSTCODE = re.compile(r"(?:NL-?)?([1-9][0-9]{3})([A-Z]{2})")
_NEVER_ISSUED = frozenset({"SA", "SD", "SS"})
_ANY_POSTCODE = re.compile(r"[A-Z0-9](?:[A-Z0-9 -]{0,10}[A-Z0-9])?")
_HOUSE_NUMBER = re.compile(r"0*([1-9][0-9]{0,4})(?![0-9])(.*)", re.DOTALL)
_HOUSE_SUFFIX = re.compile(r"[^\W_]+(?:[ -][^\W_]+)*")
_LONGEST_SUFFIX = 20
_ROMAN = re.compile(r"[IVX]+")

_FIRST_PC4, _LAST_PC4 = 1000, 9999
_RANGE = re.compile(r"([0-9]{4})(?:\s*[-\N{EN DASH}]\s*([0-9]{4}))?")
_MOST_RANGES = 10_000
"""There are 9,000 codes, so a longer list says something twice."""


class NotAPostcode(ValueError):
    """Not written as a postcode of its country."""

    code = "not_a_postcode"


class NotAHouseNumber(ValueError):
    """Does not begin with a number that a house can have, or its suffix is no suffix."""

    code = "not_a_house_number"


class NotPostcodeRanges(ValueError):
    """A list of 4-digit postcodes that cannot be read; the message names the piece and the reason."""

    code = "not_postcode_ranges"


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One PC4. The point (WGS 84 degrees) is the mean of its addresses: where people live, not its middle."""

    pc4: str
    place: str
    municipality: str
    province: str
    lat: float
    lon: float
    region: str
    """School region: Noord, Midden or Zuid."""


def normalise_postcode(text: str, country: str = "NL") -> str:
    """Gives "3811AB", from "3811 ab" and the like. Refuses: NotAPostcode.

    The letters SA, SD and SS are never issued, for what they stood for in the war.
    """
    tidy = " ".join(unicodedata.normalize("NFKC", text).upper().split())
    if country != "NL":
        if not _ANY_POSTCODE.fullmatch(tidy):
            raise NotAPostcode("not a postcode")
        return tidy
    match = _DUTCH_POSTCODE.fullmatch(tidy.replace(" ", ""))
    if match is None or match[2] in _NEVER_ISSUED:
        raise NotAPostcode("a Dutch postcode has 4 digits and 2 letters, such as 3811 AB")
    return match[1] + match[2]


def pc4_of(postcode: str, country: str = "NL") -> str:
    """The part of a normalised postcode by which areas are made; outside the Netherlands all of it."""
    return postcode[:4] if country == "NL" else postcode


def postcode_for_people(postcode: str, country: str = "NL") -> str:
    """A normalised postcode as it is written on an envelope: "3811 AB"."""
    return f"{postcode[:4]} {postcode[4:]}".strip() if country == "NL" else postcode


def normalise_house_number(text: str) -> tuple[int, str]:
    """Number and suffix: (12, "") from "12", (12, "A") from "12a" and "12-A", (12, "bis") from "12 BIS".

    Refuses: NotAHouseNumber.
    """
    match = _HOUSE_NUMBER.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if match is None:
        raise NotAHouseNumber("a house number begins with a number from 1 to 99999")
    return int(match[1]), normalise_house_suffix(match[2])


def normalise_house_suffix(text: str) -> str:
    """One spelling for each suffix, so that two of them can be compared; empty for none. Refuses:
    NotAHouseNumber.

    Single letters and Roman numbers are capitals ("A", "A2", "II"), words are small ("bis"), a slash is a hyphen.
    """
    tidy = re.sub(r"[\s/.,_-]*-[\s/.,_-]*|\s*/\s*", "-", unicodedata.normalize("NFKC", text))
    tidy = " ".join(re.sub(r"[.,_]", " ", tidy).split()).strip(" -")
    if not tidy:
        return ""
    if len(tidy) > _LONGEST_SUFFIX or not _HOUSE_SUFFIX.fullmatch(tidy):
        raise NotAHouseNumber("a suffix is a few letters or digits, such as A, bis or 2")
    return re.sub(r"[^\W\d_]+", _suffix_letters, tidy)


def place_of(postcode: str, country: str = "NL") -> PlaceRow | None:
    """Where a postcode lies, given whole or as its PC4; None for one that is not in the table."""
    return _places().get(pc4_of(postcode)) if country == "NL" else None


def all_places(country: str = "NL") -> tuple[PlaceRow, ...]:
    """Every PC4 of the table, in order of its code; empty for a country without a table."""
    return tuple(_places().values()) if country == "NL" else ()


def parse_pc4_ranges(text: str) -> tuple[str, ...]:
    """Every code from 1000 to 9999 that "3811-3829, 3831" names, in order, each once.

    Both ends of a range are in. Whether a code is in use is left to the caller. Refuses: NotPostcodeRanges
    for nothing at all, a piece that is no code or range, a range that runs backwards, and a list of more than
    10,000.
    """
    pieces = [piece.strip() for piece in re.split("[,;]", text)]
    if len(pieces) > _MOST_RANGES:
        raise NotPostcodeRanges(f"{len(pieces)} ranges; at most {_MOST_RANGES} can be read")
    if pieces == [""]:
        raise NotPostcodeRanges("no postcodes; write them like 3811-3829,3831")
    codes: set[int] = set()
    for piece in pieces:
        codes.update(_codes_of(piece))
    return tuple(str(code) for code in sorted(codes))


def _codes_of(piece: str) -> range:
    match = _RANGE.fullmatch(piece)
    if match is None:
        raise NotPostcodeRanges(f"{piece[:40]!r} is not a 4-digit postcode or a range like 3811-3829")
    first, last = int(match[1]), int(match[2] or match[1])
    if first < _FIRST_PC4:
        raise NotPostcodeRanges(f"{piece!r}: postcodes run from {_FIRST_PC4} to {_LAST_PC4}")
    if last < first:
        raise NotPostcodeRanges(f"{piece!r} runs backwards")
    return range(first, last + 1)


def _suffix_letters(run: re.Match[str]) -> str:
    letters = run[0].upper()
    return letters if len(run[0]) == 1 or _ROMAN.fullmatch(letters) else run[0].lower()


@lru_cache(maxsize=1)
def _places() -> Mapping[str, PlaceRow]:
    # Few distinct names stand in thousands of rows: interned, each is kept once.
    with _PLACES.open(encoding="utf-8", newline="") as file:
        return {
            row["pc4"]: PlaceRow(
                row["pc4"],
                intern(row["place"]),
                intern(row["municipality"]),
                intern(row["province"]),
                float(row["lat"]),
                float(row["lon"]),
                intern(row["region"]),
            )
            for row in csv.DictReader(file)
        }
