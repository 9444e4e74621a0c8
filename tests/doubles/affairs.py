"""Rows to announce about: a customer with an address, a job, an invitation and a visit, in as few words as possible."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from scheduling.actions.work import CUSTOMER, Event, Work
from scheduling.models import Address, Area, Customer, Invitation, Job, Principal, Visit, VisitJob, Window
from tests.environment import NOW

_numbers = count(1)


class Affairs:
    """One customer's, on a database of the test's own. `session` is one that may write; nothing is committed here."""

    def __init__(self, session: Session, *, principal: str = "", **customer: Any) -> None:
        self.session, self.number = session, next(_numbers)
        known = {
            "title": "mr",
            "first_name": "Piet",
            "infix": "de",
            "last_name": "Vries",
            "phone": "+31612345678",
        }
        known |= {"channel": "sms", "email": "piet@example.org", "formality": "formal", **customer}
        address = self._add(
            Address(
                postcode="3811AB",
                pc4="3811",
                house_number=self.number,
                street="Langestraat",
                place="Amersfoort",
            )
        )
        self.customer_id = self._add(
            Customer(
                ref=f"K{self.number}",
                sort_key="vries",
                address_id=address,
                imported_at=NOW,
                created_at=NOW,
                **known,
            )
        )
        self.invitation_id = self._add(
            Invitation(
                customer_id=self.customer_id,
                address_id=address,
                created_at=NOW,
                expires_at=NOW + timedelta(days=90),
            )
        )
        on_behalf_of = self._add(Principal(name=principal)) if principal else None
        self.job_ref = f"J{self.number}"
        self.job_id = self._add(
            Job(
                ref=self.job_ref,
                customer_id=self.customer_id,
                kind="maintenance",
                principal_id=on_behalf_of,
                invitation_id=self.invitation_id,
                created_at=NOW,
            )
        )
        self.address_id = address

    def visit(self, *, starts_at: datetime = NOW + timedelta(days=3), state: str = "booked") -> Visit:
        """A visit in a window of its own; the default is Friday 27 November, 10:00 to 12:00."""
        number = next(_numbers)
        area = self._add(
            Area(
                ref=f"A{number}",
                name="Centrum",
                time_zone="Europe/Amsterdam",
                book_until=time(16),
                change_until=time(12),
                created_at=NOW,
            )
        )
        window = self._add(
            Window(
                area_id=area,
                local_day=date(starts_at.year, starts_at.month, starts_at.day),
                starts_at=starts_at,
                ends_at=starts_at + timedelta(hours=2),
                capacity=3,
                booked=1,
            )
        )
        visit = Visit(
            ref=f"V-{number}",
            uid=f"{number}@example",
            code=f"code{number}",
            customer_id=self.customer_id,
            address_id=self.address_id,
            invitation_id=self.invitation_id,
            window_id=window,
            places=1,
            minutes=45,
            state=state,
            booked_by="customer",
            booked_at=NOW,
            changed_at=NOW,
        )
        self._add(visit)
        self._add(VisitJob(visit_id=visit.id, job_id=self.job_id, live=state == "booked"), key="visit_id")
        return visit

    def _add(self, row: Any, *, key: str = "id") -> int:
        self.session.add(row)
        self.session.flush()
        number: int = getattr(row, key)
        return number


def work(session: Session, announce: Any, *, actor: str = CUSTOMER, now: datetime = NOW) -> Work:
    """A unit of work as the doors open it."""
    return Work(session=session, now=now, actor=actor, announce=announce)


def announce_all(session: Session, announcer: Any, events: Iterable[Event], **how: Any) -> None:
    """Lets events happen, one after another, in the session's transaction."""
    for event in events:
        work(session, announcer, **how).happened(event)
    session.flush()
    session.expire_all()
