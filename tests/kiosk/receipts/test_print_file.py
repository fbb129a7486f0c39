"""`receipt-printer print`: field staff and scripts go by the sentence and the exit status."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from yici.drivers.device import DeviceState
from yici.drivers.receipt_printer.escpos.twin import EscPosTwin, TwinCondition
from yici.kiosk.cli import device_receipt_printer
from yici.kiosk.cli.device_receipt_printer import receipt_printer
from yici.kiosk.receipts.picture import fit_picture

FEED_PX = 5 * 34


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(receipt_printer, ["print", *map(str, arguments)])


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[EscPosTwin]:
    with EscPosTwin.on_tcp(tmp_path / "slips") as twin:
        yield twin


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    Image.linear_gradient("L").save(path)
    return path


def test_picture_is_scaled_to_the_paper_and_confirmed(twin: EscPosTwin, picture: Path) -> None:
    result = run(picture, "--driver", "escpos", "--address", twin.address, "--json")
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert report["effect"] == "printed"
    assert report["status_before"]["state"] == report["status_after"]["state"] == "ready"
    (slip,) = twin.slips
    with Image.open(slip.path) as paper:
        assert paper.size == (576, 576 + FEED_PX)
        greys = paper.convert("L").resize((1, 8), Image.Resampling.BOX).tobytes()
    assert list(greys[:6]) == sorted(greys[:6])  # the gradient is still one, in dots


def test_a_printed_slip_prints_again_dot_for_dot(twin: EscPosTwin, picture: Path) -> None:
    arguments = ("--driver", "escpos", "--address", twin.address)
    assert run(picture, *arguments).exit_code == 0
    assert run(twin.slips[0].path, *arguments).exit_code == 0
    first, again = (Image.open(slip.path) for slip in twin.slips)
    assert again.crop((0, 0, *first.size)).tobytes() == first.tobytes()


def test_paper_out_is_exit_status_1_with_the_reason(twin: EscPosTwin, picture: Path) -> None:
    twin.set_condition(TwinCondition.PAPER_OUT)
    arguments = (picture, "--driver", "escpos", "--address", twin.address)
    result = run(*arguments, "--json")
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert (report["effect"], report["status_after"]["state"]) == ("not_printed", "paper_out")
    result = run(*arguments)
    assert "Nothing was printed. The paper is out: put in a new roll." in result.stdout


def test_unconfirmed_print_is_exit_status_1(twin: EscPosTwin, picture: Path) -> None:
    twin.set_condition(TwinCondition.COVER_OPEN, after_rows=200)
    result = run(picture, "--driver", "escpos", "--address", twin.address)
    assert result.exit_code == 1
    assert "look whether a slip came out" in result.stdout


@pytest.mark.parametrize(
    ("driver", "address", "sentence"),
    [
        ("star", "tcp://192.0.2.7:9100", "there is: escpos"),
        ("escpos", "192.0.2.7", "looks like tcp://"),
        ("escpos", "tcp://192.0.2.7:0", "1 to 65535"),
        ("escpos", "serial:/dev/ttyS0@7", "not a speed"),
    ],
)
def test_wrong_names_are_exit_status_2_and_one_sentence(
    picture: Path, driver: str, address: str, sentence: str
) -> None:
    result = run(picture, "--driver", driver, "--address", address)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("content", [b"", b"no image", b"\x89PNG\r\n\x1a\n cut off"])
def test_a_file_that_is_no_image_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "file.png"
    file.write_bytes(content)
    result = run(file, "--driver", "escpos", "--address", "tcp://192.0.2.7:9100")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)


def test_a_truncated_image_is_refused(tmp_path: Path, picture: Path) -> None:
    file = tmp_path / "half.png"
    file.write_bytes(picture.read_bytes()[:-60])
    result = run(file, "--driver", "escpos", "--address", "tcp://192.0.2.7:9100")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)


def test_a_missing_file_and_a_scroll_are_refused(tmp_path: Path) -> None:
    scroll = tmp_path / "scroll.png"
    Image.new("L", (8, 800)).save(scroll)
    for file, sentence in ((tmp_path / "none.png", "can't be read"), (scroll, "too long")):
        result = run(file, "--driver", "escpos", "--address", "tcp://192.0.2.7:9100")
        assert result.exit_code == 2
        assert sentence in result.stderr


def test_transparent_parts_stay_white() -> None:
    clear = Image.new("RGBA", (16, 16), (0, 0, 0, 0))
    assert fit_picture(clear, 32).getextrema() == (255, 255)


def test_a_slip_of_the_right_width_is_not_touched() -> None:
    slip = Image.new("1", (384, 10), 1)
    assert fit_picture(slip, 384) is slip


def test_every_state_that_stops_a_printer_has_its_advice() -> None:
    silent = {DeviceState.READY, DeviceState.NOT_CONFIGURED}
    assert set(DeviceState) - silent <= set(device_receipt_printer._ADVICE)
