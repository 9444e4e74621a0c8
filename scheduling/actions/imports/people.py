"""The columns that say who somebody is and how to write to them: the same for customers and their contacts."""

from collections.abc import Collection, Mapping

from sqlalchemy import select

from scheduling.actions.exits import RECIPIENT
from scheduling.actions.imports.table import Row
from scheduling.actions.imports.values import a_language, an_email
from scheduling.actions.work import Work
from scheduling.models import WrongRecipient
from scheduling.rules.phone import NotAPhoneNumber, to_e164


def read_person(row: Row) -> dict[str, str | None]:
    """What the row gives of each of these columns; empty or None where it gives nothing. Refuses: BadValue."""
    return {
        "title": row.one_of("title", ("mr", "ms", "couple")),
        "initials": row.text("initials", longest=50),
        "first_name": row.text("first_name", longest=400),
        "infix": row.text("infix", longest=50),
        "last_name": row.text("last_name", longest=400),
        "formality": row.one_of("formality", ("formal", "informal")),
        "language": row.parsed("language", a_language),
        "phone": row.parsed("phone", _phone),
        "email": row.parsed("email", an_email),
        "channel": row.one_of("channel", ("sms", "email", "letter")),
    }


def wrong_recipients(work: Work, customer_ids: Collection[int]) -> dict[tuple[int, str], str]:
    """By customer and number or address: the day on which somebody there said that it is not this customer's."""
    rows = work.session.execute(
        select(WrongRecipient.customer_id, WrongRecipient.value, WrongRecipient.at).where(
            WrongRecipient.customer_id.in_(customer_ids)
        )
    )
    return {(row.customer_id, row.value): row.at.date().isoformat() for row in rows}


def why_not_taken(origin: Mapping[str, str] | None, wrong_since: str | None) -> str | None:
    """Why a field stays as it is though the file says otherwise; None where it is taken.

    `origin`: who set it, if not the last import; `wrong_since`: since when its value is known as somebody else's.
    """
    if wrong_since is not None:
        return f"not taken: who reads there said on {wrong_since} to be somebody else"
    if origin is None or origin["source"] == RECIPIENT:
        return None
    return f"kept as the {origin['source']} corrected it on {origin['at'][:10]}"


def _phone(text: str) -> str:
    try:
        return to_e164(text)
    except NotAPhoneNumber:
        raise ValueError("is not a phone number; write it like 06 12345678 or +31612345678") from None
