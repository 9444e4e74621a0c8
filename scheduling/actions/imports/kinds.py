"""Kinds of work from a file: minutes, places, and what they are called in each language."""

import re
from typing import BinaryIO

from sqlalchemy import delete, insert, select, update

from scheduling.actions.imports.table import BadValue, Report, Row, Seen, Table
from scheduling.actions.imports.values import a_whole_number
from scheduling.actions.work import Work
from scheduling.models import Kind, KindText

MOST_MINUTES = 24 * 60
MOST_PLACES = 100
TEXTS = {"name": 200, "prepare": 2000, "price": 2000}
_TEXT_COLUMN = re.compile(r"(name|prepare|price)_([a-z]{2,3}(?:-[a-z0-9]{2,8})*)")


def import_kinds(work: Work, stream: BinaryIO) -> Report:
    """Adds kinds of work and updates those that are there; an empty field leaves as it was. Refuses: UnreadableFile."""
    table = Table(
        stream,
        required=("kind",),
        optional=("minutes", "places"),
        is_known=lambda column: _TEXT_COLUMN.fullmatch(column) is not None,
    )
    report, seen = Report(), Seen("kind")
    known = set(work.session.scalars(select(Kind.ref)))
    for row in table.rows(report):
        try:
            _load(work, row, seen, known, report)
        except BadValue as problem:
            report.refuse(row.line, problem)
    return report


def _load(work: Work, row: Row, seen: Seen, known: set[str], report: Report) -> None:
    ref = row.required("kind", longest=50).lower()
    if not re.fullmatch(r"[a-z0-9_-]+", ref):
        raise BadValue("kind", "use letters, digits, - and _ only")
    seen.check(ref, row.line)
    minutes = row.parsed("minutes", a_whole_number(1, MOST_MINUTES))
    places = row.parsed("places", a_whole_number(1, MOST_PLACES))
    texts = _texts(row)
    if ref in known:
        values = {"minutes": minutes, "places": places}
        given = {name: value for name, value in values.items() if value is not None}
        if given:
            work.session.execute(update(Kind).where(Kind.ref == ref).values(**given))
        report.updated += 1
    else:
        if minutes is None:
            raise BadValue("minutes", "is empty")
        if not any("name" in text for text in texts.values()):
            raise BadValue("name_nl", "is empty; a kind of work needs a name in one language at least")
        work.session.execute(insert(Kind).values(ref=ref, minutes=minutes, places=places or 1))
        known.add(ref)
        report.added += 1
    for language, text in texts.items():
        _write_text(work, ref, language, text)


def _texts(row: Row) -> dict[str, dict[str, str]]:
    """The texts that the row gives, by language: `{"nl": {"name": "Onderhoud"}}`."""
    found: dict[str, dict[str, str]] = {}
    for column in row.values:
        match = _TEXT_COLUMN.fullmatch(column)
        if match:
            field, language = match.groups()
            value = row.text(column, longest=TEXTS[field])
            if value:
                found.setdefault(language, {})[field] = value
    return found


def _write_text(work: Work, ref: str, language: str, text: dict[str, str]) -> None:
    old = work.session.execute(
        delete(KindText)
        .where(KindText.kind == ref, KindText.language == language)
        .returning(KindText.name, KindText.prepare, KindText.price)
    ).first()
    before = {"name": "", "prepare": "", "price": ""} if old is None else old._asdict()
    values = {**before, **text}
    # A text without a name would leave the work nameless in this language; another language's name serves then.
    if values["name"]:
        work.session.execute(insert(KindText).values(kind=ref, language=language, **values))
