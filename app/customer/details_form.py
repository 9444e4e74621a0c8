"""The form with which people correct what we know of them: what was typed, what it says, and what is wrong with it.

A field that was not sent is left as it is. One that comes back as it was shown changes nothing either: a manner of
address that is only the default does not become the customer's own word by sending the form.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from app.i18n import gettext as _
from notifications.oneline import one_line
from scheduling.actions.imports.values import an_email
from scheduling.rules.phone import NotAPhoneNumber, can_receive_sms, to_e164

TITLES = ("mr", "ms", "couple", "")
FORMALITIES = ("formal", "informal")
CHANNELS = ("sms", "email", "letter")
LONGEST = {"initials": 50, "first_name": 400, "infix": 50, "last_name": 400, "organisation": 400}
"""Characters, of each part of a name."""

LONGEST_TYPED = 400
NAMES = ("first_name", "last_name", "organisation")
"""Of which one is needed."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What somebody sent. `values` are those to keep, None for what is used no longer; `errors` by field."""

    typed: Mapping[str, str]
    values: dict[str, str | None] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


def read_details(
    sent: Mapping[str, str], shown: Mapping[str, str], *, languages: Sequence[str], channels: Sequence[str]
) -> Filled:
    """What was sent, held against what the form `shown` had in it."""
    filled = Filled(
        typed={name: one_line(text)[:LONGEST_TYPED] for name, text in sent.items() if name in shown}
    )
    choices = {"title": TITLES, "formality": FORMALITIES, "language": languages, "channel": channels}
    for name, text in sent.items():
        if name in shown:
            _keep(filled, name, text, _reader(name, choices))
    _check_name(filled, shown)
    _check_channel(filled, shown)
    for name, value in shown.items():
        if name in filled.values and _as_shown(name, filled.values[name]) == _as_shown(name, value):
            del filled.values[name]
    return filled


def _keep(filled: Filled, name: str, text: str, read: Callable[[str], str | None]) -> None:
    try:
        filled.values[name] = read(text)
    except ValueError as error:
        filled.errors[name] = str(error)


def _reader(name: str, choices: Mapping[str, Sequence[str]]) -> Callable[[str], str | None]:
    if name in choices:
        return partial(_one_of, choices[name])
    if name == "phone":
        return _phone
    return _email if name == "email" else partial(_short_enough, LONGEST[name])


def _one_of(known: Sequence[str], text: str) -> str:
    if text not in known:
        raise ValueError(_("Choose one of these."))
    return text


def _phone(text: str) -> str | None:
    if not one_line(text):
        return None
    try:
        return to_e164(one_line(text))
    except NotAPhoneNumber:
        raise ValueError(_("This is not a phone number. Write it like 06 12345678.")) from None


def _email(text: str) -> str | None:
    if not one_line(text):
        return None
    try:
        return an_email(one_line(text))
    except ValueError:
        raise ValueError(_("This is not an e-mail address. Write it like name@example.nl.")) from None


def _short_enough(most: int, text: str) -> str:
    text = one_line(text)
    if len(text) > most:
        raise ValueError(_("This is longer than we can keep. Make it shorter."))
    return text


def _check_name(filled: Filled, shown: Mapping[str, str]) -> None:
    kept = {name: filled.values.get(name, shown.get(name, "")) for name in NAMES}
    if not any(kept.values()) and not filled.errors.keys() & set(NAMES):
        filled.errors["last_name"] = _("Fill in a name.")


def _check_channel(filled: Filled, shown: Mapping[str, str]) -> None:
    """A channel that is chosen now has to reach them, if only by the number or address that they give now."""
    channel = filled.values.get("channel")
    if channel is None or channel == shown.get("channel") or filled.errors.keys() & {"phone", "email"}:
        return
    phone, email = (_reached_at(filled, shown, name) for name in ("phone", "email"))
    if channel == "sms" and not (phone and can_receive_sms(phone)):
        filled.errors["channel"] = _(
            "An SMS can only be sent to a mobile number. Fill one in, or choose another way."
        )
    if channel == "email" and not email:
        filled.errors["channel"] = _("Fill in an e-mail address, or choose another way.")


def _reached_at(filled: Filled, shown: Mapping[str, str], name: str) -> str:
    if name in filled.values:
        return filled.values[name] or ""
    return _as_shown(name, shown.get(name, ""))


def _as_shown(name: str, value: str | None) -> str:
    """A number in one spelling, for the page shows it as people write it."""
    if name != "phone" or not value:
        return value or ""
    try:
        return to_e164(value)
    except NotAPhoneNumber:
        # What an older list of numbers let in is still what is on file.
        return value
