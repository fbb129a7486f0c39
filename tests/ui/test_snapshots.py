"""What a session's view becomes on the screen: honest words, covered numbers, plain values."""

import json
from dataclasses import replace

import pytest

from yici.kiosk.session.view import (
    DeviceNotice,
    MaterialsView,
    ProgressView,
    ReviewRow,
    ReviewSection,
    SubmittedView,
)
from yici.ui.samples import Sample, samples
from yici.ui.strings import Language
from yici.ui.view_models import filling, finding, finishing
from yici.ui.view_models.snapshot import Furniture, snapshot
from yici.ui.view_models.words import Words

SAMPLES = {sample.name: sample for sample in samples()}
CHINESE, ENGLISH = Words(Language.CHINESE), Words(Language.ENGLISH)
FULL_NUMBER = "430199198506120012"


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("sample", SAMPLES.values(), ids=lambda sample: sample.name)
def test_snapshot_is_made_of_plain_values(sample: Sample, language: Language) -> None:
    shown = snapshot(replace(sample.view, language=language.value), sample.furniture)
    assert json.loads(json.dumps(shown)) == shown


def submitted(**changes: object) -> dict[str, object]:
    view = SAMPLES["submitted"].view.submitted
    assert view is not None
    return finishing.submitted(replace(view, **changes), CHINESE)


def test_nothing_is_called_delivered_before_it_is() -> None:
    assert submitted(delivered=False)["state"] == "stored"
    assert submitted(delivered=True, case_number="1")["state"] == "delivered"


def test_slip_that_may_or_may_not_have_come_out_is_asked_about() -> None:
    assert submitted(print_phase="ask")["slip"] == "unknown"
    assert submitted(print_phase="printed")["slip"] == "printed"


def test_failed_slip_says_what_to_do_by_the_printers_state() -> None:
    out = submitted(print_phase="failed", printer_state="paper_out")["slip_problem"]
    odd = submitted(print_phase="failed", printer_state="fault")["slip_problem"]
    assert "缺纸" in str(out)
    assert "暂时用不了" in str(odd)


def test_numbers_stay_covered_until_held_and_names_do_not() -> None:
    section = ReviewSection(
        "person",
        "申请人",
        (
            ReviewRow("号码", FULL_NUMBER, sensitive=True),
            ReviewRow("号码", "43019919850612001X", sensitive=True),
            ReviewRow("姓名", "张示例", sensitive=True),
            ReviewRow("说明", "这里有一段不短的说明文字没有数字", sensitive=True),
        ),
    )
    view = SAMPLES["review"].view.review
    assert view is not None
    shown = finishing.review(replace(view, sections=(section,)), CHINESE)
    rows = shown["sections"][0]["rows"]  # type: ignore[index]  # plain values
    assert rows[0]["value"] == "4301**********0012"
    assert rows[0]["secret"] == FULL_NUMBER
    assert rows[1]["secret"].endswith("X")
    assert (rows[2]["value"], rows[2]["secret"]) == ("张示例", "")
    assert rows[3]["secret"] == ""


def test_card_answers_are_shown_and_not_asked() -> None:
    page = SAMPLES["form_person"].view.fill
    assert page is not None
    shown = filling.fill(page, CHINESE)
    asked = [entry["key"] for entry in shown["fields"]]  # type: ignore[attr-defined]  # plain values
    assert asked == ["mobile", "current_address"]
    known = {entry["label"]: entry for entry in shown["known"]}  # type: ignore[attr-defined]  # plain values
    assert known["公民身份号码"]["value"] != FULL_NUMBER
    assert known["性别"]["value"] == "男"


def test_fault_has_the_fields_own_sentence_where_there_is_one() -> None:
    assert "11" in filling.fault_sentence("mobile", "wrong_length", CHINESE)
    assert "18" in filling.fault_sentence("id_number", "wrong_length", ENGLISH)
    assert filling.fault_sentence("text", "wrong_length", CHINESE)
    assert filling.fault_sentence("text", "", CHINESE) == ""


@pytest.mark.parametrize(
    "state",
    [
        "open",
        "optional",
        "storing",
        "captured",
        "card_read",
        "exempt",
        "deferred",
        "not_applicable",
    ],
)
def test_every_state_of_a_material_has_its_words(state: str) -> None:
    view = SAMPLES["materials"].view.materials
    assert view is not None
    shown = filling.materials(
        MaterialsView((replace(view.rows[0], state=state),), None, all_met=True), CHINESE
    )
    assert shown["materials"][0]["state_label"]  # type: ignore[index]  # plain values


@pytest.mark.parametrize(
    ("result", "done"),
    [("stored", 1), ("delivered", 2), ("accepted", 3), ("refused", 3), ("rejected", 2)],
)
def test_progress_marks_only_what_has_happened(result: str, done: int) -> None:
    shown = finding.progress(ProgressView("X", result, "事项", "123", "", "11 月 25 日"), CHINESE)
    steps = shown["case"]["steps"]  # type: ignore[index]  # plain values
    assert [step["done"] for step in steps].count(True) == done
    assert [step["time"] for step in steps if step["time"]] == ["11 月 25 日"]


@pytest.mark.parametrize("result", ["bad_code", "not_found"])
def test_code_that_finds_nothing_says_what_to_do(result: str) -> None:
    shown = finding.progress(ProgressView("X", result), CHINESE)
    assert shown["case"] is None
    assert shown["error"]


def test_device_state_finer_than_our_words_still_says_what_works() -> None:
    known = finding.device_sentence(DeviceNotice("receipt_printer", "paper_out"), CHINESE)
    other = finding.device_sentence(DeviceNotice("id_card_reader", "wrong_setting"), CHINESE)
    assert "缺纸" in known
    assert "手工输入" in other


def test_signing_is_a_screen_of_its_own_only_where_a_signature_is_needed() -> None:
    sample = SAMPLES["sign"]
    assert snapshot(sample.view, Furniture(signing=True))["screen"] == "sign"
    assert snapshot(sample.view, Furniture())["screen"] == "review"
    review = sample.view.review
    assert review is not None
    unsigned = replace(sample.view, review=replace(review, signature_needed=False))
    assert snapshot(unsigned, Furniture(signing=True))["screen"] == "review"


def test_view_without_the_part_of_its_screen_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="lacks"):
        snapshot(replace(SAMPLES["home"].view, home=None), Furniture())


def test_slip_code_is_shown_as_it_is_printed() -> None:
    view = SAMPLES["submitted"].view.submitted
    assert isinstance(view, SubmittedView)
    assert finishing.submitted(view, CHINESE)["slip_code"] == view.slip_code
