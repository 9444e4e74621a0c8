"""Contacts from a file: the people who speak for customers, idempotent on their reference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import insert, select, update

from scheduling.actions.contacts import take_over_invitations
from scheduling.actions.imports.people import (
    read_person,
    why_not_taken,
    wrong_recipients,
)
from scheduling.actions.imports.table import BadValue, Report, Row, Seen, Stream, Table, batches_read
from scheduling.actions.work import Work
from scheduling.db import expect_growth
from scheduling.models import Contact, Customer
from scheduling.models.customer import OF_A_PERSON
from scheduling.rules.contacts import ARRANGES, ROLES


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One contact as the file has it: only the fields that it gives."""

    line: int
    ref: str
    customer_ref: str
    role: str
    given: Mapping[str, str]


def import_contacts(work: Work, stream: Stream) -> Report:
    """Adds contacts and updates those that are there; an empty field leaves as it was. Refuses: UnreadableFile.

    A customer has one contact at most who arranges things, for two would each be asked for a time.
    """
    table = Table(stream, required=("contact_ref", "customer_ref", "role"), optional=OF_A_PERSON)
    expect_growth(work.session)
    report, seen = Report(), Seen("contact_ref")
    for rows in batches_read(table, report, lambda row: _read(row, seen)):
        _load(work, rows, report)
    return report


def _read(row: Row, seen: Seen) -> ContactRow:
    ref = row.required("contact_ref", longest=100)
    seen.check(ref, row.line)
    role = row.one_of("role", ROLES)
    if not role:
        raise BadValue("role", f"must be one of: {', '.join(ROLES)}")
    return ContactRow(
        row.line,
        ref,
        row.required("customer_ref", longest=100),
        role,
        {column: value for column, value in read_person(row).items() if value},
    )


def _load(work: Work, rows: Sequence[ContactRow], report: Report) -> None:
    customers = _customer_ids(work, {row.customer_ref for row in rows})
    known = _known(work, [row.ref for row in rows])
    arranging = _arranging(work, customers.values())
    wrong = wrong_recipients(work, customers.values())
    good: list[ContactRow] = []
    for row in rows:
        try:
            _check(row, customers, known.get(row.ref), arranging)
            good.append(_taken(row, customers[row.customer_ref], known.get(row.ref), wrong, report))
        except BadValue as problem:
            report.refuse(row.line, problem)
    fresh = [_new_values(work, row, customers) for row in good if row.ref not in known]
    if fresh:
        work.session.execute(insert(Contact), fresh)
        report.added += len(fresh)
    changed = [values for row in good if row.ref in known and (values := _changes(row, known[row.ref]))]
    if changed:
        work.session.execute(update(Contact), changed)
    report.updated += len(changed)
    report.unchanged += len(good) - len(fresh) - len(changed)
    take_over_invitations(work, [customers[row.customer_ref] for row in good])


def _customer_ids(work: Work, refs: set[str]) -> dict[str, int]:
    found = work.session.execute(select(Customer.ref, Customer.id).where(Customer.ref.in_(sorted(refs))))
    return {row.ref: row.id for row in found}


def _known(work: Work, refs: Sequence[str]) -> dict[str, Any]:
    fields = [getattr(Contact, name) for name in OF_A_PERSON]
    columns = (Contact.id, Contact.ref, Contact.customer_id, Contact.role, Contact.provenance)
    query = select(*columns, *fields).where(Contact.ref.in_(refs))
    return {row.ref: row for row in work.session.execute(query.order_by(Contact.id).with_for_update())}


def _arranging(work: Work, customer_ids: Any) -> dict[int, str | None]:
    """Who arranges things for each of these customers, by reference."""
    rows = work.session.execute(
        select(Contact.customer_id, Contact.ref).where(
            Contact.customer_id.in_(sorted(customer_ids)), Contact.role == ARRANGES
        )
    )
    return {row.customer_id: row.ref for row in rows}


def _check(
    row: ContactRow, customers: Mapping[str, int], known: Any, arranging: dict[int, str | None]
) -> None:
    customer_id = customers.get(row.customer_ref)
    if customer_id is None:
        raise BadValue("customer_ref", "no such customer; import customers first")
    if known is not None and known.customer_id != customer_id:
        raise BadValue("customer_ref", "this contact is another customer's")
    if known is None and not (row.given.get("last_name") or row.given.get("first_name")):
        raise BadValue("last_name", "is empty; a contact needs a name")
    phone, email = (row.given.get(field) or getattr(known, field, None) for field in ("phone", "email"))
    if not (phone or email):
        raise BadValue("phone", "is empty, and so is email; a contact needs one of them")
    if row.role == ARRANGES:
        if arranging.get(customer_id, row.ref) != row.ref:
            raise BadValue("role", "somebody else arranges things for this customer already")
        arranging[customer_id] = row.ref
    elif arranging.get(customer_id) == row.ref:
        del arranging[customer_id]


def _taken(
    row: ContactRow, customer_id: int, known: Any, wrong: Mapping[tuple[int, str], str], report: Report
) -> ContactRow:
    """The row without what was corrected since, and without a number that is somebody else's: both are warned of."""
    given = {}
    for field, value in row.given.items():
        is_known = known is not None and value == getattr(known, field)
        origin = None if known is None else known.provenance.get(field)
        reason = None if is_known else why_not_taken(origin, wrong.get((customer_id, value)))
        if reason is None:
            given[field] = value
        else:
            report.warn(row.line, field, reason)
    return replace(row, given=given)


def _new_values(work: Work, row: ContactRow, customers: Mapping[str, int]) -> dict[str, Any]:
    empty: dict[str, Any] = {**dict.fromkeys(OF_A_PERSON, ""), "phone": None, "email": None, "language": "nl"}
    return {
        **empty,
        **row.given,
        "ref": row.ref,
        "role": row.role,
        "customer_id": customers[row.customer_ref],
        "created_at": work.now,
    }


def _changes(row: ContactRow, before: Any) -> dict[str, Any] | None:
    """Every column of the row, so that all rows are written by one statement; None where nothing changes."""
    wanted = {**row.given, "role": row.role}
    if all(value == getattr(before, column) for column, value in wanted.items()):
        return None
    provenance = {
        field: origin
        for field, origin in before.provenance.items()
        if wanted.get(field, getattr(before, field)) == getattr(before, field)
    }
    unchanged = {column: getattr(before, column) for column in OF_A_PERSON}
    return {"id": before.id, "provenance": provenance, **unchanged, **wanted}
