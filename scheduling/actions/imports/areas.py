"""Areas from a file: their postcodes, the kinds of work they are for, and their rules.

That a postcode lies in one area at most for each kind is judged on what would be true once the whole file is in, so
that a postcode may move from one area to another in one file, whichever comes first.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update

from scheduling.actions.imports.table import BadValue, Report, Row, Seen, Stream, Table
from scheduling.actions.imports.values import a_time, a_whole_number
from scheduling.actions.work import Work
from scheduling.clock import zone
from scheduling.db import in_batches
from scheduling.models import Area, AreaPostcode, Kind, Window
from scheduling.models.company import ALL_KINDS
from scheduling.rules.policy import BOOK_UNTIL, CHANGE_UNTIL
from scheduling.rules.postcodes import NotPostcodeRanges, parse_pc4_ranges

TIME_ZONE = "Europe/Amsterdam"
RULES = ("horizon_days", "book_until", "change_until", "time_zone")
LONGEST_LIST = 100_000
"""Characters of a list of postcodes: all 4,071 of the Netherlands fit several times over."""

Claim = tuple[str, str]
"""A postcode and a kind of work, or `ALL_KINDS`."""


@dataclass(frozen=True, slots=True)
class AreaRow:
    """One area as the file has it: only the name and rules that it gives."""

    line: int
    ref: str
    claims: frozenset[Claim]
    given: dict[str, Any]


def import_areas(work: Work, stream: Stream) -> Report:
    """Adds areas and updates those that are there. Refuses: UnreadableFile, and by row a postcode claimed twice."""
    table = Table(
        stream,
        required=("area_ref", "postcodes"),
        optional=("name", "kinds", *RULES),
    )
    report, seen = Report(), Seen("area_ref")
    # Every import of areas judges all areas together, so one waits for the other. The kinds are there from the start,
    # where a first area is not; jobs can still be added meanwhile.
    kinds = set(work.session.scalars(select(Kind.ref).with_for_update(key_share=True)))
    existing = _existing(work)
    rows: list[AreaRow] = []
    for row in table.rows(report):
        try:
            rows.append(_checked(work, _read(row, seen, kinds), existing))
        except BadValue as problem:
            report.refuse(row.line, problem)
    held = _claims_of_areas(work)
    accepted = _without_conflicts(rows, held, report)
    moved = [area for area in accepted if area.claims != held.get(area.ref, set())]
    for area in moved:
        # Given up first, so that another row of the same file can take a postcode over.
        if area.ref in existing:
            work.session.execute(delete(AreaPostcode).where(AreaPostcode.area_id == existing[area.ref].id))
    ids = {area.ref: _write(work, area, existing.get(area.ref)) for area in accepted}
    claims = [
        {"area_id": ids[area.ref], "pc4": code, "kind": kind}
        for area in moved
        for code, kind in sorted(area.claims)
    ]
    for batch in in_batches(claims):
        work.session.execute(insert(AreaPostcode), list(batch))
    _count(accepted, moved, existing, report)
    return report


def _existing(work: Work) -> dict[str, Any]:
    columns = [getattr(Area, column) for column in ("name", *RULES)]
    query = select(Area.id, Area.ref, *columns).order_by(Area.id)
    return {row.ref: row for row in work.session.execute(query.with_for_update(key_share=True))}


def _read(row: Row, seen: Seen, kinds: set[str]) -> AreaRow:
    ref = row.required("area_ref", longest=100)
    seen.check(ref, row.line)
    try:
        codes = parse_pc4_ranges(row.required("postcodes", longest=LONGEST_LIST))
    except NotPostcodeRanges as error:
        raise BadValue("postcodes", str(error)) from None
    named = [kind.lower() for kind in re.split(r"[,;|\s]+", row.text("kinds", longest=2000)) if kind]
    unknown = sorted(set(named) - kinds)
    if unknown:
        raise BadValue("kinds", f"unknown kind {', '.join(unknown)[:80]}; import kinds first")
    given = {
        "name": row.text("name") or None,
        "horizon_days": row.parsed("horizon_days", a_whole_number(1, 1000)),
        "book_until": row.parsed("book_until", a_time),
        "change_until": row.parsed("change_until", a_time),
        "time_zone": row.parsed(
            "time_zone", lambda text: str(zone(text)), "is not a time zone like Europe/Amsterdam"
        ),
    }
    claims = frozenset((code, kind) for code in codes for kind in (named or [ALL_KINDS]))
    # Empty leaves as it was; but an empty horizon says something: as far ahead as windows are open.
    says = {column for column, value in given.items() if value is not None} | (
        {"horizon_days"} & row.values.keys()
    )
    return AreaRow(row.line, ref, claims, {column: given[column] for column in says})


def _checked(work: Work, area: AreaRow, existing: Mapping[str, Any]) -> AreaRow:
    """The area itself. Refuses: BadValue for another time zone, which would put its windows on other days."""
    before = existing.get(area.ref)
    if before is None or area.given.get("time_zone", before.time_zone) == before.time_zone:
        return area
    if work.session.scalar(select(Window.id).where(Window.area_id == before.id).limit(1)) is not None:
        raise BadValue("time_zone", "cannot become another one: the area has windows")
    return area


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


def _write(work: Work, area: AreaRow, before: Any) -> int:
    """Adds or updates the area itself; its id."""
    if before is not None:
        if _differs(area, before):
            work.session.execute(update(Area).where(Area.id == before.id).values(**area.given))
        return int(before.id)
    values = {
        "name": area.ref,
        "time_zone": TIME_ZONE,
        "book_until": BOOK_UNTIL,
        "change_until": CHANGE_UNTIL,
        **area.given,
    }
    return work.session.execute(
        insert(Area).values(ref=area.ref, created_at=work.now, **values).returning(Area.id)
    ).scalar_one()


def _differs(area: AreaRow, before: Any) -> bool:
    return any(value != getattr(before, column) for column, value in area.given.items())


def _count(
    accepted: Sequence[AreaRow], moved: Sequence[AreaRow], existing: Mapping[str, Any], report: Report
) -> None:
    others = {area.ref for area in moved}
    for area in accepted:
        if area.ref not in existing:
            report.added += 1
        elif area.ref in others or _differs(area, existing[area.ref]):
            report.updated += 1
        else:
            report.unchanged += 1
