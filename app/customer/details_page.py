"""What the page of somebody's details shows, and what other pages say of them in passing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.customer.pages import Page
from app.i18n import closest, language, languages, own_name
from app.portal import now
from app.work import reading
from scheduling.reads.details import Details, Waiting, details, is_due_for_a_look
from scheduling.rules.personas import channel_of, formality_of
from scheduling.rules.phone import can_receive_sms, for_people

OF_A_NAME = ("initials", "first_name", "infix", "last_name")


@dataclass(frozen=True, slots=True)
class InPassing:
    """What the page of a visit says of the details: where they are, and whether to ask if they are still right."""

    href: str
    asks_whether_right: bool
    right_action: str
    language_action: str
    other_language: str


def in_passing(page: Page) -> InPassing:
    """For the page of a visit, whether this device was verified or not."""
    return InPassing(
        href=page.href("details"),
        asks_whether_right=is_due_for_a_look(reading(), page.invitation_id, now()),
        right_action=page.href("say_right"),
        language_action=page.href("make_language"),
        other_language=_other_language(page.told.correspondent.language),
    )


def known(page: Page) -> Details:
    """What is on file."""
    return details(reading(), page.invitation_id, now())


def shown_values(known: Details) -> dict[str, str]:
    """Every field of the form as it is shown; where nothing was said, the default that holds.

    An organisation's name is asked of an organisation alone, and not of the contact who speaks for one.
    """
    values = {
        "phone": for_people(known.phone) if known.phone else "",
        "email": known.email or "",
        "channel": channel_of(
            known.persona,
            known.channel,
            phone=known.phone,
            email=known.email,
            can_receive_sms=can_receive_sms,
        ),
        "title": known.title,
        **{field: getattr(known, field) for field in OF_A_NAME},
        "formality": formality_of(known.persona, known.formality),
        "language": closest(known.language),
    }
    if known.organisation and known.contact_id is None:
        values["organisation"] = known.organisation
    return values


def shown_details(
    page: Page, known: Details, *, typed: Mapping[str, str], errors: Mapping[str, str]
) -> dict[str, Any]:
    """The whole page on a device that was verified; what was typed wins over what is on file."""
    return {
        "is_contact": known.contact_id is not None,
        "channels": channels_of(known),
        "languages": [(tag, own_name(tag)) for tag in languages()],
        "values": {**shown_values(known), **typed},
        "errors": errors,
        "waiting": [_shown_waiting(field, change) for field, change in sorted(known.waiting.items())],
        "save_action": page.href("correct_details"),
        "send_again_action": page.href("send_check_again"),
        "give_up_action": page.href("give_up_change"),
        "asks_whether_right": known.asks_whether_right(now()),
        "right_action": page.href("say_right"),
        "other_language": _other_language(known.language),
        "language_action": page.href("make_language"),
    }


def channels_of(known: Details) -> tuple[str, ...]:
    """The ways there are: a letter goes to the customer's door, so not to whoever speaks for them."""
    return ("sms", "email") if known.contact_id is not None else ("sms", "email", "letter")


def shown_to(field: str, value: str) -> str:
    """A number or address as people write it."""
    return for_people(value) if field == "phone" else value


def _shown_waiting(field: str, change: Waiting) -> dict[str, str]:
    # Within a sentence; half a number at the end of a line would be hard to compare.
    return {"field": field, "value": shown_to(field, change.value).replace(" ", "\u00a0")}


def _other_language(registered: str) -> str:
    """The page's language where the customer is written to in another one; empty where it is the same."""
    return language() if language() != closest(registered) else ""
