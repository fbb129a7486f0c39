"""A submission's way in, as a terminal lives it."""

import secrets
from dataclasses import replace
from pathlib import Path

from kiosk_bench import KioskTerminal
from platform_bench import DEADLINE_S, Running, running_platform
from wire_terminal import WireTerminal

from yici.contract.acknowledgement import CHAIN_START, chain_digest
from yici.contract.case import CaseState, find_note
from yici.contract.delivery import AcknowledgementPage, Outcome
from yici.contract.sealing import submission_digest
from yici.offline_cache.outbox_states import OutboxState
from yici.unified_platform.cases.decisions import Decided, Decision, DecisionFault, decide

PDF = "application/pdf"


def test_form_without_papers_is_acknowledged_at_once(terminal: WireTerminal) -> None:
    sealed = terminal.seal()
    (verdict,) = terminal.batch(sealed)
    assert verdict.outcome is Outcome.COMPLETE
    acknowledgement = terminal.acknowledgement(verdict)
    assert acknowledgement.submission_id == sealed.submission_id
    assert acknowledgement.digest == submission_digest(sealed.cover)
    assert acknowledgement.sequence == 1
    assert acknowledgement.previous == CHAIN_START


def test_papers_come_in_chunks_and_the_last_brings_the_acknowledgement(
    terminal: WireTerminal,
) -> None:
    sealed = terminal.seal((secrets.token_bytes(150_000), PDF), (secrets.token_bytes(10), PDF))
    (verdict,) = terminal.batch(sealed)
    assert verdict.outcome is Outcome.STORED
    assert [(n.digest, n.offset) for n in verdict.needed] == [(p.digest, 0) for p in sealed.parts]
    assert terminal.upload(sealed.parts[0]).verdicts[0].outcome is Outcome.STORED
    (last,) = terminal.upload(sealed.parts[1]).verdicts
    assert last.outcome is Outcome.COMPLETE
    assert set(terminal.acknowledgement(last).part_digests[1:]) == {p.digest for p in sealed.parts}


def test_acknowledgements_form_a_chain(terminal: WireTerminal) -> None:
    verdicts = [*terminal.batch(*(terminal.seal() for _ in range(5)))]
    previous = CHAIN_START
    for number, verdict in enumerate(verdicts, start=1):
        acknowledgement = terminal.acknowledgement(verdict)
        assert (acknowledgement.sequence, acknowledgement.previous) == (number, previous)
        assert verdict.acknowledgement is not None
        previous = chain_digest(verdict.acknowledgement)


def test_decision_reaches_the_terminal_with_a_reason_only_the_slip_opens(
    running: Running, terminal: WireTerminal
) -> None:
    sealed = terminal.seal()
    case_number = terminal.acknowledgement(terminal.deliver(sealed)).case_number
    cursor = terminal.changes().cursor
    missing = decide(running.platform, case_number, Decision.REFUSE, reason=" ", actor="t")
    assert missing is DecisionFault.REASON_NEEDED
    refused = decide(running.platform, case_number, Decision.REFUSE, reason="缺户口簿", actor="t")
    assert isinstance(refused, Decided)
    again = decide(running.platform, case_number, Decision.ACCEPT, reason="", actor="t")
    assert again is DecisionFault.ALREADY_DECIDED
    (change,) = terminal.changes(f"?cursor={cursor}").changes
    assert (change.state, change.case_number) == (CaseState.REFUSED, case_number)
    assert change.sealed_note is not None
    assert "缺户口簿".encode() not in change.sealed_note
    for code, expected in ((sealed.slip_code, "缺户口簿"), ("0000000000", None)):
        note = find_note(
            change.sealed_note,
            slip_code=code,
            submission_id=change.submission_id,
            version=change.version,
        )
        assert note == expected


def test_submission_left_whole_by_a_crash_is_completed_at_the_next_start(tmp_path: Path) -> None:
    with running_platform(tmp_path) as running:
        terminal = running.add_terminal()
        sealed = terminal.seal((b"paper", PDF))
        terminal.batch(sealed)
        part, blobs = sealed.parts[0], running.platform.blobs
        _, fence = blobs.open_upload(terminal.terminal_id, part.digest, length=len(part.ciphertext))
        # the part is in its place, but the server died before it looked at the submission
        blobs.append(
            terminal.terminal_id,
            part.digest,
            offset=0,
            length=len(part.ciphertext),
            fence=fence,
            chunk=part.ciphertext,
        )
    with running_platform(tmp_path) as running:
        page = terminal_at(running, terminal).call("GET", "/v1/acknowledgements")
        assert len(AcknowledgementPage.from_bytes(page.content).acknowledgements) == 1


def test_server_that_died_before_it_named_a_whole_part_names_it_when_asked(
    tmp_path: Path,
) -> None:
    """All bytes were on the disk, and the rename was not: a terminal has nothing left to send."""
    with running_platform(tmp_path / "platform") as running:
        kiosk = KioskTerminal(running, tmp_path / "terminal")
        agent = kiosk.agent()
        kiosk.send_some_chunks(agent)
        partial = running.platform.data_dir / "parts" / kiosk.identity.terminal_id
        with (partial / f"{kiosk.digest}.part").open("r+b") as file:
            file.write(kiosk.cache.parts.path_of(kiosk.digest).read_bytes())
        assert kiosk.agent().run_once(DEADLINE_S)
        assert kiosk.find_state() is OutboxState.ERASED
        kiosk.cache.close()


def test_part_of_full_length_with_a_tail_that_never_reached_the_disk_starts_again(
    running: Running, terminal: WireTerminal
) -> None:
    """After a power cut a file may have its size and zeros instead of what was written last."""
    sealed = terminal.seal((secrets.token_bytes(5000), PDF))
    terminal.batch(sealed)
    part = sealed.parts[0]
    _, length, fence = terminal.head(part.digest)
    half = part.ciphertext[:2000]
    terminal.patch(part.digest, half, offset=0, length=length, fence=fence)
    directory = running.platform.data_dir / "parts" / terminal.terminal_id
    (directory / f"{part.digest}.part").write_bytes(half + bytes(length - 2000))
    assert terminal.head(part.digest)[:2] == (0, length)
    assert terminal.upload(part).verdicts[0].outcome is Outcome.COMPLETE


def terminal_at(running: Running, terminal: WireTerminal) -> WireTerminal:
    return replace(terminal, url=running.terminals_url, session=running.session)
