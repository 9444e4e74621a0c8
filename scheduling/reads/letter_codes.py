"""From the code of a letter, with the postcode it was sent to, to the personal link."""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from scheduling.links import LinkKeys, normalise_letter_code
from scheduling.models import Address, Invitation
from scheduling.rules.exits import CAN_BE_TAKEN_BACK
from scheduling.rules.postcodes import NotAPostcode, normalise_postcode

MOST_CANDIDATES = 2000
"""Invitations at one postcode; a Dutch one has some twenty addresses."""


def token_for(session: Session, keys: LinkKeys, code: str, postcode: str, now: datetime) -> str | None:
    """The token of the open invitation at this postcode whose code it is; None where there is none.

    Codes are stored nowhere: those of the invitations at the postcode are derived again and compared.
    """
    try:
        normal_postcode = normalise_postcode(postcode)
    except NotAPostcode:
        return None
    normal_code = normalise_letter_code(code)
    if normal_code is None:
        return None
    candidates = session.execute(
        select(Invitation.id, Invitation.version)
        .join(Address, Address.id == Invitation.address_id)
        .where(
            Address.postcode == normal_postcode,
            # Who left may come back by the letter that confirms it.
            or_(Invitation.ended == "", Invitation.exit.in_(CAN_BE_TAKEN_BACK)),
            Invitation.expires_at > now,
        )
        .order_by(Invitation.id.desc())
        .limit(MOST_CANDIDATES)
    ).all()
    for invitation_id, version in candidates:
        if keys.matches_letter_code(normal_code, invitation_id, version):
            return keys.personal_token(invitation_id, version)
    return None
