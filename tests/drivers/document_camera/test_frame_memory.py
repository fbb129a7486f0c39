"""Shared memory: a frame is whole or absent, whatever the other side does."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from yici.drivers.document_camera.video import frame_memory
from yici.drivers.document_camera.video.frame_memory import FrameMemory, StreamState


@pytest.fixture
def descriptor() -> Iterator[int]:
    descriptor = frame_memory.create()
    yield descriptor
    os.close(descriptor)


@pytest.fixture
def memories(descriptor: int) -> Iterator[tuple[FrameMemory, FrameMemory]]:
    writer, reader = FrameMemory(descriptor), FrameMemory(descriptor)
    yield writer, reader
    writer.close()
    reader.close()


def _uniform(value: int) -> np.ndarray:
    return np.full((60, 80, 3), value, np.uint8)


def test_nothing_is_seen_before_the_writer_has_begun(
    memories: tuple[FrameMemory, FrameMemory],
) -> None:
    writer, reader = memories
    assert reader.find_report() is None
    writer.begin(first_number=7)
    report = reader.find_report()
    assert report is not None
    assert report.state is StreamState.OPENING
    with reader.newest() as shared:
        assert shared is None
    writer.publish(_uniform(3), taken_at_ns=5)
    with reader.newest() as shared:
        assert shared is not None
        assert (shared.number, shared.brightest, shared.pixels.shape) == (7, 3, (60, 80, 3))
    with reader.newest(newer_than=7) as shared:
        assert shared is None


def test_frame_that_is_being_read_is_not_overwritten(
    memories: tuple[FrameMemory, FrameMemory],
) -> None:
    writer, reader = memories
    writer.begin(first_number=0)
    writer.publish(_uniform(1), taken_at_ns=0)
    with reader.newest() as shared:
        assert shared is not None
        assert writer.publish(_uniform(2), taken_at_ns=0)
        assert not writer.publish(_uniform(3), taken_at_ns=0)  # would be the slot that is lent
        assert (shared.pixels == 1).all()
    assert writer.publish(_uniform(4), taken_at_ns=0)


def test_no_frame_is_torn_while_another_process_writes_at_full_speed(descriptor: int) -> None:
    program = (
        "import sys, time, numpy as np\n"
        "from yici.drivers.document_camera.video.frame_memory import FrameMemory\n"
        "memory = FrameMemory(int(sys.argv[1]))\n"
        "memory.begin(0)\n"
        "print('begun', flush=True)\n"
        "frames = [np.full((400, 600, 3), value, np.uint8) for value in range(250)]\n"
        "end_s = time.monotonic() + 1.5\n"
        "number = 0\n"
        "while time.monotonic() < end_s or number < 500:\n"
        "    number += memory.publish(frames[number % 250], 0)\n"
    )
    reader = FrameMemory(descriptor)
    whole = 0
    with subprocess.Popen(
        [sys.executable, "-c", program, str(descriptor)],
        pass_fds=[descriptor],
        stdout=subprocess.PIPE,
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"begun\n"
        while writer.poll() is None:
            with reader.newest() as shared:
                if shared is not None:
                    value = shared.number % 250
                    assert (shared.pixels == value).all()
                    whole += 1
        assert writer.returncode == 0
    reader.close()
    assert whole > 20


def test_writer_killed_in_the_middle_leaves_nothing_half_written(descriptor: int) -> None:
    program = (
        "import os, signal, sys, numpy as np\n"
        "from yici.drivers.document_camera.video import frame_memory\n"
        "memory = frame_memory.FrameMemory(int(sys.argv[1]))\n"
        "memory.begin(0)\n"
        "memory.publish(np.full((60, 80, 3), 1, np.uint8), 0)\n"
        "memory.publish(np.full((60, 80, 3), 2, np.uint8), 0)\n"
        "class Frame:\n"
        "    shape = (60, 80, 3)\n"
        "    def __array__(self, *args, **kwargs): os.kill(os.getpid(), signal.SIGKILL)\n"
        "memory.publish(Frame(), 0)\n"
    )
    died = subprocess.run(
        [sys.executable, "-c", program, str(descriptor)], pass_fds=[descriptor], check=False
    )
    assert died.returncode == -9
    reader = FrameMemory(descriptor)
    with reader.newest() as shared:
        assert shared is not None
        assert (shared.pixels == 2).all()
    # and the dead writer's lock is free again
    assert reader.publish(_uniform(5), taken_at_ns=0)
    reader.close()


def test_closing_while_others_look_is_harmless(descriptor: int) -> None:
    memory = FrameMemory(descriptor)
    memory.begin(0)
    memory.publish(_uniform(9), 0)
    problems: list[BaseException] = []
    closed = threading.Event()

    def look() -> None:
        try:
            while not closed.is_set():
                with memory.newest() as shared:
                    assert shared is None or (shared.pixels == 9).all()
        except BaseException as problem:  # noqa: BLE001 (handed to the main thread)
            problems.append(problem)

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    memory.close()
    closed.set()
    for thread in threads:
        thread.join()
    assert not problems
    assert memory.find_report() is None
