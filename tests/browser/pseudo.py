"""Two languages that nobody speaks, made of the English sentences; neither is ever shipped.

One runs from right to left: a page that only looks right the other way round falls over. The other has words that are
40 % longer, as German and Finnish have: what is cut off or pushed aside shows. Days and lengths of time are the real
ones of Hebrew and German. `gunicorn tests.browser.pseudo:app` serves the portal in them (and in English).
"""

import os
import re
from collections.abc import Callable
from math import ceil
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from app import i18n

FOLDER = "PSEUDO_TRANSLATIONS"
"""The environment variable with the folder of the catalogues."""

RIGHT_TO_LEFT, LONGER = "he", "de"
LONGER_BY = 0.4

_TO_HEBREW = str.maketrans(
    "abcdefghijklmnopqrstuvwxyz",
    "אבגדהוזחטיכלמנסעפצקרשתאבגד",
)
_KEPT = re.compile(r"(%\(\w+\)s|\d{4} [A-Z]{2}\b)")
_WORD = re.compile(r"[^\W\d_]{2,}")


def mirrored(sentence: str) -> str:
    """Every letter of ours is one of an alphabet that runs from right to left; gaps, digits and postcodes stay."""
    return "".join(_apart(sentence, lambda text: text.lower().translate(_TO_HEBREW)))


def longer(sentence: str) -> str:
    """Every word gets 40 % more letters; gaps stay."""
    return "".join(_apart(sentence, lambda text: _WORD.sub(_lengthened, text)))


def write_catalogues(folder: Path) -> None:
    """Both languages, in the folder layout of `app/translations`."""
    source = Path(i18n.__file__).parent / "translations" / "nl" / "LC_MESSAGES" / "messages.po"
    with source.open("rb") as file:
        known = read_po(file)
    for tag, said in ((RIGHT_TO_LEFT, mirrored), (LONGER, longer)):
        catalogue = Catalog(locale=tag)
        for message in known:
            if isinstance(message.id, str) and message.id:
                catalogue.add(message.id, said(message.id))
            elif message.id:
                one, many = message.id
                forms = [said(one), *[said(many)] * (catalogue.num_plurals - 1)]
                catalogue.add((one, many), forms)
        path = folder / tag / "LC_MESSAGES" / "messages.po"
        path.parent.mkdir(parents=True)
        with path.open("wb") as target:
            write_po(target, catalogue)


def _apart(sentence: str, change: Callable[[str], str]) -> list[str]:
    return [part if _KEPT.fullmatch(part) else change(part) for part in _KEPT.split(sentence)]


def _lengthened(word: re.Match[str]) -> str:
    return word[0] + "n" * ceil(LONGER_BY * len(word[0]))


if FOLDER in os.environ:
    i18n.TRANSLATIONS = Path(os.environ[FOLDER])
    from wsgi import app  # noqa: F401  (what gunicorn looks for)
