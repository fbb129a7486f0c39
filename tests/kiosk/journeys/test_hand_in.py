"""Handing in: refused with its reason, or sealed and committed once, whatever fails on the way."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path

import pytest
from enrolled_terminal import SUITE_ID, Platform, enrol

from yici.contract.case import slip_code_digest
from yici.contract.envelope.suites import get_suite
from yici.contract.items import ServiceItem, read_pack
from yici.contract.people import Identity, Sex
from yici.contract.sealing import open_submission, read_manifest
from yici.contract.submission import Channel, MaterialDecision
from yici.contract.terminal import SealingKey
from yici.kiosk.assembly import counter_for
from yici.kiosk.identity import find_identity
from yici.kiosk.journeys.application import Application, can_apply_here
from yici.kiosk.journeys.hand_in import HandInCounter, NotAccepted, Refusal
from yici.offline_cache.boot_clock import read_boot_time
from yici.offline_cache.cache import OfflineCache

LINES = files("yici.catalogue").joinpath("items.jsonl").read_text("utf-8").splitlines()
ITEMS = {item.code: item for item in read_pack(LINES)}
TODAY = date(2026, 11, 25)
PERSON = Identity(
    name="李样本",
    id_number="430199196211030029",
    sex=Sex.FEMALE,
    nation_code="01",
    birth_date=date(1962, 11, 3),
    address="测试路1号",
)
CLAIM = {"start_month": "2026-12", "bank_name": "示例银行", "bank_account": "6200000000000005"}
INK = b"\x89PNG ink"


class Desk:
    """A counter and one pension claim."""

    def __init__(self, state_dir: Path) -> None:
        self.platform: Platform = enrol(state_dir)
        self.cache = OfflineCache.open(state_dir)
        identity = find_identity(state_dir)
        assert identity is not None
        self.counter: HandInCounter = counter_for(self.cache, identity)
        self.application = Application(
            ITEMS["RS-006"], PERSON, suite_id=SUITE_ID, opened_at=datetime.now(UTC)
        )
        for key, value in CLAIM.items():
            self.application.answer(key, value)

    def attach(self, pdf: bytes = b"%PDF-") -> None:
        part = self.counter.keep_document(self.application, pdf)
        self.application.attach("bankcard", part, 1)

    def hand_in(self, ink: bytes | None = INK, channel: Channel = Channel.SCREEN) -> int:
        return self.counter.hand_in(
            self.application,
            language="zh_CN",
            signature_png=ink,
            shown_digest=self.application.shown_digest(),
            today=TODAY,
            channel=channel,
        )


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.cache.close()


def refusal(desk: Desk, ink: bytes | None = INK) -> NotAccepted:
    with pytest.raises(NotAccepted) as caught:
        desk.hand_in(ink)
    assert desk.cache.outbox.backlog().pending == 0
    return caught.value


def test_faults_papers_and_signature_are_asked_for_in_this_order(desk: Desk) -> None:
    desk.application.answer("bank_name", "")
    refused = refusal(desk, None)
    assert refused.refusal is Refusal.FAULTS
    assert [fault.key for fault in refused.faults] == ["bank_name"]
    desk.application.answer("bank_name", "示例银行")
    assert refusal(desk, None).refusal is Refusal.MATERIALS_MISSING
    desk.attach()
    assert refusal(desk, None).refusal is Refusal.NOT_SIGNED
    assert desk.hand_in() == 1


def test_handing_in_twice_is_one_submission_with_one_number(desk: Desk) -> None:
    desk.attach()
    assert [desk.hand_in(), desk.hand_in()] == [1, 1]
    assert desk.cache.outbox.backlog().pending == 1


def test_a_page_taken_again_replaces_the_first_one(desk: Desk) -> None:
    desk.attach(b"%PDF- first")
    desk.application.reopen("bankcard")
    assert not desk.application.materials_met
    desk.attach(b"%PDF- second")
    desk.hand_in()
    (row,) = desk.cache.outbox.due_forms(read_boot_time(), limit=10)
    opened = desk.platform.open(row.sealed())
    paper, _ink = opened.manifest.parts[1:]
    stored = desk.cache.parts.path_of(paper.digest).read_bytes()
    assert opened.open_part(paper.number, stored) == b"%PDF- second"


def test_the_signature_is_bound_to_what_was_shown(desk: Desk) -> None:
    before = desk.application.shown_digest()
    desk.application.answer("bank_name", "另一家银行")
    assert desk.application.shown_digest() != before
    desk.attach()
    with_paper = desk.application.shown_digest()
    desk.hand_in()
    (row,) = desk.cache.outbox.due_forms(read_boot_time(), limit=10)
    form = desk.platform.open(row.sealed()).form
    assert form.signature is not None
    assert form.signature.shown_digest == with_paper


def test_only_the_digest_of_the_slip_code_stays_at_the_terminal(desk: Desk) -> None:
    desk.attach()
    desk.hand_in()
    code = desk.application.slip_code
    standing = desk.cache.cases.find_by_slip_code(code)
    assert standing is not None
    assert standing.submission_id == desk.application.submission_id
    kept = b"".join(
        path.read_bytes() for path in desk.cache.store.path.parent.rglob("*") if path.is_file()
    )
    assert slip_code_digest(code).encode() in kept
    for secret in (code, PERSON.id_number, PERSON.name, CLAIM["bank_account"]):
        assert secret.encode() not in kept


def test_lost_page_is_a_refusal_and_not_a_submission_without_it(desk: Desk) -> None:
    desk.attach()
    part = desk.application.planned("bankcard").part
    assert part is not None
    desk.cache.parts.path_of(part.digest).unlink()
    assert refusal(desk).refusal is Refusal.STORAGE


def test_nobody_signs_at_a_command_line(desk: Desk) -> None:
    desk.attach()
    assert desk.hand_in(None, Channel.COMMAND_LINE) == 1


def test_every_material_is_accounted_for(desk: Desk) -> None:
    desk.attach()
    desk.hand_in()
    (row,) = desk.cache.outbox.due_forms(read_boot_time(), limit=10)
    entries = desk.platform.open(row.sealed()).form.materials
    assert {entry.key: entry.decision for entry in entries} == {
        "id": MaterialDecision.CARD_READ,
        "bankcard": MaterialDecision.CAPTURED,
    }


def test_answers_to_unknown_questions_are_refused_at_once(desk: Desk) -> None:
    with pytest.raises(KeyError):
        desk.application.answer("agent_name", "王测")


def test_one_choice_and_several_choices_may_come_either_way(desk: Desk) -> None:
    other = Application(ITEMS["YB-008"], PERSON, suite_id=SUITE_ID, opened_at=datetime.now(UTC))
    reasons = next(
        field for page in other.pages for field in page.fields if field.key == "hard_reason"
    )
    other.answer("hard_reason", reasons.options[0])
    assert other.answers["hard_reason"] == [reasons.options[0]]
    other.answer("hard_reason", [])
    assert "hard_reason" not in other.answers


@pytest.mark.parametrize("item", ITEMS.values(), ids=ITEMS)
def test_only_items_that_a_terminal_can_take_whole_are_offered(item: ServiceItem) -> None:
    if not can_apply_here(item):
        return
    application = Application(item, PERSON, suite_id=SUITE_ID, opened_at=datetime.now(UTC))
    assert application.pages
    assert application.signature_needed
    assert all(application.asked_fields(page) for page in application.pages)


def test_what_was_prepared_is_what_the_platform_opens(desk: Desk) -> None:
    desk.attach()
    desk.counter.prepare(desk.application)
    desk.hand_in()
    (row,) = desk.cache.outbox.due_forms(read_boot_time(), limit=10)
    assert desk.platform.open(row.sealed()).form.answers["bank_name"] == "示例银行"


def test_sealing_keys_changed_while_the_resident_was_reading(desk: Desk) -> None:
    desk.attach()
    desk.counter.prepare(desk.application)
    newer = get_suite(SUITE_ID).new_sealing_key()
    known = desk.counter.identity
    keys = known.sealing_keys.model_copy(
        update={"platform": SealingKey(key_id="platform-2", public_key=newer.public)}
    )
    desk.counter = replace(desk.counter, identity=replace(known, sealing_keys=keys))
    desk.hand_in()
    (row,) = desk.cache.outbox.due_forms(read_boot_time(), limit=10)
    manifest = read_manifest(row.sealed(), known.public_key)
    assert [key.key_id for key in manifest.recipients] == ["platform-2", "escrow-1"]
    opened = open_submission(row.sealed(), manifest, key_id="platform-2", private_key=newer.private)
    assert opened.form.answers["bank_name"] == "示例银行"
