"""One resident comes once: from the search to a slip in the hand and a row in the outbox."""

from collections.abc import Callable
from pathlib import Path

import zxingcpp
from driver import SessionDriver
from PIL import Image

from yici.contract.people import Assurance
from yici.contract.sealing import OpenedSubmission
from yici.contract.submission import Channel, MaterialDecision
from yici.contract.submission_ids import normalise_slip_code
from yici.drivers.document_camera.paper_samples import SamplePaper
from yici.drivers.id_card_reader.personas import Persona
from yici.kiosk.session.table import State
from yici.offline_cache.boot_clock import read_boot_time
from yici.offline_cache.outbox_states import OutboxState

MATTER = {
    "start_month": "2026-12",
    "bank_name": "示例农村商业银行",
    "bank_account": "6200 0000 0000 0005",
}


def opened(desk: SessionDriver) -> OpenedSubmission:
    """What the platform reads of the one submission that waits in the outbox."""
    (form,) = desk.cache.outbox.due_forms(read_boot_time(), limit=10)
    return desk.platform.open(form.sealed())


def test_pension_claim_from_search_to_slip(
    desk: SessionDriver, personas: dict[str, Persona], tmp_path: Path
) -> None:
    resident = personas["P02"].identity
    desk.session.start_search()
    desk.session.search("领农村养老金")
    assert [card.code for card in desk.view.find.results] == ["RS-006"]
    desk.session.choose_item("RS-006")
    desk.session.apply()
    desk.lay_card(personas["P02"])
    assert (desk.identify.name, desk.identify.expired) == ("李*本", False)
    assert resident.id_number not in desk.identify.masked_number
    desk.fill({"mobile": "138 0013 8000"}, MATTER)

    assert desk.screen is State.MATERIALS
    assert (desk.material_state("id"), desk.material_state("bankcard")) == ("card_read", "open")
    desk.session.materials_done()
    assert desk.screen is State.MATERIALS, "a required paper is missing"
    desk.lay_paper(SamplePaper.BANK_CARD_COPY, tmp_path)
    desk.open_camera("bankcard")
    desk.take_page()
    desk.keep_document("bankcard")
    desk.session.materials_done()

    assert desk.screen is State.REVIEW
    stated = {row.label: row.value for section in desk.review.sections for row in section.rows}
    assert stated["姓名"] == "李样本"
    assert stated["银行账号"] == "6200000000000005"
    assert stated["民族"].startswith("汉")
    desk.submit()

    desk.until(lambda: desk.submitted.print_phase == "printed", "a confirmed slip")
    code = normalise_slip_code(desk.submitted.slip_code)
    (slip,) = desk.printer.slips
    with Image.open(slip.path) as picture:
        (barcode,) = zxingcpp.read_barcodes(picture.convert("L"))
    assert barcode.text == code

    arrived = opened(desk)
    form = arrived.form
    assert form.identity == resident
    assert form.slip_code == code
    assert form.channel is Channel.SCREEN
    assert form.answers["bank_account"] == "6200000000000005"
    assert form.answers["mobile"] == "13800138000"
    decisions = {entry.key: entry.decision for entry in form.materials}
    assert decisions == {"id": MaterialDecision.CARD_READ, "bankcard": MaterialDecision.CAPTURED}
    types = {part.number: part.media_type for part in form.parts}
    assert sorted(types.values()) == ["application/pdf", "image/png"]
    plain = {
        entry.number: arrived.open_part(
            entry.number, desk.cache.parts.path_of(entry.digest).read_bytes()
        )
        for entry in arrived.manifest.parts[1:]
    }
    magic = {"application/pdf": b"%PDF-", "image/png": b"\x89PNG"}
    assert all(plain[number].startswith(magic[kind]) for number, kind in types.items())
    assert form.signature is not None
    assert types[form.signature.part_number] == "image/png"


def test_the_next_resident_follows_the_matter_by_the_slips_code(
    open_session: Callable[[], SessionDriver], personas: dict[str, Persona]
) -> None:
    first = open_session()
    first.hand_in_certificate(personas["P01"])
    first.submit()
    code = first.submitted.slip_code
    following = open_session()
    following.session.ask_progress()
    following.session.enter_progress_code(code.lower().replace("-", " "))
    following.session.look_up_progress()
    assert following.progress.result == "stored"
    assert following.progress.item_name == "养老资格认证"
    for wrong, result in (("ABC", "bad_code"), ("0000000000", "not_found")):
        following.session.enter_progress_code(wrong)
        assert following.progress.result == ""
        following.session.look_up_progress()
        assert following.progress.result == result
    following.session.back()
    assert following.screen is State.HOME


