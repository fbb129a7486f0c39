"""Scanner and A4 printer from the command line: what is said, and with what the command ends."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from yici.drivers.document_printer.ipp_twin import IppTwin
from yici.drivers.scanner.escl_twin import EsclTwin
from yici.kiosk.cli.device import device


@pytest.fixture
def scanner() -> Iterator[EsclTwin]:
    with EsclTwin() as twin:
        yield twin


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[IppTwin]:
    with IppTwin(tmp_path / "paper") as twin:
        yield twin


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    document = pikepdf.new()
    document.add_blank_page(page_size=(595, 842))
    made = io.BytesIO()
    document.save(made)
    path = tmp_path / "test.pdf"
    path.write_bytes(made.getvalue())
    return path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(device, arguments)


def scan(twin: EsclTwin, out: Path, *more: str) -> Result:
    named = ["--address", twin.address, "--out", str(out), "--dpi", "75"]
    return run("scanner", "scan", *named, *more)


def test_every_sheet_of_the_feeder_is_written(scanner: EsclTwin, tmp_path: Path) -> None:
    scanner.act("load_feeder", "2")
    result = scan(scanner, tmp_path / "out", "--source", "feeder", "--json")
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert (told["end"], len(told["pages"])) == ("complete", 2)
    with Image.open(told["pages"][0]) as page:
        assert page.info["dpi"] == (75, 75)


def test_scanner_that_gives_nothing_is_told_in_a_sentence(
    scanner: EsclTwin, tmp_path: Path
) -> None:
    empty = scan(scanner, tmp_path, "--source", "feeder")
    assert (empty.exit_code, "lay some in" in empty.stderr) == (1, True)
    scanner.set_fault("cover_open")
    opened = scan(scanner, tmp_path, "--source", "feeder", "--json")
    assert opened.exit_code == 1
    assert "close it" in opened.stderr
    assert json.loads(opened.stdout)["status"]["state"] == "cover_open"


def test_wrong_names_are_told_apart_from_a_device_that_says_no(
    scanner: EsclTwin, printer: IppTwin, pdf: Path, tmp_path: Path
) -> None:
    out = ["--out", str(tmp_path)]
    wrong = [
        run("scanner", "scan", "--address", "somewhere", *out),
        run("scanner", "scan", "--driver", "none", "--address", scanner.address, *out),
        scan(scanner, pdf / "below-a-file"),
        run("document-printer", "print", str(pdf), "--address", "somewhere"),
        run("document-printer", "print", str(pdf), "--driver", "x", "--address", printer.address),
        run("document-printer", "print", str(tmp_path / "no"), "--address", printer.address),
    ]
    assert [result.exit_code for result in wrong] == [2] * len(wrong)
    assert all(result.stderr.count("\n") == 1 for result in wrong)


def test_document_is_printed_and_confirmed(printer: IppTwin, pdf: Path) -> None:
    result = run("document-printer", "print", str(pdf), "--address", printer.address, "--json")
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert (told["effect"], told["sheets"]) == ("printed", 1)
    assert len(printer.printed) == 1


def test_printer_without_paper_says_what_to_do(printer: IppTwin, pdf: Path) -> None:
    printer.act("take_paper")
    result = run("document-printer", "print", str(pdf), "--address", printer.address)
    assert result.exit_code == 1
    assert "lay A4 in" in result.stdout


def test_file_that_is_no_pdf_is_refused(printer: IppTwin, tmp_path: Path) -> None:
    (tmp_path / "x.pdf").write_bytes(b"\x89PNG")
    result = run("document-printer", "print", str(tmp_path / "x.pdf"), "--address", printer.address)
    assert (result.exit_code, "no whole PDF" in result.stderr) == (2, True)
