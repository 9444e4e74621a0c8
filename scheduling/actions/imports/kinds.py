"""Kinds of work from a file: minutes, places, whom they follow, and what they are called in each language."""

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, insert, select, update

from scheduling.actions.imports.table import BadValue, Report, Row, Seen, Stream, Table
from scheduling.actions.imports.values import a_language, a_whole_number
from scheduling.actions.work import Work
from scheduling.models import Kind, KindText
from scheduling.models.job import HOUSE, PERSON

MOST_MINUTES = 24 * 60
MOST_PLACES = 100
TEXTS = {"name": 200, "prepare": 2000, "price": 2000}
NO_TEXT = dict.fromkeys(TEXTS, "")

_Texts = dict[str, dict[str, str]]
"""By language, then by column: `{"nl": {"name": "Onderhoud", ...}}`."""


def import_kinds(work: Work, stream: Stream) -> Report:
    """Adds kinds of work and updates those that are there; an empty field leaves as it was. Refuses: UnreadableFile."""
    table = Table(
        stream,
        required=("kind",),
        optional=("minutes", "places", "follows"),
        is_known=lambda column: _text_column(column) is not None,
    )
    report, seen = Report(), Seen("kind")
    columns = (Kind.ref, Kind.minutes, Kind.places, Kind.follows)
    known = {row.ref: row for row in work.session.execute(select(*columns))}
    texts = _texts_before(work)
    for row in table.rows(report):
        try:
            _load(work, row, seen, known=known, texts=texts, report=report)
        except BadValue as problem:
            report.refuse(row.line, problem)
    return report


def _load(
    work: Work,
    row: Row,
    seen: Seen,
    *,
    known: Mapping[str, Any],
    texts: Mapping[str, _Texts],
    report: Report,
) -> None:
    ref = row.required("kind", longest=50).lower()
    if not re.fullmatch(r"[a-z0-9_-]+", ref):
        raise BadValue("kind", "use letters, digits, - and _ only")
    seen.check(ref, row.line)
    minutes = row.parsed("minutes", a_whole_number(1, MOST_MINUTES))
    places = row.parsed("places", a_whole_number(1, MOST_PLACES))
    follows = row.one_of("follows", (HOUSE, PERSON))
    before, given = texts.get(ref, {}), _texts_of(row)
    after = {language: {**NO_TEXT, **before.get(language, {}), **text} for language, text in given.items()}
    named = {language: text for language, text in after.items() if text["name"]}
    if ref in known:
        before_it = {name: getattr(known[ref], name) for name in ("minutes", "places", "follows")}
        given_now = {"minutes": minutes, "places": places, "follows": follows}
        values = before_it | {name: value for name, value in given_now.items() if value}
        same = values == before_it
        if not same:
            work.session.execute(update(Kind).where(Kind.ref == ref).values(**values))
        if same and all(text == before.get(language) for language, text in named.items()):
            report.unchanged += 1
        else:
            report.updated += 1
    else:
        if minutes is None:
            raise BadValue("minutes", "is empty")
        if not named:
            raise BadValue("name_nl", "is empty; a kind of work needs a name in one language at least")
        work.session.execute(
            insert(Kind).values(ref=ref, minutes=minutes, places=places or 1, follows=follows or HOUSE)
        )
        report.added += 1
    for language in sorted(after.keys() - named.keys()):
        # Without a name the work would be nameless in this language; another language's text serves then.
        report.warn(
            row.line, f"name_{language}", "is empty, so the other texts in this language are not kept"
        )
    _write_texts(work, ref, named)


def _text_column(column: str) -> tuple[str, str] | None:
    """Field and language of a column like `name_nl` or `prepare_pt-br`; None for any other."""
    field, _, language = column.partition("_")
    if field not in TEXTS:
        return None
    try:
        return field, a_language(language)
    except ValueError:
        return None


def _texts_of(row: Row) -> _Texts:
    """The texts that the row gives."""
    found: _Texts = {}
    for column in row.values:
        match = _text_column(column)
        if match is not None:
            field, language = match
            value = row.text(column, longest=TEXTS[field])
            if value:
                found.setdefault(language, {})[field] = value
    return found


def _texts_before(work: Work) -> dict[str, _Texts]:
    found: dict[str, _Texts] = {}
    for row in work.session.execute(
        select(KindText.kind, KindText.language, KindText.name, KindText.prepare, KindText.price)
    ):
        text = {"name": row.name, "prepare": row.prepare, "price": row.price}
        found.setdefault(row.kind, {})[row.language] = text
    return found


def _write_texts(work: Work, ref: str, texts: _Texts) -> None:
    if texts:
        work.session.execute(
            delete(KindText).where(KindText.kind == ref, KindText.language.in_(sorted(texts)))
        )
        work.session.execute(
            insert(KindText),
            [{"kind": ref, "language": language, **text} for language, text in texts.items()],
        )
