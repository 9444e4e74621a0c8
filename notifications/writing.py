"""Writes a message about an invitation: whose words, which values, and how an SMS is made to fit.

An SMS has two parts at most. What does not fit is first spelled in plain letters (with its own, Polish takes twice the
parts), then said shorter, and only then with a shorter salutation: a name keeps its spelling and its place for as long
as it fits, and nothing is refused for its length.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from types import MappingProxyType
from zoneinfo import ZoneInfo

from notifications.company import Company
from notifications.gsm7 import in_plain_letters, is_gsm7, parts
from notifications.links import CODE, LINK, Links
from notifications.texts import Text, Texts
from scheduling.reads.correspondence import Correspondence, ServiceAddress
from scheduling.rules.addressing import display_name, salutation, shorter_salutations
from scheduling.rules.postcodes import postcode_for_people
from scheduling.rules.wording import clock_time, day_long, day_short, duration, list_of

MOST_SEGMENTS = 2
_LONGEST_NAME = 60
"""Characters of a company's and a principal's name where even a nameless salutation leaves no room: with a link of 72
and some 100 characters of text, two of these stay within the 306 places of two parts."""

_OWN_WORDS = ("works", "duration", "day", "day_short")
"""Values that are words of ours, not somebody's name: where letters have to be plain, theirs are."""


@dataclass(frozen=True, slots=True)
class Written:
    """A message's words. `segments` of an SMS, None for the rest; `language` is that of the words."""

    subject: str
    body: str
    language: str
    formality: str
    segments: int | None


class Writer:
    """Writes for one company."""

    __slots__ = ("_company", "_links", "_texts")

    def __init__(self, company: Company, texts: Texts, links: Links) -> None:
        self._company, self._texts, self._links = company, texts, links

    def write(
        self,
        about: Correspondence,
        *,
        kind: str,
        channel: str,
        tells_of_visit: bool = True,
        more: Mapping[str, str] = MappingProxyType({}),
    ) -> Written | None:
        """The message of this kind for this channel; None where the kind is not told through it.

        `tells_of_visit` False leaves out a visit that the message is not about (an earlier one, cancelled). `more` has
        the values that only this kind knows.
        """
        whom = about.correspondent
        text = self._texts.find(kind, channel, language=whom.language, formality=whom.formality)
        if text is None:
            return None
        values = self._values(about, text, tells_of_visit=tells_of_visit) | dict(more)
        if channel == "sms":
            short = self._texts.find(kind, "sms-short", language=text.language, formality=text.formality)
            return self._sms(about, (text, short or text), values)
        filled = text.fill(values)
        return Written(filled.subject, filled.body, text.language, whom.formality, None)

    def _sms(self, about: Correspondence, texts: tuple[Text, Text], values: Mapping[str, str]) -> Written:
        body, segments = "", 0
        for body in _from_full_to_short(about, texts, values):
            segments = parts(self._links.in_full_length(body)).segments
            if segments <= MOST_SEGMENTS:
                break
        return Written("", body, texts[0].language, about.correspondent.formality, segments)

    def _values(self, about: Correspondence, text: Text, *, tells_of_visit: bool) -> dict[str, str]:
        whom, language = about.correspondent, text.language
        values = work_values(about, language=language, tells_of_visit=tells_of_visit)
        return values | {
            "salutation": salutation(whom.name, formality=whom.formality, language=language),
            "company": self._company.name,
            "phone": self._company.phone,
            "email": self._company.email,
            "portal": _without_scheme(self._company.public_url),
            "link": LINK,
            "letter_code": CODE,
        }


def work_values(about: Correspondence, *, language: str, tells_of_visit: bool = True) -> dict[str, str]:
    """What is known of the work and the visit, in words: the same in a message and in a calendar entry."""
    visit = about.visit if tells_of_visit else None
    values = {
        "works": list_of(list(dict.fromkeys(work.kind_name for work in about.works)), language),
        "duration": duration(visit.minutes if visit else about.minutes, language) if about.works else "",
        "principal": about.principal,
        "prepare": _together(work.prepare for work in about.works),
        "price": _together(work.price for work in about.works),
        "address": address_line(about.address),
        "elsewhere": _which_home(about),
        **dict.fromkeys(("day", "day_short", "from", "to", "done_by", "undo_until"), ""),
    }
    if visit is not None:
        zone = ZoneInfo(visit.time_zone)
        done_by = (visit.ends_at + timedelta(minutes=visit.minutes)).astimezone(zone)
        values |= {
            "day": day_long(visit.local_day, language),
            "day_short": day_short(visit.local_day, language),
            "from": clock_time(visit.starts, language),
            "to": clock_time(visit.ends, language),
            "done_by": clock_time(done_by, language),
        }
    return values


def address_line(address: ServiceAddress) -> str:
    """The address in one line: "Langestraat 12A, 3811 AB Amersfoort"; without a street "3811 AB 12A, Amersfoort"."""
    postcode = postcode_for_people(address.postcode, address.country)
    if not address.street:
        return ", ".join(part for part in (f"{postcode} {address.house_number}", address.place) if part)
    return f"{address.street} {address.house_number}, {postcode} {address.place}".strip()


def _which_home(about: Correspondence) -> str:
    """As much of the address as tells homes apart, for whoever may not live there; for all others they know it."""
    may_live_elsewhere = about.has_others or about.tells_others or about.correspondent.name.organisation
    address = about.address
    return f"{address.pc4} {address.place}, {address.house_number}" if may_live_elsewhere else ""


def letter_recipient(about: Correspondence) -> str:
    """Whom a letter goes to: name, street and number, postcode and place, each after a comma."""
    return f"{display_name(about.correspondent.name, about.correspondent.language)}, {address_line(about.address)}"


def _from_full_to_short(
    about: Correspondence, texts: tuple[Text, Text], values: Mapping[str, str]
) -> Iterator[str]:
    """One body after another: the whole text, then the short one, with every salutation from long to short.

    Each first as it is spelled, then with our own words in plain letters; who and where keep theirs.
    """
    whom, (whole, short) = about.correspondent, texts
    # Nearly always this one fits; the rest is only worked out when it does not.
    yield whole.fill(values).body
    shorter = partial(shorter_salutations, whom.name, formality=whom.formality, language=whole.language)
    greetings, plain_greetings = shorter(), shorter(own_words=in_plain_letters)
    plain = {name: in_plain_letters(values[name]) for name in _OWN_WORDS}
    for greeting, plain_greeting in zip(greetings, plain_greetings, strict=True):
        for text in (whole, short):
            yield text.fill({**values, "salutation": greeting}).body
            yield text.fill(
                {**values, **plain, "salutation": plain_greeting}, own_words=in_plain_letters
            ).body
    # Whoever pays for a company with a name of a hundred letters still gets their message, in the plain alphabet.
    cut = {name: _cut(values[name]) or values[name] for name in ("company", "principal")}
    yield short.fill(
        {**values, **plain, **cut, "salutation": plain_greetings[-1]}, own_words=in_plain_letters
    ).body


def _cut(text: str) -> str:
    """`text` in letters of the GSM-7 alphabet, those that it has nothing like dropped, cut where it is very long."""
    plain = " ".join("".join(letter for letter in in_plain_letters(text) if is_gsm7(letter)).split())
    return plain if len(plain) <= _LONGEST_NAME else plain[: _LONGEST_NAME - 2].rstrip() + ".."


def _together(texts: Iterator[str]) -> str:
    """Each different text once, in one line."""
    return " ".join(dict.fromkeys(text for text in texts if text))


def _without_scheme(url: str) -> str:
    return url.removeprefix("https://").removeprefix("http://")
