"""Every setting of a terminal, declared once: type, default, bounds, unit, title and help.

The dataclass fields below yield validation, `yici settings` and, later, the maintenance pages.
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Declared:
    """What is known of one setting beside its name, type and default."""

    title_zh: str
    title_en: str
    unit: str = ""
    minimum: int | None = None
    maximum: int | None = None
    choices: tuple[str, ...] = ()


def _setting(
    default: Any,
    title_zh: str,
    title_en: str,
    *,
    unit: str = "",
    bounds: tuple[int, int] | None = None,
    choices: tuple[str, ...] = (),
) -> Any:
    low, high = bounds or (None, None)
    declared = Declared(title_zh, title_en, unit, low, high, choices)
    return field(default=default, metadata={"declared": declared})


@dataclass(frozen=True, slots=True)
class HallSettings:
    """Where the terminal stands."""

    name: str = _setting("便民服务中心", "大厅名称", "Name of the hall")
    code: str = _setting("", "大厅代码", "Code of the hall")
    phone: str = _setting("12345", "咨询电话", "Telephone for questions")
    hours: str = _setting("", "自助终端开放时间", "Opening hours of the terminal")
    mark: str = _setting(
        "", "每屏每张回执上的标记", "Mark on every screen and slip, for example 练习"
    )


@dataclass(frozen=True, slots=True)
class StorageSettings:
    """Where the terminal keeps what must survive."""

    state_dir: str = _setting("var/terminal", "数据目录", "Directory of queue, replica and keys")
    minimum_free_mb: int = _setting(
        500,
        "剩余空间低于此值不再受理",
        "Free space below which no session begins",
        unit="MB",
        bounds=(50, 100_000),
    )


@dataclass(frozen=True, slots=True)
class PlatformSettings:
    """The unified platform."""

    url: str = _setting("", "统一平台地址", "Address of the unified platform")


@dataclass(frozen=True, slots=True)
class PanelSettings:
    """The screen; sizes on it are given in millimetres."""

    width_px: int = _setting(1080, "屏幕宽(像素)", "Panel width", unit="px", bounds=(480, 8192))
    height_px: int = _setting(1920, "屏幕高(像素)", "Panel height", unit="px", bounds=(480, 8192))
    width_mm: int = _setting(268, "屏幕宽(毫米)", "Panel width", unit="mm", bounds=(100, 2000))


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """Time limits of a resident's session."""

    idle_s: int = _setting(
        120, "无操作多久后询问", "Idle time before the question", unit="s", bounds=(30, 300)
    )
    idle_warning_s: int = _setting(
        45, "询问后多久清除", "Time to answer before the wipe", unit="s", bounds=(20, 60)
    )
    hard_cap_s: int = _setting(
        1800, "一次办理最长时间", "Longest session", unit="s", bounds=(300, 7200)
    )
    end_page_s: int = _setting(
        30, "结束页停留时间", "How long the last page stays", unit="s", bounds=(5, 120)
    )


@dataclass(frozen=True, slots=True)
class IdCardReaderSettings:
    """The ID-card reader; an empty port means that there is none."""

    driver: str = _setting("sam", "身份证阅读器驱动", "ID-card reader driver")
    port: str = _setting("", "串口", "Serial port")
    baud_rate: int = _setting(115200, "波特率", "Baud rate", unit="baud", bounds=(9600, 115200))


@dataclass(frozen=True, slots=True)
class ReceiptPrinterSettings:
    """The receipt printer; an empty address means that there is none."""

    driver: str = _setting("escpos", "回执打印机驱动", "Receipt printer driver")
    address: str = _setting("", "地址", "Address: tcp://HOST:PORT, usb:PATH or serial:PATH")
    width_px: int = _setting(
        576,
        "打印宽度（80 毫米纸 576，58 毫米纸 384）",
        "Printable width: 576 for 80 mm paper, 384 for 58 mm",
        unit="dots",
        bounds=(300, 900),
    )
    mode: str = _setting(
        "raster",
        "打印方式（串口慢时用文字）",
        "How slips are sent: as pictures, or as text where the line is slow",
        choices=("raster", "text"),
    )


@dataclass(frozen=True, slots=True)
class DocumentCameraSettings:
    """The document camera; an empty source means that there is none."""

    driver: str = _setting("video", "高拍仪驱动", "Document camera driver")
    source: str = _setting("", "来源", "Source: /dev/video0 or http://…/cam.mjpg")


@dataclass(frozen=True, slots=True)
class FaceCameraSettings:
    """The camera that looks at the person; an empty source means that there is none."""

    driver: str = _setting("video", "人像摄像头驱动", "Face camera driver")
    source: str = _setting("", "来源", "Source: /dev/video1 or http://…/face.mjpg")


@dataclass(frozen=True, slots=True)
class ScannerSettings:
    """The scanner; an empty address means that there is none."""

    driver: str = _setting("sane", "扫描仪驱动", "Scanner driver")
    address: str = _setting("", "地址", "Address: sane:DEVICE or escl:http://HOST/eSCL")
    resolution_dpi: int = _setting(300, "分辨率", "Resolution", unit="dpi", bounds=(75, 600))


@dataclass(frozen=True, slots=True)
class DocumentPrinterSettings:
    """The A4 printer; an empty address means that there is none."""

    driver: str = _setting("ipp", "A4 打印机驱动", "A4 printer driver")
    address: str = _setting("", "地址", "Address: ipp://HOST:PORT/printers/QUEUE")


@dataclass(frozen=True, slots=True)
class CodeReaderSettings:
    """The code reader; an empty address means that there is none."""

    driver: str = _setting("serial_line", "扫码器驱动", "Code reader driver")
    address: str = _setting("", "地址", "Address: serial port, or the keyboard's event device")
    decoder: str = _setting(
        "zxing",
        "摄像头识码引擎",
        "Which engine reads codes from pictures",
        choices=("zxing", "pyzbar"),
    )


@dataclass(frozen=True, slots=True)
class SocialSecurityCardReaderSettings:
    """The reader for social-security cards; an empty address means that there is none."""

    driver: str = _setting("pcsc", "社保卡阅读器驱动", "Social-security card reader driver")
    address: str = _setting("", "读卡器名称", "Name of the PC/SC reader; * takes the first")


@dataclass(frozen=True, slots=True)
class TerminalSettings:
    """All settings, one table of the file a field."""

    hall: HallSettings = field(default_factory=HallSettings)
    storage: StorageSettings = field(default_factory=StorageSettings)
    platform: PlatformSettings = field(default_factory=PlatformSettings)
    panel: PanelSettings = field(default_factory=PanelSettings)
    session: SessionSettings = field(default_factory=SessionSettings)
    id_card_reader: IdCardReaderSettings = field(default_factory=IdCardReaderSettings)
    receipt_printer: ReceiptPrinterSettings = field(default_factory=ReceiptPrinterSettings)
    document_camera: DocumentCameraSettings = field(default_factory=DocumentCameraSettings)
    face_camera: FaceCameraSettings = field(default_factory=FaceCameraSettings)
    scanner: ScannerSettings = field(default_factory=ScannerSettings)
    document_printer: DocumentPrinterSettings = field(default_factory=DocumentPrinterSettings)
    code_reader: CodeReaderSettings = field(default_factory=CodeReaderSettings)
    social_security_card_reader: SocialSecurityCardReaderSettings = field(
        default_factory=SocialSecurityCardReaderSettings
    )
