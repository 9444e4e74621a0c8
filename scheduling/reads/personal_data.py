"""Everything that is kept of one customer, for themselves (GDPR art. 15 and 20), but for what was written to them.

The names are stable: other programs read them. Times are local, with their offset. Links and codes are left out, for
they are keys and no facts; so are the ids of rows, and who of the staff did something.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping, Select, bindparam, select
from sqlalchemy.orm import Session

from scheduling.errors import NoSuchThing
from scheduling.models import (
    Address,
    Area,
    Contact,
    ContactChange,
    ContactHistory,
    Customer,
    History,
    Invitation,
    Job,
    Principal,
    Visit,
    VisitJob,
    Window,
    WrongRecipient,
)

Facts = Mapping[str, Any]
"""One row of what is kept, by stable names."""

ADDRESSED = ("title", "initials", "first_name", "infix", "last_name", "formality", "language")
REACHED = ("phone", "email", "channel")
CUSTOMER_FIELDS = (*ADDRESSED, "organisation", "persona", *REACHED)
ADDRESS_FIELDS = ("country", "postcode", "house_number", "house_suffix", "street", "place", "lat", "lon")


@dataclass(frozen=True, slots=True)
class PersonalData:
    """`customer` has each field with its value, who it comes from (import, customer, staff) and when it was said."""

    customer_id: int
    customer: Facts
    contacts: Sequence[Facts]
    addresses: Sequence[Facts]
    jobs: Sequence[Facts]
    invitations: Sequence[Facts]
    visits: Sequence[Facts]
    said: Sequence[Facts]
    history: Sequence[Facts]
    contact_changes: Sequence[Facts]
    wrong_recipients: Sequence[Facts]

    def parts(self) -> Mapping[str, Any]:
        """By name, without the id."""
        return {part.name: getattr(self, part.name) for part in fields(self) if part.name != "customer_id"}


def personal_data(session: Session, customer_ref: str, zone: ZoneInfo) -> PersonalData:
    """All of this customer; instants that belong to no area are told in `zone`. Refuses: NoSuchThing."""
    customer = session.scalar(select(Customer).where(Customer.ref == customer_ref))
    if customer is None:
        raise NoSuchThing(what="customer", ref=customer_ref)
    rows = _Rows(session, customer.id, zone)
    return PersonalData(
        customer_id=customer.id,
        customer=_customer(customer, zone),
        contacts=rows.of(_CONTACTS),
        addresses=rows.addresses(),
        jobs=rows.of(_JOBS),
        invitations=rows.of(_INVITATIONS),
        visits=rows.visits(),
        said=[_without_names(said) for said in rows.of(_SAID)],
        history=[_without_names(line) for line in rows.of(_HISTORY)],
        contact_changes=rows.of(_CONTACT_CHANGES),
        wrong_recipients=rows.of(_WRONG_RECIPIENTS),
    )


@dataclass(frozen=True, slots=True)
class _Rows:
    session: Session
    customer_id: int
    zone: ZoneInfo

    def of(self, query: Select[*tuple[Any, ...]]) -> Sequence[Facts]:
        rows = self.session.execute(query, {"customer": self.customer_id})
        return [_facts(row, self.zone) for row in rows.mappings()]

    def addresses(self) -> Sequence[Facts]:
        ids: set[int] = set()
        for table in (Job, Invitation, Visit):
            ids.update(
                self.session.scalars(
                    select(table.address_id).where(
                        table.customer_id == self.customer_id, table.address_id.is_not(None)
                    )
                )
            )
        home = select(Customer.address_id).where(Customer.id == self.customer_id)
        ids.update(self.session.scalars(home))
        columns = [getattr(Address, name) for name in ADDRESS_FIELDS]
        found = self.session.execute(select(*columns).where(Address.id.in_(ids)).order_by(Address.id))
        return [_facts(row, self.zone) for row in found.mappings()]

    def visits(self) -> Sequence[Facts]:
        jobs = self._jobs_by_visit()
        found = []
        for row in self.session.execute(_VISITS, {"customer": self.customer_id}).mappings():
            facts = _facts(row, ZoneInfo(row["time_zone"]))
            facts["job_refs"] = jobs.get(facts.pop("visit_id"), [])
            del facts["time_zone"]
            found.append(_without_names(facts, field="booked_by"))
        return found

    def _jobs_by_visit(self) -> dict[int, list[str]]:
        refs: dict[int, list[str]] = {}
        query = (
            select(VisitJob.visit_id, Job.ref)
            .join(Job, Job.id == VisitJob.job_id)
            .where(Job.customer_id == self.customer_id)
            .order_by(Job.id)
        )
        for visit_id, ref in self.session.execute(query):
            refs.setdefault(visit_id, []).append(ref)
        return refs


def _customer(customer: Customer, zone: ZoneInfo) -> Facts:
    kept: dict[str, Any] = {
        "customer_ref": customer.ref,
        "created_at": customer.created_at,
        "imported_at": customer.imported_at,
        "checked_at": customer.checked_at,
    }
    imported = {"source": "import", "at": customer.imported_at.isoformat()}
    for name in CUSTOMER_FIELDS:
        origin = customer.provenance.get(name, imported)
        kept[name] = {
            "value": getattr(customer, name),
            "source": origin["source"],
            "at": datetime.fromisoformat(origin["at"]).astimezone(zone).isoformat(timespec="seconds"),
        }
    return {name: _plain(value, zone) for name, value in kept.items()}


def _without_names(facts: Facts, *, field: str = "actor") -> dict[str, Any]:
    """Who of the staff it was is about them, and not about the customer."""
    return {**facts, field: "staff" if str(facts[field]).startswith("staff:") else facts[field]}


def _facts(row: RowMapping, zone: ZoneInfo) -> dict[str, Any]:
    return {str(name): _plain(value, zone) for name, value in row.items()}


def _plain(value: Any, zone: ZoneInfo) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value


def _named(table: Any, names: Iterable[str]) -> list[Any]:
    return [getattr(table, name) for name in names]


def _of_customer(query: Select[*tuple[Any, ...]], table: Any) -> Select[*tuple[Any, ...]]:
    return query.where(table.customer_id == bindparam("customer"))


_CONTACTS = _of_customer(
    select(
        Contact.ref.label("contact_ref"),
        Contact.role,
        *_named(Contact, (*ADDRESSED, *REACHED)),
        Contact.provenance.label("corrected"),
        Contact.created_at,
    ).order_by(Contact.id),
    Contact,
)
_JOBS = _of_customer(
    select(
        Job.ref.label("job_ref"),
        Job.kind,
        *_named(Job, ("minutes", "not_before", "due_by", "description", "appliance", "last_visit")),
        Principal.name.label("principal"),
        *_named(Job, ("created_at", "withdrawn_at", "exit")),
    )
    .outerjoin(Principal, Principal.id == Job.principal_id)
    .order_by(Job.id),
    Job,
)
_INVITATIONS = _of_customer(
    select(*_named(Invitation, ("created_at", "expires_at", "ended", "exit", "exited_at"))).order_by(
        Invitation.id
    ),
    Invitation,
)
_VISITS = _of_customer(
    select(
        Visit.id.label("visit_id"),
        Visit.ref.label("visit_ref"),
        Visit.state,
        Window.starts_at,
        Window.ends_at,
        Area.ref.label("area_ref"),
        Area.time_zone,
        *_named(Visit, ("minutes", "sequence", "booked_by", "booked_at", "changed_at")),
    )
    .join(Window, Window.id == Visit.window_id)
    .join(Area, Area.id == Window.area_id)
    .order_by(Visit.id),
    Visit,
)
_SAID = _of_customer(
    select(
        *_named(ContactHistory, ("at", "direction", "channel", "kind", "actor", "body", "handled_at"))
    ).order_by(ContactHistory.id),
    ContactHistory,
)
_HISTORY = _of_customer(
    select(*_named(History, ("at", "actor", "event", "before", "after"))).order_by(History.id), History
)
_CONTACT_CHANGES = _of_customer(
    select(*_named(ContactChange, ("field", "value", "created_at", "expires_at", "confirmed_at"))).order_by(
        ContactChange.id
    ),
    ContactChange,
)
_WRONG_RECIPIENTS = _of_customer(
    select(WrongRecipient.value, WrongRecipient.at).order_by(WrongRecipient.at), WrongRecipient
)
