"""What every receipt printer has to do, over every line; one test per thing that goes wrong."""

import time
from contextlib import closing
from pathlib import Path

import pytest
import qrcode
import zxingcpp
from PIL import Image, ImageDraw, ImageFont, ImageOps

from tests.drivers.receipt_printer.conftest import HASTY, PATIENT, WIDTH_PX, Bench, Desk
from yici.drivers.device import DeviceState, StepOutcome
from yici.drivers.receipt_printer import PrintEffect, PrintMode
from yici.drivers.receipt_printer.escpos.address import (
    SerialAddress,
    TcpAddress,
    UsbAddress,
    parse_address,
)
from yici.drivers.receipt_printer.escpos.commands import FENCE, FULL_CUT, query_status
from yici.drivers.receipt_printer.escpos.driver import connect
from yici.drivers.receipt_printer.escpos.raster import raster_bands
from yici.drivers.receipt_printer.escpos.twin import EscPosTwin, TwinCondition
from yici.drivers.transports.serial_line import SerialLine
from yici.drivers.transports.tcp import TcpLine
from yici.drivers.transports.usb_printer_file import UsbPrinterFile

FONT = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
BEFORE_ANY_ROW = {
    TwinCondition.PAPER_OUT: DeviceState.PAPER_OUT,
    TwinCondition.COVER_OPEN: DeviceState.COVER_OPEN,
    TwinCondition.OFFLINE: DeviceState.OFFLINE,
    TwinCondition.UNRECOVERABLE: DeviceState.FAULT,
    TwinCondition.HEAD_HOT: DeviceState.FAULT,
    TwinCondition.SILENT: DeviceState.UNKNOWN,
    TwinCondition.STALLED: DeviceState.UNKNOWN,
    TwinCondition.GARBAGE: DeviceState.WRONG_SETTING,
    TwinCondition.SLOW: DeviceState.UNKNOWN,
}
IN_THE_MIDDLE = {
    TwinCondition.PAPER_OUT: DeviceState.PAPER_OUT,
    TwinCondition.COVER_OPEN: DeviceState.COVER_OPEN,
    TwinCondition.OFFLINE: DeviceState.OFFLINE,
    TwinCondition.UNRECOVERABLE: DeviceState.FAULT,
    TwinCondition.HEAD_HOT: DeviceState.FAULT,
    TwinCondition.CUTTER_JAM: DeviceState.CUTTER_JAMMED,
    TwinCondition.SILENT: DeviceState.UNKNOWN,
    TwinCondition.STALLED: DeviceState.UNKNOWN,
    TwinCondition.GARBAGE: DeviceState.WRONG_SETTING,
    TwinCondition.SLOW: DeviceState.UNKNOWN,
}


def receipt(
    text: str = "回执 王䶮 𬭎", *, height_px: int = 240, width_px: int = WIDTH_PX
) -> Image.Image:
    image = Image.new("1", (width_px, height_px), 1)
    draw = ImageDraw.Draw(image)
    draw.text((10, 4), text, font=ImageFont.truetype(FONT, 40, index=2), fill=0)
    draw.rectangle((0, 0, width_px - 1, height_px - 1), outline=0)
    return image


def only_ink(paper: Image.Image) -> Image.Image:
    """What was printed without the white around it."""
    grey = paper.convert("L")
    return grey.crop(ImageOps.invert(grey).getbbox())


def printed(path: Path, rows: int) -> Image.Image:
    """The `rows` that came before the feed to the cutter."""
    paper = Image.open(path)
    top = paper.height - 5 * 34 - rows
    return paper.crop((0, top, paper.width, top + rows))


def open_line(address: str) -> SerialLine | TcpLine | UsbPrinterFile:
    match parse_address(address):
        case TcpAddress(host, port):
            return TcpLine(host, port)
        case SerialAddress(path, baud_rate):
            return SerialLine(path, baud_rate=baud_rate)
        case UsbAddress(path):
            return UsbPrinterFile(path)


def test_rare_characters_reach_the_paper_dot_for_dot(desk: Desk) -> None:
    image = receipt("䶮𬭎𠮷〇㎡℃①：。￥", width_px=desk.peer.width_px)
    outcome = desk.printer.print_image(image)
    assert outcome.effect is PrintEffect.PRINTED
    assert outcome.before.state is outcome.after.state is DeviceState.READY
    (paper,) = desk.peer.pictures()
    assert only_ink(paper).tobytes() == only_ink(image).tobytes()


