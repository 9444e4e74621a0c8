"""Who else hears of a visit: the customer for whom a contact arranges things, a caretaker, somebody on site.

The customer reads what the contact reads; it is their door. The others are told when we come, without the link: they
have to know, and have nothing to change.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from notifications.announce_exits import EXIT
from scheduling.actions.work import Work
from scheduling.reads.correspondence import Correspondence
from scheduling.reads.told_too import told_too

NOTICE = "notice"
_COMES_NOT = frozenset({"cancellation", "withdrawal", EXIT})
_TOLD_TO_OTHERS = frozenset({"confirmation", "change", "restored"}) | _COMES_NOT
_TOLD_TO_THE_CUSTOMER = _TOLD_TO_OTHERS | {"plan"}


@dataclass(frozen=True, slots=True)
class Copy:
    """A message to somebody else about the same thing; `mark` tells its key from that of the others."""

    about: Correspondence
    kind: str
    mark: str
    more: Mapping[str, str]


def copies(work: Work, about: Correspondence, kind: str, more: Mapping[str, str]) -> Iterator[Copy]:
    """What is said to others of an event of this kind that concerns a visit; `more`: what the kind alone knows."""
    if not about.tells_others or kind not in _TOLD_TO_THE_CUSTOMER:
        return
    for other in told_too(work.session, about.invitation_id):
        theirs = replace(about, correspondent=other.correspondent)
        if other.contact_id is None:
            yield Copy(theirs, kind, ":customer", more)
        elif kind in _TOLD_TO_OTHERS:
            yield Copy(theirs, NOTICE, f":contact-{other.contact_id}", _turn(kind))


def _turn(kind: str) -> Mapping[str, str]:
    """Which of its sentences a notice says; anything but empty says yes."""
    return {"moved": "x" if kind == "change" else "", "cancelled": "x" if kind in _COMES_NOT else ""}
