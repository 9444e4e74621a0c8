"""The secrets that stand for somebody: personal link, letter code, and the random names of a visit.

Personal link and letter code are derived from an invitation's id and version with a key, and are stored
nowhere: whoever reads the database cannot open a link. A new version revokes the links and codes before it;
that a version is still the invitation's own, and not expired, is for the caller to check. Every key has a
subkey for each purpose, so that no link can pass for a code, nor a code for a link. The link that confirms a new phone
number or e-mail address is made in the same way from the id of the change.
"""

import hashlib
import hmac
import secrets
import string
import unicodedata
from dataclasses import dataclass

BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
# Digits and capitals that are not taken for one another on paper or by phone: no 0 O, no 1 I L, no U (V).
READABLE = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

PERSONAL_TOKEN_LENGTH = 29
LETTER_CODE_LENGTH = 8
SHORTEST_KEY = 16
LARGEST_ID = 2**32 - 1
LARGEST_VERSION = 255

_HEAD_BYTES = 4 + 1
_SIGNATURE_BYTES = 16
_TOKEN_BYTES = _HEAD_BYTES + _SIGNATURE_BYTES
_VISIT_CODE_LENGTH = 22
_VISIT_REF_LENGTH = 9
_EXTRACT_SALT = b"homevisit-portal links"
_PERSONAL_LINK = b"personal-link/1"
_LETTER_CODE = b"letter-code/1"
_CONTACT_CHECK = b"contact-check/1"
_ONLY_VERSION = 1
_LONGEST_TYPED_CODE = 40


@dataclass(frozen=True, slots=True)
class PersonalLink:
    """What a genuine personal link stands for; nothing about whether it is still wanted."""

    invitation_id: int
    version: int


class LinkKeys:
    """The ring of keys from which links are derived: the first makes new ones, every one opens them.

    `keys` newest first. Refuses with ValueError an empty ring and a key shorter than 16 characters.
    """

    __slots__ = ("_contact_keys", "_letter_keys", "_personal_keys")

    def __init__(self, keys: tuple[str, ...]) -> None:
        if not keys:
            raise ValueError("at least one link key is needed")
        if any(len(key) < SHORTEST_KEY for key in keys):
            raise ValueError(f"a link key needs at least {SHORTEST_KEY} characters")
        self._personal_keys = tuple(_subkey(key, _PERSONAL_LINK) for key in keys)
        self._letter_keys = tuple(_subkey(key, _LETTER_CODE) for key in keys)
        self._contact_keys = tuple(_subkey(key, _CONTACT_CHECK) for key in keys)

    def __repr__(self) -> str:
        return f"<LinkKeys: {len(self._personal_keys)}>"

    def personal_token(self, invitation_id: int, version: int) -> str:
        """The token of `/v/<token>`: 29 characters of base62, 128 bits of which cannot be guessed.

        Refuses with ValueError an id outside 1..2^32-1, a version outside 1..255.
        """
        return _token(self._personal_keys[0], _head(invitation_id, version))

    def read_personal_token(self, token: str) -> PersonalLink | None:
        """What `token` stands for, or None unless it is, to the character, one that a key of the ring makes.

        Takes the same time whichever key made it, and however much of it is right.
        """
        found = _read_token(self._personal_keys, token)
        return None if found is None else PersonalLink(*found)

    def contact_token(self, change_id: int) -> str:
        """The token of `/contact/<token>`: whoever has it read what was sent to a new number or address.

        Made like that of a personal link, with keys of its own. Refuses with ValueError an id outside 1..2^32-1.
        """
        return _token(self._contact_keys[0], _head(change_id, _ONLY_VERSION))

    def read_contact_token(self, token: str) -> int | None:
        """The id of the change that `token` confirms, or None unless it is one that a key of the ring makes."""
        found = _read_token(self._contact_keys, token)
        return None if found is None else found[0]

    def letter_code(self, invitation_id: int, version: int) -> str:
        """The code in a letter: 8 characters without look-alikes, about 39 bits.

        Short enough to type, too short to stand alone: the door asks the postcode with it and limits
        attempts. Refuses with ValueError an id or version out of range.
        """
        return _letter_code(self._letter_keys[0], _head(invitation_id, version))

    def matches_letter_code(self, code: str, invitation_id: int, version: int) -> bool:
        """Whether `code`, as somebody typed it, is the invitation's code with any key of the ring.

        Takes the same time whichever key made it. Refuses with ValueError an id or version out of range.
        """
        head = _head(invitation_id, version)
        typed = normalise_letter_code(code) or ""
        is_genuine = False
        for key in self._letter_keys:
            is_genuine |= hmac.compare_digest(_letter_code(key, head), typed)
        return is_genuine


