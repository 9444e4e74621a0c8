"""Every refusal the domain can give: a stable code and its facts, no sentence.

The doors turn a code into a status, a page and a sentence (`app/errors.py`), or into one line for an operator.
"""

from typing import ClassVar


class Refusal(Exception):
    """Something the domain will not do. `code` is stable; `facts` are plain values for whoever words it."""

    code: ClassVar[str] = "refused"

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.code, facts)


class WindowTaken(Refusal):
    """The window cannot be chosen (any more): full, closed, past, too soon, unknown or another area's."""

    code = "window_taken"


class AlreadyBooked(Refusal):
    """These jobs have a visit in another window; changing it is asked for on its own."""

    code = "already_booked"


class TooLate(Refusal):
    """The time until which this could be done is over."""

    code = "too_late"


class NotPossible(Refusal):
    """The visit's state does not allow this step."""

    code = "not_possible"


class LinkUnknown(Refusal):
    """No such link was ever made by us."""

    code = "link_unknown"


class LinkEnded(Refusal):
    """A link of ours that no longer opens: `reason` is expired, revoked, withdrawn, or why the customer left (`EXITS`).

    `can_return` is there, and True, where the customer may still take back what they said.
    """

    code = "link_ended"


class NoSuchThing(Refusal):
    """A reference that names nothing: `what` it is and `ref`."""

    code = "no_such_thing"


class Overlaps(Refusal):
    """A window would overlap one that the area already has."""

    code = "overlaps"


class BelowBooked(Refusal):
    """A capacity below the places that visits and holds already take."""

    code = "below_booked"


class TooManyAttempts(Refusal):
    """Asked too often from here; `wait_seconds` until it may be tried again."""

    code = "too_many_attempts"


class WrongRecipientRefused(Refusal):
    """Whoever reads there said that they are not this customer: the number or address is not written to for them."""

    code = "wrong_recipient"


class LastWayOut(Refusal):
    """The last phone number or e-mail address of somebody whom no letter reaches."""

    code = "last_way_out"


class SameAddress(Refusal):
    """The address that somebody moves to is the one that we have."""

    code = "same_address"
