"""How a customer is addressed: salutation, full name, surname after a title, place in an alphabetical list.

Pages and messages share it. The words of each language are in `scheduling/data/salutations/<language>.toml`;
what is decided here is how Dutch names are put together and which of the words fit. Which title, register and
language a customer has, and how long a text may be, others know.

Where something is missing: without a title nobody is called heer or mevrouw, and a last name alone becomes
"familie De Vries". An informal customer without a first name keeps the title ("Beste mevrouw De Vries,"), or
the initials where there is none. A title without a last name is not used.
"""

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from string import Formatter

_SALUTATIONS = Path(__file__).parent.parent / "data" / "salutations"
_FALLBACK_LANGUAGE = "en"
_TITLES = ("mr", "ms", "couple")
_FORMS = (*_TITLES, "neutral", "organisation")

_BIDIRECTIONAL_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_APOSTROPHES = ("'", "\N{RIGHT SINGLE QUOTATION MARK}")
_LETTERS_WITHOUT_ACCENT = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
    }
)
_MOST_UNDOTTED_INITIALS = 5
_LONGEST_INITIAL = 3
"""Letters: "Chr." and "Joh." are initials; what is longer is a name, and gets no dot."""


@dataclass(frozen=True, slots=True)
class Name:
    """A customer's name as registered, each part possibly empty. `title` is "mr", "ms", "couple" or ""."""

    title: str = ""
    initials: str = ""
    first_name: str = ""
    infix: str = ""
    last_name: str = ""
    organisation: str = ""


def salutation(name: Name, *, formality: str, language: str) -> str:
    """The opening line with its comma: "Geachte heer De Vries,". Never empty, whatever the name holds.

    `formality` is "formal" or "informal"; `language` a BCP-47 tag; one without a file reads English.
    """
    parts = _Parts.of(name)
    manner = _manners(language).by_formality[_register(formality)][parts.form]
    return next(_fitting((*manner.full, *manner.shorter), parts.words))


def shorter_salutations(
    name: Name, *, formality: str, language: str, own_words: Callable[[str], str] = str
) -> tuple[str, ...]:
    """From the salutation itself down to one without a name ("Dag,"), each shorter than the last.

    For a text in which the salutation does not fit, or whose alphabet lacks a letter of the name. `own_words` respells
    what is ours in them, for such an alphabet; a name keeps its spelling, and how many there are stays the same.
    """
    parts = _Parts.of(name)
    manner = _manners(language).by_formality[_register(formality)][parts.form]
    full = next(pattern for pattern in (*manner.full, *manner.shorter) if pattern.fits(parts.words))
    chain = [full]
    for candidate in manner.shorter:
        if candidate.fits(parts.words) and candidate.length(parts.words) < chain[-1].length(parts.words):
            chain.append(candidate)
    return tuple(own_words(pattern.text).format_map(parts.words) for pattern in chain)


def display_name(name: Name, language: str) -> str:
    """The name alone, as on an envelope: "Sanne de Vries", "S. van der Berg", "mevrouw De Vries".

    An organisation stands before its contact person. Never empty: nobody at all is "Bewoner".
    """
    parts, manners = _Parts.of(name), _manners(language)
    shown = next(_fitting((*manners.display[parts.form], *manners.display["neutral"]), parts.words))
    if parts.form == "organisation" or not parts.words["organisation"]:
        return shown
    return manners.person.text.format(organisation=parts.words["organisation"], person=shown)


def surname(name: Name) -> str:
    """The last name as after a title: "De Vries", "Van der Berg", "'t Hart", "In 't Veld". Can be empty."""
    return _Parts.of(name).words["surname"]


def sort_key(name: Name) -> str:
    """Lower case without accents; an organisation by its own name, a person by last name, infix left out."""
    words = _Parts.of(name).words
    main = words["organisation"] or words["bare"]
    tie_breakers = (words["bare"], words["first_name"] or words["initials"], words["infix"])
    folded = (_folded(text) for text in (main, *(text for text in tie_breakers if text != main)))
    return " ".join(text for text in folded if text)


@dataclass(frozen=True, slots=True)
class _Parts:
    """A name made ready: words for the placeholders, empty where unknown, and the form that they allow."""

    words: Mapping[str, str]
    form: str

    @classmethod
    def of(cls, name: Name) -> "_Parts":
        infix, bare = _infix_and_last_name(_tidy(name.infix), _tidy(name.last_name))
        words = {
            "first_name": _tidy(name.first_name),
            "initials": _initials(_tidy(name.initials)),
            "infix": infix,
            "bare": bare,
            "last": _joined(infix, bare),
            "surname": _joined(infix[:1].upper() + infix[1:], bare),
            "organisation": _tidy(name.organisation),
        }
        if words["organisation"] and not (bare or words["first_name"]):
            return cls(words, "organisation")
        return cls(words, name.title if name.title in _TITLES and bare else "neutral")


