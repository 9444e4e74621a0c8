"""The HTML of an e-mail, made from its text: the same words, the link as a button."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from notifications.company import Company

_FOLDER = Path(__file__).parent / "texts"
_DARK, _LIGHT = "#1b1b1b", "#ffffff"
_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"})


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """Lines of text; or, where `href` is set, a button with one line on it."""

    lines: tuple[str, ...]
    href: str = ""


def render_html(text: str, *, subject: str, language: str, company: Company, link: str) -> str:
    """The whole document. `text` has blank lines between its paragraphs.

    A paragraph of one line and then nothing but `link` becomes a button with that line on it, and the link once more
    to read and to copy.
    """
    return _layout().render(
        paragraphs=[_paragraph(part, link) for part in text.strip().split("\n\n")],
        subject=subject,
        language=language,
        direction="rtl" if language.partition("-")[0] in _RIGHT_TO_LEFT else "ltr",
        company=company,
        on_brand=ink_on(company.brand_color),
    )


def ink_on(color: str) -> str:
    """White or nearly black, whichever is easier to read on `color` ("#rrggbb"), by WCAG 2.2's contrast ratio."""
    luminance = _luminance(color)
    on_light = (luminance + 0.05) / (_luminance(_DARK) + 0.05)
    on_dark = (_luminance(_LIGHT) + 0.05) / (luminance + 0.05)
    return _LIGHT if on_dark >= on_light else _DARK


def _luminance(color: str) -> float:
    channels = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _paragraph(text: str, link: str) -> _Paragraph:
    lines = tuple(text.split("\n"))
    if link and len(lines) == 2 and lines[1] == link:
        return _Paragraph((lines[0].rstrip(":. "),), link)
    return _Paragraph(lines)


@lru_cache(maxsize=1)
def _layout() -> Template:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("layout.html")
