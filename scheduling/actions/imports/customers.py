"""Customers from a file: idempotent on their reference, never over what the customer or staff corrected since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, update

from scheduling.actions.customers import NAME_FIELDS, sort_key_of
from scheduling.actions.imports.addresses import COLUMNS as ADDRESS_COLUMNS
from scheduling.actions.imports.addresses import Addresses, AddressRow, keep_addresses, read_address
from scheduling.actions.imports.people import read_person, why_not_taken, wrong_recipients
from scheduling.actions.imports.table import BadValue, Report, Row, Seen, Stream, Table, batches_read
from scheduling.actions.moves import follow_customers
from scheduling.actions.work import Work
from scheduling.db import expect_growth
from scheduling.models import Customer

OTHER_COLUMNS = ("formality", "language", "persona", "phone", "email", "channel")
LANGUAGE = "nl"
"""The language of a customer of whom nothing is known."""


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """One customer as the file has it: only the fields that it gives."""

    line: int
    ref: str
    given: Mapping[str, str]
    address: AddressRow | None


def import_customers(work: Work, stream: Stream) -> Report:
    """Adds customers and updates those that are there, in batches. Refuses: UnreadableFile.

    A field that the customer or staff corrected stays; where the file says otherwise the operator gets a warning.
    """
    table = Table(
        stream,
        required=("customer_ref", "postcode", "house_number"),
        optional=(*NAME_FIELDS, *OTHER_COLUMNS, *ADDRESS_COLUMNS),
    )
    expect_growth(work.session)
    report, seen = Report(), Seen("customer_ref")
    for rows in batches_read(table, report, lambda row: _read(row, seen)):
        _load(work, rows, report)
    return report


def _read(row: Row, seen: Seen) -> CustomerRow:
    ref = row.required("customer_ref", longest=100)
    seen.check(ref, row.line)
    given: dict[str, str | None] = {
        **read_person(row),
        "organisation": row.text("organisation", longest=400),
        "persona": row.one_of("persona", ("senior", "family", "business", "institution")),
    }
    return CustomerRow(
        row.line, ref, {column: value for column, value in given.items() if value}, read_address(row)
    )


def _load(work: Work, rows: Sequence[CustomerRow], report: Report) -> None:
    known = _known(work, [row.ref for row in rows])
    complete: list[CustomerRow] = []
    for row in rows:
        try:
            if row.ref not in known:
                _check_new(row)
            complete.append(row)
        except BadValue as problem:
            report.refuse(row.line, problem)
    addresses = keep_addresses(work, [row.address for row in complete if row.address is not None])
    fresh = [_new_values(work, row, addresses) for row in complete if row.ref not in known]
    if fresh:
        work.session.execute(insert(Customer), fresh)
        report.added += len(fresh)
    _update(work, [row for row in complete if row.ref in known], known, addresses, report)


def _update(
    work: Work, rows: Sequence[CustomerRow], known: Mapping[str, Any], addresses: Addresses, report: Report
) -> None:
    changed = []
    moved: dict[int, tuple[int, int]] = {}
    lines: dict[int, int] = {}
    wrong = wrong_recipients(work, [before.id for before in known.values()])
    for row in rows:
        before = known[row.ref]
        values = _changes(row, before, addresses, wrong, report)
        if values:
            changed.append(_with_changes(work, before, values))
        if "address_id" in values:
            moved[before.id] = (before.address_id, values["address_id"])
            lines[before.id] = row.line
        if values or (row.address is not None and row.address.door in addresses.changed):
            report.updated += 1
        else:
            report.unchanged += 1
    if changed:
        work.session.execute(update(Customer), changed)
    for customer_id in follow_customers(work, moved):
        report.warn(
            lines[customer_id], "postcode", "a visit is booked; it goes to this address now: check its area"
        )


def _known(work: Work, refs: Sequence[str]) -> dict[str, Any]:
    columns = (Customer.id, Customer.ref, Customer.address_id, Customer.provenance)
    fields = [getattr(Customer, name) for name in (*NAME_FIELDS, *OTHER_COLUMNS)]
    # Locked, so that what is corrected at this moment is not written over; bookings go on meanwhile.
    query = select(*columns, *fields).where(Customer.ref.in_(refs)).order_by(Customer.id)
    return {row.ref: row for row in work.session.execute(query.with_for_update(key_share=True))}


def _check_new(row: CustomerRow) -> None:
    if not any(row.given.get(column) for column in ("last_name", "first_name", "organisation")):
        raise BadValue("last_name", "is empty; a customer needs a name or an organisation")
    if row.address is None:
        raise BadValue("postcode", "is empty")


def _new_values(work: Work, row: CustomerRow, addresses: Addresses) -> dict[str, Any]:
    assert row.address is not None, "checked before"
    fields = {column: row.given.get(column, "") for column in (*NAME_FIELDS, *OTHER_COLUMNS)}
    return {
        **fields,
        "ref": row.ref,
        "language": row.given.get("language", LANGUAGE),
        "phone": row.given.get("phone"),
        "email": row.given.get("email"),
        "address_id": addresses.ids[row.address.door],
        "sort_key": sort_key_of(fields),
        "provenance": {},
        "imported_at": work.now,
        "created_at": work.now,
    }


def _changes(
    row: CustomerRow,
    before: Any,
    addresses: Addresses,
    wrong: Mapping[tuple[int, str], str],
    report: Report,
) -> dict[str, Any]:
    """What the file says otherwise, but for what was corrected since or is somebody else's: both are warned of."""
    wanted: dict[str, Any] = dict(row.given)
    if row.address is not None:
        wanted["address_id"] = addresses.ids[row.address.door]
    values = {}
    for field, value in wanted.items():
        if value == getattr(before, field):
            continue
        is_address = field == "address_id"
        reason = why_not_taken(
            before.provenance.get("address" if is_address else field), wrong.get((before.id, value))
        )
        if reason is None:
            values[field] = value
        else:
            report.warn(row.line, "postcode" if is_address else field, reason)
    return values


def _with_changes(work: Work, before: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """Every column of the row, so that all rows are written by one statement."""
    fields = (*NAME_FIELDS, *OTHER_COLUMNS, "address_id")
    after = {field: values.get(field, getattr(before, field)) for field in fields}
    # A number that replaces a stranger's is simply what the import says.
    provenance = {field: origin for field, origin in before.provenance.items() if field not in values}
    return {
        "id": before.id,
        **after,
        "sort_key": sort_key_of(after),
        "provenance": provenance,
        "imported_at": work.now,
    }