def test_typed_identity_says_what_is_wrong_and_is_marked_as_typed(desk: SessionDriver) -> None:
    desk.choose("RS-003")
    desk.type_identity("  ", "")
    assert (desk.identify.name_fault, desk.identify.number_fault) == ("missing", "missing")
    desk.type_identity("李样本", "430199196211030020")
    assert desk.identify.number_fault == "wrong_check_character"
    desk.session.confirm_identity()
    assert desk.screen is State.IDENTIFY, "nobody is known yet"
    desk.type_identity("李样本", "4301 9919 6211 0300 29")
    assert desk.identify.phase == "known"
    desk.fill(
        {"ethnicity": "01", "registered_address": "测试路1号"},
        {"alive_self": "yes", "verify_way": "村级代办员见证"},
    )
    # without the chip the card itself has to be shown
    assert desk.screen is State.MATERIALS
    assert desk.material_state("id") == "open"
    identity = desk.session.application.identity
    assert identity.assurance is Assurance.TYPED
    assert identity.birth_date.isoformat() == "1962-11-03"


def test_form_pages_go_forth_and_back_one_by_one(
    desk: SessionDriver, personas: dict[str, Persona]
) -> None:
    desk.choose("RS-003")
    desk.lay_card(personas["P01"])
    desk.session.confirm_identity()
    assert desk.view.fill.page_index == 0
    desk.session.answer("name", "别人")  # the chip's word stands
    assert next(f for f in desk.view.fill.fields if f.key == "name").value == "张示例"
    desk.session.answer("mobile", "12")
    assert desk.faults() == {}, "faults are shown when one wants to go on, not while typing"
    desk.session.next_page()
    assert desk.faults() == {"mobile": "wrong_length"}
    desk.session.answer("mobile", "")
    desk.session.next_page()
    assert desk.view.fill.page_index == 1
    desk.session.next_page()
    assert desk.faults() == {"alive_self": "missing", "verify_way": "missing"}
    desk.session.back()
    assert (desk.screen, desk.view.fill.page_index) == (State.FILL, 0)
    desk.session.back()
    assert desk.screen is State.IDENTIFY
    desk.session.confirm_identity()
    assert desk.screen is State.FILL


def test_not_me_forgets_the_card_that_was_read(
    desk: SessionDriver, personas: dict[str, Persona]
) -> None:
    desk.choose("RS-003")
    desk.lay_card(personas["P01"])
    desk.reader.take_card()
    desk.session.not_me()
    assert desk.identify.phase == "waiting"
    desk.session.confirm_identity()
    assert desk.screen is State.IDENTIFY
    desk.lay_card(personas["P02"])
    assert desk.identify.name == "李*本"


def test_a_signature_does_not_outlive_what_it_was_written_under(
    desk: SessionDriver, personas: dict[str, Persona]
) -> None:
    desk.hand_in_certificate(personas["P01"])
    desk.session.submit()
    assert desk.review.fault == "not_signed"
    desk.sign()
    assert desk.review.signed
    desk.session.back()
    desk.session.answer("verify_way", "村级代办员见证")
    desk.session.next_page()
    assert desk.screen is State.REVIEW
    assert not desk.review.signed
    desk.session.submit()
    assert (desk.screen, desk.review.fault) == (State.REVIEW, "not_signed")


def test_a_dot_is_no_signature(desk: SessionDriver, personas: dict[str, Persona]) -> None:
    desk.hand_in_certificate(personas["P01"])
    desk.session.set_pad(300.0, 100.0)
    desk.session.add_stroke(((10.0, 10.0), (12.0, 11.0)))
    desk.session.submit()
    assert (desk.screen, desk.review.fault) == (State.REVIEW, "not_signed")


def test_a_paper_to_be_brought_later_can_be_taken_up_again(
    desk: SessionDriver, personas: dict[str, Persona]
) -> None:
    desk.go_to_papers(personas["P01"])
    desk.session.defer_material("photo")
    desk.session.materials_done()
    assert desk.screen is State.REVIEW
    desk.session.back()
    assert desk.screen is State.MATERIALS, "the choice can still be changed"
    desk.session.drop_material("photo")
    assert desk.material_state("photo") == "open"
    desk.session.materials_done()
    assert desk.screen is State.MATERIALS


def test_an_item_for_the_counter_is_only_explained(desk: SessionDriver) -> None:
    desk.session.choose_item("GA-004")
    assert desk.view.guide.cannot_apply == "at_counter"
    desk.session.apply()
    assert desk.screen is State.GUIDE


def test_another_language_stays_for_the_session_and_is_on_the_slip(
    desk: SessionDriver, personas: dict[str, Persona]
) -> None:
    desk.session.set_language("en")
    desk.hand_in_certificate(personas["P01"])
    desk.submit()
    assert desk.view.language == "en"
    assert opened(desk).form.language == "en"


def test_double_tap_on_hand_in_is_one_submission(
    desk: SessionDriver, personas: dict[str, Persona]
) -> None:
    desk.hand_in_certificate(personas["P01"])
    desk.sign()
    for _ in range(3):
        desk.session.submit()
    desk.reaches(State.SLIP)
    assert desk.cache.outbox.backlog().pending == 1
    assert desk.cache.outbox.find_state(desk.session.application.submission_id) is (
        OutboxState.QUEUED
    )
