"""How many parts an SMS takes (3GPP TS 23.038 and 23.040; the counting is done by `smsutil`).

A text of GSM-7 letters has 160 places, or 153 in each of several parts; one letter outside that alphabet turns all of
it into UCS-2, with 70, or 67 in each part. Letters of the extension table (such as € and brackets) take two places,
and so does an emoji in UCS-2; neither is cut by the border between two parts.
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import smsutil

GSM7, UCS2 = "gsm7", "ucs2"
_ESCAPE = "\x1b"
"""Announces a letter of the extension table, and is no letter itself; `smsutil` takes it for one."""


_NEAREST = str.maketrans(
    {"ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "„": '"', "”": '"', "“": '"', "’": "'", "–": "-"}
)
"""What has no accent to drop: letters with a stroke, and the marks of careful typing."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a text takes. `units` are septets in GSM-7 and 16-bit units in UCS-2, headers not counted."""

    encoding: str
    units: int
    segments: int


def is_gsm7(text: str) -> bool:
    """Whether every letter is in the GSM-7 alphabet or its extension table. True for an empty text."""
    return text == "" or (_ESCAPE not in text and smsutil.is_valid_gsm(text))


# The same lines, days and kinds of work come by again and again; no name of a person does.
@lru_cache(maxsize=512)
def in_plain_letters(text: str) -> str:
    """`text` with each letter that GSM-7 lacks as its nearest there ("środa" as "sroda"); one without any stays."""
    if is_gsm7(text):
        return text
    return "".join(letter if is_gsm7(letter) else _plain_letter(letter) for letter in text)


def _plain_letter(letter: str) -> str:
    nearest = unicodedata.normalize("NFKD", letter).translate(_NEAREST)
    bare = "".join(part for part in nearest if not unicodedata.combining(part))
    return bare if bare and is_gsm7(bare) else letter


def parts(text: str) -> Parts:
    """The parts that `text` takes as an SMS; an empty one takes one."""
    if is_gsm7(text):
        split = smsutil.gsm_split(text) if text else None
        return Parts(GSM7, split.total_bytes if split else 0, len(split.parts) if split else 1)
    split = smsutil.unicode_split(text)
    return Parts(UCS2, split.total_bytes // 2, len(split.parts))
