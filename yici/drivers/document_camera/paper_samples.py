"""Sample papers to lay under the camera twin: invented people, marked 样本 all over.

They have the size and the rough look of the papers that residents bring, not their printed text or
emblems. ID numbers start with 430199, which was never assigned.
"""

import math
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

DPI: Final = 200
_FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
_FONT_FACE_SC = 2  # the collection's order: JP, KR, SC, TC, HK
_INK = (34, 34, 38)
_PALE = (120, 120, 128)
_RED = (186, 32, 38)
_WHITE = (246, 246, 243)


class SamplePaper(StrEnum):
    """The papers that can be drawn."""

    MARRIAGE_CERTIFICATE = "marriage_certificate"
    HOUSEHOLD_REGISTER_PAGE = "household_register_page"
    BIRTH_CERTIFICATE = "birth_certificate"
    ID_CARD_COPY = "id_card_copy"
    BANK_CARD_COPY = "bank_card_copy"
    STATEMENT = "statement"
    BLANK_SHEET = "blank_sheet"


SAMPLE_TITLES: Final[Mapping[SamplePaper, str]] = {
    SamplePaper.MARRIAGE_CERTIFICATE: "结婚证(样本)",
    SamplePaper.HOUSEHOLD_REGISTER_PAGE: "户口簿常住人口页(样本)",
    SamplePaper.BIRTH_CERTIFICATE: "出生医学证明(样本)",
    SamplePaper.ID_CARD_COPY: "身份证复印件(样本)",
    SamplePaper.BANK_CARD_COPY: "银行卡复印件(样本)",
    SamplePaper.STATEMENT: "情况说明(样本)",
    SamplePaper.BLANK_SHEET: "白纸",
}


@dataclass(frozen=True, slots=True)
class _Person:
    name: str
    sex: str
    born: str
    id_number: str


_HUSBAND = _Person("张示例", "男", "1985年6月12日", "430199198506120012")
_WIFE = _Person("李样本", "女", "1962年11月3日", "430199196211030029")
_MOTHER = _Person("郑视弱", "女", "1983年9月9日", "430199198309090125")
_CHILD = _Person("陈小满", "女", "2015年9月1日", "430199201509010040")
_ADDRESS = "湖南省示例市示例区测试路1号"


def find_or_draw(sample: SamplePaper, directory: Path) -> Path:
    """The sample as a PNG in `directory`, drawn when it is not there; its dpi gives its size.

    Raises FileNotFoundError when the font (Debian: fonts-noto-cjk) is missing.
    """
    path = directory / f"{sample.value}.png"
    if not path.exists():
        directory.mkdir(parents=True, exist_ok=True)
        # two processes may draw at once; each renames a whole file into place
        descriptor, temporary = tempfile.mkstemp(dir=directory, suffix=".part")
        with os.fdopen(descriptor, "wb") as file:
            draw(sample).save(file, format="PNG", dpi=(DPI, DPI), compress_level=3)
        Path(temporary).replace(path)
    return path


def draw(sample: SamplePaper) -> Image.Image:
    """The sample as an RGB picture at 200 dpi. Raises FileNotFoundError without the font."""
    return _DRAWINGS[sample]()