def test_a_code_on_paper_reads_back_as_it_was_sent(desk: Desk) -> None:
    content = "https://hall.example/s/7K3M-QX2P-9D?名=䶮"
    code = qrcode.make(content, box_size=4).get_image().convert("1")
    image = Image.new("1", (desk.peer.width_px, code.height), 1)
    image.paste(code, (20, 0))
    assert desk.printer.print_image(image).effect is PrintEffect.PRINTED
    (paper,) = desk.peer.pictures()
    (found,) = zxingcpp.read_barcodes(paper.convert("L"))
    assert found.text == content


def test_a_code_in_double_dots_is_the_same_code(desk: Desk) -> None:
    code = qrcode.make("7K3MQX2P9D", box_size=6).get_image().convert("1")
    image = Image.new("1", (desk.peer.width_px, code.height), 1)
    image.paste(code, (20, 0))
    desk.printer.close()
    printer = connect(
        desk.address, width_px=desk.peer.width_px, mode=PrintMode.TEXT, timing=PATIENT
    )
    with closing(printer):
        assert printer.print_image(image).effect is PrintEffect.PRINTED
        sent_bytes = printer.diagnostics()["last_job_bytes"]
    (paper,) = desk.peer.pictures()
    assert only_ink(paper).tobytes() == only_ink(image).tobytes()
    assert isinstance(sent_bytes, int)
    assert sent_bytes < image.height * image.width // 8 // 4


@pytest.mark.parametrize(
    "condition", [TwinCondition.PAPER_OUT, TwinCondition.COVER_OPEN, TwinCondition.OFFLINE]
)
def test_a_printer_that_says_it_can_not_is_given_nothing(
    desk: Desk, condition: TwinCondition
) -> None:
    image = receipt(width_px=desk.peer.width_px)
    desk.peer.break_with(condition)
    outcome = desk.printer.print_image(image)
    assert outcome.effect is PrintEffect.NOT_PRINTED
    assert outcome.before.state is BEFORE_ANY_ROW[condition]
    desk.peer.mend()
    assert desk.printer.status().state is DeviceState.READY
    assert desk.printer.print_image(image).effect is PrintEffect.PRINTED
    assert len(desk.peer.pictures()) == 1


def test_paper_near_its_end_still_prints(desk: Desk) -> None:
    desk.peer.break_with(TwinCondition.NEAR_END)
    outcome = desk.printer.print_image(receipt(width_px=desk.peer.width_px))
    assert outcome.effect is PrintEffect.PRINTED
    assert outcome.after.state is DeviceState.PAPER_NEAR_END


def test_two_slips_are_two_pieces_of_paper(desk: Desk) -> None:
    for _ in range(2):
        image = receipt(width_px=desk.peer.width_px)
        assert desk.printer.print_image(image).effect is PrintEffect.PRINTED
    assert len(desk.peer.pictures()) == 2


def test_self_test_moves_no_paper_and_names_every_step(desk: Desk) -> None:
    steps = {step.code: step for step in desk.printer.self_test()}
    assert list(steps) == [
        "answers",
        "escpos.steady",
        "escpos.fence",
        "escpos.model",
        "usb.port_status",
    ]
    assert steps.pop("usb.port_status").outcome is StepOutcome.NOT_DONE  # no USB port on this line
    assert {step.outcome for step in steps.values()} == {StepOutcome.PASSED}
    assert steps["escpos.steady"].detail == "12 12 12 12"
    assert steps["escpos.model"].detail == desk.printer.diagnostics()["model"] != ""
    assert desk.peer.pictures() == []


def test_self_test_of_an_ill_printer_stops_where_it_fails(desk: Desk) -> None:
    desk.peer.break_with(TwinCondition.COVER_OPEN)
    answers, *others = desk.printer.self_test()
    assert (answers.outcome, answers.detail) == (StepOutcome.FAILED, "escpos.cover_open")
    assert {step.outcome for step in others} == {StepOutcome.NOT_DONE}


def test_diagnostics_count_and_carry_nothing_that_was_printed(desk: Desk) -> None:
    image = receipt("张示例 430199198506120012", width_px=desk.peer.width_px)
    assert desk.printer.print_image(image).effect is PrintEffect.PRINTED
    desk.peer.break_with(TwinCondition.PAPER_OUT)
    desk.printer.print_image(image)
    facts = desk.printer.diagnostics()
    assert (facts["jobs_printed"], facts["jobs_not_printed"], facts["jobs_unknown"]) == (1, 1, 0)
    assert facts["last_trouble"] == "escpos.paper_out"
    assert facts["status_bytes"] == "1A 32 12 7E"
    words = " ".join(map(str, facts.values()))
    assert "示" not in words
    assert "430199" not in words


