"""A paper laid into the scanner instead of under the camera."""

from collections.abc import Callable, Iterator

import pytest
from driver import SessionDriver

from yici.config.declaration import ScannerSettings
from yici.drivers.document_camera.paper_samples import SamplePaper
from yici.drivers.id_card_reader.personas import Persona
from yici.drivers.scanner.escl_twin import EsclTwin
from yici.kiosk.session.table import State
from yici.kiosk.session.view import ScanView


@pytest.fixture
def scanner() -> Iterator[EsclTwin]:
    with EsclTwin() as twin:
        yield twin


@pytest.fixture
def at_the_scanner(
    open_session: Callable[..., SessionDriver], personas: dict[str, Persona], scanner: EsclTwin
) -> SessionDriver:
    """TY-001's first paper, with the scanner's screen open."""
    settings = ScannerSettings(address=scanner.address, resolution_dpi=75)
    desk = open_session(scanner=settings)
    desk.go_to_papers(personas["P01"])
    assert desk.materials.can_scan
    desk.session.start_scan(first_paper(desk))
    return desk


def first_paper(desk: SessionDriver) -> str:
    return next(row.key for row in desk.materials.rows if row.state == "open")


def scan_of(desk: SessionDriver) -> ScanView:
    assert desk.materials.scan is not None
    return desk.materials.scan


def reaches(desk: SessionDriver, phase: str) -> None:
    desk.until(lambda: scan_of(desk).phase == phase, f"scanner {phase}")


def test_page_on_the_glass_becomes_the_paper(
    at_the_scanner: SessionDriver, scanner: EsclTwin
) -> None:
    desk, key = at_the_scanner, scan_of(at_the_scanner).key
    scanner.act("lay_on_glass", SamplePaper.STATEMENT.value)
    reaches(desk, "ready")
    desk.session.scanning.scan("flatbed")
    reaches(desk, "check")
    assert scan_of(desk).kept_pages == 1
    desk.session.scanning.finish()
    desk.until(lambda: desk.material_state(key) == "captured", "a stored document")


def test_empty_feeder_says_so_and_the_next_try_works(
    at_the_scanner: SessionDriver, scanner: EsclTwin
) -> None:
    desk = at_the_scanner
    reaches(desk, "ready")
    desk.session.scanning.scan("feeder")
    desk.until(lambda: scan_of(desk).fault == "feeder_empty", "told that there is no sheet")
    assert scan_of(desk).phase == "ready"
    scanner.act("load_feeder", "1")
    desk.session.scanning.scan("feeder")
    reaches(desk, "check")
    assert scan_of(desk).fault == ""


def test_scanner_unplugged_within_a_scan_keeps_the_session_and_comes_back(
    at_the_scanner: SessionDriver, scanner: EsclTwin
) -> None:
    desk = at_the_scanner
    reaches(desk, "ready")
    scanner.act("load_feeder", "1")
    scanner.unplug()
    desk.session.scanning.scan("feeder")
    desk.until(lambda: scan_of(desk).fault == "broke_off", "told that it broke off")
    assert scan_of(desk).scanner_state
    scanner.plug_in()
    desk.session.scanning.scan("feeder")
    reaches(desk, "check")


def test_back_closes_the_scanner_and_keeps_the_form(at_the_scanner: SessionDriver) -> None:
    desk = at_the_scanner
    desk.session.back()
    assert desk.screen is State.MATERIALS
    assert desk.materials.scan is None
