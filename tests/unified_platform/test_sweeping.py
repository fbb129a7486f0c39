"""Uploads that were given up are cleaned away; nobody loses anything by it."""

import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kiosk_bench import KioskTerminal
from platform_bench import LOOPBACK, Running, catalogue_file, serving
from wire_terminal import WireTerminal

from yici.contract.delivery import Outcome
from yici.contract.digests import digest_of
from yici.offline_cache.outbox_states import OutboxState
from yici.unified_platform.app import Platform, open_platform
from yici.unified_platform.cases.reading import Shelf, find_case, find_paper, list_cases
from yici.unified_platform.intake.sweeping import Upkeep, UploadSweeper
from yici.unified_platform.items.catalogue import seed
from yici.unified_platform.storage import blobs as blobs_module
from yici.unified_platform.storage.blobs import AppendOutcome, BlobStore, Swept

PDF = "application/pdf"
WEEK = timedelta(days=7)
OFTEN = Upkeep(look_every_s=0.05)
DEADLINE_S = 60


@dataclass
class Clock:
    """The real time, put forward at will."""

    ahead: timedelta = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Bench:
    """A platform's directory that can be served, left and served again."""

    platform: Platform
    clock: Clock = field(default_factory=Clock)

    @contextmanager
    def serving(self, upkeep: Upkeep = OFTEN) -> Iterator[Running]:
        with serving(self.platform, LOOPBACK, upkeep) as running:
            yield running

    def partial(self, terminal_id: str, digest: str) -> Path:
        return self.platform.data_dir / "parts" / terminal_id / f"{digest}.part"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    clock = Clock()
    platform = open_platform(tmp_path / "platform", now=clock.now)
    seed(platform, catalogue_file())
    yield Bench(platform, clock)
    platform.close()


def wait_until(reached: Callable[[], bool]) -> None:
    end_s = time.monotonic() + DEADLINE_S
    while not reached():
        assert time.monotonic() < end_s, "it did not happen"
        time.sleep(0.02)


