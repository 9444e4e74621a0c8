"""Passwords of staff, and the one-time links that set them.

A password is kept as an Argon2id hash (RFC 9106, its second recommended choice: 64 MiB, three passes); of a link only
a digest is kept. Which account a link belongs to and how long it lasts is decided in `scheduling.actions.staff`.
"""

import hashlib
import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

SHORTEST, LONGEST = 12, 200
"""Characters. Length is what makes a password hard to guess; the longest only bounds the work."""

LINK_BYTES = 32

_hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)

NOBODYS_HASH = (
    "$argon2id$v=19$m=65536,t=3,p=4$bmewNpxWYitOJRBHSOkfaw$Q45ABl0OjVsfdkwh8Un+x/24BMV8b05xbb58DG5kerE"
)
"""Checked where there is no account, so that the answer takes as long as for one that exists."""


def hash_password(password: str) -> str:
    """What to keep of a password; different each time."""
    return _hasher.hash(_one_spelling(password))


def verify(password_hash: str | None, password: str) -> bool:
    """Whether this is the password. Takes as long for no account, or one whose password was never set (None)."""
    try:
        _hasher.verify(password_hash or NOBODYS_HASH, _one_spelling(password))
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def is_acceptable(password: str, email: str) -> bool:
    """Whether an account may have this password: long enough, and not its own address."""
    return SHORTEST <= len(password) <= LONGEST and password.strip().lower() != email.lower()


def new_link() -> tuple[str, str]:
    """A token for a one-time link, and the digest of it to keep."""
    token = secrets.token_urlsafe(LINK_BYTES)
    return token, link_digest(token)


def link_digest(token: str) -> str:
    """The digest by which a link's account is found. A fast one will do: the token is random and long."""
    return hashlib.sha256(token.encode()).hexdigest()


def _one_spelling(password: str) -> str:
    # Keyboards differ in how they compose é; NIST SP 800-63B, section 5.1.1.2, asks to normalise before hashing.
    return unicodedata.normalize("NFKC", password)
