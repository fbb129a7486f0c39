"""A code reader that types, through the kernel's uinput and evdev."""

import os
import select
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from guest.waiting import wait_until

from yici.drivers.code_reader.character_reader import CharacterCodeReader
from yici.drivers.code_reader.keyboard import connect
from yici.drivers.code_reader.keyboard.twin import KeyboardReaderTwin, KeyWay
from yici.drivers.device import DeviceState, NotReady

CODE = b"YICI-2026 A/b?7"
OTHER_CODE = b"430199"  # the same one held there would count once


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[KeyboardReaderTwin]:
    with KeyboardReaderTwin(tmp_path / "keys", way=KeyWay.UINPUT) as twin:
        yield twin


@pytest.fixture
def reader(twin: KeyboardReaderTwin) -> Iterator[CharacterCodeReader]:
    reader = connect(twin.address)
    yield reader
    reader.close()


def test_code_typed_through_the_kernel_is_read(
    twin: KeyboardReaderTwin, reader: CharacterCodeReader
) -> None:
    assert reader.status().state is DeviceState.READY
    twin.show_code(CODE)
    code = reader.find_code(10_000)
    assert code is not None
    assert code.content == CODE


def test_another_reader_of_the_device_gets_nothing(
    twin: KeyboardReaderTwin, reader: CharacterCodeReader
) -> None:
    screen = os.open(twin.address, os.O_RDONLY | os.O_NONBLOCK)
    try:
        twin.show_code(CODE)
        assert select.select([screen], [], [], 10)[0], "before the grab the screen gets the keys"
        twin.take_code()
        wait_until(lambda: not _read_all(screen))
        assert reader.status().state is DeviceState.READY  # opens and grabs
        twin.show_code(OTHER_CODE)
        code = reader.find_code(10_000)
        assert code is not None
        assert code.content == OTHER_CODE
        assert not _read_all(screen)
        second = connect(twin.address)
        assert second.status().state is DeviceState.BUSY
        second.close()
        reader.close()
        assert select.select([screen], [], [], 10)[0], "closing gives the keys back"
    finally:
        os.close(screen)


def test_keyboard_pulled_while_a_code_is_awaited_is_lost_and_comes_back(
    twin: KeyboardReaderTwin,
    reader: CharacterCodeReader,
    record_property: Callable[[str, object], None],
) -> None:
    assert reader.find_code(100) is None
    pull = threading.Timer(0.5, twin.unplug)
    pull.start()
    with pytest.raises(NotReady) as lost:
        reader.find_code(30_000)
    pull.join()
    assert lost.value.status.state is DeviceState.DISCONNECTED
    assert lost.value.status.code == "keyboard.lost"  # ENODEV, not a missing file
    twin.plug_in()
    back_s = wait_until(lambda: reader.status().works)
    record_property("measured", f"back after {back_s:.2f} s")
    twin.show_code(CODE)
    code = reader.find_code(10_000)
    assert code is not None
    assert code.content == CODE


def _read_all(descriptor: int) -> bytes:
    data = b""
    while select.select([descriptor], [], [], 0.2)[0]:
        data += os.read(descriptor, 65536)
    return data
