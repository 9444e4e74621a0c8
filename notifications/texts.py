"""The words of every message: finds the file, checks it when the portal starts, fills it.

A text is a file that a non-programmer can read and mend: `texts/<kind>/<name>.<language>.<register>.txt`
(`texts/README.md` says how to write one). A company's own folder wins over ours, file by file. What goes into the
gaps, and how long an SMS may be, is decided in `wording`.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

from notifications.models import KINDS
from notifications.oneline import one_line

OWN_TEXTS = Path(__file__).parent / "texts"
NAMES = ("sms", "sms-short", "email", "letter")
REGISTERS = ("formal", "informal")
FALLBACK_LANGUAGE = "en"
KINDS_BY_LETTER = ("invitation", "confirmation", "change", "cancellation", "withdrawal", "exit")
CALENDAR = "calendar"
CALENDAR_NAMES = ("summary", "description", "alarm")

_ALWAYS = frozenset({"salutation", "company", "portal", "address", "link", "letter_code"})
_OF_THE_WORK = frozenset({"works", "duration"})
_OF_A_VISIT = frozenset({"day", "day_short", "from", "to", "done_by"})
_MAY_BE_EMPTY = frozenset({"principal", "prepare", "price", "phone", "email", "undo_until", "elsewhere"})
PLACEHOLDERS = _ALWAYS | _OF_THE_WORK | _OF_A_VISIT | _MAY_BE_EMPTY
"""Everything that may stand between braces in a message."""

_FILLED_LATER = frozenset({"link", "letter_code"})
_OF_A_KIND = {
    "contact-changed": frozenset({"new_phone", "new_email", "gone_phone", "gone_email"}),
    "notice": frozenset({"moved", "cancelled"}),
    "plan": frozenset({"count"}),
}
"""What only these kinds know. All but `count` may be empty."""

_KINDS_WITH_VISIT = frozenset(
    {"confirmation", "change", "cancellation", "restored", "plan", "notice", CALENDAR}
)
NO_LINK = ("withdrawal", "contact-changed", "notice")
"""Kinds without a link: to a page that ended; to whom is perhaps a stranger by now; to who has nothing to change."""

_CALENDAR_PLACEHOLDERS = (
    PLACEHOLDERS
    - {"salutation", "link", "letter_code", "phone", "email", "portal", "undo_until", "elsewhere"}
) | {"url"}

_CONDITION = re.compile(r"\[(with|without) ([a-z_]+)\] ?")
_FILE_NAME = re.compile(
    r"(sms|sms-short|email|letter)\.([A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*)\.(formal|informal)\.txt"
)
_CALENDAR_FILE_NAME = re.compile(r"(summary|description|alarm)\.([A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*)\.txt")


class TextsError(ValueError):
    """A text that the portal cannot start with. Its message is one line that names the file and the reason."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a text and when it is said: all of `needs` known, none of `unless`."""

    template: str
    needs: frozenset[str]
    unless: frozenset[str]

    def is_said(self, values: Mapping[str, str]) -> bool:
        return all(values[name] for name in self.needs) and not any(values[name] for name in self.unless)


