"""`yici submit`: in by the screen's own path, or refused with a sentence and exit code 2."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from enrolled_terminal import Platform, enrol, stock_catalogue
from PIL import Image

from yici.command_line import main
from yici.contract.case import slip_code_digest
from yici.contract.people import Assurance
from yici.contract.submission import Channel
from yici.contract.submission_ids import normalise_slip_code
from yici.drivers.document_camera.paper_samples import SamplePaper, draw
from yici.offline_cache.boot_clock import read_boot_time
from yici.offline_cache.cache import OfflineCache

CLAIM = {
    "start_month": "2026-12",
    "bank_name": "示例农村商业银行",
    "bank_account": "6200 0000 0000 0005",
}


class Terminal:
    """An enrolled terminal's directory, and the command run on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state_dir = folder / "terminal"
        self.platform: Platform = enrol(self.state_dir)
        stock_catalogue(self.state_dir, "RS-006", "RS-003", "GA-004")

    def file(self, name: str, content: object) -> str:
        path = self.folder / name
        path.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
        return str(path)

    def paper(self) -> str:
        path = self.folder / "paper.jpg"
        draw(SamplePaper.BANK_CARD_COPY).convert("RGB").save(path, quality=80)
        return str(path)

    def submit(self, *arguments: str, item: str = "RS-006", persona: str = "P02") -> Result:
        return self.run("--item", item, "--persona", persona, *arguments)

    def run(self, *arguments: str) -> Result:
        command = ["submit", "--state-dir", str(self.state_dir), "--json", *arguments]
        return CliRunner().invoke(main, command)

    def count(self) -> int:
        with OfflineCache.open(self.state_dir) as cache:
            return cache.outbox.backlog().pending


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


def refused(answer: Result, *parts: str) -> None:
    assert answer.exit_code == 2, answer.output
    assert answer.stdout == ""
    assert len(answer.stderr.strip().splitlines()) == 1, "one sentence"
    for part in parts:
        assert part in answer.stderr


def test_good_submission_is_a_row_that_the_platform_can_open(terminal: Terminal) -> None:
    answer = terminal.submit(
        "--form", terminal.file("form.json", CLAIM), "--attach", terminal.paper()
    )
    assert answer.exit_code == 0, answer.stderr
    told: dict[str, Any] = json.loads(answer.stdout)
    code = normalise_slip_code(told["slip_code"])
    assert code is not None
    assert told["slip_code_digest"] == slip_code_digest(code)
    assert (told["sequence"], told["state"]) == (1, "queued")
    with OfflineCache.open(terminal.state_dir) as cache:
        (row,) = cache.outbox.due_forms(read_boot_time(), limit=10)
        opened = terminal.platform.open(row.sealed())
        (part,) = opened.manifest.parts[1:]
        pdf = opened.open_part(part.number, cache.parts.path_of(part.digest).read_bytes())
    assert str(opened.form.submission_id) == told["submission_id"]
    assert opened.form.channel is Channel.COMMAND_LINE
    assert opened.form.signature is None, "nobody can sign at a command line"
    assert opened.form.answers["bank_account"] == "6200000000000005"
    assert pdf.startswith(b"%PDF-")


def test_every_submission_takes_the_next_number(terminal: Terminal) -> None:
    form = terminal.file("form.json", {"alive_self": "yes", "verify_way": "村级代办员见证"})
    sequences = [
        json.loads(terminal.submit("--form", form, item="RS-003").stdout)["sequence"]
        for _ in range(3)
    ]
    assert sequences == [1, 2, 3]


def test_identity_from_a_file_as_the_reader_prints_it(terminal: Terminal) -> None:
    person = {"name": "李样本", "id_number": "430199196211030029", "assurance": "card"}
    form = {
        "alive_self": "yes",
        "verify_way": "村级代办员见证",
        "sex": "2",
        "ethnicity": "01",
        "birth_date": "1962-11-03",
        "registered_address": "测试路1号",
    }
    answer = terminal.run(
        "--item",
        "RS-003",
        "--identity",
        terminal.file("identity.json", {"identity": person}),
        "--form",
        terminal.file("form.json", form),
    )
    assert answer.exit_code == 0, answer.stderr
    with OfflineCache.open(terminal.state_dir) as cache:
        (row,) = cache.outbox.due_forms(read_boot_time(), limit=10)
    identity = terminal.platform.open(row.sealed()).form.identity
    assert (identity.name, identity.assurance) == ("李样本", Assurance.CARD)


def test_what_is_missing_or_wrong_in_the_form_is_named(terminal: Terminal) -> None:
    form = {"start_month": "2026-13", "bank_account": "6200000000000006"}
    answer = terminal.submit(
        "--form", terminal.file("form.json", form), "--attach", terminal.paper()
    )
    refused(
        answer,
        "start_month: not_a_date",
        "bank_name: missing",
        "bank_account: wrong_check_character",
    )
    assert terminal.count() == 0


