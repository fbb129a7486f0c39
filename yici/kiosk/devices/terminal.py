"""The terminal's devices by role, as its settings name them."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from yici.config.declaration import TerminalSettings
from yici.drivers.code_reader import CodeReader
from yici.drivers.device import DeviceKind, DeviceStatus
from yici.drivers.document_camera import DocumentCamera
from yici.drivers.document_printer import DocumentPrinter
from yici.drivers.face_camera import FaceCamera
from yici.drivers.health import LONGEST_RETRY_S, LONGEST_UNANNOUNCED_RETRY_S, Reading
from yici.drivers.hotplug import HotplugMonitor, is_announced, udev_runs
from yici.drivers.id_card_reader import IdCardReader
from yici.drivers.receipt_printer import ReceiptPrinter
from yici.drivers.scanner import Scanner
from yici.drivers.social_security_card_reader import SocialSecurityCardReader
from yici.kiosk.devices import connecting
from yici.kiosk.devices.worker import (
    CLOSE_DEADLINE_S,
    Care,
    DeviceWorker,
    Memory,
    Post,
    Watching,
)

SCANNER_IDLE_PAUSE_S = 60.0  # asking a scanner through SANE means opening it, which takes seconds
SCANNER_CLOSE_PAUSE_S = 10.0
_CAMERAS = frozenset({DeviceKind.DOCUMENT_CAMERA, DeviceKind.FACE_CAMERA})


@dataclass(frozen=True, slots=True)
class Memories:
    """What outlives these workers; the defaults remember nothing."""

    of: Callable[[DeviceKind], Memory] = lambda _: Memory()
    note_hotplug: Callable[[bool], None] = lambda _: None


@dataclass(slots=True)
class TerminalDevices:
    """The workers by role."""

    id_card_reader: DeviceWorker[IdCardReader]
    receipt_printer: DeviceWorker[ReceiptPrinter]
    document_camera: DeviceWorker[DocumentCamera]
    face_camera: DeviceWorker[FaceCamera]
    scanner: DeviceWorker[Scanner]
    document_printer: DeviceWorker[DocumentPrinter]
    code_reader: DeviceWorker[CodeReader]
    social_security_card_reader: DeviceWorker[SocialSecurityCardReader]
    _memories: Memories = field(default_factory=Memories)
    _started: ExitStack = field(default_factory=ExitStack)
    _is_watched: bool = False

    @property
    def workers(self) -> tuple[DeviceWorker[Any], ...]:
        """All, in the order of `DeviceKind`."""
        return tuple(getattr(self, kind.value) for kind in DeviceKind)

    def watch(self, seen: Callable[[DeviceStatus], None]) -> None:
        """From now on `seen` gets every status when it changes, on the session's thread.

        Once; a later call only finds out whether a driver hangs.
        """
        if self._is_watched:
            for worker in self.workers:
                worker.note_hang()
            return
        self._is_watched = True
        if any(worker.configured for worker in self.workers):
            self._listen()
        for worker in self.workers:
            worker.watch(seen)

    def note_delays(self) -> None:
        """To be called a few times a second while somebody watches."""
        for worker in self.workers:
            worker.note_delay()

    def care_for(self, kinds: frozenset[DeviceKind]) -> None:
        """A screen shows these: look at them closely, and at the others now and then."""
        for worker in self.workers:
            worker.care(Care.CLOSE if worker.kind in kinds else Care.IDLE)

    def look(self) -> None:
        """Look at every watched device now."""
        for worker in self.workers:
            worker.look()

    def close(self, deadline_s: float = CLOSE_DEADLINE_S) -> tuple[DeviceKind, ...]:
        """Give every device back; those whose driver still hangs after `deadline_s` in all."""
        until_s = time.monotonic() + deadline_s
        for worker in self.workers:
            worker.stop()
        self._started.close()
        return tuple(
            worker.kind
            for worker in self.workers
            if not worker.close(max(0.0, until_s - time.monotonic()))
        )

    def _listen(self) -> None:
        available = udev_runs()
        self._memories.note_hotplug(available)
        if available:
            self._started.enter_context(HotplugMonitor(self._plugged))

    def _plugged(self, kinds: frozenset[DeviceKind]) -> None:
        for worker in self.workers:
            if worker.kind in kinds:
                worker.plugged()


def open_devices(
    settings: TerminalSettings, post: Post, memories: Memories | None = None
) -> TerminalDevices:
    """Workers for the configured devices; drivers are imported and ports opened on first use."""

    remembered = memories or Memories()

    def worker(kind: DeviceKind, address: str, connect: Callable[[], Any]) -> DeviceWorker[Any]:
        return DeviceWorker(
            kind,
            connect if address else None,
            post,
            memory=remembered.of(kind),
            watching=_watching(kind, address),
        )

    id_card, receipt = settings.id_card_reader, settings.receipt_printer
    camera, face, scanner = settings.document_camera, settings.face_camera, settings.scanner
    printer, code = settings.document_printer, settings.code_reader
    security = settings.social_security_card_reader
    # the functions are looked up when they are called: a test may put another in their place
    return TerminalDevices(
        worker(
            DeviceKind.ID_CARD_READER,
            id_card.port,
            lambda: connecting.connect_id_card_reader(id_card),
        ),
        worker(
            DeviceKind.RECEIPT_PRINTER,
            receipt.address,
            lambda: connecting.connect_receipt_printer(receipt),
        ),
        worker(
            DeviceKind.DOCUMENT_CAMERA,
            camera.source,
            lambda: connecting.connect_document_camera(camera),
        ),
        worker(DeviceKind.FACE_CAMERA, face.source, lambda: connecting.connect_face_camera(face)),
        worker(DeviceKind.SCANNER, scanner.address, lambda: connecting.connect_scanner(scanner)),
        worker(
            DeviceKind.DOCUMENT_PRINTER,
            printer.address,
            lambda: connecting.connect_document_printer(printer),
        ),
        worker(DeviceKind.CODE_READER, code.address, lambda: connecting.connect_code_reader(code)),
        worker(
            DeviceKind.SOCIAL_SECURITY_CARD_READER,
            security.address,
            lambda: connecting.connect_social_security_card_reader(security),
        ),
        remembered,
    )


def _watching(kind: DeviceKind, address: str) -> Watching:
    announced = is_announced(address)
    is_slow = kind is DeviceKind.SCANNER and not address.startswith("escl:")
    return Watching(
        idle_pause_s=SCANNER_IDLE_PAUSE_S if is_slow else Care.IDLE.value,
        close_pause_s=SCANNER_CLOSE_PAUSE_S if is_slow else Care.CLOSE.value,
        longest_retry_s=LONGEST_RETRY_S if announced else LONGEST_UNANNOUNCED_RETRY_S,
        glance=partial(_glance, address) if _streams(kind, address) else None,
    )


def _streams(kind: DeviceKind, address: str) -> bool:
    """Whether being open means pictures all the time."""
    is_camera = address.startswith(("/dev/video", "http:", "https:"))
    return kind in _CAMERAS or (kind is DeviceKind.CODE_READER and is_camera)


def _glance(source: str) -> Reading:
    """Whether a camera's device file is there; nothing is known of one in the network."""
    if not source.startswith("/"):
        return Reading.INCONCLUSIVE
    return Reading.CONNECTED if Path(source).exists() else Reading.DISCONNECTED
