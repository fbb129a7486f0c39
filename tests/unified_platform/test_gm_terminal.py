"""A terminal that signs and seals with SM2, SM3 and SM4, from its enrolment to its empty outbox."""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from platform_bench import HALL, Running, running_platform
from wire_terminal import WireTerminal, enrolment_request, problem_of

from yici.command_line import main
from yici.contract.acknowledgement import read_acknowledgement
from yici.contract.delivery import AcknowledgementPage, Outcome
from yici.contract.envelope.suite import BadSignature
from yici.contract.envelope.suites import get_suite
from yici.contract.problems import ProblemType
from yici.contract.terminal import TerminalState
from yici.drivers.document_camera.paper_samples import SamplePaper, draw
from yici.kiosk.identity import BrokenIdentity, find_identity
from yici.offline_cache.cache import OfflineCache
from yici.unified_platform.app import open_platform
from yici.unified_platform.cases.reading import find_case, find_paper
from yici.unified_platform.fleet.enrolment import make_code
from yici.unified_platform.fleet.terminals import find_terminal, set_state
from yici.unified_platform.serving import Address, Listeners
from yici.unified_platform.trust.keys import BadKeyFile, add_suite, escrow_file

GM, INTL = get_suite("gm-1"), get_suite("intl-1")
HTTPS = Listeners(Address("127.0.0.1", 0), Address("127.0.0.1", 0))
CLAIM = {
    "start_month": "2026-12",
    "bank_name": "示例农村商业银行",
    "bank_account": "6200 0000 0000 0005",
}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


def done(*arguments: object) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Offers both suites, without TLS: for what is on the wire."""
    data_dir = tmp_path_factory.mktemp("platform")
    done("platform", "add-suite", "gm-1", "--data-dir", data_dir)
    with running_platform(data_dir) as found:
        yield found


# --- the whole way, with the terminal's own commands over HTTPS


def test_from_enrolment_to_erasure(tmp_path: Path) -> None:
    data_dir, state_dir = tmp_path / "platform", tmp_path / "terminal"
    added = done("platform", "add-suite", "gm-1", "--data-dir", data_dir)
    assert str(escrow_file(data_dir, "gm-1")) in added
    with running_platform(data_dir, listeners=HTTPS) as running:
        where = ("--state-dir", state_dir, "--platform", running.terminals_url)
        code = make_code(running.platform, hall_code=HALL, made_by="t").code
        enrolled = done("enrol", *where, "--code", code, "--suite", "gm-1")
        identity = find_identity(state_dir)
        assert identity is not None
        assert identity.suite_id == identity.sealing_keys.suite == "gm-1"
        with running.platform.database.read() as connection:
            known = find_terminal(connection, identity.terminal_id)
        assert known is not None
        assert (known.suite, known.public_key) == ("gm-1", identity.public_key)
        assert f"check digits {known.check_digits}" in enrolled
        done("sync", "once", *where)  # brings the catalogue, signed with SM2
        told = submit(tmp_path, state_dir)
        digests = sealed_parts(state_dir)
        assert digests
        assert all(digest.startswith("sm3-") for digest in digests)
        done("sync", "once", *where)
        shown = json.loads(
            done("outbox", "show", told["submission_id"], "--state-dir", state_dir, "--json")
        )
        assert shown["state"] == "erased"
        assert sealed_parts(state_dir) == frozenset()
        case = find_case(running.platform, shown["case_number"])
        assert case is not None
        assert case.opened.manifest.suite == "gm-1"
        assert case.opened.form.answers["bank_account"] == "6200000000000005"
        paper = find_paper(running.platform, case, case.opened.form.parts[0].number)
        assert paper is not None
        assert paper.data.startswith(b"%PDF-")


def submit(folder: Path, state_dir: Path) -> dict[str, Any]:
    form, paper = folder / "form.json", folder / "paper.jpg"
    form.write_text(json.dumps(CLAIM, ensure_ascii=False), "utf-8")
    draw(SamplePaper.BANK_CARD_COPY).convert("RGB").save(paper, quality=80)
    matter = ("--item", "RS-006", "--persona", "P02", "--form", form, "--attach", paper)
    told: dict[str, Any] = json.loads(done("submit", *matter, "--state-dir", state_dir, "--json"))
    return told


def sealed_parts(state_dir: Path) -> frozenset[str]:
    with OfflineCache.open(state_dir) as cache:
        return cache.outbox.named_digests()


# --- on the wire


def test_every_word_of_the_platform_to_this_terminal_is_signed_with_sm2(running: Running) -> None:
    terminal = running.enrol("gm-1")
    assert len(terminal.answer.signing_public_key) == 64
    assert terminal.welcome().sealing_keys == terminal.answer.sealing_keys
    verdict = terminal.deliver(terminal.seal((b"paper", "application/pdf")))
    assert verdict.outcome is Outcome.COMPLETE
    assert terminal.acknowledgement(verdict).sequence == 1
    assert verdict.acknowledgement is not None
    intl = running.platform.keys.get("intl-1")
    with pytest.raises(BadSignature):
        read_acknowledgement(INTL, verdict.acknowledgement, intl.signing.public)
    page = AcknowledgementPage.from_bytes(terminal.call("GET", "/v1/acknowledgements").content)
    assert page.acknowledgements == (verdict.acknowledgement,)
    identifier = terminal.terminal_id
    assert set_state(running.platform, identifier, TerminalState.SUSPENDED, actor="t")
    assert terminal.standing(problem_of(terminal.greet())).state is TerminalState.SUSPENDED


def test_terminals_of_both_suites_live_side_by_side(running: Running) -> None:
    for terminal in (running.enrol("gm-1"), running.enrol("intl-1")):
        assert terminal.deliver(terminal.seal((b"paper", "application/pdf"))).acknowledgement
        assert terminal.call("GET", "/v1/catalogue").status_code == 200


def test_unknown_terminal_is_told_so_in_its_own_suite(running: Running) -> None:
    terminal = running.enrol("gm-1")
    terminal.answer = terminal.answer.model_copy(update={"terminal_id": "T000-NOBODY"})
    found = problem_of(terminal.greet())
    assert found.kind is ProblemType.TERMINAL_BLOCKED
    assert terminal.standing(found).state is TerminalState.SUSPENDED


def test_a_terminal_can_not_change_its_suite_afterwards(running: Running) -> None:
    """Neither a request nor a submission of the other suite is taken, whoever holds which key."""
    terminal = running.enrol("gm-1")
    other: WireTerminal = running.enrol("intl-1")
    posing = replace(
        other, answer=other.answer.model_copy(update={"terminal_id": terminal.terminal_id})
    )
    assert problem_of(posing.greet()).kind is ProblemType.BAD_SIGNATURE
    (verdict,) = terminal.batch(posing.seal())
    assert verdict.outcome is Outcome.REJECTED


def test_changed_body_and_foreign_key_are_refused(running: Running) -> None:
    terminal = running.enrol("gm-1")
    foreign = GM.new_signing_key().private
    assert problem_of(terminal.call("GET", "/v1/catalogue", key=foreign)).kind is (
        ProblemType.BAD_SIGNATURE
    )
    changed = terminal.call("POST", "/v1/session", b"{}", signed_body=b"{ }")
    assert problem_of(changed).kind is ProblemType.BAD_SIGNATURE


@pytest.mark.parametrize("key", [bytes(64), INTL.new_signing_key().public], ids=["zero", "ed25519"])
def test_key_that_is_no_point_of_the_curve_does_not_enrol(running: Running, key: bytes) -> None:
    code = make_code(running.platform, hall_code=HALL, made_by="t").code
    pair = replace(GM.new_signing_key(), public=key)
    request = enrolment_request(code, pair, suite_id="gm-1")
    url = f"{running.terminals_url}/v1/enrolments"
    reply = running.session.post(url, data=request.to_bytes(), timeout=60)
    assert problem_of(reply).kind is ProblemType.ENROLMENT_REFUSED


# --- where the suite is missing


def test_platform_without_the_suite_says_how_to_add_it(tmp_path: Path) -> None:
    with running_platform(tmp_path / "platform") as running:
        code = make_code(running.platform, hall_code=HALL, made_by="t").code
        where = ("--state-dir", tmp_path / "terminal", "--platform", running.terminals_url)
        refused = run("enrol", *where, "--code", code, "--suite", "gm-1")
        assert refused.exit_code == 2
        assert "yici platform add-suite gm-1" in refused.stderr
        assert find_identity(tmp_path / "terminal") is None


@pytest.fixture
def without_gmssl(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As on Arm, where the package can't be installed."""
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    monkeypatch.delitem(sys.modules, "yici.contract.envelope.gm", raising=False)
    monkeypatch.setitem(sys.modules, "gmssl_pyx", None)
    get_suite.cache_clear()
    yield
    monkeypatch.undo()
    get_suite.cache_clear()