def test_grey_is_printed_as_black_or_white(bench: Bench) -> None:
    grey = Image.linear_gradient("L").resize((WIDTH_PX, 64))
    assert bench.printer.print_image(grey).effect is PrintEffect.PRINTED
    expected = grey.point(lambda level: 255 if level >= 128 else 0)
    assert printed(bench.twin.slips[0].path, 64).convert("L").tobytes() == expected.tobytes()


def test_a_picture_that_contains_a_status_query_prints_unharmed(bench: Bench) -> None:
    image = Image.new("1", (WIDTH_PX, 16), 1)
    dots = bytearray(image.tobytes())
    dots[7:10] = bytes(byte ^ 0xFF for byte in b"\x10\x04\x04")
    image.frombytes(bytes(dots))
    bench.twin.set_condition(TwinCondition.NEAR_END)  # so that the stray answer looks offline
    assert bench.printer.print_image(image).effect is PrintEffect.PRINTED
    assert printed(bench.twin.slips[0].path, 16).tobytes() == image.tobytes()


def test_every_trouble_that_stops_a_printer_is_tried_before_and_in_the_middle() -> None:
    harmless = {TwinCondition.NEAR_END}
    assert set(IN_THE_MIDDLE) == set(TwinCondition) - harmless
    assert set(BEFORE_ANY_ROW) == set(IN_THE_MIDDLE) - {TwinCondition.CUTTER_JAM}


@pytest.mark.parametrize("bench", ["tcp", "serial"], indirect=True)
@pytest.mark.parametrize("condition", BEFORE_ANY_ROW)
def test_trouble_before_the_job_prints_nothing(bench: Bench, condition: TwinCondition) -> None:
    bench.twin.set_condition(condition)
    outcome = bench.hasty.print_image(receipt())
    assert outcome.effect is PrintEffect.NOT_PRINTED
    assert outcome.before.state is BEFORE_ANY_ROW[condition]
    bench.hasty.close()
    bench.twin.clear(condition)
    assert bench.printer.status().state is DeviceState.READY
    assert bench.twin.slips == []
    assert bench.twin.uncut_height_px == 0


@pytest.mark.parametrize("bench", ["tcp", "serial"], indirect=True)
@pytest.mark.parametrize("condition", IN_THE_MIDDLE)
def test_trouble_in_the_middle_is_never_called_printed(
    bench: Bench, condition: TwinCondition
) -> None:
    bench.twin.set_condition(condition, after_rows=150)
    outcome = bench.hasty.print_image(receipt())
    assert outcome.effect is PrintEffect.UNKNOWN
    assert outcome.before.state is DeviceState.READY
    assert outcome.after.state is IN_THE_MIDDLE[condition]


def test_printer_runs_out_of_paper_mid_receipt_and_starts_afresh(bench: Bench) -> None:
    image = receipt()
    bench.twin.set_condition(TwinCondition.PAPER_OUT, after_rows=150)
    assert bench.printer.print_image(image).effect is PrintEffect.UNKNOWN
    bench.twin.clear(TwinCondition.PAPER_OUT)
    assert bench.printer.status().state is DeviceState.READY
    # the rest of the job does not come out by itself
    assert (bench.twin.slips, bench.twin.uncut_height_px) == ([], 150)
    assert bench.printer.print_image(image).effect is PrintEffect.PRINTED
    # and the half slip is a piece of its own, not the head of the next person's
    half, whole = bench.twin.slips
    assert half.height_px >= 150
    assert whole.height_px == image.height + 5 * 34
    assert printed(whole.path, image.height).tobytes() == image.tobytes()


def test_cable_pulled_mid_receipt_and_put_back(bench: Bench) -> None:
    image = receipt()
    bench.twin.unplug(after_rows=150)
    outcome = bench.printer.print_image(image)
    assert outcome.effect is PrintEffect.UNKNOWN
    assert outcome.after.state is DeviceState.DISCONNECTED
    bench.twin.plug_in()
    outcome = bench.printer.print_image(image)
    assert outcome.effect is PrintEffect.PRINTED
    assert printed(bench.twin.slips[-1].path, image.height).tobytes() == image.tobytes()