class _Sheet:
    """A paper to draw on in millimetres from its top left corner."""

    def __init__(
        self, width_mm: float, height_mm: float, paper: tuple[int, int, int] = _WHITE
    ) -> None:
        self.width_mm, self.height_mm = width_mm, height_mm
        self.image = Image.new("RGB", (_px(width_mm), _px(height_mm)), paper)
        self._draw = ImageDraw.Draw(self.image)

    def text(
        self,
        x_mm: float,
        y_mm: float,
        text: str,
        size_mm: float = 4.0,
        *,
        ink: tuple[int, int, int] = _INK,
        anchor: str = "lt",
    ) -> None:
        font = _font(_px(size_mm))
        self._draw.text((_px(x_mm), _px(y_mm)), text, fill=ink, font=font, anchor=anchor)

    def title(self, y_mm: float, text: str, size_mm: float, ink: tuple[int, int, int]) -> None:
        self.text(self.width_mm / 2, y_mm, text, size_mm, ink=ink, anchor="mt")

    def rows(
        self, x_mm: float, y_mm: float, rows: list[tuple[str, str]], step_mm: float, size_mm: float
    ) -> None:
        for number, (label, value) in enumerate(rows):
            top = y_mm + number * step_mm
            self.text(x_mm, top, label, size_mm, ink=_PALE)
            self.text(x_mm + size_mm * 5.5, top, value, size_mm)

    def box(
        self,
        x_mm: float,
        y_mm: float,
        width_mm: float,
        height_mm: float,
        *,
        fill: tuple[int, int, int] | None = None,
        ink: tuple[int, int, int] = _INK,
    ) -> None:
        corners = [_px(x_mm), _px(y_mm), _px(x_mm + width_mm), _px(y_mm + height_mm)]
        self._draw.rectangle(corners, fill=fill, outline=ink, width=2)

    def card(self, x_mm: float, y_mm: float, fill: tuple[int, int, int]) -> None:
        """The outline of an ID-1 card (ISO/IEC 7810: 85.6 × 54 mm, corners 3.18 mm)."""
        corners = [_px(x_mm), _px(y_mm), _px(x_mm + 85.6), _px(y_mm + 54)]
        self._draw.rounded_rectangle(corners, _px(3.18), fill=fill, outline=_PALE, width=2)

    def portrait(self, x_mm: float, y_mm: float, width_mm: float) -> None:
        """A grey bust where a photograph would be."""
        height_mm = width_mm * 1.3
        self.box(x_mm, y_mm, width_mm, height_mm, fill=(206, 214, 222), ink=_PALE)
        middle, radius = x_mm + width_mm / 2, width_mm * 0.22
        head, shoulders = y_mm + height_mm * 0.36, y_mm + height_mm * 0.98
        for x, y, r in ((middle, head, radius), (middle, shoulders, radius * 1.8)):
            box = [_px(x - r), _px(y - r), _px(x + r), min(_px(y + r), _px(y_mm + height_mm))]
            self._draw.ellipse(box, fill=(128, 138, 150))

    def seal(self, x_mm: float, y_mm: float, radius_mm: float) -> None:
        """A round red stamp that says 样本专用."""
        box = [_px(v) for v in (x_mm - radius_mm, y_mm - radius_mm)]
        box += [_px(v) for v in (x_mm + radius_mm, y_mm + radius_mm)]
        self._draw.ellipse(box, outline=_RED, width=_px(0.7))
        points = []
        for corner in range(10):
            reach = radius_mm * (0.32 if corner % 2 == 0 else 0.13)
            angle = math.pi * (corner / 5 - 0.5)
            points.append(
                (_px(x_mm + reach * math.cos(angle)), _px(y_mm + reach * math.sin(angle)))
            )
        self._draw.polygon(points, fill=_RED)
        self.text(
            x_mm, y_mm + radius_mm * 0.45, "样本专用", radius_mm * 0.36, ink=_RED, anchor="mt"
        )

    def marked(self) -> Image.Image:
        """The finished paper with 样本 across it and a line that says that it is worth nothing."""
        size_px = _px(min(self.width_mm, self.height_mm) * 0.28)
        mark = Image.new("L", (size_px * 3, size_px * 2), 0)
        ImageDraw.Draw(mark).text(
            (size_px * 1.5, size_px), "样本", fill=58, font=_font(size_px), anchor="mm"
        )
        mark = mark.rotate(24, expand=True, resample=Image.Resampling.BILINEAR)
        place = ((self.image.width - mark.width) // 2, (self.image.height - mark.height) // 2)
        self.image.paste(_RED, place, mark)
        size_mm = max(2.0, self.height_mm * 0.014)
        self.text(
            self.width_mm / 2,
            self.height_mm - 2.5,
            "样本 · 虚构人员 · 无任何效力",
            size_mm,
            ink=_PALE,
            anchor="mb",
        )
        return self.image


def _px(length_mm: float) -> int:
    return round(length_mm * DPI / 25.4)


@lru_cache(maxsize=64)
def _font(size_px: int) -> ImageFont.FreeTypeFont:
    if not _FONT.exists():
        raise FileNotFoundError(f"{_FONT}: install the Debian package fonts-noto-cjk")
    return ImageFont.truetype(str(_FONT), size_px, index=_FONT_FACE_SC)


def _marriage_certificate() -> Image.Image:
    sheet = _Sheet(176, 126, (250, 236, 228))  # opened booklet, two pages side by side
    sheet.box(4, 4, 168, 118, ink=_RED)
    sheet.box(88, 4, 0.4, 118, fill=_RED, ink=_RED)
    sheet.text(44, 9, "结 婚 证", 8, ink=_RED, anchor="mt")
    sheet.portrait(22, 30, 44)
    sheet.rows(
        13,
        96,
        [("登记日期", "2019年5月20日"), ("结婚证字号", "J430199-2019-000001")],
        8,
        3.4,
    )
    for top, person in ((26, _HUSBAND), (66, _WIFE)):
        sheet.rows(
            94,
            top,
            [
                ("姓名", f"{person.name}    性别  {person.sex}"),
                ("国籍", "中国"),
                ("出生日期", person.born),
                ("身份证件号", person.id_number),
            ],
            8.5,
            3.4,
        )
    sheet.seal(154, 106, 13)
    return sheet.marked()


def _household_register_page() -> Image.Image:
    sheet = _Sheet(143, 105, (252, 250, 240))
    sheet.title(6, "常 住 人 口 登 记 卡", 6, _INK)
    rows = [
        ("姓名", _HUSBAND.name, "户主关系", "户主"),
        ("曾用名", "", "性别", _HUSBAND.sex),
        ("出生地", "湖南省示例市", "民族", "汉"),
        ("籍贯", "湖南省示例市", "出生日期", _HUSBAND.born),
        ("住址", _ADDRESS, "", ""),
        ("身份证号", _HUSBAND.id_number, "血型", ""),
        ("文化程度", "高中", "婚姻状况", "有配偶"),
        ("服务处所", "", "职业", "务农"),
    ]
    top, step = 18.0, 9.0
    for number, (label, value, second, second_value) in enumerate(rows):
        y = top + number * step
        sheet.box(7, y, 129, step)
        sheet.box(30, y, 0.2, step)
        sheet.text(9, y + 2.8, label, 3.3, ink=_PALE)
        sheet.text(32, y + 2.8, value, 3.4)
        if second:
            sheet.box(88, y, 0.2, step)
            sheet.box(108, y, 0.2, step)
            sheet.text(90, y + 2.8, second, 3.3, ink=_PALE)
            sheet.text(110, y + 2.8, second_value, 3.4)
    sheet.seal(118, 84, 11)
    return sheet.marked()


def _birth_certificate() -> Image.Image:
    sheet = _Sheet(210, 297, (244, 248, 244))
    sheet.box(12, 12, 186, 273, ink=(70, 130, 110))
    sheet.title(26, "出 生 医 学 证 明", 12, (40, 100, 84))
    sheet.rows(
        28,
        62,
        [
            ("新生儿姓名", _CHILD.name),
            ("性别", _CHILD.sex),
            ("出生日期", f"{_CHILD.born} 08时30分"),
            ("出生孕周", "39周"),
            ("出生体重", "3200克"),
            ("出生地点", "示例市示例区"),
            ("机构名称", "示例市测试医院"),
            ("母亲姓名", _MOTHER.name),
            ("母亲证件号", _MOTHER.id_number),
            ("父亲姓名", _HUSBAND.name),
            ("父亲证件号", _HUSBAND.id_number),
            ("出生证编号", "T430199001"),
        ],
        15,
        5.4,
    )
    sheet.seal(152, 238, 20)
    return sheet.marked()


def _id_card_copy() -> Image.Image:
    sheet = _Sheet(210, 297)
    front, back = 45.0, 130.0
    for top in (front, back):
        sheet.card(62, top, (232, 236, 240))
    rows = [
        ("姓名", _HUSBAND.name),
        ("性别", f"{_HUSBAND.sex}   民族 汉"),
        ("出生", _HUSBAND.born),
        ("住址", "示例市示例区测试路1号"),
    ]
    sheet.rows(66, front + 6, rows, 8.5, 3.0)
    sheet.text(66, front + 44, f"公民身份号码  {_HUSBAND.id_number}", 3.4)
    sheet.portrait(121, front + 6, 22)
    sheet.title(back + 10, "居 民 身 份 证", 5.5, _INK)
    sheet.rows(
        72, back + 32, [("签发机关", "示例市公安局"), ("有效期限", "2015.06.12-2035.06.12")], 8, 3.2
    )
    sheet.text(30, 215, "本复印件仅用于办理政务服务事项,与原件一致。", 5)
    sheet.text(30, 232, f"签名:{_HUSBAND.name}", 6)
    return sheet.marked()


def _bank_card_copy() -> Image.Image:
    sheet = _Sheet(210, 297)
    sheet.card(62, 50, (214, 226, 244))
    sheet.text(68, 57, "示例农村商业银行", 4.5)
    sheet.text(68, 80, "0000 0000 0000 0001", 6)
    sheet.text(68, 93, "VALID THRU 12/30", 2.8)
    sheet.rows(
        30,
        130,
        [
            ("开户人", _HUSBAND.name),
            ("开户行", "示例农村商业银行测试支行"),
            ("账号", "0000 0000 0000 0001"),
        ],
        13,
        5,
    )
    return sheet.marked()


def _statement() -> Image.Image:
    sheet = _Sheet(210, 297)
    sheet.title(28, "情 况 说 明", 9, _INK)
    lines = [
        f"    本人{_HUSBAND.name},身份证号{_HUSBAND.id_number},",
        f"住{_ADDRESS}。",
        "    因房屋年久失修,雨季多处漏水,现申请办理",
        "相关手续。所附材料均真实有效,如有不实,",
        "愿承担相应责任。",
        "    特此说明。",
    ]
    for number, line in enumerate(lines):
        sheet.text(24, 58 + number * 13, line, 6.4)
    sheet.text(120, 160, f"说明人:{_HUSBAND.name}", 6.4)
    sheet.text(120, 174, "2026年11月25日", 6.4)
    sheet.seal(150, 210, 18)
    return sheet.marked()


def _blank_sheet() -> Image.Image:
    return _Sheet(210, 297).image


_DRAWINGS: Final[Mapping[SamplePaper, Callable[[], Image.Image]]] = {
    SamplePaper.MARRIAGE_CERTIFICATE: _marriage_certificate,
    SamplePaper.HOUSEHOLD_REGISTER_PAGE: _household_register_page,
    SamplePaper.BIRTH_CERTIFICATE: _birth_certificate,
    SamplePaper.ID_CARD_COPY: _id_card_copy,
    SamplePaper.BANK_CARD_COPY: _bank_card_copy,
    SamplePaper.STATEMENT: _statement,
    SamplePaper.BLANK_SHEET: _blank_sheet,
}