def test_terminal_on_arm_is_told_before_anything_is_sent(
    tmp_path: Path, without_gmssl: None
) -> None:
    where = ("--state-dir", tmp_path, "--platform", "http://127.0.0.1:9")
    refused = run("enrol", *where, "--code", "ABCDEFGH12", "--suite", "gm-1")
    assert refused.exit_code == 2
    assert "aarch64" in refused.stderr
    assert "use intl-1" in refused.stderr


def test_platform_moved_to_arm_does_not_start_without_its_terminals_suite(
    tmp_path: Path, without_gmssl: None
) -> None:
    with pytest.raises(BadKeyFile, match="aarch64"):
        add_suite(tmp_path, "gm-1")
    open_platform(tmp_path).close()
    made = tmp_path / "keys" / "gm-1"
    made.mkdir()
    (made / "signing.json").write_text("{}")
    with pytest.raises(BadKeyFile, match="aarch64"):
        open_platform(tmp_path)


def test_identity_moved_to_arm_is_called_whole_and_not_to_be_thrown_away(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = make_code(running.platform, hall_code=HALL, made_by="t").code
    where = ("--state-dir", tmp_path, "--platform", running.terminals_url)
    done("enrol", *where, "--code", code, "--suite", "gm-1")
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    monkeypatch.setitem(sys.modules, "gmssl_pyx", None)
    monkeypatch.delitem(sys.modules, "yici.contract.envelope.gm")
    get_suite.cache_clear()
    try:
        with pytest.raises(BrokenIdentity, match=r"is whole, but .* aarch64"):
            find_identity(tmp_path)
    finally:
        monkeypatch.undo()
        get_suite.cache_clear()
    assert find_identity(tmp_path) is not None


def test_suite_is_added_once(tmp_path: Path) -> None:
    add_suite(tmp_path, "gm-1")
    first = open_platform(tmp_path)
    first.close()
    assert add_suite(tmp_path, "gm-1") is None
    again = open_platform(tmp_path)
    again.close()
    assert first.keys.suite_ids == again.keys.suite_ids == ("intl-1", "gm-1")
    assert first.keys.get("gm-1").sealing_keys == again.keys.get("gm-1").sealing_keys
    assert escrow_file(tmp_path, "gm-1") != escrow_file(tmp_path, "intl-1")
