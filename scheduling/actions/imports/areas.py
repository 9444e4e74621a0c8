"""Areas from a file: their postcodes, the kinds of work they are for, and their rules.

That a postcode lies in one area at most for each kind is judged on what would be true once the whole file is in, so
that a postcode may move from one area to another in one file, whichever comes first.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

from sqlalchemy import delete, insert, select, update

from scheduling.actions.imports.table import BadValue, Report, Row, Seen, Table
from scheduling.actions.imports.values import a_time, a_whole_number
from scheduling.actions.work import Work
from scheduling.clock import zone
from scheduling.db import in_batches
from scheduling.models import Area, AreaPostcode, Kind
from scheduling.models.company import ALL_KINDS
from scheduling.rules.policy import BOOK_UNTIL, CHANGE_UNTIL
from scheduling.rules.postcodes import NotPostcodeRanges, parse_pc4_ranges

TIME_ZONE = "Europe/Amsterdam"
LONGEST_LIST = 100_000
"""Characters of a list of postcodes: all 4,071 of the Netherlands fit several times over."""

Claim = tuple[str, str]
"""A postcode and a kind of work, or `ALL_KINDS`."""


@dataclass(frozen=True, slots=True)
class AreaRow:
    """One area as the file has it; None where the file leaves as it was."""

    line: int
    ref: str
    name: str | None
    claims: frozenset[Claim]
    rules: dict[str, object]


def import_areas(work: Work, stream: BinaryIO) -> Report:
    """Adds areas and updates those that are there. Refuses: UnreadableFile, and by row a postcode claimed twice."""
    table = Table(
        stream,
        required=("area_ref", "postcodes"),
        optional=("name", "kinds", "horizon_days", "book_until", "change_until", "time_zone"),
    )
    report, seen = Report(), Seen("area_ref")
    # Every import of areas judges all areas together, so one waits for the other.
    existing = {row.ref: row.id for row in work.session.execute(select(Area.ref, Area.id).with_for_update())}
    kinds = set(work.session.scalars(select(Kind.ref)))
    rows: list[AreaRow] = []
    for row in table.rows(report):
        try:
            rows.append(_read(row, seen, kinds, existing))
        except BadValue as problem:
            report.refuse(row.line, problem)
    held = _claims_of_areas(work)
    accepted = _without_conflicts(rows, held, report)
    for area in accepted:
        # Given up first, so that another row of the same file can take a postcode over.
        if area.ref in existing:
            work.session.execute(delete(AreaPostcode).where(AreaPostcode.area_id == existing[area.ref]))
    for area in accepted:
        _write(work, area, existing, report)
    report.refusals.sort(key=lambda line: int(re.findall(r"\d+", line)[0]))
    return report


def _read(row: Row, seen: Seen, kinds: set[str], existing: dict[str, int]) -> AreaRow:
    ref = row.required("area_ref", longest=100)
    seen.check(ref, row.line)
    name = row.text("name") or None
    if name is None and ref not in existing:
        name = ref
    try:
        codes = parse_pc4_ranges(row.required("postcodes", longest=LONGEST_LIST))
    except NotPostcodeRanges as error:
        raise BadValue("postcodes", str(error)) from None
    named = [kind.lower() for kind in re.split(r"[,;|\s]+", row.text("kinds", longest=2000)) if kind]
    unknown = sorted(set(named) - kinds)
    if unknown:
        raise BadValue("kinds", f"unknown kind {', '.join(unknown)[:80]}; import kinds first")
    rules = {
        "horizon_days": row.parsed("horizon_days", a_whole_number(1, 1000)),
        "book_until": row.parsed("book_until", a_time),
        "change_until": row.parsed("change_until", a_time),
        "time_zone": row.parsed(
            "time_zone", lambda text: str(zone(text)), "is not a time zone like Europe/Amsterdam"
        ),
    }
    return AreaRow(
        row.line,
        ref,
        name,
        frozenset((code, kind) for code in codes for kind in (named or [ALL_KINDS])),
        {column: value for column, value in rules.items() if value is not None},
    )


def _claims_of_areas(work: Work) -> dict[str, set[Claim]]:
    held: dict[str, set[Claim]] = defaultdict(set)
    rows = work.session.execute(
        select(Area.ref, AreaPostcode.pc4, AreaPostcode.kind).join(
            AreaPostcode, AreaPostcode.area_id == Area.id
        )
    )
    for ref, pc4, kind in rows:
        held[ref].add((pc4, kind))
    return held


def _without_conflicts(rows: list[AreaRow], held: dict[str, set[Claim]], report: Report) -> list[AreaRow]:
    """The rows that can all be true together with what stays of the other areas.

    A row that is refused keeps what it had, which may stand in the way of another: judged again until nothing changes.
    """
    accepted = list(rows)
    while True:
        refs = {row.ref for row in accepted}
        owners = _Owners((ref, claims) for ref, claims in held.items() if ref not in refs)
        refused: list[AreaRow] = []
        for row in accepted:
            other = owners.take(row.ref, row.claims)
            if other is not None:
                refused.append(row)
                report.refuse(row.line, BadValue("postcodes", f"{other[0]} lies in area {other[1]} already"))
        if not refused:
            return accepted
        accepted = [row for row in accepted if row not in refused]


class _Owners:
    """Which area has which postcode for which kind; all kinds and a named kind stand in each other's way."""

    def __init__(self, areas: Iterable[tuple[str, Iterable[Claim]]]) -> None:
        self._by_code: dict[str, dict[str, str]] = defaultdict(dict)
        for ref, claims in areas:
            self._add(ref, claims)

    def take(self, ref: str, claims: Iterable[Claim]) -> tuple[str, str] | None:
        """Notes the claims, or gives the first postcode that another area has, with that area, and notes nothing."""
        for code, kind in sorted(claims):
            for other_kind, other in self._by_code[code].items():
                if kind == other_kind or ALL_KINDS in (kind, other_kind):
                    return code, other
        self._add(ref, claims)
        return None

    def _add(self, ref: str, claims: Iterable[Claim]) -> None:
        for code, kind in claims:
            self._by_code[code][kind] = ref


def _write(work: Work, area: AreaRow, existing: dict[str, int], report: Report) -> None:
    values = {**area.rules, **({} if area.name is None else {"name": area.name})}
    if area.ref in existing:
        area_id = existing[area.ref]
        if values:
            work.session.execute(update(Area).where(Area.id == area_id).values(**values))
        report.updated += 1
    else:
        defaults = {"time_zone": TIME_ZONE, "book_until": BOOK_UNTIL, "change_until": CHANGE_UNTIL}
        area_id = work.session.execute(
            insert(Area)
            .values(ref=area.ref, created_at=work.now, **{**defaults, **values})
            .returning(Area.id)
        ).scalar_one()
        report.added += 1
    claims = [{"area_id": area_id, "pc4": code, "kind": kind} for code, kind in sorted(area.claims)]
    for batch in in_batches(claims):
        work.session.execute(insert(AreaPostcode), list(batch))
