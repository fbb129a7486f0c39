"""A card through the other two ways to a reader: what our driver adds to the bare way.

USB: pyusb over a bus behind a socket (no host controller, so the time on the wire is missing from
both sides). A maker's library: the same calls in this process; ours go to a child process. Both
begin when a look is allowed, as in `card.py`.
"""

import ctypes
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import usb.core
import usb.util

from benchmarks.card import BETWEEN_LOOKS_S, QUESTIONS
from benchmarks.measure import Measure, median, worst
from yici.contract.people import Identity
from yici.drivers.id_card_reader import IdCardReader
from yici.drivers.id_card_reader.card_desk import CardDesk
from yici.drivers.id_card_reader.sam.frames import encode_request
from yici.drivers.id_card_reader.sdt_usb.driver import connect as connect_usb
from yici.drivers.id_card_reader.sdt_usb.line import (
    HEAD_SIZE,
    IN_BODY,
    IN_HEAD,
    OUT_BODY,
    OUT_HEAD,
    SDT_READER,
)
from yici.drivers.id_card_reader.sdt_usb.redirected_usb import RedirectedUsb
from yici.drivers.id_card_reader.sdt_usb.twin import SdtUsbTwin
from yici.drivers.id_card_reader.vendor_library.driver import connect as connect_library
from yici.drivers.id_card_reader.vendor_library.twin import VendorTwin

READINGS = 30
TIMEOUT_MS = 5000


def _times_ms(desk: CardDesk, work: Callable[[], object], pause_s: float) -> list[float]:
    persona = desk.acts[0].choices[1]
    times_ms = []
    for _ in range(READINGS):
        time.sleep(pause_s)
        desk.act("take_card")
        desk.act("put_card", persona)
        started_s = time.perf_counter()
        work()
        times_ms.append((time.perf_counter() - started_s) * 1000)
    return times_ms


def _by_the_driver(desk: CardDesk, reader: IdCardReader) -> list[float]:
    assert reader.status().works

    def read() -> None:
        assert isinstance(reader.read_card(), Identity)

    times_ms = _times_ms(desk, read, BETWEEN_LOOKS_S)
    reader.close()
    return times_ms


def _by_bare_usb(twin: SdtUsbTwin) -> list[float]:
    device: Any = usb.core.find(
        idVendor=SDT_READER.vendor,
        idProduct=SDT_READER.product,
        backend=RedirectedUsb(twin.path, SDT_READER),
    )

    def ask() -> None:
        for question in QUESTIONS:
            request = encode_request(question)
            device.write(OUT_HEAD, request[:HEAD_SIZE], TIMEOUT_MS)
            device.write(OUT_BODY, request[HEAD_SIZE:], TIMEOUT_MS)
            device.read(IN_HEAD, 64, TIMEOUT_MS)
            device.read(IN_BODY, 4096, TIMEOUT_MS)

    times_ms = _times_ms(twin, ask, 0.0)
    usb.util.dispose_resources(device)
    return times_ms


def _by_bare_library(twin: VendorTwin) -> list[float]:
    number, _, path = twin.address.partition("@")
    sdt, port = ctypes.CDLL(path), int(number)
    assert sdt.SDT_OpenPort(port) == 0x90
    room = [(ctypes.c_ubyte * 2048)() for _ in range(2)]
    sizes = [ctypes.c_uint(), ctypes.c_uint()]

    def ask() -> None:
        assert sdt.SDT_StartFindIDCard(port, room[0], 0) == 0x9F
        assert sdt.SDT_SelectIDCard(port, room[0], 0) == 0x90
        read = sdt.SDT_ReadBaseMsg(
            port, room[0], ctypes.byref(sizes[0]), room[1], ctypes.byref(sizes[1]), 0
        )
        assert read == 0x90
        sdt.SDT_ReadNewAppMsg(port, room[0], ctypes.byref(sizes[0]), 0)

    times_ms = _times_ms(twin, ask, 0.0)
    sdt.SDT_ClosePort(port)
    return times_ms


def measure() -> list[Measure]:
    """Two measurements."""
    with tempfile.TemporaryDirectory() as made:
        with SdtUsbTwin(Path(made) / "bus") as twin:
            usb_limit_ms = median(_by_bare_usb(twin))
            usb_ms = _by_the_driver(twin, connect_usb(twin.address))
        with VendorTwin(Path(made) / "maker") as twin_library:
            library_limit_ms = median(_by_bare_library(twin_library))
            library_ms = _by_the_driver(twin_library, connect_library(twin_library.address))
    return [
        Measure(
            "card through pyusb → identity",
            "ms",
            median(usb_ms),
            worst(usb_ms),
            len(usb_ms),
            "the same transfers by hand",
            usb_limit_ms,
            "≤ 10 ms more",
            median(usb_ms) <= usb_limit_ms + 10,
        ),
        Measure(
            "card through a library in a child process → identity",
            "ms",
            median(library_ms),
            worst(library_ms),
            len(library_ms),
            "the same calls in our own process",
            library_limit_ms,
            "≤ 10 ms more",
            median(library_ms) <= library_limit_ms + 10,
        ),
    ]
