"""A company's one colour becomes shades that can be read, whatever colour it is."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.colours import DARK_GROUND, LIGHT_GROUND, TEXT_CONTRAST, contrast, shades

TOKENS = Path(__file__).parents[2] / "app" / "static" / "css" / "tokens.css"
COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
EXTREMES = ["#000000", "#ffffff", "#ff0000", "#00ff00", "#0000ff", "#ffff00", "#00ffff", "#808080", "#fefefe"]


def check_readable(color: str) -> None:
    for theme, ground in zip(shades(color), (LIGHT_GROUND, DARK_GROUND), strict=True):
        assert set(theme) == {"brand", "brand-strong", "on-brand", "brand-tint"}
        assert all(re.fullmatch("#[0-9a-f]{6}", shade) for shade in theme.values())
        for behind in (ground, theme["brand-tint"]):
            assert contrast(theme["brand"], behind) >= TEXT_CONTRAST
        for behind in (theme["brand"], theme["brand-strong"]):
            assert contrast(theme["on-brand"], behind) >= TEXT_CONTRAST


@pytest.mark.parametrize("color", EXTREMES)
def test_the_extremes_can_be_read(color):
    check_readable(color)


@given(color=COLOURS)
def test_any_colour_can_be_read(color):
    check_readable(color)


def test_a_colour_that_can_be_read_already_stays_as_it_is():
    light, _dark = shades("#0b5f5c")

    assert light["brand"] == "#0b5f5c"


def test_contrast_is_that_of_wcag():
    # Black on white is 1.05 / 0.05 = 21; #777777 is the well-known grey that just fails 4.5.
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#ffffff", "#777777") == pytest.approx(4.48, abs=0.01)
    assert contrast("#123456", "#123456") == 1


def test_the_grounds_are_those_of_the_style_sheet():
    light, dark = TOKENS.read_text(encoding="utf-8").split("@media (prefers-color-scheme: dark)")

    assert LIGHT_GROUND in light
    assert DARK_GROUND in dark
