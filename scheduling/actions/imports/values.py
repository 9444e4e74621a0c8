"""Values as people write them in a file, read the same way by every import. Each refuses with a ValueError."""

import re
from collections.abc import Callable
from datetime import date, time
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

_LANGUAGE = re.compile(
    r"[A-Za-z]{2,3}(-[A-Za-z]{3}){0,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?"
    r"(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*(-[A-WY-Za-wy-z0-9](-[A-Za-z0-9]{2,8})+)*(-[xX](-[A-Za-z0-9]{1,8})+)?"
)
"""`langtag` of RFC 5646, section 2.1, without the grandfathered ones."""


FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
"""Wider than any boiler lives, and far from where the calendar of the computer ends."""


def a_day(text: str) -> date:
    """`2027-03-26`, and nothing else that `date.fromisoformat` would also take."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError("must be a date like 2027-03-26")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError("is a day that does not exist") from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"must lie between {FIRST_DAY} and {LAST_DAY}")
    return day


def a_time(text: str) -> time:
    """`16:00`, or `8:00`."""
    match = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})", text)
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        raise ValueError("must be a time like 16:00")
    return time(int(match[1]), int(match[2]))


def a_whole_number(least: int, most: int) -> Callable[[str], int]:
    """A whole number between two bounds, both included."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return int(text)

    return parse


@lru_cache(maxsize=256)
def a_language(text: str) -> str:
    """A BCP-47 tag in its usual case: `nl`, `nl-BE`, `zh-Hant`."""
    if len(text) > 35 or not _LANGUAGE.fullmatch(text):
        raise ValueError("must be a language tag like nl, en or pl")
    first, *rest = text.split("-")
    return "-".join([first.lower(), *(_usual_case(part) for part in rest)])


def an_email(text: str) -> str:
    """An e-mail address in its normal form. Whether somebody reads it is not looked at: that needs the network."""
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        raise ValueError("is not an e-mail address") from None


def _usual_case(part: str) -> str:
    if len(part) == 2 and part.isalpha():
        return part.upper()
    return part.title() if len(part) == 4 and part.isalpha() else part.lower()
