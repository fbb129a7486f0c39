"""A real power cut: ext4 on a loop device is shut down without flushing its journal.

Unlike a kill, this loses what was not synced. It needs root and a loop device.
"""

import os
import random
import signal
import time
from pathlib import Path
from uuid import UUID

from cut_disk import CutDisk
from kill_template import Template
from terminal_under_test import TerminalUnderTest
from test_kill_loses_nothing import check_promises, promised, wait_until_stopped
from toy_platform import ToyPlatform

CUTS = 10


def test_power_cut_loses_nothing_that_was_promised(
    template: Template, disk: CutDisk, tmp_path: Path
) -> None:
    source = random.Random(11)
    state_dir = disk.path / "state"
    for cut in range(1, CUTS + 1):
        order = {
            "act": "accept",
            "state_dir": str(state_dir),
            "promises_dir": str(tmp_path),
            "seed": source.randrange(2**32),
        }
        state_dir.mkdir(exist_ok=True)
        before = len(promised(tmp_path))
        pid = int(template.ask(**order, stopped=True)["pid"])
        wait_until_stopped(pid)
        os.kill(pid, signal.SIGCONT)
        end_s = time.monotonic() + 20
        while len(promised(tmp_path)) < before + 4:  # it is well under way
            assert time.monotonic() < end_s
            time.sleep(0.002)
        time.sleep(source.uniform(0, 0.05))
        # a real cut stops the processor too: between two system calls, not inside a sync, whose
        # result ext4 does not report truly when it is shut down under it
        os.kill(pid, signal.SIGSTOP)
        wait_until_stopped(pid)
        disk.cut()
        os.kill(pid, signal.SIGKILL)
        template.answer()
        disk.unplug()
        disk.plug_in()
        check_promises(state_dir, cut, tmp_path)
    assert len(promised(tmp_path)) >= 4 * CUTS


def test_power_cut_while_delivering_loses_and_doubles_nothing(
    template: Template, disk: CutDisk, platform: ToyPlatform
) -> None:
    source = random.Random(12)
    terminal = TerminalUnderTest(platform, disk.path / "state")
    papers: dict[UUID, tuple[bytes, ...]] = {}
    for _ in range(CUTS // 2):
        for _ in range(5):
            content = tuple(source.randbytes(60_000) for _ in range(source.randrange(3)))
            papers[terminal.submit(*content).submission_id] = content
        terminal.close()
        order = {"act": "deliver", "state_dir": str(terminal.state_dir), "url": platform.url}
        pid = int(template.ask(**order, stopped=True)["pid"])
        wait_until_stopped(pid)
        os.kill(pid, signal.SIGCONT)
        time.sleep(source.uniform(0.03, 0.3))
        os.kill(pid, signal.SIGSTOP)
        wait_until_stopped(pid)
        disk.cut()
        os.kill(pid, signal.SIGKILL)
        template.answer()
        disk.unplug()
        disk.plug_in()
        terminal.open_again()
        terminal.cache.store.check()
        outbox, parts = terminal.cache.outbox, terminal.cache.parts
        assert all(parts.holds_intact(digest) for digest in outbox.named_digests())
    terminal.deliver_all()
    assert sorted(platform.acknowledged_ids()) == sorted(papers)
    assert all(platform.opened(each)[1] == content for each, content in papers.items())
    terminal.close()
