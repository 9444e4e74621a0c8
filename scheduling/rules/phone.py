"""Reads a telephone number as people write it, and says what it can be used for."""

from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

_RECEIVE_SMS = frozenset(
    {
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.PERSONAL_NUMBER,
        PhoneNumberType.UNKNOWN,
    }
)
_LONGEST_INPUT = 60
"""Characters; nobody writes one number in more, and the parser need not try."""
_DOT = "•"


class NotAPhoneNumber(ValueError):
    """What was typed cannot be anybody's telephone number."""

    code = "not_a_phone_number"


def to_e164(text: str, country: str = "NL") -> str:
    """The number as +31612345678; one without a country code is read as a number of `country` (ISO 3166).

    A number that has the right length for a person's telephone is taken even if its range is not known:
    ranges are handed out all the time, and the list of them is as old as the library that is installed.
    Refuses: NotAPhoneNumber.
    """
    if len(text) > _LONGEST_INPUT:
        raise NotAPhoneNumber("too long")
    try:
        number = phonenumbers.parse(text, country)
    except NumberParseException as error:
        raise NotAPhoneNumber("not a telephone number") from error
    if not (phonenumbers.is_valid_number(number) or _has_the_length(number)):
        raise NotAPhoneNumber("no telephone has this number")
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


@lru_cache(maxsize=1024)
def can_receive_sms(e164: str) -> bool:
    """False for a landline, a free or a paid service; True for a mobile and for a range that is not known.

    Remembered for a while: one message or page asks it several times of the same number, and reading one is slow.
    """
    return phonenumbers.number_type(_read(e164)) in _RECEIVE_SMS


def for_people(e164: str, country: str = "NL") -> str:
    """As people of `country` write it: "06 12345678", and "+49 1512 3456789" for another country's number."""
    number = _read(e164)
    is_ours = phonenumbers.region_code_for_country_code(number.country_code or 0) == country
    style = PhoneNumberFormat.NATIONAL if is_ours else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, style)


def masked(e164: str, country: str = "NL") -> str:
    """Like "06 •••• ••78": first group and last two digits, enough to recognise a number one knows."""
    first, _, rest = for_people(e164, country).partition(" ")
    if not rest:
        first, rest = first[:2], first[2:]
    digits = [character for character in rest if character.isdigit()]
    hidden = _DOT * (len(digits) - 2) + "".join(digits[-2:])
    return " ".join([first, *(hidden[at : at + 4] for at in range(0, len(hidden), 4))])


def _read(e164: str) -> PhoneNumber:
    try:
        return phonenumbers.parse(e164)
    except NumberParseException as error:
        raise NotAPhoneNumber("not a number in E.164") from error


def _has_the_length(number: PhoneNumber) -> bool:
    """As long as the country's ordinary mobile and landline numbers, and not beginning with another 0."""
    digits = phonenumbers.national_significant_number(number)
    region = phonenumbers.region_code_for_country_code(number.country_code or 0)
    examples = (
        phonenumbers.example_number_for_type(region, kind)
        for kind in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE)
    )
    lengths = {len(phonenumbers.national_significant_number(example)) for example in examples if example}
    return len(digits) in lengths and not digits.startswith("0")
