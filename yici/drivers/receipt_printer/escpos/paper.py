"""The paper that a twin prints on: rows of dots, cut into pictures."""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import qrcode
import qrcode.constants
from PIL import Image, ImageChops

from yici.drivers.receipt_printer.escpos.job import ROWS_PER_LINE
from yici.drivers.receipt_printer.escpos.rom_letters import draw_letter, read_letter
from yici.drivers.receipt_printer.escpos.stream import (
    Align,
    Bold,
    Control,
    Feed,
    Letter,
    LetterSize,
    QrContent,
    QrCorrection,
    QrModule,
    RasterRow,
    Unrecognised,
)

_QR_LEVELS = (
    qrcode.constants.ERROR_CORRECT_L,
    qrcode.constants.ERROR_CORRECT_M,
    qrcode.constants.ERROR_CORRECT_Q,
    qrcode.constants.ERROR_CORRECT_H,
)


@dataclass(frozen=True, slots=True)
class Slip:
    """One piece of paper that was cut off; `path` is a PNG, black on white.

    `text` is what was printed in the printer's own letters, a line a line.
    """

    path: Path
    printed_at: datetime
    height_px: int
    text: str = ""


@dataclass(slots=True)
class _Settings:
    """What ESC @ sets back."""

    side: int = 0
    module_px: int = 3
    correction: int = 0
    qr_content: bytes = b""
    scale: int = 1
    is_bold: bool = False


@dataclass(slots=True)
class Paper:
    """The roll: printed rows since the last cut, and the slips in `directory`."""

    directory: Path
    width_px: int
    slips: list[Slip] = field(default_factory=list)
    unrecognised_bytes: int = 0
    rows_printed: int = 0  # all rows since it was made, to measure the roll by
    _rows: list[bytes] = field(default_factory=list)
    _settings: _Settings = field(default_factory=_Settings)
    _line: list[Image.Image] = field(default_factory=list)  # letters that wait for a line feed
    _text: str = ""

    @property
    def uncut_height_px(self) -> int:
        """What hangs out of the printer."""
        return len(self._rows)

    def reset(self) -> None:
        """As after ESC @ or power-on; the paper stays where it is."""
        self._settings = _Settings()
        self._line.clear()

    def obey(self, command: object) -> None:
        """Carry out one command of the stream, all but cut and fence."""
        match command:
            case RasterRow(dots):
                self._add(dots, len(dots) * 8)
            case Feed(lines):
                self._print_line()
                self._feed(lines * ROWS_PER_LINE)
            case Control.LINE_FEED:
                if not self._print_line():
                    self._feed(ROWS_PER_LINE)
            case Letter(code):
                self._set_letter(code)
            case Control.INITIALISE:
                self.reset()
            case Control.QR_PRINT:
                self._print_qr()
            case Unrecognised():
                self.unrecognised_bytes += 1
            case _:
                self._set(command)

    def _set(self, command: object) -> None:
        """What changes how the next things come out."""
        settings = self._settings
        match command:
            case Align(side):
                settings.side = side
            case LetterSize(scale):
                settings.scale = scale
            case Bold(is_on):
                settings.is_bold = is_on
            case QrModule(size_px):
                settings.module_px = size_px
            case QrCorrection(level):
                settings.correction = level
            case QrContent(content):
                settings.qr_content = content

    def cut(self) -> None:
        """Make a slip of what hangs out; nothing when that is nothing."""
        self._print_line()
        if not self._rows:
            return
        picture = self._picture()
        self._rows.clear()
        path = self._next_path()
        unfinished = path.with_suffix(".part")
        picture.save(unfinished, format="PNG")
        unfinished.replace(path)  # whoever watches the directory sees whole pictures only
        self.slips.append(Slip(path, datetime.now(UTC), picture.height, self._text))
        self._text = ""

    def _next_path(self) -> Path:
        numbers = itertools.count(len(self.slips) + 1)
        paths = (self.directory / f"slip-{number:04d}.png" for number in numbers)
        return next(path for path in paths if not path.exists())

    def _picture(self) -> Image.Image:
        size = (self.width_px, len(self._rows))
        # a printer burns where a bit is 1; Pillow shows 1 as white
        return ImageChops.invert(Image.frombytes("1", size, b"".join(self._rows)))

    def _feed(self, rows: int) -> None:
        blank = bytes(self._row_bytes)
        self._rows.extend(itertools.repeat(blank, rows))
        self.rows_printed += rows

    @property
    def _row_bytes(self) -> int:
        return (self.width_px + 7) // 8

    def _add(self, dots: bytes, dots_width_px: int) -> None:
        """One row, placed as Align says and cropped to the paper."""
        spare_px = max(0, self.width_px - dots_width_px)
        left_px = (0, spare_px // 2, spare_px)[self._settings.side]
        if left_px == 0 and len(dots) == self._row_bytes:
            row = dots
        else:
            paper_bits = self._row_bytes * 8
            shifted = int.from_bytes(dots, "big") << max(0, paper_bits - dots_width_px)
            shifted >>= max(0, dots_width_px - paper_bits) + left_px
            row = shifted.to_bytes(self._row_bytes, "big")
        self._rows.append(row)
        self.rows_printed += 1

    def _set_letter(self, code: bytes) -> None:
        letter = draw_letter(code, self._settings.scale, bold=self._settings.is_bold)
        if sum(each.width for each in self._line) + letter.width > self.width_px:
            self._print_line()
        self._line.append(letter)
        self._text += read_letter(code)

    def _print_line(self) -> bool:
        """Print the letters that wait; False when none do."""
        if not self._line:
            return False
        height_px = max(ROWS_PER_LINE, *(letter.height for letter in self._line))
        line = Image.new("1", (sum(letter.width for letter in self._line), height_px), 0)
        left = 0
        for letter in self._line:
            line.paste(letter, (left, 0))
            left += letter.width
        self._line.clear()
        self._text += "\n"
        width_bytes = (line.width + 7) // 8
        packed = line.tobytes()
        for start in range(0, len(packed), width_bytes):
            self._add(packed[start : start + width_bytes], width_bytes * 8)
        return True

    def _print_qr(self) -> None:
        code = qrcode.QRCode(
            box_size=1, border=0, error_correction=_QR_LEVELS[self._settings.correction]
        )
        code.add_data(self._settings.qr_content)
        code.make(fit=True)
        size_px = self._settings.module_px
        for modules in code.get_matrix():
            bits = "".join("1" * size_px if dark else "0" * size_px for dark in modules)
            padded = bits.ljust((len(bits) + 7) // 8 * 8, "0")
            dots = int(padded, 2).to_bytes(len(padded) // 8, "big")
            for _ in range(size_px):
                self._add(dots, len(dots) * 8)