def _infix_and_last_name(infix: str, last_name: str) -> tuple[str, str]:
    """Parts them also where the infix was typed into the last name, whole ("de Vries") or once more."""
    if not last_name:
        return "", ""
    words = last_name.split(" ")
    lead_length = next((at for at, word in enumerate(words) if word != word.lower()), 0)
    lead, bare = " ".join(words[:lead_length]), " ".join(words[lead_length:])
    if elided := re.match(r"([dl]['\u2019])(?=[^\W\d_a-z])", bare):
        lead, bare = f"{lead} {elided[1]}".strip(), bare[elided.end() :]
    if not infix or infix.lower() == lead:
        return infix or lead, bare
    return f"{infix} {lead}".strip(), bare


def _joined(infix: str, bare: str) -> str:
    if not bare or not infix:
        return bare
    return f"{infix}{bare}" if infix.endswith(_APOSTROPHES) else f"{infix} {bare}"


def _initials(text: str) -> str:
    """Gives "S.M." from "SM", "s.m" and "S M"; "Th." and "J.-P." stay. Other scripts get no dots."""
    parts = [part for part in re.split(r"[.\s]+", text) if part]
    if len(parts) == 1 and "." not in text and _is_a_row_of_letters(parts[0]):
        parts = list(parts[0])
    return "".join(_initial(part) for part in parts)


def _is_a_row_of_letters(text: str) -> bool:
    return text.isalpha() and len(text) <= _MOST_UNDOTTED_INITIALS and (text.isupper() or text.islower())


def _initial(part: str) -> str:
    letters = part.lstrip("-")
    hyphen = "-" if letters != part else ""
    capital = letters[:1].upper()
    if letters and len(capital) == 1:
        letters = capital + letters[1:]
    is_abbreviated = letters.isalpha() and letters[:1].isupper() and len(letters) <= _LONGEST_INITIAL
    return f"{hyphen}{letters}." if is_abbreviated else f"{hyphen}{letters}"


def _tidy(text: str) -> str:
    """One line, single spaces, composed letters; without controls, and empty if nothing in it can be seen."""
    # Nearly every name is plain; looking at each letter of the others costs as much as a query.
    if text.isascii() and text.isprintable():
        return " ".join(text.split()).strip(" ,;")
    kept = "".join(
        " " if character.isspace() else character
        for character in unicodedata.normalize("NFC", text)
        if character.isspace()
        or not (unicodedata.category(character) in ("Cc", "Cs") or character in _BIDIRECTIONAL_CONTROLS)
    )
    is_visible = any(unicodedata.category(character)[0] in "LNPS" for character in kept)
    return " ".join(kept.split()).strip(" ,;") if is_visible else ""


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS_WITHOUT_ACCENT))
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(re.sub(r"^[^\w]+", "", plain).split())


@dataclass(frozen=True, slots=True)
class _Pattern:
    text: str
    needs: frozenset[str]

    @classmethod
    def of(cls, text: str) -> "_Pattern":
        return cls(text, frozenset(field for _, field, _, _ in Formatter().parse(text) if field))

    def fits(self, words: Mapping[str, str]) -> bool:
        return all(words[need] for need in self.needs)

    def length(self, words: Mapping[str, str]) -> int:
        return len(self.text.format_map(words))


@dataclass(frozen=True, slots=True)
class _Manner:
    full: tuple[_Pattern, ...]
    shorter: tuple[_Pattern, ...]


@dataclass(frozen=True, slots=True)
class _Manners:
    """One language's file."""

    by_formality: Mapping[str, Mapping[str, _Manner]]
    display: Mapping[str, tuple[_Pattern, ...]]
    person: _Pattern


def _fitting(patterns: Sequence[_Pattern], words: Mapping[str, str]) -> Iterator[str]:
    return (pattern.text.format_map(words) for pattern in patterns if pattern.fits(words))


def _register(formality: str) -> str:
    return "informal" if formality == "informal" else "formal"


@lru_cache(maxsize=128)
def _manners(language: str) -> _Manners:
    """The file of the tag, of its language alone ("nl" for "nl-BE"), or English."""
    tag = language.lower()
    for candidate in (tag, tag.partition("-")[0]):
        if candidate in _languages():
            return _read(candidate)
    return _read(_FALLBACK_LANGUAGE)


@lru_cache(maxsize=1)
def _languages() -> frozenset[str]:
    return frozenset(path.stem for path in _SALUTATIONS.glob("*.toml"))


@lru_cache(maxsize=32)
def _read(language: str) -> _Manners:
    content = tomllib.loads((_SALUTATIONS / f"{language}.toml").read_text(encoding="utf-8"))
    return _Manners(
        by_formality={
            formality: {
                form: _Manner(
                    _patterns(content[formality][form]["full"]),
                    _patterns(content[formality][form]["shorter"]),
                )
                for form in _FORMS
            }
            for formality in ("formal", "informal")
        },
        display={form: _patterns(content["display"][form]) for form in _FORMS},
        person=_Pattern.of(content["display"]["person"]),
    )


def _patterns(texts: Sequence[str]) -> tuple[_Pattern, ...]:
    return tuple(_Pattern.of(text) for text in texts)
