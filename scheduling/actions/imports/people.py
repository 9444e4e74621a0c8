"""The columns that say who somebody is and how to write to them: the same for customers and their contacts."""

from scheduling.actions.imports.table import Row
from scheduling.actions.imports.values import a_language, an_email
from scheduling.rules.phone import NotAPhoneNumber, to_e164

NAME_COLUMNS = ("title", "initials", "first_name", "infix", "last_name")
REACHING_COLUMNS = ("formality", "language", "phone", "email", "channel")


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


def _phone(text: str) -> str:
    try:
        return to_e164(text)
    except NotAPhoneNumber:
        raise ValueError("is not a phone number; write it like 06 12345678 or +31612345678") from None
