"""Why a customer wants no visit, and which of these words can be taken back."""

DONE, MOVED, NOT_NEEDED, REFUSED, NOT_FOR_ME = "done", "moved", "not_needed", "refused", "not_for_me"
REASONS = (DONE, MOVED, NOT_NEEDED, REFUSED, NOT_FOR_ME)

CAN_BE_TAKEN_BACK = (DONE, NOT_NEEDED, REFUSED)
"""Not who moved, whose work is another's by now, and not a stranger, who is not to be asked again."""


def why_ended(exit_reason: str, ended: str, *, is_current: bool) -> str:
    """The reason that a link gives for not opening; `is_current`: no newer one was made.

    An older link of somebody who was not the customer says so for good; of anybody else it is merely an old one.
    """
    if is_current:
        return exit_reason or ended
    return NOT_FOR_ME if exit_reason == NOT_FOR_ME else "revoked"
