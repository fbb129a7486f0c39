"""The look as data: colours by role, type and spaces in millimetres, pixels by the panel.

Nothing here knows Qt. `tokens` gives every property of the QML singleton `Theme`, so switching
the text size, the contrast or the elder view is one call at run time.
"""

from dataclasses import dataclass, fields
from enum import StrEnum

FAMILY = "Noto Sans CJK SC"  # its natural line height is 1.45 em, what we want for reading
CAPITAL_HEIGHT_EM = 0.733  # Noto Sans CJK: height of a capital letter per em

MIN_TARGET_MM = 12.7
MIN_GAP_MM = 2.54
MIN_TEXT_CONTRAST = 7.0
MIN_LINE_CONTRAST = 3.0


class TextSize(StrEnum):
    """What a resident can choose; `ELDER` is where the elder view starts."""

    STANDARD = "standard"
    LARGE = "large"
    EXTRA = "extra"
    ELDER = "elder"


class Contrast(StrEnum):
    """Four legal pairings of the roles."""

    CALM = "calm"
    HIGH_LIGHT = "high_light"
    HIGH_DARK = "high_dark"
    SOFT = "soft"


class View(StrEnum):
    """The ordinary screens, or the elder view: fewer choices, larger targets, no motion."""

    STANDARD = "standard"
    ELDER = "elder"


class Reach(StrEnum):
    """Where things to touch may be: on the whole panel, or low enough for somebody who sits."""

    WHOLE = "whole"
    LOW = "low"


# of a standing panel's height: what lies above it can't be reached from a wheelchair
OUT_OF_REACH_SHARE = 0.42


@dataclass(frozen=True, slots=True)
class Panel:
    """The glass: visible size in millimetres and in pixels."""

    width_mm: float = 267.8
    width_px: int = 1080
    height_px: int = 1920

    @property
    def px_per_mm(self) -> float:
        return self.width_px / self.width_mm

    @property
    def is_portrait(self) -> bool:
        return self.height_px >= self.width_px


PORTRAIT_21 = Panel()
LANDSCAPE_21 = Panel(width_mm=476.1, width_px=1920, height_px=1080)


@dataclass(frozen=True, slots=True)
class TypeScale:
    """Height of a capital letter in millimetres, by role."""

    caption_mm: float
    body_mm: float
    heading_mm: float
    title_mm: float


TYPE_SCALES: dict[TextSize, TypeScale] = {
    TextSize.STANDARD: TypeScale(3.5, 4.8, 6.4, 9.0),
    TextSize.LARGE: TypeScale(4.8, 6.4, 8.5, 11.0),
    TextSize.EXTRA: TypeScale(6.4, 8.5, 11.0, 13.0),
    TextSize.ELDER: TypeScale(5.6, 7.1, 9.0, 12.0),
}


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours as #RRGGBB by role; screens name roles, never colours."""

    page: str
    surface: str
    text: str
    secondary_text: str
    line: str
    accent: str
    on_accent: str
    ok: str
    warn: str
    danger: str


PALETTES: dict[Contrast, Palette] = {
    Contrast.CALM: Palette(
        page="#F4F6F8",
        surface="#FFFFFF",
        text="#14202B",
        secondary_text="#3C4B5A",
        line="#7C8B9A",
        accent="#0B4F8A",
        on_accent="#FFFFFF",
        ok="#0B5D3B",
        warn="#7A3E00",
        danger="#9B1C1C",
    ),
    Contrast.HIGH_LIGHT: Palette(
        page="#FFFFFF",
        surface="#FFFFFF",
        text="#000000",
        secondary_text="#000000",
        line="#000000",
        accent="#00306B",
        on_accent="#FFFFFF",
        ok="#004D2C",
        warn="#5C2E00",
        danger="#7A0000",
    ),
    Contrast.HIGH_DARK: Palette(
        page="#000000",
        surface="#000000",
        text="#FFFFFF",
        secondary_text="#FFFFFF",
        line="#FFFFFF",
        accent="#FFD84D",
        on_accent="#000000",
        ok="#7DF0B5",
        warn="#FFC27A",
        danger="#FFB0A8",
    ),
    Contrast.SOFT: Palette(
        page="#E9E4D8",
        surface="#F3EFE6",
        text="#33302A",
        secondary_text="#4A463D",
        line="#7C766A",
        accent="#2E4A62",
        on_accent="#F3EFE6",
        ok="#2E4F3B",
        warn="#5E4216",
        danger="#6E2F2A",
    ),
}

