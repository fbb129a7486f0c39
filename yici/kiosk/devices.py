"""The terminal's devices by role, each served by one thread of its own.

Results come back through `post`, which runs them on the session's own thread; nothing in
here keeps a device's answer for later: who wants to know asks again.
"""

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from yici.config.declaration import (
    DocumentCameraSettings,
    IdCardReaderSettings,
    ReceiptPrinterSettings,
    TerminalSettings,
)
from yici.contract.people import Identity
from yici.drivers.device import DeviceError, DeviceKind, DeviceState, DeviceStatus
from yici.drivers.document_camera import DocumentCamera
from yici.drivers.id_card_reader import CardPresence, IdCardReader
from yici.drivers.receipt_printer import ReceiptPrinter

CARD_POLL_INTERVAL_S = 0.3  # vendors ask for more than 300 ms between two polls

Post = Callable[[Callable[[], None]], None]
Result = TypeVar("Result")


class Closable(Protocol):
    """What every device offers to its worker."""

    def close(self) -> None: ...


Device = TypeVar("Device", bound=Closable)


class DeviceWorker(Generic[Device]):
    """One thread and one queue for one device; the device is connected on first use."""

    def __init__(self, kind: DeviceKind, connect: Callable[[], Device] | None, post: Post) -> None:
        self._kind = kind
        self._connect = connect
        self._post = post
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._device: Device | None = None
        self.stopping = threading.Event()

    @property
    def configured(self) -> bool:
        """Whether the settings name such a device."""
        return self._connect is not None

    def call(
        self,
        ask: Callable[[Device], Result],
        then: Callable[[Result], None],
        otherwise: Callable[[DeviceStatus], None],
        *,
        after_s: float = 0.0,
    ) -> None:
        """Ask the device on its thread; one of the two answers runs on the session's thread.

        `after_s` is waited on the device's thread, before the question.
        """
        self._start()
        self._jobs.put(lambda: self._run(ask, then, otherwise, after_s))

    def close(self) -> None:
        """End the thread after the running call; the device is given back."""
        self.stopping.set()
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join(timeout=10)

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name=self._kind.value, daemon=True)
            self._thread.start()

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
        if self._device is not None:
            self._device.close()

    def _run(
        self,
        ask: Callable[[Device], Result],
        then: Callable[[Result], None],
        otherwise: Callable[[DeviceStatus], None],
        after_s: float,
    ) -> None:
        if self.stopping.wait(after_s):
            return
        if self._connect is None:
            self._fail(otherwise, DeviceStatus(self._kind, DeviceState.NOT_CONFIGURED))
            return
        try:
            if self._device is None:
                self._device = self._connect()
            result = ask(self._device)
        except DeviceError as error:
            self._fail(otherwise, error.status)
        except ValueError:  # an unknown driver, or an address that can't be one
            self._fail(otherwise, DeviceStatus(self._kind, DeviceState.WRONG_SETTING))
        except Exception as error:  # noqa: BLE001 - whatever it is, the screen waits for a word
            code = f"driver.{type(error).__name__}"
            self._fail(otherwise, DeviceStatus(self._kind, DeviceState.FAULT, code))
        else:
            self._post(lambda: then(result))

    def _fail(self, otherwise: Callable[[DeviceStatus], None], status: DeviceStatus) -> None:
        self._post(lambda: otherwise(status))


@dataclass(frozen=True, slots=True)
class TerminalDevices:
    """The workers by role."""

    id_card_reader: DeviceWorker[IdCardReader]
    receipt_printer: DeviceWorker[ReceiptPrinter]
    document_camera: DeviceWorker[DocumentCamera]

    def close(self) -> None:
        """Give every device back."""
        for worker in (self.id_card_reader, self.receipt_printer, self.document_camera):
            worker.stopping.set()
        self.id_card_reader.close()
        self.receipt_printer.close()
        self.document_camera.close()


def open_devices(settings: TerminalSettings, post: Post) -> TerminalDevices:
    """Workers for the configured devices; drivers are imported and ports opened on first use."""
    reader, printer, camera = (
        settings.id_card_reader,
        settings.receipt_printer,
        settings.document_camera,
    )
    return TerminalDevices(
        DeviceWorker(
            DeviceKind.ID_CARD_READER,
            (lambda: _connect_reader(reader)) if reader.port else None,
            post,
        ),
        DeviceWorker(
            DeviceKind.RECEIPT_PRINTER,
            (lambda: _connect_printer(printer)) if printer.address else None,
            post,
        ),
        DeviceWorker(
            DeviceKind.DOCUMENT_CAMERA,
            (lambda: _connect_camera(camera)) if camera.source else None,
            post,
        ),
    )


def _connect_reader(settings: IdCardReaderSettings) -> IdCardReader:
    from yici.drivers.id_card_reader.registry import get_connect

    return get_connect(settings.driver)(settings.port, baud_rate=settings.baud_rate)


def _connect_printer(settings: ReceiptPrinterSettings) -> ReceiptPrinter:
    from yici.drivers.receipt_printer.registry import connect

    return connect(settings.driver, settings.address, width_px=settings.width_px)


def _connect_camera(settings: DocumentCameraSettings) -> DocumentCamera:
    from yici.drivers.document_camera.registry import get_connect

    return get_connect(settings.driver)(settings.source)


class CardWatch:
    """Polls the reader until a card was read or the watch is stopped."""

    def __init__(
        self,
        worker: DeviceWorker[IdCardReader],
        on_identity: Callable[[Identity], None],
        on_presence: Callable[[CardPresence], None],
        on_trouble: Callable[[DeviceStatus], None],
    ) -> None:
        self._worker = worker
        self._on_identity = on_identity
        self._on_presence = on_presence
        self._on_trouble = on_trouble
        self._stopped = False
        self._poll(after_s=0.0)

    def stop(self) -> None:
        """No further poll; a result on its way is dropped."""
        self._stopped = True

    def _poll(self, after_s: float) -> None:
        self._worker.call(
            lambda reader: reader.read_card(), self._answered, self._failed, after_s=after_s
        )

    def _answered(self, result: Identity | CardPresence) -> None:
        if self._stopped:
            return
        if isinstance(result, Identity):
            self._stopped = True
            self._on_identity(result)
            return
        self._on_presence(result)
        self._poll(CARD_POLL_INTERVAL_S)

    def _failed(self, status: DeviceStatus) -> None:
        if self._stopped:
            return
        self._on_trouble(status)
        if self._worker.configured:
            self._poll(CARD_POLL_INTERVAL_S)
