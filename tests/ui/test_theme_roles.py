"""The look as data: contrast by role, sizes by millimetre, and QML that knows every token."""

import pytest
from PySide6.QtCore import QMetaType
from PySide6.QtGui import QColor, QFont, QFontMetricsF
from PySide6.QtQml import QQmlEngine

from yici.ui.app import Appearance, dress, prepare_engine
from yici.ui.theme import (
    LANDSCAPE_21,
    LINE_PAIRS,
    MIN_GAP_MM,
    MIN_LINE_CONTRAST,
    MIN_TARGET_MM,
    MIN_TEXT_CONTRAST,
    PORTRAIT_21,
    TEXT_PAIRS,
    TYPE_SCALES,
    Contrast,
    Panel,
    TextSize,
    View,
    colours,
    contrast_ratio,
    mix,
    tokens,
)

# a 32-inch and a 15.6-inch panel with the same number of pixels
LARGE, SMALL = Panel(708.4, 1920, 1080), Panel(345.4, 1920, 1080)


def test_contrast_ratio_of_known_pairs() -> None:
    assert contrast_ratio("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast_ratio("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
    assert contrast_ratio("#123456", "#123456") == pytest.approx(1)


@pytest.mark.parametrize("contrast", Contrast)
@pytest.mark.parametrize("pair", TEXT_PAIRS, ids=str)
def test_text_is_readable_on_its_surface(contrast: Contrast, pair: tuple[str, str]) -> None:
    roles = colours(contrast)
    assert contrast_ratio(roles[pair[0]], roles[pair[1]]) >= MIN_TEXT_CONTRAST


@pytest.mark.parametrize("contrast", Contrast)
@pytest.mark.parametrize("pair", LINE_PAIRS, ids=str)
def test_edges_of_controls_are_visible(contrast: Contrast, pair: tuple[str, str]) -> None:
    roles = colours(contrast)
    assert contrast_ratio(roles[pair[0]], roles[pair[1]]) >= MIN_LINE_CONTRAST


def test_mix_runs_from_the_first_colour_to_the_second() -> None:
    assert mix("#102030", "#FFFFFF", 0) == "#102030"
    assert mix("#102030", "#FFFFFF", 1) == "#FFFFFF"
    assert mix("#000000", "#FFFFFF", 0.5) == "#808080"


@pytest.mark.parametrize("panel", [PORTRAIT_21, LANDSCAPE_21, LARGE, SMALL], ids=str)
@pytest.mark.parametrize("size", TextSize)
def test_capital_letters_have_their_height_in_millimetres(
    terminal_font: str, panel: Panel, size: TextSize
) -> None:
    look = tokens(panel, size)
    for role, wanted_mm in (
        ("captionPx", TYPE_SCALES[size].caption_mm),
        ("bodyPx", TYPE_SCALES[size].body_mm),
        ("titlePx", TYPE_SCALES[size].title_mm),
    ):
        font = QFont(terminal_font)
        font.setPixelSize(int(look[role]))
        height_mm = QFontMetricsF(font).capHeight() / panel.px_per_mm
        assert height_mm == pytest.approx(wanted_mm, abs=0.12 * wanted_mm)


@pytest.mark.parametrize("panel", [PORTRAIT_21, LANDSCAPE_21, LARGE, SMALL], ids=str)
@pytest.mark.parametrize("view", View)
def test_targets_and_gaps_keep_their_size_on_every_panel(panel: Panel, view: View) -> None:
    look = tokens(panel, view=view)
    assert float(look["target"]) / panel.px_per_mm >= MIN_TARGET_MM
    assert float(look["gap"]) / panel.px_per_mm >= MIN_GAP_MM
    if view is View.ELDER:
        assert float(look["target"]) / panel.px_per_mm >= 19.5


def test_qml_knows_every_token_and_follows_a_change(terminal_font: str) -> None:
    engine = QQmlEngine()
    prepare_engine(engine, Appearance())
    theme = engine.singletonInstance("theme", "Theme")
    for name, value in tokens(PORTRAIT_21).items():
        assert theme.property(name) is not None, name
        if isinstance(value, str) and value.startswith("#"):
            assert theme.property(name) == QColor(value)
    dress(engine, Appearance(contrast=Contrast.HIGH_DARK, text_size=TextSize.EXTRA))
    assert theme.property("page") == QColor(colours(Contrast.HIGH_DARK)["page"])
    assert theme.property("bodyPx") == tokens(PORTRAIT_21, TextSize.EXTRA)["bodyPx"]


def test_qml_declares_no_role_that_python_does_not_fill(terminal_font: str) -> None:
    engine = QQmlEngine()
    prepare_engine(engine, Appearance())
    meta = engine.singletonInstance("theme", "Theme").metaObject()
    declared = {
        meta.property(index).name()
        for index in range(meta.propertyOffset(), meta.propertyCount())
        if meta.property(index).metaType().id() != QMetaType.Type.UnknownType
    }
    assert declared == set(tokens(PORTRAIT_21))
