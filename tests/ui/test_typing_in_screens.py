"""Fields of the screens and the keyboard under them, by touch."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPointingDevice
from PySide6.QtQuick import QQuickItem
from PySide6.QtTest import QTest

from yici.ui.accessibility import items, kind_of
from yici.ui.app import Appearance
from yici.ui.pictures import WAYS, Stage, settle
from yici.ui.samples import samples

SAMPLES = {sample.name: sample for sample in samples()}
OpenStage = Callable[[Appearance], Stage]


class Hands:
    """Taps what carries a text, and hears what the screen posts."""

    def __init__(self, stage: Stage, finger: QPointingDevice) -> None:
        self.stage = stage
        self.finger = finger
        self.posted: list[tuple[str, dict[str, object]]] = []
        stage.session.posted.connect(lambda event, payload: self.posted.append((event, payload)))
        stage.view.requestActivate()
        settle()

    def area(self, item: QQuickItem) -> QRectF:
        return item.mapRectToScene(QRectF(0, 0, item.width(), item.height()))

    def find(self, text: str) -> QQuickItem:
        shown = items(self.stage.view.contentItem())
        found = [
            item
            for item in shown
            if item.inherits("QQuickAbstractButton") and item.property("text") == text
        ]
        assert found, text
        return found[0]

    def tap(self, item: QQuickItem) -> None:
        at = self.area(item).center().toPoint()
        view = self.stage.view
        QTest.touchEvent(view, self.finger).press(0, at, view).commit()
        settle(20)
        QTest.touchEvent(view, self.finger).release(0, at, view).commit()
        settle(20)

    def type(self, keys: str) -> None:
        for key in keys:
            self.tap(self.find(key))

    def told(self, event: str) -> list[object]:
        return [payload["text"] for name, payload in self.posted if name == event]


@pytest.fixture
def hands(open_stage: OpenStage, finger: QPointingDevice) -> Callable[[str, str], Hands]:
    def at(sample: str, way: str) -> Hands:
        stage = open_stage(WAYS[way])
        stage.show(SAMPLES[sample])
        return Hands(stage, finger)

    return at


@pytest.mark.parametrize("way", ["portrait", "landscape"])
def test_search_by_pinyin_posts_the_chosen_words(
    hands: Callable[[str, str], Hands], way: str
) -> None:
    resident = hands("find", way)
    resident.type("YIBAO")
    assert resident.told("search") == []  # letters are no words yet
    resident.tap(resident.find("医保"))
    assert resident.told("search") == ["医保"]


def test_slip_code_is_posted_as_it_grows(hands: Callable[[str, str], Hands]) -> None:
    resident = hands("progress", "portrait")
    resident.type("7K3")
    assert resident.told("progress_code") == ["7", "7K", "7K3"]
    resident.tap(resident.find("删除"))
    assert resident.told("progress_code")[-1] == "7K"


def test_field_under_the_keys_is_brought_above_them(hands: Callable[[str, str], Hands]) -> None:
    resident = hands("identify_typed", "landscape")
    fields = [i for i in items(resident.stage.view.contentItem()) if i.inherits("QQuickTextField")]
    number = fields[1]
    number.forceActiveFocus()
    settle()
    keyboard_top = min(
        resident.area(item).top()
        for item in items(resident.stage.view.contentItem())
        if kind_of(item).startswith("KeyCap")
    )
    assert resident.area(number).bottom() < keyboard_top
    resident.tap(resident.find("删除"))
    assert resident.told("typed_number") == ["43019919850612001"]


def test_next_is_pressed_with_the_keys_still_open(hands: Callable[[str, str], Hands]) -> None:
    resident = hands("identify_typed", "portrait")
    resident.tap(resident.find("下一步"))
    assert [event for event, _ in resident.posted] == ["confirm_typed"]


def test_answer_of_a_choice_is_posted(hands: Callable[[str, str], Hands]) -> None:
    resident = hands("form_matter", "portrait")
    resident.tap(resident.find("新生儿"))
    assert resident.posted == [("answer", {"key": "scheme", "value": ["新生儿"]})]
    resident.tap(resident.find("参保证明"))
    event, payload = resident.posted[-1]
    assert (event, sorted(payload["value"])) == ("answer", ["参保证明", "缴费凭证"])