def normalise_letter_code(text: str) -> str | None:
    """The 8 characters of a letter code as somebody typed them, or None if that is no code.

    Forgives lower case, full-width letters, spaces, dashes of any kind, dots and underscores. It guesses no
    letter: 0, O, 1, I, L and U stand in no code, and which character they were taken for cannot be known.
    """
    if len(text) > _LONGEST_TYPED_CODE:
        return None
    typed = unicodedata.normalize("NFKC", text)
    letters = "".join(letter for letter in typed if not _is_separator(letter))
    code = letters.upper() if letters.isascii() else ""
    is_code = len(code) == LETTER_CODE_LENGTH and all(letter in READABLE for letter in code)
    return code if is_code else None


def letter_code_for_people(code: str) -> str:
    """A letter code as it is printed: ABCD-EFGH."""
    return f"{code[:4]}-{code[4:]}"


def visit_code() -> str:
    """A new random code for `/visit/<code>`: 22 characters of base62, about 131 bits."""
    return _random_letters(BASE62, _VISIT_CODE_LENGTH)


def calendar_uid(host: str) -> str:
    """A new random UID for the calendar entry of one visit, as long as that lives: 128 bits, at `host`."""
    return f"{secrets.token_hex(16)}@{host}"


def visit_ref() -> str:
    """A new random reference such as V-7K3M9Q2XD, to be read out over the phone: about 44 bits.

    A name, not a secret; the table's uniqueness is what guards against the same one twice.
    """
    return f"V-{_random_letters(READABLE, _VISIT_REF_LENGTH)}"


def _subkey(key: str, purpose: bytes) -> bytes:
    """HKDF (RFC 5869) with SHA-256 for one block of output, the purpose as its info."""
    extracted = hmac.digest(_EXTRACT_SALT, key.encode(), hashlib.sha256)
    return hmac.digest(extracted, purpose + b"\x01", hashlib.sha256)


def _head(invitation_id: int, version: int) -> bytes:
    if not 1 <= invitation_id <= LARGEST_ID:
        raise ValueError(f"invitation id {invitation_id} is outside 1..{LARGEST_ID}")
    if not 1 <= version <= LARGEST_VERSION:
        raise ValueError(f"link version {version} is outside 1..{LARGEST_VERSION}")
    return invitation_id.to_bytes(4) + version.to_bytes(1)


def _token(key: bytes, head: bytes) -> str:
    return _to_base62(head + _signature(key, head))


def _read_token(keys: tuple[bytes, ...], token: str) -> tuple[int, int] | None:
    """Id and version, if one of `keys` made the token; every key is tried, whichever fits."""
    packed = _from_base62(token)
    if packed is None:
        return None
    head, signature = packed[:_HEAD_BYTES], packed[_HEAD_BYTES:]
    is_genuine = False
    for key in keys:
        is_genuine |= hmac.compare_digest(_signature(key, head), signature)
    number, version = int.from_bytes(head[:4]), head[4]
    return (number, version) if is_genuine and number and version else None


def _signature(key: bytes, head: bytes) -> bytes:
    return hmac.digest(key, head, hashlib.sha256)[:_SIGNATURE_BYTES]


def _letter_code(key: bytes, head: bytes) -> str:
    return _in_letters(int.from_bytes(hmac.digest(key, head, hashlib.sha256)), READABLE, LETTER_CODE_LENGTH)


def _random_letters(alphabet: str, length: int) -> str:
    # One draw for all of them: each word of this length is as likely as any other.
    return _in_letters(secrets.randbelow(len(alphabet) ** length), alphabet, length)


def _to_base62(packed: bytes) -> str:
    """The bytes as one number, padded with the alphabet's zero to 29 characters (62^29 is above 2^168)."""
    return _in_letters(int.from_bytes(packed), BASE62, PERSONAL_TOKEN_LENGTH)[::-1]


def _in_letters(number: int, alphabet: str, length: int) -> str:
    """The last `length` digits of `number` to the base of the alphabet's length, the lowest first."""
    letters = []
    for _ in range(length):
        number, remainder = divmod(number, len(alphabet))
        letters.append(alphabet[remainder])
    return "".join(letters)


def _from_base62(token: str) -> bytes | None:
    """The 21 bytes, or None for another length, a foreign character, or a number beyond 168 bits."""
    if len(token) != PERSONAL_TOKEN_LENGTH or not all(letter in BASE62 for letter in token):
        return None
    number = 0
    for letter in token:
        number = number * len(BASE62) + BASE62.index(letter)
    return number.to_bytes(_TOKEN_BYTES) if number < 1 << (8 * _TOKEN_BYTES) else None


def _is_separator(letter: str) -> bool:
    return letter.isspace() or unicodedata.category(letter) == "Pd" or letter in "\u2212\u00ad\u200b_."