def send_half(terminal: WireTerminal, digest: str, ciphertext: bytes) -> None:
    _, length, fence = terminal.head(digest)
    half = ciphertext[: length // 2]
    assert terminal.patch(digest, half, offset=0, length=length, fence=fence).status_code == 200


# --- a terminal as it is, with its agent


@pytest.mark.parametrize("restarted", [False, True], ids=["same agent", "agent restarted"])
def test_terminal_that_resumes_after_the_sweep_begins_anew_and_loses_nothing(
    bench: Bench, tmp_path: Path, *, restarted: bool
) -> None:
    with bench.serving() as running:
        kiosk = KioskTerminal(running, tmp_path / "terminal")
        agent = kiosk.agent()
        kiosk.send_some_chunks(agent)
        partial = bench.partial(kiosk.identity.terminal_id, kiosk.digest)
        assert partial.stat().st_size == 8 * 256 * 1024
        bench.clock.ahead = WEEK - timedelta(minutes=5)
        time.sleep(0.3)  # some looks of the sweeper
        assert partial.exists()
        bench.clock.ahead = WEEK + timedelta(days=1, minutes=5)
        wait_until(lambda: not partial.exists())
        with running.platform.database.read() as connection:
            (waiting,) = list_cases(connection, Shelf.ARRIVING).lines
        assert waiting.submission_id == str(kiosk.submission_id)
        if restarted:
            agent = kiosk.agent()
        assert agent.run_once(DEADLINE_S)
        state = kiosk.cache.outbox.find_state(kiosk.submission_id)
        assert state is OutboxState.ERASED
        with running.platform.database.read() as connection:
            (line,) = list_cases(connection, None).lines
        case = find_case(running.platform, line.case_number)
        assert case is not None
        paper = find_paper(running.platform, case, case.opened.form.parts[0].number)
        assert paper is not None
        assert paper.data == kiosk.paper
        kiosk.cache.close()


# --- what stays


def test_whole_parts_and_uploads_that_somebody_asks_about_stay(bench: Bench) -> None:
    with bench.serving(Upkeep(look_every_s=3600)) as running:
        terminal = running.add_terminal()
        sealed = terminal.seal(*((secrets.token_bytes(60_000), PDF) for _ in range(3)))
        terminal.batch(sealed)
        whole, asked, given_up = sealed.parts
        terminal.upload(whole)
        for part in (asked, given_up):
            send_half(terminal, part.digest, part.ciphertext)
        bench.clock.ahead = terminal.skew = timedelta(days=5)
        terminal.head(asked.digest)
        bench.clock.ahead = terminal.skew = timedelta(days=8)
    with bench.serving(Upkeep(look_every_s=3600)) as running:  # the sweep at the start
        blobs = bench.platform.blobs
        assert blobs.is_finished(terminal.terminal_id, whole.digest)
        assert not bench.partial(terminal.terminal_id, given_up.digest).exists()
        terminal.url, terminal.session = running.terminals_url, running.session
        offsets = {n.digest: n.offset for n in terminal.batch(sealed)[0].needed}
        half = len(asked.ciphertext) // 2
        assert offsets == {asked.digest: half, given_up.digest: 0}
        terminal.upload(asked)
        assert terminal.upload(given_up).verdicts[0].outcome is Outcome.COMPLETE


def test_part_of_a_case_is_never_swept(bench: Bench) -> None:
    with bench.serving() as running:
        terminal = running.add_terminal()
        sealed = terminal.seal((b"paper", PDF))
        verdict = terminal.deliver(sealed)
        number = terminal.acknowledgement(verdict).case_number
        bench.clock.ahead = timedelta(days=4000)
        assert UploadSweeper(bench.platform, OFTEN).sweep_when_due() == Swept()
        case = find_case(bench.platform, number)
        assert case is not None
        assert find_paper(bench.platform, case, 1) is not None


def test_upload_that_is_being_written_now_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, data = BlobStore(tmp_path), secrets.token_bytes(2000)
    digest = digest_of(data)
    _, fence = store.open_upload("T1", digest, length=len(data))
    syncing, may_end = threading.Event(), threading.Event()
    sync = os.fdatasync

    def slow_disk(handle: int) -> None:
        syncing.set()
        assert may_end.wait(DEADLINE_S)
        sync(handle)

    results = []

    def write() -> None:
        results.append(
            store.append("T1", digest, offset=0, length=2000, fence=fence, chunk=data[:1000])
        )

    future = datetime.now(UTC) + timedelta(days=400)
    with monkeypatch.context() as patch:
        patch.setattr(blobs_module.os, "fdatasync", slow_disk)
        thread = threading.Thread(target=write)
        thread.start()
        assert syncing.wait(DEADLINE_S)
        assert store.sweep_unfinished(future) == Swept()
        may_end.set()
        thread.join(DEADLINE_S)
    assert [result.outcome for result in results] == [AppendOutcome.STORED]
    assert store.offset("T1", digest) == 1000
    assert store.sweep_unfinished(future) == Swept(1, 1000)


def test_chunk_that_was_on_its_way_during_the_sweep_is_told_to_ask_again(tmp_path: Path) -> None:
    store, data = BlobStore(tmp_path), secrets.token_bytes(100)
    digest = digest_of(data)
    _, fence = store.open_upload("T1", digest, length=len(data))
    store.append("T1", digest, offset=0, length=100, fence=fence, chunk=data[:50])
    store.sweep_unfinished(datetime.now(UTC) + timedelta(days=1))
    for offset in (50, 0):  # not even from the beginning: somebody else may have begun there
        late = store.append(
            "T1", digest, offset=offset, length=100, fence=fence, chunk=data[offset : offset + 50]
        )
        assert (late.outcome, late.offset) == (AppendOutcome.STALE_FENCE, 0)
    assert store.open_upload("T1", digest, length=len(data))[0] == 0


def test_one_upload_that_can_not_be_removed_does_not_keep_the_others(tmp_path: Path) -> None:
    store, future = BlobStore(tmp_path), datetime.now(UTC) + timedelta(days=1)
    digests = [digest_of(bytes([n])) for n in range(3)]
    for digest in digests:
        _, fence = store.open_upload("T1", digest, length=100)
        store.append("T1", digest, offset=0, length=100, fence=fence, chunk=b"half")
    stuck = tmp_path / "T1" / f"{digests[1]}.part"
    stuck.unlink()
    stuck.mkdir()  # unlink() fails on a directory, also for root
    assert store.sweep_unfinished(future) == Swept(2, 8, failed=1)


# --- when


def test_sweep_comes_once_a_day_and_after_a_clock_was_set_back(bench: Bench) -> None:
    sweeper = UploadSweeper(bench.platform, Upkeep())
    for hours, due in ((0, True), (1, False), (23, False), (25, True), (26, False), (-5, True)):
        bench.clock.ahead = timedelta(hours=hours)
        assert (sweeper.sweep_when_due() is not None) is due, hours


_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("chunk"), st.integers(1, 700)),
        st.tuples(st.just("wait"), st.integers(1, 9)),
        st.tuples(st.sampled_from(["sweep", "restart", "head"]), st.just(0)),
    ),
    max_size=30,
)


@given(data=st.binary(min_size=1, max_size=2000), steps=_STEPS)
def test_sweeps_between_chunks_only_ever_cost_the_beginning(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, steps: list[tuple[str, int]]
) -> None:
    root, digest, clock = tmp_path_factory.mktemp("parts"), digest_of(data), Clock()
    store, busy_at, there = BlobStore(root, clock.now), clock.now(), 0
    for step, amount in steps:
        if step == "wait":
            clock.ahead += timedelta(days=1.1 * amount)  # never just a week
        elif step == "restart":
            store = BlobStore(root, clock.now)
        elif step == "sweep":
            swept = store.sweep_unfinished(clock.now() - WEEK)
            is_old = 0 < there < len(data) and clock.now() - busy_at > WEEK
            assert swept == (Swept(1, there) if is_old else Swept())
            there = 0 if is_old else there
        else:
            offset, fence = store.open_upload("T1", digest, length=len(data))
            assert offset == there
            if step == "chunk":
                chunk = data[offset : offset + amount]
                there = store.append(
                    "T1", digest, offset=offset, length=len(data), fence=fence, chunk=chunk
                ).offset
            busy_at = clock.now()
    assert store.is_finished("T1", digest) is (there == len(data))
    if there == len(data):
        assert store.read("T1", digest) == data
