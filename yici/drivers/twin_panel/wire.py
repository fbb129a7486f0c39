"""What the panel's page, the tests and the demo say to the desk, as JSON."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from yici.drivers.device import DeviceKind
from yici.drivers.document_camera.paper_samples import SamplePaper
from yici.drivers.receipt_printer.escpos.twin import TwinCondition
from yici.drivers.twin_panel.screen.touch import TouchKind


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PutCard(_Message):
    """POST /api/card; DELETE takes it away."""

    persona: str = Field(max_length=16)


class LayPaper(_Message):
    """POST /api/paper for a sample; an image is the body itself; DELETE takes it away."""

    sample: SamplePaper


class SetCondition(_Message):
    """POST /api/printer/condition; `after_rows` more printed rows (8 per mm) until it happens."""

    condition: TwinCondition
    is_set: bool
    after_rows: int = Field(default=0, ge=0, le=20_000)


class SetFault(_Message):
    """POST /api/fault: a reader's or a camera's fault by its name; "none" ends it."""

    device: Literal[DeviceKind.ID_CARD_READER, DeviceKind.DOCUMENT_CAMERA]
    fault: str = Field(max_length=32)


class SetCable(_Message):
    """POST /api/cable: pull a device's cable or plug it in again."""

    device: DeviceKind
    is_plugged_in: bool


class ScreenEventKind(StrEnum):
    """What a person does at the screen."""

    PRESS = TouchKind.PRESS.value
    MOVE = TouchKind.MOVE.value
    RELEASE = TouchKind.RELEASE.value
    KEY = "key"


class ScreenEvent(_Message):
    """A touch in the screen's pixels, or a key by its browser name."""

    kind: ScreenEventKind
    x_px: int = Field(default=0, ge=0, lt=16384)
    y_px: int = Field(default=0, ge=0, lt=16384)
    key: str = Field(default="", max_length=16)


class ScreenEvents(_Message):
    """POST /api/screen/events: carried out in order."""

    events: tuple[ScreenEvent, ...] = Field(max_length=512)


class PersonaCard(_Message):
    """One of the synthetic people whose cards lie on the desk."""

    key: str
    name: str
    masked_id_number: str
    sex: str
    note: str


class PaperSheet(_Message):
    """One of the sample papers in the tray."""

    key: SamplePaper
    title: str


class ReaderState(_Message):
    is_plugged_in: bool
    port: str
    card: PersonaCard | None
    fault: str


class CameraState(_Message):
    """`paper` is a sample's key, "picture" for one that was uploaded, or None."""

    is_plugged_in: bool
    url: str
    paper: str | None
    fault: str


class PrinterState(_Message):
    is_plugged_in: bool
    address: str
    conditions: tuple[TwinCondition, ...]
    uncut_height_px: int
    slips: int


class ScreenState(_Message):
    width_px: int
    height_px: int


class DeskState(_Message):
    """GET /api/state."""

    id_card_reader: ReaderState
    document_camera: CameraState
    receipt_printer: PrinterState
    screen: ScreenState | None


class SlipPicture(_Message):
    """GET /api/slips, newest first; `url` is the picture."""

    number: int
    printed_at: str
    height_px: int
    url: str


class Choices(_Message):
    """GET /api/choices: everything that can be put, laid or broken."""

    personas: tuple[PersonaCard, ...]
    papers: tuple[PaperSheet, ...]
    reader_faults: tuple[str, ...]
    camera_faults: tuple[str, ...]
    printer_conditions: tuple[TwinCondition, ...]


class Refusal(_Message):
    """Any failure: a machine word and a sentence."""

    code: str
    message: str
