"""What the panel's page, the tests and the demo say to the desk, as JSON."""

from enum import StrEnum

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
    """POST /api/fault: this fault alone, by its name; "none" ends it."""

    device: DeviceKind
    fault: str = Field(max_length=32)


class DoAct(_Message):
    """POST /api/act: something that a person does at the device."""

    device: DeviceKind
    act: str = Field(max_length=32)
    argument: str = Field(default="", max_length=256)


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


class TwinState(_Message):
    """One device; what its kind doesn't have keeps its default."""

    driver: str
    address: str
    is_plugged_in: bool
    faults: tuple[str, ...]  # those that hold; only a receipt printer has several
    last_act: str = ""  # with its argument
    card: PersonaCard | None = None  # ID-card reader
    paper: str | None = None  # document camera: a sample's key, or "picture" for an uploaded one
    printed: int = 0  # slips, documents
    uncut_height_px: int = 0


class ScreenState(_Message):
    width_px: int
    height_px: int


class DeskState(_Message):
    """GET /api/state."""

    devices: dict[DeviceKind, TwinState]
    missing: dict[DeviceKind, str]  # what this machine can't carry, and what to do about it
    screen: ScreenState | None


class SlipPicture(_Message):
    """GET /api/slips, newest first; `url` is the picture."""

    number: int
    printed_at: str
    height_px: int
    url: str


class ActChoice(_Message):
    """One thing that a person can do; see `yici.drivers.twin.Act`."""

    name: str
    choices: tuple[str, ...]
    takes_text: bool


class DeviceChoices(_Message):
    """What can be broken and done at one device."""

    faults: tuple[str, ...]
    acts: tuple[ActChoice, ...]


class Choices(_Message):
    """GET /api/choices: everything that can be put, laid, done or broken."""

    personas: tuple[PersonaCard, ...]
    papers: tuple[PaperSheet, ...]
    devices: dict[DeviceKind, DeviceChoices]


class Refusal(_Message):
    """Any failure: a machine word and a sentence."""

    code: str
    message: str
