"""A code reader in serial mode (CDC-ACM) through cdc_acm."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Final

import pytest
from guest.code_reader_gadget import HOST_FILE, AcmReaderTwin
from guest.waiting import wait_until

from yici.drivers.code_reader.character_reader import CharacterCodeReader
from yici.drivers.code_reader.serial_line import connect
from yici.drivers.device import DeviceState, NotReady

CODE: Final = "https://example.test/张示例".encode()
BACK_WITHIN_S: Final = 10.0


@pytest.fixture
def twin() -> Iterator[AcmReaderTwin]:
    with AcmReaderTwin() as twin:
        yield twin
    wait_until(lambda: not HOST_FILE.exists())


@pytest.fixture
def reader(twin: AcmReaderTwin) -> Iterator[CharacterCodeReader]:
    reader = connect(twin.address)
    wait_until(lambda: reader.status().works)
    yield reader
    reader.close()


def test_code_is_read_through_cdc_acm(twin: AcmReaderTwin, reader: CharacterCodeReader) -> None:
    twin.show_code(CODE)
    code = reader.find_code(10_000)
    assert code is not None
    assert code.content == CODE


def test_reader_pulled_while_a_code_is_awaited_is_lost_and_comes_back(
    twin: AcmReaderTwin,
    reader: CharacterCodeReader,
    record_property: Callable[[str, object], None],
) -> None:
    pull = threading.Timer(0.5, twin.unplug)
    pull.start()
    started_s = time.monotonic()
    with pytest.raises(NotReady) as lost:
        reader.find_code(30_000)
    ended_s = time.monotonic() - started_s - 0.5
    pull.join()
    assert lost.value.status.state is DeviceState.DISCONNECTED
    plugged_s = time.monotonic()
    twin.plug_in()
    wait_until(lambda: reader.status().works)
    back_s = time.monotonic() - plugged_s
    assert back_s < BACK_WITHIN_S
    record_property("measured", f"call ended after {ended_s:.2f} s, back after {back_s:.2f} s")
    twin.show_code(CODE)
    code = reader.find_code(10_000)
    assert code is not None
    assert code.content == CODE
