"""The keyboard under a finger: fields of every kind, in an offscreen window."""

import gc
import math
import random
from collections.abc import Callable

import pytest
from form_desk import APPEARANCES, TIMEOUT_MS, Desk
from PySide6.QtGui import QAccessible
from PySide6.QtQuick import QQuickItem
from pytestqt.qtbot import QtBot

from yici.ui.app import Appearance
from yici.ui.input.entry_rules import InputKind, can_begin

KINDS = [kind.value for kind in InputKind if kind is not InputKind.NONE]
OpenDesk = Callable[..., Desk]


def test_keys_come_with_a_field_and_go_with_it(desk: Desk, qtbot: QtBot) -> None:
    assert desk.find_item("keyboard") is None
    desk.enter("pinyin")
    assert desk.keyboard_height > 0
    desk.tap("key_dismiss_")
    qtbot.waitUntil(lambda: desk.find_item("keyboard") is None, timeout=TIMEOUT_MS)
    assert not desk.item("field_pinyin").hasActiveFocus()


def test_field_without_a_kind_gets_no_keys(desk: Desk, qtbot: QtBot) -> None:
    desk.enter("mobile")
    desk.tap("field_none")
    qtbot.waitUntil(lambda: desk.find_item("keyboard") is None, timeout=TIMEOUT_MS)


def test_pinyin_greeting(desk: Desk) -> None:
    desk.enter("pinyin")
    desk.type("nihao")
    assert desk.text("pinyin") == ""
    desk.choose("你好")
    assert desk.text("pinyin") == "你好"
    assert desk.item("field_pinyin").hasActiveFocus()


def test_name_character_by_character(desk: Desk) -> None:
    desk.enter("name")
    desk.type("zhangshili")
    desk.choose("张")
    assert desk.method.property("preedit") == "shi li"
    desk.choose("示")
    desk.choose("例")
    assert desk.text("name") == "张示例"
    assert desk.method.property("preedit") == ""


def test_rare_character_is_found_on_a_later_page(desk: Desk) -> None:
    desk.enter("name")
    desk.type("yan")
    desk.choose("䶮")
    assert desk.text("name") == "䶮"


def test_name_of_a_minority_with_its_dot(desk: Desk) -> None:
    desk.enter("name")
    desk.type("gu")
    desk.tap("key_space_")
    desk.type("·")
    desk.type("mai")
    desk.tap("key_space_")
    assert desk.text("name")[1] == "·"


def test_space_takes_the_first_candidate_and_digits_convert_what_is_open(desk: Desk) -> None:
    desk.enter("pinyin")
    desk.type("ceshilu")
    desk.type("1")
    desk.type("hao")
    desk.tap("key_space_")
    assert desk.text("pinyin") == "测试路1号"


def test_letters_that_mean_nothing_stay_letters(desk: Desk) -> None:
    desk.enter("pinyin")
    desk.type("vv")
    assert desk.method.property("candidates") == []
    desk.tap("key_space_")
    assert desk.text("pinyin") == "vv"


def test_delete_takes_letters_first_then_characters(desk: Desk) -> None:
    desk.enter("pinyin")
    desk.type("nihao")
    desk.choose("你好")
    desk.type("ma")
    for expected in ("m", "", ""):
        desk.tap("key_backspace_")
        assert desk.method.property("preedit") == expected
    assert desk.text("pinyin") == "你"


def test_delete_held_down_goes_on(desk: Desk, qtbot: QtBot) -> None:
    desk.enter("number")
    desk.type("123456")
    desk.press("key_backspace_")
    qtbot.waitUntil(lambda: desk.text("number") == "", timeout=TIMEOUT_MS)
    desk.release("key_backspace_")


def test_two_thumbs_that_overlap_type_both_letters(desk: Desk) -> None:
    desk.enter("latin")
    desk.overlap("key_type_a", "key_type_p")
    assert desk.text("latin") == "ap"


def test_field_that_disappears_takes_its_keys_along(desk: Desk, qtbot: QtBot) -> None:
    desk.enter("lines")
    desk.type("zhang")
    desk.item("field_lines").deleteLater()
    qtbot.waitUntil(lambda: desk.find_item("keyboard") is None, timeout=TIMEOUT_MS)
    desk.method.key("a")
    desk.method.backspace()
    assert desk.method.property("kind") == "none"


def test_latin_upper_case_lasts_for_one_letter(desk: Desk) -> None:
    desk.enter("latin")
    desk.tap("key_shift_")
    desk.type("ab")
    desk.tap("key_symbols_")
    desk.type("@")
    desk.tap("key_symbols_")
    desk.type("c")
    assert desk.text("latin") == "Ab@c"


def test_chinese_and_latin_letters_in_one_field(desk: Desk) -> None:
    desk.enter("pinyin")
    desk.type("fang")
    desk.tap("key_language_")
    desk.type("b")
    desk.tap("key_language_")
    desk.type("hao")
    desk.tap("key_space_")
    assert desk.text("pinyin")[1] == "b"
    assert len(desk.text("pinyin")) == 3


def test_id_number_with_its_x_and_nothing_after(desk: Desk) -> None:
    desk.enter("id_number")
    desk.type("X43019919850612001X9")
    assert desk.text("id_number") == "43019919850612001X"
    assert (desk.method.property("typed"), desk.method.property("total")) == (18, 18)


