"""Jobs from a file: idempotent on their reference, for customers and kinds of work that are there already."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import insert, select, update

from scheduling.actions.imports.addresses import COLUMNS as ADDRESS_COLUMNS
from scheduling.actions.imports.addresses import Addresses, AddressRow, keep_addresses, read_address
from scheduling.actions.imports.table import BadValue, Report, Row, Seen, Stream, Table, batches_read
from scheduling.actions.imports.values import a_day, a_whole_number
from scheduling.actions.invitations import extend_links
from scheduling.actions.work import Work
from scheduling.db import expect_growth
from scheduling.models import Customer, Job, Kind, Principal, VisitJob

MOST_MINUTES = 24 * 60
COLUMNS = ("minutes", "not_before", "due_by", "description", "appliance", "last_visit")
OTHER_COLUMNS = ("kind", "principal_id", "address_id")


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job as the file has it: only the fields that it gives."""

    line: int
    ref: str
    customer_ref: str
    kind: str
    given: Mapping[str, int | date | str]
    principal: str
    address: AddressRow | None


def import_jobs(work: Work, stream: Stream) -> Report:
    """Adds jobs and updates those that are there; an empty field leaves as it was. Refuses: UnreadableFile."""
    table = Table(
        stream,
        required=("job_ref", "customer_ref", "kind"),
        optional=(*COLUMNS, "principal", *ADDRESS_COLUMNS),
    )
    expect_growth(work.session)
    report, seen = Report(), Seen("job_ref")
    kinds = set(work.session.scalars(select(Kind.ref)))
    principals = _Principals(work)
    for rows in batches_read(table, report, lambda row: _read(row, seen, kinds)):
        _load(work, rows, principals, report)
    return report


def _read(row: Row, seen: Seen, kinds: set[str]) -> JobRow:
    ref = row.required("job_ref", longest=100)
    seen.check(ref, row.line)
    kind = row.required("kind", longest=50).lower()
    if kind not in kinds:
        raise BadValue("kind", f"unknown kind {kind!r}; import kinds first")
    given = {
        "minutes": row.parsed("minutes", a_whole_number(1, MOST_MINUTES)),
        "not_before": row.parsed("not_before", a_day),
        "due_by": row.parsed("due_by", a_day),
        "description": row.paragraphs("description", longest=2000),
        "appliance": row.text("appliance"),
        "last_visit": row.parsed("last_visit", a_day),
    }
    return JobRow(
        row.line,
        ref,
        row.required("customer_ref", longest=100),
        kind,
        {column: value for column, value in given.items() if value},
        row.text("principal"),
        read_address(row),
    )


def _load(work: Work, rows: Sequence[JobRow], principals: "_Principals", report: Report) -> None:
    customers = _customer_ids(work, {row.customer_ref for row in rows})
    known = _known(work, [row.ref for row in rows])
    good: list[JobRow] = []
    for row in rows:
        try:
            _check(row, customers, known.get(row.ref))
            good.append(row)
        except BadValue as problem:
            report.refuse(row.line, problem)
    addresses = keep_addresses(work, [row.address for row in good if row.address is not None])
    fresh = [_new_values(work, row, customers, principals, addresses) for row in good if row.ref not in known]
    if fresh:
        work.session.execute(insert(Job), fresh)
        report.added += len(fresh)
    _update(
        work,
        [row for row in good if row.ref in known],
        known=known,
        principals=principals,
        addresses=addresses,
        report=report,
    )


def _update(
    work: Work,
    rows: Sequence[JobRow],
    *,
    known: Mapping[str, Any],
    principals: "_Principals",
    addresses: Addresses,
    report: Report,
) -> None:
    changed = []
    resized: dict[int, int] = {}
    for row in rows:
        before = known[row.ref]
        if before.withdrawn_at is not None:
            report.warn(
                row.line, "job_ref", "was withdrawn, and stays so; import it anew under another reference"
            )
        values = _with_changes(row, before, principals, addresses)
        if values:
            changed.append(values)
            if any(values[column] != getattr(before, column) for column in ("kind", "minutes")):
                resized[before.id] = row.line
        if values or (row.address is not None and row.address.door in addresses.changed):
            report.updated += 1
        else:
            report.unchanged += 1
    if changed:
        work.session.execute(update(Job), changed)
        extend_links(work, [values["id"] for values in changed])
    for job_id in _with_live_visit(work, resized):
        report.warn(
            resized[job_id], "kind", "a visit is booked; it keeps the minutes and places it was booked with"
        )


