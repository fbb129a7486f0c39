"""Enrolment, sync and outbox as a technician meets them."""

import json
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from terminal_under_test import TerminalUnderTest, wait_until
from toy_platform import Fault, ToyPlatform

from yici.contract.enrolment import new_enrolment_code
from yici.contract.sealing import read_manifest
from yici.contract.submission import SealedSubmission
from yici.kiosk.cli.enrol import enrol
from yici.kiosk.cli.outbox import outbox
from yici.kiosk.cli.sync import sync
from yici.kiosk.identity import BrokenIdentity, adopt_sealing_keys, find_identity
from yici.offline_cache.cache import DATABASE_NAME, OfflineCache
from yici.offline_cache.outbox_states import QuarantineReason


def run(command: object, *arguments: object) -> Result:
    return CliRunner().invoke(command, [str(each) for each in arguments])


def one_sentence(result: Result) -> str:
    assert result.exit_code == 2, result.output
    assert len(result.stderr.strip().splitlines()) == 1
    return result.stderr


def test_enrolment_leaves_an_identity_and_both_screens_show_the_same_digits(
    platform: ToyPlatform, tmp_path: Path
) -> None:
    code = new_enrolment_code()
    platform.codes[code] = True
    spoken = f"{code[:5]} - {code[5:]}".lower()  # as a person types it
    result = run(enrol, "--state-dir", tmp_path, "--platform", platform.url, "--code", spoken)
    assert result.exit_code == 0, result.output
    assert f"check digits {platform.digits}" in result.output
    identity = find_identity(tmp_path)
    assert identity is not None
    assert identity.public_key == platform.terminal_key
    assert len(identity.recipients()) == 2
    key = tmp_path / "identity" / "private-key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o400
    assert code.encode() not in b"".join(p.read_bytes() for p in key.parent.iterdir())
    again = run(enrol, "--state-dir", tmp_path, "--platform", platform.url, "--code", code)
    assert "enrolled already" in one_sentence(again)


def test_answer_in_another_suite_than_asked_for_is_not_taken(
    platform: ToyPlatform, tmp_path: Path
) -> None:
    code = new_enrolment_code()
    platform.codes[code] = True  # and it answers with intl-1, rightly authenticated
    where = ("--state-dir", tmp_path, "--platform", platform.url)
    result = run(enrol, *where, "--code", code, "--suite", "gm-1")
    assert "make a new code" in one_sentence(result)
    assert find_identity(tmp_path) is None


@pytest.mark.parametrize(
    ("code", "fault", "words"),
    [
        ("ABC", None, "ten letters"),
        ("ABCDEFGH12", None, "does not accept the code"),
        ("ABCDEFGH12", Fault.PORTAL_200, "not the platform"),
        ("ABCDEFGH12", Fault.DROPPED, "does not answer"),
        ("ABCDEFGH12", Fault.LATER_429, "Too many"),
    ],
)
def test_failed_enrolment_is_one_sentence_and_saves_nothing(
    platform: ToyPlatform, tmp_path: Path, code: str, fault: Fault | None, words: str
) -> None:
    if fault is not None:
        platform.fail_next("/v1/enrolments", fault)
    result = run(enrol, "--state-dir", tmp_path, "--platform", platform.url, "--code", code)
    assert words in one_sentence(result)
    assert find_identity(tmp_path) is None


def test_platform_that_does_not_know_the_code_cannot_pose_as_ours(
    platform: ToyPlatform, tmp_path: Path
) -> None:
    code = new_enrolment_code()
    platform.codes[code] = True
    real = platform._enrol

    def swap_key(request: object) -> object:
        answer = real(request)
        found = json.loads(answer.body)
        found["terminal_id"] = "t-of-somebody-else"
        answer.body = json.dumps(found).encode()
        return answer

    platform._enrol = swap_key
    result = run(enrol, "--state-dir", tmp_path, "--platform", platform.url, "--code", code)
    assert "Something else" in one_sentence(result)
    assert find_identity(tmp_path) is None


def test_sealing_keys_never_go_back_and_never_come_unsigned(terminal: TerminalUnderTest) -> None:
    from toy_platform import SUITE

    from yici.contract.envelope.suite import BadSignature

    platform, identity = terminal.platform, terminal.identity
    platform.sealing_version = 5
    newer = adopt_sealing_keys(terminal.state_dir, identity, platform.sealing_keys())
    platform.sealing_version = 4
    same = adopt_sealing_keys(terminal.state_dir, newer, platform.sealing_keys())
    assert same.sealing_keys.version == terminal.identity.sealing_keys.version == 5
    platform.sealing_version, platform.signing = 9, SUITE.new_signing_key()
    with pytest.raises(BadSignature):
        adopt_sealing_keys(terminal.state_dir, newer, platform.sealing_keys())
    assert terminal.identity.sealing_keys.version == 5


