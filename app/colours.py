"""The shades of a company's one colour, each dark or light enough for what it is used for (WCAG 2.2, 1.4.3).

Pure: a colour in, colours out. What stays the same for every company is in `static/css/tokens.css`.
"""

import colorsys

TEXT_CONTRAST = 4.5
"""Between a text and its ground (WCAG 2.2, success criterion 1.4.3, level AA)."""

LIGHT_GROUND = "#f7f4ee"
DARK_GROUND = "#1c2425"
"""The least contrasting grounds of the two themes, as in tokens.css."""

WHITE, BLACK = "#ffffff", "#10191a"
STEP = 0.01
TINT = 0.12
"""How much of the colour is in the ground of a chosen window."""


def shades(color: str) -> tuple[dict[str, str], dict[str, str]]:
    """`color` (#rrggbb) as custom properties for the light and for the dark theme, names without dashes in front."""
    # The tint lies on cards: white ones in the light theme.
    light = _theme(color, LIGHT_GROUND, tint=_mix(color, WHITE, TINT), darker=True)
    return light, _theme(color, DARK_GROUND, tint=_mix(color, DARK_GROUND, TINT), darker=False)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21, as WCAG 2.2 defines it."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _theme(color: str, ground: str, *, tint: str, darker: bool) -> dict[str, str]:
    # Links and the chosen window's border stand on the tint as well as on the plain ground.
    brand = _until_readable(color, (ground, tint), darker=darker)
    strong = _shifted(brand, -0.08 if darker else 0.08)
    on_brand = max(WHITE, BLACK, key=lambda text: min(contrast(text, brand), contrast(text, strong)))
    return {"brand": brand, "brand-strong": strong, "on-brand": on_brand, "brand-tint": tint}


def _until_readable(color: str, grounds: tuple[str, ...], *, darker: bool) -> str:
    while min(contrast(color, ground) for ground in grounds) < TEXT_CONTRAST:
        color = _shifted(color, -STEP if darker else STEP)
    return color


def _shifted(color: str, by: float) -> str:
    """The same hue, lighter or darker."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(color))
    return _hex(colorsys.hls_to_rgb(hue, min(1.0, max(0.0, lightness + by)), saturation))


def _mix(color: str, ground: str, part: float) -> str:
    pairs = zip(_channels(color), _channels(ground), strict=True)
    return _hex(tuple(part * ours + (1 - part) * theirs for ours, theirs in pairs))


def _luminance(color: str) -> float:
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in _channels(color)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(color: str) -> tuple[float, float, float]:
    red, green, blue = (int(color[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return red, green, blue


def _hex(channels: tuple[float, ...]) -> str:
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in channels)