def _with_live_visit(work: Work, job_ids: Iterable[int]) -> Sequence[int]:
    return work.session.scalars(
        select(VisitJob.job_id)
        .where(VisitJob.job_id.in_(sorted(job_ids)), VisitJob.live)
        .order_by(VisitJob.job_id)
    ).all()


def _customer_ids(work: Work, refs: set[str]) -> dict[str, int]:
    found = work.session.execute(select(Customer.ref, Customer.id).where(Customer.ref.in_(sorted(refs))))
    return {row.ref: row.id for row in found}


def _known(work: Work, refs: Sequence[str]) -> dict[str, Any]:
    columns = [getattr(Job, column) for column in (*COLUMNS, *OTHER_COLUMNS)]
    query = (
        select(Job.id, Job.ref, Job.customer_id, Job.withdrawn_at, *columns)
        .where(Job.ref.in_(refs))
        .order_by(Job.id)
    )
    # Locked, so that two imports of one job follow one another; bookings go on meanwhile.
    return {row.ref: row for row in work.session.execute(query.with_for_update(key_share=True))}


def _check(row: JobRow, customers: Mapping[str, int], known: Any) -> None:
    if row.customer_ref not in customers:
        raise BadValue("customer_ref", "no such customer; import customers first")
    if known is not None and known.customer_id != customers[row.customer_ref]:
        raise BadValue("customer_ref", "this job is another customer's")
    not_before = row.given.get("not_before", getattr(known, "not_before", None))
    due_by = row.given.get("due_by", getattr(known, "due_by", None))
    if isinstance(not_before, date) and isinstance(due_by, date) and not_before > due_by:
        raise BadValue("due_by", "lies before not_before")


def _new_values(
    work: Work,
    row: JobRow,
    customers: Mapping[str, int],
    principals: "_Principals",
    addresses: Addresses,
) -> dict[str, Any]:
    return {
        **{column: row.given.get(column) for column in COLUMNS},
        "description": row.given.get("description", ""),
        "appliance": row.given.get("appliance", ""),
        "ref": row.ref,
        "customer_id": customers[row.customer_ref],
        "kind": row.kind,
        "principal_id": principals.id_of(row.principal),
        "address_id": None if row.address is None else addresses.ids[row.address.door],
        "created_at": work.now,
    }


def _with_changes(
    row: JobRow, before: Any, principals: "_Principals", addresses: Addresses
) -> dict[str, Any] | None:
    """Every column of the row, so that all rows are written by one statement; None where nothing changes."""
    wanted: dict[str, Any] = {**row.given, "kind": row.kind}
    if row.principal:
        wanted["principal_id"] = principals.id_of(row.principal)
    if row.address is not None:
        wanted["address_id"] = addresses.ids[row.address.door]
    if all(value == getattr(before, column) for column, value in wanted.items()):
        return None
    unchanged = {column: getattr(before, column) for column in (*COLUMNS, *OTHER_COLUMNS)}
    return {"id": before.id, **unchanged, **wanted}


class _Principals:
    """Principals by name; one that is new is added."""

    def __init__(self, work: Work) -> None:
        self._work = work
        found = work.session.execute(select(Principal.name, Principal.id))
        self._ids: dict[str, int] = {row.name: row.id for row in found}

    def id_of(self, name: str) -> int | None:
        if not name:
            return None
        if name not in self._ids:
            self._ids[name] = self._work.session.execute(
                insert(Principal).values(name=name).returning(Principal.id)
            ).scalar_one()
        return self._ids[name]
