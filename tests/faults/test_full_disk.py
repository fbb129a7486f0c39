"""A full disk refuses new submissions with a sentence, and still delivers what was accepted."""

import pytest
from cut_disk import CutDisk
from sealing_desk import Draft
from terminal_under_test import TerminalUnderTest
from toy_platform import ToyPlatform

from yici.offline_cache import errors
from yici.offline_cache.admission import Admission, judge_disk, measure_disk
from yici.offline_cache.outbox_states import OutboxState


def test_full_disk_refuses_the_new_and_delivers_the_old(
    disk: CutDisk, platform: ToyPlatform
) -> None:
    terminal = TerminalUnderTest(platform, disk.path / "state")
    assert terminal.cache.ballast.fill()
    drafts = [terminal.submit(b"paper" * 100) for _ in range(4)]
    disk.fill()
    assert judge_disk(measure_disk(disk.path)) is Admission.CLOSED
    late = Draft((b"x" * 50_000,))
    with pytest.raises(errors.StoreFull, match="nothing that was accepted is lost"):
        late.keep_parts(terminal.cache)
    with pytest.raises(errors.StoreFull):
        _submit_until_full(terminal)
    accepted = len(terminal.cache.outbox.list_lines())
    terminal.deliver_all()
    assert len(platform.acknowledged_ids()) == accepted >= len(drafts)
    assert not terminal.cache.ballast.is_whole()
    states = {line.state for line in terminal.cache.outbox.list_lines()}
    assert states == {OutboxState.ERASED}
    terminal.cache.store.check()
    terminal.close()


def _submit_until_full(terminal: TerminalUnderTest) -> None:
    for _ in range(2000):  # the room that the log already has is used up first
        terminal.submit()
