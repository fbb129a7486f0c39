"""Printers to print on: the twin, and somebody else's ones (see `ipp_peers`)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from ipp_peers import CupsServer, EveryPrinter, make_pdf, open_folder, service_discovery

from yici.drivers.document_printer.ipp_twin import IppTwin


@pytest.fixture
def pdf() -> bytes:
    return make_pdf()


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[IppTwin]:
    with IppTwin(tmp_path / "paper", slow_s=1.0) as twin:
        yield twin


@pytest.fixture(scope="session")
def peers_folder() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def discovery(peers_folder: Path) -> Iterator[dict[str, str]]:
    with service_discovery(peers_folder) as environment:
        yield environment


@pytest.fixture(scope="session")
def cups(peers_folder: Path) -> Iterator[CupsServer]:
    server = CupsServer(peers_folder)
    with server.running():
        yield server


@pytest.fixture
def everywhere(peers_folder: Path, discovery: dict[str, str]) -> Iterator[EveryPrinter]:
    printer = EveryPrinter(peers_folder, discovery)
    printer.plug_in()
    yield printer
    printer.mend()  # lets the engine of a stuck job end
    printer.unplug()
