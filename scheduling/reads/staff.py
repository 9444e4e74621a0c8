"""Accounts of staff, as the sign-in needs them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from scheduling.models import Staff


@dataclass(frozen=True, slots=True)
class Account:
    """An account. `password_hash` is None until the one-time link was used."""

    staff_id: int
    email: str
    role: str
    password_hash: str | None
    session_version: int


def by_id(session: Session, staff_id: int) -> Account | None:
    """The account with this id."""
    return _one(session, Staff.id == staff_id)


def by_email(session: Session, email: str) -> Account | None:
    """The account with this address, in any case."""
    return _one(session, Staff.email == email.strip().lower())


def by_password_link(session: Session, digest: str, now: datetime) -> Account | None:
    """The account whose one-time link this is, while it lasts."""
    return _one(session, (Staff.password_link_digest == digest) & (Staff.password_link_until > now))


def _one(session: Session, condition: ColumnElement[bool]) -> Account | None:
    row = session.execute(
        select(
            Staff.id.label("staff_id"),
            Staff.email,
            Staff.role,
            Staff.password_hash,
            Staff.session_version,
        ).where(condition)
    ).first()
    return None if row is None else Account(**row._asdict())
