"""Accounts of staff: made by the operator, who hands on a one-time link; the password is set by its owner."""

from datetime import timedelta

from sqlalchemy import delete, insert, select, update

from scheduling.actions.work import Work
from scheduling.errors import LinkUnknown, NoSuchThing
from scheduling.models import Staff, Technician
from scheduling.reads.staff import by_password_link

PASSWORD_LINK_LASTS = timedelta(days=7)


def create_account(work: Work, email: str, role: str, link_digest: str) -> bool:
    """Makes an account, or gives an existing one this role and a new link; True where it is new.

    Only the digest of the link is kept. An existing password stays until the link is used.
    """
    values = {
        "role": role,
        "password_link_digest": link_digest,
        "password_link_until": work.now + PASSWORD_LINK_LASTS,
    }
    known = work.session.execute(select(Staff.id).where(Staff.email == email.lower())).scalar()
    if known is not None:
        work.session.execute(update(Staff).where(Staff.id == known).values(**values))
        return False
    work.session.execute(insert(Staff).values(email=email.lower(), created_at=work.now, **values))
    return True


def set_password(work: Work, link_digest: str, password_hash: str) -> int:
    """Sets the password through a one-time link, which then no longer works; every session ends. The account's id.

    Refuses: LinkUnknown for a link that was used, has run out, or never was.
    """
    account = by_password_link(work.session, link_digest, work.now)
    if account is None:
        raise LinkUnknown
    work.session.execute(
        update(Staff)
        .where(Staff.id == account.staff_id)
        .values(
            password_hash=password_hash,
            password_link_digest=None,
            password_link_until=None,
            session_version=Staff.session_version + 1,
        )
    )
    return account.staff_id


def remove_account(work: Work, email: str) -> None:
    """Deletes an account; its sessions end with it. What it did stays in history, under a number alone.

    Refuses: NoSuchThing.
    """
    staff_id = work.session.scalar(select(Staff.id).where(Staff.email == email.strip().lower()))
    if staff_id is None:
        raise NoSuchThing(what="account", ref=email)
    work.session.execute(update(Technician).where(Technician.staff_id == staff_id).values(staff_id=None))
    work.session.execute(delete(Staff).where(Staff.id == staff_id))
