"""The colours of tokens.css, light and dark, against WCAG 2.2.

Text needs 4.5 to 1 (success criterion 1.4.3), the line of a control 3 to 1 (1.4.11).
"""

import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).parents[2] / "app" / "static" / "css" / "tokens.css"
TEXT = 4.5
CONTROL = 3.0

# What stands on what, anywhere on the pages: (foreground, ground, the least ratio).
PAIRS = [
    *[
        (ink, ground, TEXT)
        for ink in ("ink", "ink-soft", "brand", "brand-strong")
        for ground in ("page", "surface", "brand-tint")
    ],
    ("on-brand", "brand", TEXT),
    ("on-brand", "brand-strong", TEXT),
    *[
        (ink, f"{tone}-tint", TEXT)
        for tone in ("success", "warning", "danger")
        for ink in ("ink", "brand", "brand-strong", tone)
    ],
    ("danger", "surface", TEXT),
    ("danger", "page", TEXT),
    ("line-strong", "page", CONTROL),
    ("line-strong", "surface", CONTROL),
    *[
        ("focus", ground, CONTROL)
        for ground in ("page", "surface", "brand-tint", "danger-tint", "warning-tint", "success-tint")
    ],
]


def colours(css: str) -> dict[str, dict[str, str]]:
    """Custom properties with a hex colour, for each theme; dark is light with its own values over it."""
    light_css, dark_css = css.split("@media (prefers-color-scheme: dark)")
    found = re.compile(r"--([\w-]+):\s*(#[0-9a-f]{6});")
    light = dict(found.findall(light_css))
    return {"light": light, "dark": {**light, **dict(found.findall(dark_css))}}


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it, 0 (black) to 1 (white)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio, 1 to 21, whichever of the two is lighter."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_itself_is_right() -> None:
    # Black on white is 1.05 / 0.05 = 21; #767676 on white is the well-known grey that just passes 4.5.
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
    assert contrast("#777777", "#ffffff") < TEXT


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("foreground", "ground", "least"), PAIRS, ids=[f"{pair[0]}-on-{pair[1]}" for pair in PAIRS]
)
def test_what_stands_on_a_ground_can_be_read(theme: str, foreground: str, ground: str, least: float) -> None:
    palette = colours(TOKENS.read_text(encoding="utf-8"))[theme]

    assert contrast(palette[foreground], palette[ground]) >= least


def test_dark_has_a_value_of_its_own_for_every_colour() -> None:
    css = TOKENS.read_text(encoding="utf-8")
    light, dark = css.split("@media (prefers-color-scheme: dark)")
    names = re.compile(r"--([\w-]+):\s*#[0-9a-f]{6};")

    assert set(names.findall(light)) == set(names.findall(dark))
