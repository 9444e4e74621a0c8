"""Personas: what holds for a kind of customer until they say otherwise themselves."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Defaults:
    """The formality, and the channels in order of preference."""

    formality: str
    channels: tuple[str, ...]


_PRIVATE = ("sms", "email", "letter")
_OFFICE = ("email", "sms", "letter")

_DEFAULTS = {
    "senior": Defaults("formal", _PRIVATE),
    "family": Defaults("informal", _PRIVATE),
    "business": Defaults("formal", _OFFICE),
    "institution": Defaults("formal", _OFFICE),
    "": Defaults("formal", _PRIVATE),
}


def formality_of(persona: str, own: str) -> str:
    """formal or informal: the customer's own answer, else the persona's default."""
    return own or _DEFAULTS[persona].formality


def channel_of(
    persona: str,
    own: str,
    *,
    phone: str | None,
    email: str | None,
    can_receive_sms: Callable[[str], bool],
) -> str:
    """The channel that reaches them: their own choice where it can, else the next best; a letter always can."""
    reaches = {
        "sms": phone is not None and can_receive_sms(phone),
        "email": email is not None,
        "letter": True,
    }
    order = (own, *_DEFAULTS[persona].channels) if own else _DEFAULTS[persona].channels
    return next(channel for channel in order if reaches[channel])
