"""What customer or staff correct about a customer; it stays, also against a later import."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update

from scheduling.actions.work import CUSTOMER, CustomerCorrected, Work
from scheduling.errors import NoSuchThing
from scheduling.models import Customer
from scheduling.rules.addressing import Name, sort_key

NAME_FIELDS = ("title", "initials", "first_name", "infix", "last_name", "organisation")
LONGEST_SORT_KEY = 900
"""Characters. A few letters become many when they are written without ligatures and accents."""

FIELDS = frozenset({*NAME_FIELDS, "formality", "language", "persona", "phone", "email", "channel"})


def correct(work: Work, customer_id: int, values: Mapping[str, str | None]) -> None:
    """Sets these fields and keeps who said so and when. Refuses: NoSuchThing; ValueError for a field we do not keep."""
    unknown = set(values) - FIELDS
    if unknown:
        raise ValueError(f"not a field that can be corrected: {', '.join(sorted(unknown))}")
    row = work.session.execute(
        select(Customer.provenance, *[getattr(Customer, field) for field in NAME_FIELDS])
        .where(Customer.id == customer_id)
        .with_for_update()
    ).first()
    if row is None:
        raise NoSuchThing(what="customer", ref=str(customer_id))
    names: dict[str, Any] = {field: values.get(field, getattr(row, field)) for field in NAME_FIELDS}
    work.session.execute(
        update(Customer)
        .where(Customer.id == customer_id)
        .values(
            **values,
            sort_key=sort_key_of(names),
            provenance={**row.provenance, **dict.fromkeys(values, origin_of(work))},
        )
    )
    work.happened(CustomerCorrected(customer_id=customer_id, after={"fields": sorted(values)}))


def origin_of(work: Work) -> dict[str, str]:
    """Who corrects and when, as provenance keeps it of each field."""
    return {"source": "customer" if work.actor == CUSTOMER else "staff", "at": work.now.isoformat()}


def sort_key_of(fields: Mapping[str, Any]) -> str:
    """The key by which a customer with these names is sorted, as long as it can be kept."""
    return sort_key(Name(**{field: fields[field] for field in NAME_FIELDS}))[:LONGEST_SORT_KEY]
