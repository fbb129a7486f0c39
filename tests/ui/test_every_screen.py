"""Every screen in every way of looking: loads without a warning, nothing cut off, all reachable."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QMetaObject, QPointF, Qt

from yici.kiosk.assembly import OutOfService, Trouble
from yici.kiosk.session.table import State
from yici.ui.accessibility import faults, items, kind_of, nodes, targets
from yici.ui.app import Appearance, dress
from yici.ui.pictures import WAYS, Gallery, Stage, settle
from yici.ui.samples import Sample, samples
from yici.ui.strings import Language
from yici.ui.theme import OUT_OF_REACH_SHARE, PORTRAIT_21, Contrast, TextSize, View
from yici.ui.view_models.snapshot import out_of_service
from yici.ui.view_models.words import Words

OpenStage = Callable[[Appearance], Stage]
SAMPLES = {sample.name: sample for sample in samples()}


def test_samples_show_every_state_of_a_session() -> None:
    assert {sample.view.screen for sample in SAMPLES.values()} == set(State)


@pytest.mark.parametrize("way", WAYS)
def test_screens_keep_the_rules(open_stage: OpenStage, way: str) -> None:
    stage = open_stage(WAYS[way])
    found = {}
    for sample in SAMPLES.values():
        stage.show(sample)
        found[sample.name] = faults(stage.view, WAYS[way].panel.px_per_mm)
    assert {name: broken for name, broken in found.items() if broken} == {}


@pytest.mark.parametrize("way", WAYS)
def test_opening_hours_stay_within_the_bar_at_the_bottom(open_stage: OpenStage, way: str) -> None:
    stage = open_stage(WAYS[way])
    stage.show(SAMPLES["home"])
    (note,) = [
        item
        for item in items(stage.view.contentItem())
        if item.inherits("QQuickText") and "0731-83485012" in item.property("text")
    ]
    bar = note.parentItem()
    assert note.y() >= 0
    assert note.y() + note.height() <= bar.height()
    assert bar.mapToScene(QPointF(0, bar.height())).y() <= stage.view.height()


@pytest.mark.parametrize("way", ["portrait", "elder"])
def test_other_ways_are_in_sight_when_the_card_can_not_be_read(
    open_stage: OpenStage, way: str
) -> None:
    stage = open_stage(WAYS[way])
    stage.show(SAMPLES["identify_failed"])
    shown = {target.name: target for target in targets(stage.view)}
    for name in ("手工输入姓名和号码", "请工作人员核对身份"):
        assert shown[name].shown.height() == shown[name].area.height()


def test_first_screen_says_that_its_data_are_examples_only_while_they_are(
    open_stage: OpenStage,
) -> None:
    stage = open_stage(Appearance())
    home = SAMPLES["home"].view.home
    assert home is not None
    for illustrative in (True, False):
        popular = tuple(replace(card, illustrative=illustrative) for card in home.popular)
        view = replace(SAMPLES["home"].view, home=replace(home, popular=popular))
        stage.show(replace(SAMPLES["home"], view=view))
        said = [node.name for node in nodes(stage.view)]
        assert ("示例数据" in said) is illustrative


def test_reminder_to_take_the_card_goes_when_it_was_taken(open_stage: OpenStage) -> None:
    stage = open_stage(Appearance())
    reminder = "身份证还在读卡区，请收好。"
    for name, said in (("submitted", 0), ("submitted_card_left", 1), ("submitted", 0)):
        stage.show(SAMPLES[name])
        assert [node.name for node in nodes(stage.view)].count(reminder) == said


@pytest.mark.parametrize("way", WAYS)
def test_sheet_for_size_and_colours_fits_in_every_way(open_stage: OpenStage, way: str) -> None:
    stage = open_stage(WAYS[way])
    stage.show(SAMPLES["home"])
    opener = Words(WAYS[way].language)("bar.display")
    button = next(
        item for item in items(stage.view.contentItem()) if item.property("text") == opener
    )
    QMetaObject.invokeMethod(button, "click")
    settle()
    names = [target.name for target in targets(stage.view)]
    assert len(names) == 8  # three sizes, four palettes, one way out
    assert faults(stage.view, WAYS[way].panel.px_per_mm) == []


def test_lowered_screen_has_nothing_to_touch_above_the_reach(open_stage: OpenStage) -> None:
    appearance = WAYS["portrait_low"]
    stage = open_stage(appearance)
    line = appearance.panel.height_px * OUT_OF_REACH_SHARE
    for sample in SAMPLES.values():
        stage.show(sample)
        shown = targets(stage.view)
        assert shown or sample.name == "sealing"
        assert [target.name for target in shown if target.shown.top() < line - 1] == []


def test_lowering_is_offered_at_the_bottom_of_a_standing_panel_only(open_stage: OpenStage) -> None:
    names = {}
    for way in ("portrait", "landscape"):
        stage = open_stage(WAYS[way])
        stage.show(SAMPLES["home"])
        names[way] = {target.name: target.area.top() for target in targets(stage.view)}
    lower = "够不着？放低画面"
    assert names["portrait"][lower] > PORTRAIT_21.height_px * 0.9
    assert lower not in names["landscape"]


@pytest.mark.parametrize("contrast", Contrast)
def test_gallery_of_controls_keeps_the_rules(terminal_font: str, contrast: Contrast) -> None:
    gallery = Gallery(Appearance(contrast=contrast))
    assert faults(gallery.view, PORTRAIT_21.px_per_mm) == []
    gallery.close()


@pytest.mark.parametrize("way", ["portrait", "landscape"])
def test_screens_differ_between_languages(open_stage: OpenStage, way: str) -> None:
    titles = []
    for language in Language:
        stage = open_stage(replace(WAYS[way], language=language))
        stage.show(SAMPLES["identify"])
        titles.append([node.name for node in nodes(stage.view)])
    assert titles[0] != titles[1]
    assert "请把身份证放在读卡区" in titles[0]
    assert "Lay your ID card on the reader" in titles[1]


def test_elder_view_offers_at_most_six_choices_and_a_person(open_stage: OpenStage) -> None:
    stage = open_stage(WAYS["elder"])
    stage.show(SAMPLES["home"])
    choices = [target for target in targets(stage.view) if target.kind in ("KTile", "KRow")]
    assert 0 < len(choices) <= 6
    assert "叫工作人员" in [target.name for target in targets(stage.view)]


def test_open_screen_follows_size_and_view_at_once(open_stage: OpenStage) -> None:
    stage = open_stage(Appearance())
    stage.show(SAMPLES["guide"])
    before = {target.name: target.area.height() for target in targets(stage.view)}
    dress(stage.view.engine(), Appearance(text_size=TextSize.ELDER, view=View.ELDER))
    after = {target.name: target.area.height() for target in targets(stage.view)}
    assert after["开始办理"] > before["开始办理"]
    assert "叫工作人员" in after
    assert "叫工作人员" not in before


def test_sheet_keeps_what_lies_below_out_of_reach(open_stage: OpenStage) -> None:
    stage = open_stage(Appearance())
    stage.show(SAMPLES["idle"])
    assert {target.name for target in targets(stage.view)} == {
        "我还在，继续办",
        "不办了，清除离开",
    }


def test_idle_question_is_answered_by_one_key_and_typing_goes_on(
    open_stage: OpenStage, press_key: Callable[[Stage, Qt.Key], None]
) -> None:
    stage = open_stage(Appearance())
    stage.show(SAMPLES["identify_typed"])
    field = stage.view.activeFocusItem()
    posted: list[str] = []
    stage.session.posted.connect(lambda event, _: posted.append(event))
    asked = SAMPLES["identify_typed"]
    stage.show(replace(asked, view=replace(asked.view, warning_seconds_left=30)))
    press_key(stage, Qt.Key.Key_Return)
    assert posted == ["stay"]
    stage.show(asked)
    assert stage.view.activeFocusItem() is field


def test_idle_question_says_how_long_it_waits(open_stage: OpenStage) -> None:
    stage = open_stage(Appearance())
    stage.show(SAMPLES["idle"])
    assert "还有 38 秒" in [node.name for node in nodes(stage.view)]


def test_out_of_service_sends_people_to_the_counter(open_stage: OpenStage) -> None:
    stage = open_stage(Appearance())
    stage.show(SAMPLES["home"])
    stage.session.show(
        out_of_service(OutOfService(Trouble.STORAGE, ("disk is read-only",)), Language.CHINESE)
    )
    names = [node.name for node in nodes(stage.view)]
    assert "本机暂停服务" in names
    assert "disk is read-only" in names
    assert targets(stage.view)  # the language can still be changed


def test_result_that_arrives_while_typing_keeps_the_field_and_its_focus(
    open_stage: OpenStage,
) -> None:
    stage = open_stage(Appearance())
    stage.show(SAMPLES["find_nothing"])
    field = stage.view.activeFocusItem()
    assert field is not None
    stage.show(SAMPLES["find_results"])
    assert stage.view.activeFocusItem() is field
    assert field.property("text") == "yibao"


def test_keys_alone_reach_and_press_the_main_action(
    open_stage: OpenStage, press_key: Callable[[Stage, Qt.Key], None]
) -> None:
    stage = open_stage(Appearance(panel=PORTRAIT_21))
    stage.show(SAMPLES["identity_confirm"])
    posted: list[str] = []
    stage.session.posted.connect(lambda event, _: posted.append(event))
    for _ in range(12):
        press_key(stage, Qt.Key.Key_Tab)
        item = stage.view.activeFocusItem()
        if item is not None and item.property("text") == "是我，继续":
            assert item.property("visualFocus")
            press_key(stage, Qt.Key.Key_Return)
            break
    assert posted == ["confirm_identity"]


def test_keys_show_where_they_are_among_answers(
    open_stage: OpenStage, press_key: Callable[[Stage, Qt.Key], None]
) -> None:
    stage = open_stage(Appearance())
    stage.show(SAMPLES["form_matter"])
    ringed = []
    for _ in range(30):
        press_key(stage, Qt.Key.Key_Tab)
        focused = stage.view.activeFocusItem()
        if focused is not None and kind_of(focused) == "KOption":
            shown = items(stage.view.contentItem())
            rings = [i for i in shown if kind_of(i) == "KFocusRing"]
            assert len(rings) == 1
            area = rings[0].mapRectToScene(rings[0].boundingRect())
            assert area.contains(focused.mapRectToScene(focused.boundingRect()))
            ringed.append(focused.property("text"))
    assert {"居民", "学生儿童", "缴费凭证"} <= set(ringed)


def test_sample_names_are_file_names() -> None:
    assert all(name.replace("_", "").isalpha() for name in SAMPLES)
    assert isinstance(SAMPLES["home"], Sample)
