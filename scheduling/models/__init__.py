"""The tables, with every promise of the product that a constraint can keep."""

from scheduling.models.company import Area, AreaPostcode, Principal, Staff, Technician
from scheduling.models.customer import Address, Contact, ContactChange, Customer, WrongRecipient
from scheduling.models.history import Attempt, ContactHistory, History
from scheduling.models.job import Invitation, Job, Kind, KindText
from scheduling.models.visit import Visit, VisitJob
from scheduling.models.window import Hold, Window

__all__ = [
    "Address",
    "Area",
    "AreaPostcode",
    "Attempt",
    "Contact",
    "ContactChange",
    "ContactHistory",
    "Customer",
    "History",
    "Hold",
    "Invitation",
    "Job",
    "Kind",
    "KindText",
    "Principal",
    "Staff",
    "Technician",
    "Visit",
    "VisitJob",
    "Window",
    "WrongRecipient",
]