def test_mobile_number_begins_with_one_and_ends_after_eleven(desk: Desk) -> None:
    desk.enter("mobile")
    desk.type("0138000000001")
    assert desk.text("mobile") == "13800000000"


def test_date_gets_its_separators_and_loses_them_again(desk: Desk) -> None:
    desk.enter("date")
    desk.type("1985023")
    assert desk.text("date") == "1985-02"
    desk.type("28")
    assert desk.text("date") == "1985-02-28"
    for _ in range(4):
        desk.tap("key_backspace_")
    assert desk.text("date") == "1985"


def test_code_and_number_and_wipe(desk: Desk) -> None:
    desk.enter("code")
    desk.type("7KZ0")
    assert desk.text("code") == "7KZ0"
    desk.tap("key_wipe_")
    assert desk.text("code") == ""
    desk.enter("number")
    desk.type("1.5.2")
    assert desk.text("number") == "1.52"


def test_field_with_lines_gets_a_new_line(desk: Desk) -> None:
    desk.enter("lines")
    desk.type("1")
    desk.tap("key_enter_")
    desk.type("2")
    assert desk.text("lines") == "1\n2"


def test_maximum_length_of_the_field_holds(desk: Desk) -> None:
    desk.enter("latin")
    desk.type("a" * 31)
    assert desk.text("latin") == "a" * 30


def test_open_letters_are_forgotten_when_another_field_is_touched(desk: Desk) -> None:
    desk.enter("pinyin")
    desk.type("zhang")
    desk.enter("name")
    assert desk.method.property("preedit") == ""
    assert desk.text("pinyin") == ""
    assert desk.text("name") == ""


def reachable_texts(root: object) -> set[str]:
    """Every string that can be reached from an object, except through modules and classes."""
    seen, found, waiting = {id(root)}, set(), [root]
    while waiting:
        for held in gc.get_referents(waiting.pop()):
            if isinstance(held, str):
                found.add(held)
            elif id(held) not in seen and not isinstance(held, (type, type(gc))):
                seen.add(id(held))
                waiting.append(held)
    return found


def test_nothing_typed_can_be_reached_after_clear(desk: Desk) -> None:
    typed = "qiongrangpeizhuang"
    desk.enter("pinyin")
    desk.type(typed)
    sentence = desk.method.property("candidates")[0]
    spelled = desk.method.property("preedit")
    before = reachable_texts(desk.method.__dict__)
    assert {typed, sentence, spelled} <= before
    desk.method.clear()
    assert {typed, sentence, spelled}.isdisjoint(reachable_texts(desk.method.__dict__))
    assert desk.method.property("candidates") == []
    assert desk.text("pinyin") == ""


def key_items(desk: Desk) -> list[QQuickItem]:
    return desk.items("key_") + desk.items("candidate_")


@pytest.mark.parametrize("appearance", APPEARANCES.values(), ids=APPEARANCES)
def test_keys_are_large_apart_and_inside(open_desk: OpenDesk, appearance: Appearance) -> None:
    desk = open_desk(appearance)
    per_mm = appearance.panel.px_per_mm
    for kind in KINDS:
        desk.focus(kind)
        if kind in ("pinyin", "name"):
            desk.type("yi")
        desk.settle()
        boxes = [item.mapRectToScene(item.boundingRect()) for item in key_items(desk)]
        assert len(boxes) > 10
        bounds = desk.item("keyboard").mapRectToScene(desk.item("keyboard").boundingRect())
        for place, box in enumerate(boxes):
            assert min(box.width(), box.height()) >= 12.7 * per_mm
            assert bounds.contains(box)
            for other in boxes[place + 1 :]:
                across = max(other.left() - box.right(), box.left() - other.right())
                down = max(other.top() - box.bottom(), box.top() - other.bottom())
                assert max(across, down) >= math.floor(2.54 * per_mm)
        assert desk.keyboard_height < 0.6 * appearance.panel.height_px


def test_every_key_has_a_name_and_takes_no_focus(desk: Desk) -> None:
    for kind in KINDS:
        desk.focus(kind)
        for item in key_items(desk):
            interface = QAccessible.queryAccessibleInterface(item)
            assert interface.role() == QAccessible.Role.Button
            assert interface.text(QAccessible.Text.Name).strip()
            assert item.property("focusPolicy") == 0


@pytest.mark.parametrize("seed", range(3))
def test_any_row_of_touches_leaves_the_field_legal(desk: Desk, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(6):
        kind = InputKind(chance.choice(KINDS))
        desk.enter(kind.value)
        for _ in range(25):
            method = desk.method
            rows = method.property("rows")
            if not rows:
                desk.enter(kind.value)  # it was put away
                continue
            key = chance.choice(chance.choice(rows))
            method.press(key["action"], key["text"])
            if chance.random() < 0.2:
                method.expand(chance.choice((1, 3)))
                chance.choice((method.next, method.previous, method.next))()
                method.choose(chance.randrange(-1, 20))
            text = desk.text(kind.value)
            assert len(text) <= 30
            assert can_begin(kind, text)
            assert 0 <= method.property("page") <= max(0, method.property("pages") - 1)
            if not method.property("candidates"):
                assert not method.property("expanded")
