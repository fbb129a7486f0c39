"""A slip of 100 mm through the driver, as a picture and in words; the limit is the line.

Over serial the twin reads at the pace of a real line of 115,200 baud, and the limit is the time
that the job's own bytes take on it. Over TCP there is no pace worth the name; there the paper is
the limit: its way at the twin's 150 mm/s. `bytes` stands beside a full raster of the same slip.
"""

import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from benchmarks.measure import Measure, median, worst
from yici.drivers.receipt_printer import PrintEffect, PrintMode, Receipt
from yici.drivers.receipt_printer.escpos.driver import EscPosPrinter, connect
from yici.drivers.receipt_printer.escpos.twin import EscPosTwin
from yici.kiosk.receipts.elements import Gap, QrCode
from yici.kiosk.receipts.layout import make_receipt
from yici.kiosk.receipts.slip import SlipContent, lay_out_slip

WIDTH_PX = 576
DOTS_PER_MM = 8
PAPER_MM_PER_S = 150.0
BAUD_RATE = 115200
SLIPS = 5

SLIP = SlipContent(
    hall_name="示例镇便民服务中心",
    item_name="城乡居民基本医疗保险参保登记",
    applicant_name="张示例",
    submitted_at=datetime(2026, 11, 25, 14, 5),  # noqa: DTZ001 - shown as it is
    slip_code="7K3M-QX2P-9D",
    qr_content="7K3MQX2P9D",
)
HEIGHT_MM = 100


def _on_serial(folder: Path) -> EscPosTwin:
    return EscPosTwin.on_serial(
        folder / "slips", folder / "printer", baud_rate=BAUD_RATE, paper_mm_per_s=PAPER_MM_PER_S
    )


def _on_tcp(folder: Path) -> EscPosTwin:
    return EscPosTwin.on_tcp(folder / "slips", paper_mm_per_s=PAPER_MM_PER_S)


def _print(printer: EscPosPrinter, receipt: Receipt) -> float:
    started_s = time.perf_counter()
    outcome = printer.print_receipt(receipt)
    assert outcome.effect is PrintEffect.PRINTED, outcome
    return time.perf_counter() - started_s


def _over(
    line: str, make_twin: Callable[[Path], EscPosTwin], mode: PrintMode, receipt: Receipt
) -> list[Measure]:
    with tempfile.TemporaryDirectory() as made, make_twin(Path(made)) as twin:
        printer = connect(twin.address, width_px=WIDTH_PX, mode=mode)
        seconds = [_print(printer, receipt) for _ in range(SLIPS)]
        sent_bytes = int(printer.diagnostics()["last_job_bytes"])
        printer.close()
        paper_mm = twin.slips[-1].height_px / DOTS_PER_MM
    height_mm = receipt.picture.height / DOTS_PER_MM
    what = f"slip of {height_mm:.0f} mm as {mode.value} over {line}"
    full_bytes = receipt.picture.height * WIDTH_PX // 8
    if line == "tcp":
        limit_name, limit_s = f"paper's way at {PAPER_MM_PER_S:.0f} mm/s", paper_mm / PAPER_MM_PER_S
    else:
        paper_s = paper_mm / PAPER_MM_PER_S
        limit_name = f"its bytes at {BAUD_RATE} baud, or the paper's way"
        limit_s = max(sent_bytes * 10 / BAUD_RATE, paper_s)
    time_taken = Measure(
        f"{what} → confirmed",
        "s",
        median(seconds),
        worst(seconds),
        len(seconds),
        limit_name,
        round(limit_s, 2),
        "p50 ≤ limit + 1 s",
        median(seconds) <= limit_s + 1.0,
    )
    if line == "tcp":
        return [time_taken]
    size = Measure(
        f"{what}: bytes",
        "B",
        sent_bytes,
        None,
        1,
        "a full raster of it",
        full_bytes,
        "fewer",
        sent_bytes < full_bytes,
    )
    return [size, time_taken]


def _slip() -> Receipt:
    """Head, facts, slip code, QR code and telephone of a slip, and blank paper up to HEIGHT_MM."""
    whole = lay_out_slip(SLIP)
    codes = tuple(element for element in whole if isinstance(element, QrCode))
    elements = (*whole[:10], *codes, whole[-1])
    height_px = make_receipt(elements, WIDTH_PX).picture.height
    return make_receipt([*elements, Gap(HEIGHT_MM - height_px / DOTS_PER_MM)], WIDTH_PX)


def measure() -> list[Measure]:
    """Bytes and seconds, two lines, two modes."""
    receipt = _slip()
    lines = (("serial", _on_serial), ("tcp", _on_tcp))
    return [
        one
        for mode in PrintMode
        for line, make_twin in lines
        for one in _over(line, make_twin, mode, receipt)
    ]
