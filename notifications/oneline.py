"""Makes whatever stands in a name or a description harmless inside a line of text or a mail header."""

import unicodedata

from scheduling.rules.typed import showable


def one_line(text: str) -> str:
    """`text` in one line with single spaces, composed letters and no control characters.

    What looks like our own placeholder for a link is taken apart, so that nobody's name is filled in as one.
    """
    composed = unicodedata.normalize("NFC", text)
    kept = composed
    # Nearly every text is plain already, and looking at it letter by letter costs as much as a query.
    if not composed.isprintable():
        kept = showable("".join(" " if character.isspace() else character for character in composed))
    line = " ".join(kept.split())
    while "[[" in line:
        line = line.replace("[[", "[")
    return line