def test_unplugged_printer_is_disconnected_until_it_is_back(bench: Bench) -> None:
    assert bench.printer.status().state is DeviceState.READY
    bench.twin.unplug()
    outcome = bench.printer.print_image(receipt())
    assert outcome.effect is PrintEffect.NOT_PRINTED
    assert outcome.after.state is DeviceState.DISCONNECTED
    bench.twin.plug_in()
    assert bench.printer.status().state is DeviceState.READY


def test_a_line_that_broke_while_idle_is_reopened_within_one_call(bench: Bench) -> None:
    assert bench.printer.status().state is DeviceState.READY
    bench.twin.unplug()
    bench.twin.plug_in()
    assert bench.printer.print_image(receipt()).effect is PrintEffect.PRINTED


def test_jammed_cutter_is_named_and_mended(bench: Bench) -> None:
    bench.twin.set_condition(TwinCondition.CUTTER_JAM)
    assert bench.printer.status().state is DeviceState.READY  # it shows when it has to cut
    outcome = bench.printer.print_image(receipt())
    assert (outcome.effect, outcome.after.code) == (PrintEffect.UNKNOWN, "escpos.cutter")
    bench.twin.clear(TwinCondition.CUTTER_JAM)
    assert bench.printer.status().state is DeviceState.READY


@pytest.mark.parametrize("bench", ["tcp", "serial"], indirect=True)
def test_interrupted_job_of_another_process_does_not_swallow_the_next(bench: Bench) -> None:
    image = receipt()
    bench.twin.set_condition(TwinCondition.STALLED, after_rows=30)
    assert bench.hasty.print_image(image).effect is PrintEffect.UNKNOWN
    bench.hasty.close()
    bench.twin.clear(TwinCondition.STALLED)
    # the other driver knows nothing of a printer that waits for the rest of a band
    assert bench.printer.print_image(image).effect is PrintEffect.PRINTED
    assert printed(bench.twin.slips[-1].path, image.height).tobytes() == image.tobytes()


def test_confirmation_of_an_abandoned_job_is_not_taken_for_the_next(bench: Bench) -> None:
    image = receipt()
    bench.twin.set_condition(TwinCondition.COVER_OPEN, after_rows=30)
    line = open_line(bench.twin.address)  # a process that dies in the middle of its job
    with closing(line):
        line.write(b"".join(raster_bands(image)) + FULL_CUT + FENCE + query_status(1), timeout_s=20)
        # the query overtakes the rows: ask until the cover has opened under them
        deadline_s = time.monotonic() + 20
        while (answer := line.read(timeout_s=20)) != b"\x1a" and time.monotonic() < deadline_s:
            line.write(query_status(1), timeout_s=20)
    assert answer == b"\x1a"
    bench.twin.set_condition(TwinCondition.COVER_OPEN, after_rows=image.height)
    bench.twin.clear(TwinCondition.COVER_OPEN)  # prints the rest, and answers its fence
    outcome = bench.printer.print_image(image)  # stopped by the cover again
    assert outcome.effect is not PrintEffect.PRINTED


def test_printer_that_is_well_but_not_done_in_time_is_not_called_printed(tmp_path: Path) -> None:
    with EscPosTwin.on_tcp(tmp_path, width_px=WIDTH_PX, paper_mm_per_s=20) as twin:
        printer = connect(twin.address, width_px=WIDTH_PX, timing=HASTY)
        outcome = printer.print_image(receipt())
        printer.close()
        assert outcome.effect is PrintEffect.UNKNOWN
        assert outcome.after.state is DeviceState.READY
        assert twin.slips == []


@pytest.mark.parametrize(
    "image",
    [
        Image.new("1", (WIDTH_PX + 1, 10)),
        Image.new("1", (WIDTH_PX, 0)),
        Image.new("RGB", (WIDTH_PX, 10)),
    ],
    ids=["width", "empty", "colour"],
)
def test_a_picture_that_is_no_receipt_is_refused(bench: Bench, image: Image.Image) -> None:
    with pytest.raises(ValueError, match="a receipt is"):
        bench.printer.print_image(image)


def test_closing_twice_is_harmless(bench: Bench) -> None:
    bench.printer.status()
    bench.printer.close()
    bench.printer.close()
    assert bench.printer.status().state is DeviceState.READY