# (text role, surface role) pairs that occur on screens; each is held to MIN_TEXT_CONTRAST
TEXT_PAIRS: tuple[tuple[str, str], ...] = (
    ("text", "page"),
    ("text", "surface"),
    ("text", "pressed"),
    ("secondary_text", "page"),
    ("secondary_text", "surface"),
    ("accent", "page"),
    ("accent", "surface"),
    ("accent", "pressed"),
    ("on_accent", "accent"),
    ("on_accent", "accent_pressed"),
    ("ok", "surface"),
    ("warn", "surface"),
    ("danger", "surface"),
    ("ok", "page"),
    ("warn", "page"),
    ("danger", "page"),
)
# edges of controls against what they lie on; each is held to MIN_LINE_CONTRAST
LINE_PAIRS: tuple[tuple[str, str], ...] = (("line", "surface"), ("line", "page"))


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def mix(first: str, second: str, share: float) -> str:
    """The colour that is `share` (0–1) of `second` laid over `first`."""
    pairs = zip(_channels(first), _channels(second), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)


def contrast_ratio(first: str, second: str) -> float:
    """WCAG 2.2 contrast ratio, 1–21."""

    def luminance(colour: str) -> float:
        linear = [
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
            for c in (channel / 255 for channel in _channels(colour))
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def colours(contrast: Contrast) -> dict[str, str]:
    """Every role of a palette, with the derived ones: pressed surfaces and the quiet rule.

    `pressed` is a surface under a finger, `accent_pressed` a filled button under a finger,
    `rule` the hairline between rows: decoration, nothing depends on seeing it.
    """
    palette = PALETTES[contrast]
    roles = {field.name: str(getattr(palette, field.name)) for field in fields(palette)}
    roles["pressed"] = mix(palette.surface, palette.accent, 0.08)
    away = "#FFFFFF" if contrast is Contrast.HIGH_DARK else "#000000"
    roles["accent_pressed"] = mix(palette.accent, away, 0.25)
    roles["rule"] = mix(palette.surface, palette.line, 0.35)
    return roles


def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(part.capitalize() for part in tail)


def tokens(
    panel: Panel,
    text_size: TextSize = TextSize.STANDARD,
    contrast: Contrast = Contrast.CALM,
    view: View = View.STANDARD,
    reach: Reach = Reach.WHOLE,
) -> dict[str, str | float | bool]:
    """Every property of the QML singleton `Theme`, by its QML name; lengths in pixels."""
    scale = TYPE_SCALES[text_size]
    is_elder = view is View.ELDER
    is_low = reach is Reach.LOW and panel.is_portrait  # a counter's panel is low already
    per_mm = panel.px_per_mm

    def px(length_mm: float) -> float:
        return float(round(length_mm * per_mm))

    def em(capital_mm: float) -> float:
        return float(round(capital_mm * per_mm / CAPITAL_HEIGHT_EM))

    return {
        "pxPerMm": per_mm,
        "isPortrait": panel.is_portrait,
        "isElder": is_elder,
        "isLow": is_low,
        "reachTop": float(round(panel.height_px * OUT_OF_REACH_SHARE)) if is_low else 0.0,
        "textSize": text_size.value,
        "contrast": contrast.value,
        "family": FAMILY,
        "captionPx": em(scale.caption_mm),
        "bodyPx": em(scale.body_mm),
        "headingPx": em(scale.heading_mm),
        "titlePx": em(scale.title_mm),
        "grid": px(2.54),
        "margin": px(12.7),
        "radius": px(2.0),
        "hairline": max(1.0, px(0.3)),
        "focusRing": px(1.0),
        "target": px(20.0 if is_elder else MIN_TARGET_MM + 1.3),
        "mainTarget": px(24.0 if is_elder else 20.0),
        "gap": px(MIN_GAP_MM * (2 if is_elder else 1.5)),
        # 30 characters of body text: longer lines lose slow readers
        "measure": 30 * em(scale.body_mm),
        "motionMs": 0.0 if is_elder else 140.0,
        **{_camel(role): colour for role, colour in colours(contrast).items()},
    }
