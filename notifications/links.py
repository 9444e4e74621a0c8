"""Links and the letter code in a message: placeholders while stored, filled in for whoever may see them.

The outbox can be read by staff and by whoever gets hold of the database, so it holds neither; both are derived
again from the invitation's id and version at the moment of sending.
"""

from scheduling.links import PERSONAL_TOKEN_LENGTH, LinkKeys, letter_code_for_people

LINK = "[[link]]"
CONTACT_LINK = "[[contact-link]]"
"""What shows that a new number or address is right; in messages with a `contact_change_id` alone."""

CODE = "[[code]]"
MASK = "…"


class Links:
    """Makes the links of messages. `public_url` is the base of every link."""

    __slots__ = ("_keys", "_public_url")

    def __init__(self, public_url: str, keys: LinkKeys) -> None:
        self._public_url, self._keys = public_url.rstrip("/"), keys

    def personal(self, invitation_id: int, version: int) -> str:
        """The personal link."""
        return f"{self._public_url}/v/{self._keys.personal_token(invitation_id, version)}"

    def contact_check(self, change_id: int) -> str:
        """The link that confirms a new number or address."""
        return f"{self._public_url}/contact/{self._keys.contact_token(change_id)}"

    def fill(
        self, text: str, *, invitation_id: int, version: int, contact_change_id: int | None = None
    ) -> str:
        """`text` as the customer gets it."""
        if contact_change_id is not None and CONTACT_LINK in text:
            text = text.replace(CONTACT_LINK, self.contact_check(contact_change_id))
        if LINK in text:
            text = text.replace(LINK, self.personal(invitation_id, version))
        if CODE in text:
            code = letter_code_for_people(self._keys.letter_code(invitation_id, version))
            text = text.replace(CODE, code)
        return text

    def in_full_length(self, text: str) -> str:
        """`text` with links as long as every link is: what an SMS is counted with."""
        token = "0" * PERSONAL_TOKEN_LENGTH
        return text.replace(LINK, f"{self._public_url}/v/{token}").replace(
            CONTACT_LINK, f"{self._public_url}/contact/{token}"
        )


def masked(text: str) -> str:
    """`text` for those who may not open the customer's page."""
    return text.replace(LINK, MASK).replace(CONTACT_LINK, MASK).replace(CODE, MASK)