@dataclass(frozen=True, slots=True)
class Wording:
    """A text with its gaps filled. `subject` is empty but for e-mail."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Text:
    """A checked text of one kind, name, language and register."""

    language: str
    formality: str
    subject: Sequence[_Line]
    lines: Sequence[_Line]

    def fill(self, values: Mapping[str, str], *, own_words: Callable[[str], str] = str) -> Wording:
        """The text with `values` for its placeholders; each becomes one line, whatever it holds.

        `values` has every name that the kind knows, empty where unknown. `own_words` respells what stands around them.
        """
        tidy = {name: value if name in _FILLED_LATER else one_line(value) for name, value in values.items()}
        body = "\n".join(_said(self.lines, tidy, own_words))
        # Lines that are not said leave their blank neighbours behind.
        return Wording(
            " ".join(_said(self.subject, tidy, own_words)), re.sub(r"\n{3,}", "\n\n", body).strip()
        )


def _said(lines: Iterable[_Line], values: Mapping[str, str], own_words: Callable[[str], str]) -> list[str]:
    return [own_words(line.template).format_map(values) for line in lines if line.is_said(values)]


class Texts:
    """All texts, read once. `own_folder` is the company's (`TEXTS_DIR`), each file of which wins over ours.

    Refuses: TextsError, for the first file that does not do, and for one that is missing.
    """

    def __init__(self, own_folder: Path | None = None) -> None:
        self._texts: dict[tuple[str, str, str, str], Text] = {}
        for folder in (OWN_TEXTS, *([own_folder] if own_folder else [])):
            self._read(folder)
        self._refuse_gaps()

    def find(self, kind: str, name: str, *, language: str, formality: str) -> Text | None:
        """The text for a customer's language tag: the tag's own, its language's, else English.

        A language that has only one register gives that. None where a kind is not told in this way at all.
        """
        other = "informal" if formality == "formal" else "formal"
        for tag in _tags(language):
            for register in (formality, other):
                text = self._texts.get((kind, name, tag, register))
                if text is not None:
                    return text
        return None

    def calendar(self, name: str, *, language: str) -> Text:
        """The words of a calendar entry: `summary`, `description` or `alarm`."""
        found = (self._texts.get((CALENDAR, name, tag, "")) for tag in _tags(language))
        return next(text for text in found if text is not None)

    def all(self) -> Mapping[tuple[str, str, str, str], Text]:
        """Every text by kind, name, language and register (empty for the calendar)."""
        return self._texts

    def _read(self, folder: Path) -> None:
        for path in sorted(folder.glob("*/*.txt")):
            kind = path.parent.name
            pattern = _CALENDAR_FILE_NAME if kind == CALENDAR else _FILE_NAME
            match = pattern.fullmatch(path.name)
            if kind not in (*KINDS, CALENDAR) or match is None:
                expected = "summary.nl.txt" if kind == CALENDAR else "sms.nl.formal.txt"
                raise TextsError(
                    f"{path}: no message is called that; use a name like {expected} in a folder named "
                    f"{', '.join(KINDS)} or {CALENDAR}"
                )
            name, language = match[1], match[2].lower()
            register = "" if kind == CALENDAR else match[3]
            self._texts[kind, name, language, register] = _parsed(path, kind, name, language, register)

    def _refuse_gaps(self) -> None:
        for language in ("nl", FALLBACK_LANGUAGE):
            for kind in KINDS:
                for name in NAMES:
                    for register in REGISTERS:
                        is_told = name != "letter" or kind in KINDS_BY_LETTER
                        if is_told and (kind, name, language, register) not in self._texts:
                            raise TextsError(
                                f"{OWN_TEXTS / kind}: {name}.{language}.{register}.txt is missing"
                            )
            for name in CALENDAR_NAMES:
                if (CALENDAR, name, language, "") not in self._texts:
                    raise TextsError(f"{OWN_TEXTS / CALENDAR}: {name}.{language}.txt is missing")


def _tags(language: str) -> list[str]:
    """From the whole tag down ("nl-be", "nl"), then English."""
    subtags = language.lower().split("-")
    return ["-".join(subtags[:count]) for count in range(len(subtags), 0, -1)] + [FALLBACK_LANGUAGE]


def _parsed(path: Path, kind: str, name: str, language: str, register: str) -> Text:
    try:
        written = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise TextsError(f"{path}: cannot be read as UTF-8 text") from None
    rows = [row.rstrip() for row in written.strip().splitlines()]
    subject: list[str] = []
    if name == "email":
        if "" not in rows:
            raise TextsError(f"{path}: an e-mail begins with its subject, then an empty line, then the text")
        subject, rows = rows[: rows.index("")], rows[rows.index("") + 1 :]
    if not any(rows):
        raise TextsError(f"{path}: is empty")
    text = Text(
        language,
        register,
        [_line(path, kind, row) for row in subject],
        [_line(path, kind, row) for row in rows],
    )
    _refuse_broken_promises(path, kind, name, text)
    return text


def _line(path: Path, kind: str, row: str) -> _Line:
    needs: set[str] = set()
    unless: set[str] = set()
    template = row
    while match := _CONDITION.match(template):
        if match[2] not in _known(kind):
            raise TextsError(f"{path}: [{match[1]} {match[2]}] names nothing that we know")
        (needs if match[1] == "with" else unless).add(match[2])
        template = template[match.end() :]
    for name in _names(path, template):
        if name not in _known(kind):
            raise TextsError(f"{path}: {{{name}}} is not known; use {', '.join(sorted(_known(kind)))}")
        if name in _optional(kind) and name not in needs:
            raise TextsError(f"{path}: {{{name}}} may be empty, so its line begins with [with {name}]")
    return _Line(template, frozenset(needs), frozenset(unless))


def _names(path: Path, template: str) -> list[str]:
    try:
        pieces = list(Formatter().parse(template))
    except ValueError:
        raise TextsError(f"{path}: has a brace without its partner in {template!r}") from None
    if any(spec or conversion for _, _, spec, conversion in pieces):
        raise TextsError(f"{path}: between braces stands a name and nothing else, in {template!r}")
    return [name for _, name, _, _ in pieces if name is not None]


def _known(kind: str) -> frozenset[str]:
    of_all = _CALENDAR_PLACEHOLDERS if kind == CALENDAR else PLACEHOLDERS
    return of_all | _OF_A_KIND.get(kind, frozenset())


def _optional(kind: str) -> frozenset[str]:
    may_be_empty = _MAY_BE_EMPTY | (_OF_A_KIND.get(kind, frozenset()) - {"count"})
    if kind == "withdrawal":
        # Nothing may be left of the work, and there may never have been a visit.
        return may_be_empty | _OF_A_VISIT | _OF_THE_WORK
    return may_be_empty if kind in _KINDS_WITH_VISIT else may_be_empty | _OF_A_VISIT


def _refuse_broken_promises(path: Path, kind: str, name: str, text: Text) -> None:
    """What every text has to say, whoever wrote it."""
    if kind == CALENDAR:
        return
    if not text.lines[0].template.startswith("{salutation}"):
        raise TextsError(f"{path}: begins with {{salutation}}, in the customer's own manner of address")
    needed = {"company", "principal"}
    if kind not in NO_LINK:
        needed |= {"letter_code", "portal", "link"} if name == "letter" else {"link"}
    if kind in ("confirmation", "change", "restored"):
        needed |= {"from", "to"}
    everywhere = "\n".join(line.template for line in (*text.subject, *text.lines))
    for missing in sorted(placeholder for placeholder in needed if f"{{{placeholder}}}" not in everywhere):
        raise TextsError(f"{path}: has to say {{{missing}}} somewhere")
