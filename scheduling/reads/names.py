"""How a customer is called in lists for staff: the columns that it takes, and the name made of them."""

from typing import Any

from sqlalchemy import Row

from scheduling.models import Customer
from scheduling.rules.addressing import Name, display_name

NAME_COLUMNS = (
    Customer.ref.label("customer_ref"),
    Customer.title,
    Customer.initials,
    Customer.first_name,
    Customer.infix,
    Customer.last_name,
    Customer.organisation,
)
"""To be selected where `name_of` is to name the customer of a row."""


def name_of(row: Row[*tuple[Any, ...]], language: str) -> str:
    """The customer's name as on an envelope, never empty. `language` is the reader's: it decides on heer or Mr."""
    name = Name(
        title=row.title,
        initials=row.initials,
        first_name=row.first_name,
        infix=row.infix,
        last_name=row.last_name,
        organisation=row.organisation,
    )
    return display_name(name, language)
