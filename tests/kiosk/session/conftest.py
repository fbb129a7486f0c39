"""A hall's terminal: enrolled, with a catalogue, a reader, a printer and a camera."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from importlib.resources import as_file, files
from pathlib import Path

import pytest
from driver import SessionDriver
from enrolled_terminal import enrol, stock_catalogue

from yici.config.declaration import (
    DocumentCameraSettings,
    HallSettings,
    IdCardReaderSettings,
    ReceiptPrinterSettings,
    StorageSettings,
    TerminalSettings,
)
from yici.drivers.document_camera.twin import DocumentCameraTwin
from yici.drivers.document_camera.twin_scene import View
from yici.drivers.id_card_reader.personas import Persona, load_personas
from yici.drivers.id_card_reader.sam.twin import Pace, SamTwin
from yici.drivers.receipt_printer import ReceiptPrinter
from yici.drivers.receipt_printer.escpos.conversation import Timing
from yici.drivers.receipt_printer.escpos.driver import connect as connect_printer
from yici.drivers.receipt_printer.escpos.twin import EscPosTwin

WIDTH_PX = 576
# a printer that never answers is given up soon; one that prints has all the time it needs
TIMING = Timing(answer_timeout_s=1.5, stall_timeout_s=3, job_margin_s=1, poll_interval_s=0.05)


@pytest.fixture(scope="session")
def personas() -> dict[str, Persona]:
    with as_file(files("yici.catalogue").joinpath("personas.jsonl")) as path:
        return load_personas(path)


@pytest.fixture
def open_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., SessionDriver]]:
    """Each call is the next resident's session at the same terminal; keywords change settings."""

    def connect(settings: ReceiptPrinterSettings) -> ReceiptPrinter:
        return connect_printer(settings.address, width_px=settings.width_px, timing=TIMING)

    monkeypatch.setattr("yici.kiosk.devices.connecting.connect_receipt_printer", connect)
    state_dir = tmp_path / "terminal"
    platform = enrol(state_dir)
    stock_catalogue(state_dir, "RS-003", "RS-006", "TY-001", "GA-004")
    with ExitStack() as stack:
        reader = stack.enter_context(SamTwin(tmp_path / "reader", pace=Pace.AT_ONCE))
        printer = stack.enter_context(EscPosTwin.on_tcp(tmp_path / "slips", width_px=WIDTH_PX))
        camera = stack.enter_context(DocumentCameraTwin(view=View(width_px=972, height_px=1296)))
        settings = TerminalSettings(
            hall=HallSettings(name="大围山镇便民服务中心", phone="12345"),
            storage=StorageSettings(state_dir=str(state_dir)),
            id_card_reader=IdCardReaderSettings(port=str(reader.path)),
            receipt_printer=ReceiptPrinterSettings(address=printer.address, width_px=WIDTH_PX),
            document_camera=DocumentCameraSettings(source=camera.url),
        )

        def open_one(**tables: object) -> SessionDriver:
            changed = replace(settings, **tables)  # type: ignore[arg-type]  # tables of settings
            driver = SessionDriver(changed, platform, reader, printer, camera)
            stack.callback(driver.close)
            return driver

        yield open_one


@pytest.fixture
def desk(open_session: Callable[[], SessionDriver]) -> SessionDriver:
    """One resident's session."""
    return open_session()