def test_half_an_identity_is_broken_not_absent(terminal: TerminalUnderTest) -> None:
    (terminal.state_dir / "identity" / "private-key").unlink()
    with pytest.raises(BrokenIdentity, match="enrol the terminal anew"):
        find_identity(terminal.state_dir)


def test_sync_once_delivers_and_says_whether_anything_is_left(
    terminal: TerminalUnderTest,
) -> None:
    draft = terminal.submit(b"paper")
    options = ("--state-dir", terminal.state_dir, "--platform", terminal.platform.url)
    result = run(sync, "once", *options)
    assert (result.exit_code, result.stderr) == (0, "")
    assert terminal.platform.acknowledged_ids() == [draft.submission_id]
    terminal.submit()
    terminal.platform.fault_source = lambda _: Fault.DROPPED
    assert run(sync, "once", *options, "--timeout-s", "1").exit_code == 1


def test_outbox_lists_shows_and_drains(terminal: TerminalUnderTest) -> None:
    draft = terminal.submit(b"paper")
    where = ("--state-dir", terminal.state_dir)
    (listed,) = json.loads(run(outbox, "list", *where, "--json").output)
    assert (listed["submission_id"], listed["state"]) == (str(draft.submission_id), "queued")
    assert "queued" in run(outbox, "list", *where).output
    result = run(outbox, "drain", *where, "--platform", terminal.platform.url, "--json")
    assert json.loads(result.output) == {"delivered": 1, "pending": 0, "set_apart": 0}
    shown = json.loads(run(outbox, "show", draft.submission_id, *where, "--json").output)
    assert (shown["state"], shown["case_number"]) == ("erased", "C00001")
    unknown = run(outbox, "show", "01a210d8-4cd4-78e8-918d-24bfd9404c47", *where)
    assert "outbox list" in one_sentence(unknown)
    assert "rejected or quarantined" in one_sentence(
        run(outbox, "release", draft.submission_id, *where)
    )


def test_quarantined_submission_can_be_carried_by_hand(
    terminal: TerminalUnderTest, tmp_path: Path
) -> None:
    draft = terminal.submit(b"paper")
    terminal.cache.outbox.set_apart(draft.submission_id, QuarantineReason.BAD_REQUEST)
    where = ("--state-dir", terminal.state_dir, "--to", tmp_path)
    assert run(outbox, "export", draft.submission_id, *where).exit_code == 0
    sealed = SealedSubmission.from_bytes((tmp_path / f"{draft.submission_id}.json").read_bytes())
    assert read_manifest(sealed, terminal.identity.public_key).submission_id == draft.submission_id
    (part,) = draft.parts
    assert (tmp_path / part.digest).read_bytes() == part.ciphertext
    unknown = run(outbox, "export", "01a210d8-4cd4-78e8-918d-24bfd9404c47", *where)
    assert "Nothing is left" in one_sentence(unknown)


def test_broken_and_newer_databases_are_one_sentence(tmp_path: Path) -> None:
    (tmp_path / DATABASE_NAME).write_bytes(b"garbage " * 1000)
    assert "do not delete it" in one_sentence(run(outbox, "list", "--state-dir", tmp_path))
    newer = tmp_path / "newer"
    OfflineCache.open(newer).close()
    connection = sqlite3.connect(newer / DATABASE_NAME)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    assert "newer release" in one_sentence(run(outbox, "list", "--state-dir", newer))


def test_sync_without_enrolment_says_how_to_enrol(tmp_path: Path) -> None:
    result = run(sync, "once", "--state-dir", tmp_path, "--platform", "http://127.0.0.1:9")
    assert "yici enrol" in one_sentence(result)


def test_agent_process_delivers_refuses_a_second_hurries_and_ends_on_sigterm(
    terminal: TerminalUnderTest,
) -> None:
    draft = terminal.submit(b"paper")
    options = ("--state-dir", str(terminal.state_dir), "--platform", terminal.platform.url)
    command = "import sys; from yici.kiosk.cli.sync import sync; sync(sys.argv[1:])"
    child = subprocess.Popen([sys.executable, "-c", command, *options], stderr=subprocess.PIPE)
    try:
        wait_until(lambda: terminal.cache.outbox.backlog().pending == 0)
        assert terminal.platform.acknowledged_ids() == [draft.submission_id]
        assert "running already" in one_sentence(run(sync, "once", *options))
        terminal.submit()
        drained = run(outbox, "drain", *options, "--json")
        assert json.loads(drained.output)["pending"] == 0
        child.send_signal(signal.SIGTERM)
        _, complaints = child.communicate(timeout=30)
        assert (child.returncode, complaints) == (0, b"")
    finally:
        child.kill()
        child.communicate()
