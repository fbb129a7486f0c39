"""Every code reader with its twin, as one bench."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from yici.drivers.code_reader import CodeReader, SeenCode
from yici.drivers.code_reader.camera.twin import CodeCameraTwin
from yici.drivers.code_reader.keyboard.twin import KeyboardReaderTwin, KeyWay
from yici.drivers.code_reader.serial_line.twin import SerialReaderTwin
from yici.drivers.device import DeviceKind, DeviceState
from yici.drivers.registry import get_connect
from yici.drivers.twin import Twin

DEADLINE_S = 30.0


class CodeTwin(Twin, Protocol):
    """What all twins of this kind share beyond the common orders."""

    def show_code(self, content: bytes) -> None: ...

    def take_code(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Bench:
    """One driver before its twin."""

    driver: str
    twin: CodeTwin
    reader: CodeReader
    connect: Callable[[], CodeReader]

    def until_found(self) -> SeenCode:
        """The next code, through moments in which the device isn't ready yet."""
        deadline_s = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline_s:
            if self.reader.status().works and (code := self.reader.find_code(2000)) is not None:
                return code
        raise AssertionError(f"no code; the reader says {self.reader.status()}")

    def until_state(self, state: DeviceState) -> None:
        deadline_s = time.monotonic() + DEADLINE_S
        while (status := self.reader.status()).state is not state:
            assert time.monotonic() < deadline_s, f"never {state.value}, but {status}"
            time.sleep(0.02)


@pytest.fixture(params=["serial_line", "keyboard", "camera"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    driver = str(request.param)
    twins: dict[str, Callable[[], CodeTwin]] = {
        "serial_line": lambda: SerialReaderTwin(tmp_path / "reader"),
        "keyboard": lambda: KeyboardReaderTwin(tmp_path / "keys", way=KeyWay.FIFO),
        "camera": CodeCameraTwin,
    }
    with closing(twins[driver]()) as twin:

        def connect() -> CodeReader:
            return get_connect(DeviceKind.CODE_READER, driver)(twin.address)

        with closing(connect()) as reader:
            yield Bench(driver, twin, reader, connect)