def test_missing_material_is_named(terminal: Terminal) -> None:
    answer = terminal.submit("--form", terminal.file("form.json", CLAIM))
    refused(answer, "bankcard", "--attach")
    assert terminal.count() == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"MZ\x90\x00" * 300, "neither a JPEG nor a PNG"),
        (b"%PDF-1.7 something", "neither a JPEG nor a PNG"),
        (b"\xff\xd8\xff\xe0" + b"\x00" * 500, "refused as an attachment"),
        (b"\xff\xd8\xff" + b"\x00" * 20_000_000, "over the limit of 20 MB"),
    ],
    ids=["empty", "program", "PDF", "torn", "too large"],
)
def test_attachment_that_is_no_good_picture_is_refused(
    terminal: Terminal, content: bytes, said: str
) -> None:
    path = terminal.folder / "attachment.jpg"
    path.write_bytes(content)
    answer = terminal.submit(
        "--form", terminal.file("form.json", CLAIM), "--attach", f"bankcard={path}"
    )
    refused(answer, str(path), said)
    assert terminal.count() == 0


def test_picture_with_too_many_pixels_is_refused_unopened(terminal: Terminal) -> None:
    path = terminal.folder / "huge.png"
    Image.new("1", (20_000, 20_000)).save(path)
    answer = terminal.submit(
        "--form", terminal.file("form.json", CLAIM), "--attach", f"bankcard={path}"
    )
    refused(answer, "40 million pixels")


def test_attachment_that_is_not_there_or_not_asked_for(terminal: Terminal) -> None:
    form = terminal.file("form.json", CLAIM)
    refused(terminal.submit("--form", form, "--attach", "bankcard=/none.jpg"), "/none.jpg")
    refused(terminal.submit("--form", form, "--attach", "deed=/none.jpg"), "no material 'deed'")
    paper = terminal.paper()
    refused(
        terminal.submit("--form", form, "--attach", paper, "--attach", paper),
        "No material is open",
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--item", "XX-999", "--persona", "P01"], "no item 'XX-999'"),
        (["--item", "GA-004", "--persona", "P01"], "can't be handed in at a terminal"),
        (["--item", "RS-006", "--persona", "P99"], "no persona 'P99'"),
        (["--item", "RS-006"], "either --persona or --identity"),
        (["--item", "RS-006", "--identity", "/none.json"], "/none.json"),
        (["--item", "RS-006", "--persona", "P01", "--form", "/none.json"], "/none.json"),
    ],
)
def test_wrong_words_on_the_command_line(
    terminal: Terminal, arguments: list[str], said: str
) -> None:
    refused(terminal.run(*arguments), said)


@pytest.mark.parametrize("content", ["[]", "{", "1", '"text"'])
def test_form_that_is_no_json_object(terminal: Terminal, content: str) -> None:
    path = terminal.folder / "form.json"
    path.write_text(content)
    refused(terminal.submit("--form", str(path)), "form.json")


@pytest.mark.parametrize("value", [[1, 2], {"a": 1}, None, 3, True, ["x", ["y"]]])
def test_answers_of_any_json_type_are_judged_and_never_crash(
    terminal: Terminal, value: object
) -> None:
    form = terminal.file("form.json", {**CLAIM, "start_month": value})
    refused(terminal.submit("--form", form, "--attach", terminal.paper()), "start_month")


def test_question_that_the_form_does_not_ask(terminal: Terminal) -> None:
    form = terminal.file("form.json", {**CLAIM, "agent_name": "王测"})
    refused(terminal.submit("--form", form), "asks no 'agent_name'")


def test_the_chips_word_is_not_overwritten(terminal: Terminal) -> None:
    form = {"alive_self": "yes", "verify_way": "村级代办员见证", "name": "别人"}
    answer = terminal.submit("--form", terminal.file("form.json", form), item="RS-003")
    assert answer.exit_code == 0, answer.stderr
    with OfflineCache.open(terminal.state_dir) as cache:
        (row,) = cache.outbox.due_forms(read_boot_time(), limit=10)
    assert terminal.platform.open(row.sealed()).form.answers["name"] == "李样本"


def test_terminal_that_is_not_enrolled_says_what_to_do(tmp_path: Path) -> None:
    command = ["submit", "--item", "RS-006", "--persona", "P01", "--state-dir", str(tmp_path)]
    answer = CliRunner().invoke(main, command)
    refused(answer, "yici enrol")


def test_directory_that_can_not_be_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    command = ["submit", "--item", "RS-006", "--persona", "P01"]
    answer = CliRunner().invoke(main, [*command, "--state-dir", str(tmp_path / "file" / "x")])
    refused(answer, str(tmp_path))


def test_broken_identity_says_what_to_do(terminal: Terminal) -> None:
    (terminal.state_dir / "identity" / "identity.json").write_text("{}")
    refused(terminal.submit(), "restore it from the backup")


def test_several_pictures_of_one_material_are_pages_of_one_document(terminal: Terminal) -> None:
    form, paper = terminal.file("form.json", CLAIM), terminal.paper()
    answer = terminal.submit(
        "--form", form, "--attach", f"bankcard={paper}", "--attach", f"bankcard={paper}"
    )
    assert answer.exit_code == 0, answer.stderr
    with OfflineCache.open(terminal.state_dir) as cache:
        (row,) = cache.outbox.due_forms(read_boot_time(), limit=10)
        opened = terminal.platform.open(row.sealed())
    bankcard = next(entry for entry in opened.form.materials if entry.key == "bankcard")
    assert bankcard.page_count == 2
    assert len(opened.manifest.parts) == 2, "the form and one document"


def test_signature_that_is_no_picture_is_refused(terminal: Terminal) -> None:
    form = terminal.file("form.json", CLAIM)
    answer = terminal.submit("--form", form, "--attach", terminal.paper(), "--signature", form)
    refused(answer, "no PNG image of a signature")
