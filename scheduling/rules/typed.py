"""What people and programs send as text, without what no page and no database can hold."""

import re

_PLANES = "".join(f"\\U{plane:04x}fffe\\U{plane:04x}ffff" for plane in range(17))
_UNSHOWABLE = re.compile(f"[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef{_PLANES}]")
"""Control characters, halves of characters, and what Unicode keeps free for programs (HTML, section 13.2.3.5).
PostgreSQL refuses the first of them, NUL."""


def showable(text: str) -> str:
    """`text` without them; line ends and tabs stay."""
    return _UNSHOWABLE.sub("", text)
