"""A mark such as 练习 stands on every screen, over everything, and in the way of nothing."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtGui import QColor

from yici.rehearsal.practice import MARK
from yici.ui import theme
from yici.ui.accessibility import faults, nodes
from yici.ui.app import Appearance
from yici.ui.pictures import WAYS, Stage
from yici.ui.samples import samples

OpenStage = Callable[[Appearance], Stage]


@pytest.mark.parametrize("way", ["portrait", "elder", "extra_landscape_en", "extra_dark"])
def test_marked_screens_keep_the_rules_and_show_the_mark(open_stage: OpenStage, way: str) -> None:
    stage = open_stage(WAYS[way])
    band = QColor(theme.PALETTES[WAYS[way].contrast].warn)
    broken, unmarked = {}, []
    for sample in samples():
        stage.show(replace(sample, view=replace(sample.view, mark=MARK)))
        picture = stage.view.grabWindow()
        if (
            MARK not in {node.name for node in nodes(stage.view)}
            or picture.pixelColor(4, 4) != band
        ):
            unmarked.append(sample.name)
        found = faults(stage.view, WAYS[way].panel.px_per_mm)
        if found:
            broken[sample.name] = found
    assert broken == {}
    assert unmarked == []


def test_terminal_in_service_has_no_mark_and_no_room_for_it(open_stage: OpenStage) -> None:
    stage = open_stage(Appearance())
    stage.show(samples()[0])
    band = QColor(theme.PALETTES[theme.Contrast.CALM].warn)
    assert stage.view.grabWindow().pixelColor(4, 4) != band
