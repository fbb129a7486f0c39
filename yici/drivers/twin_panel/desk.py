"""A desk with the three twins on it, and everything a person can do there."""

import io
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from PIL import Image

from yici.contract.people import mask_id_number
from yici.drivers.device import DeviceKind
from yici.drivers.document_camera.paper_samples import SAMPLE_TITLES, SamplePaper, find_or_draw
from yici.drivers.document_camera.twin import CameraFault, DocumentCameraTwin
from yici.drivers.id_card_reader.personas import Persona, load_personas
from yici.drivers.id_card_reader.sam.twin import SamFault, SamTwin
from yici.drivers.receipt_printer.escpos.paper import Slip
from yici.drivers.receipt_printer.escpos.twin import EscPosTwin, TwinCondition
from yici.drivers.twin_panel.wire import (
    CameraState,
    Choices,
    DeskState,
    PaperSheet,
    PersonaCard,
    PrinterState,
    ReaderState,
)

UPLOADED_PICTURE = "picture"
NO_FAULT = "none"
_MAX_PICTURE_PIXELS = 40_000_000
_THUMBNAIL_PX = 320


class Refused(Exception):
    """An order that makes no sense; `code` is a machine word, the message a sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class DeskPlan:
    """Where the twins are found and where their things lie; port 0 takes a free one."""

    directory: Path
    personas: Path
    reader_link: Path
    printer_port: int = 0
    camera_port: int = 0


class Desk:
    """The three twins, plugged in; orders may come from any thread."""

    def __init__(self, plan: DeskPlan) -> None:
        """Raises OSError when a port is taken or a directory can't be made."""
        self.personas = load_personas(plan.personas)
        self._samples = plan.directory / "papers"
        self._thumbnails: dict[SamplePaper, bytes] = {}
        self._guard = threading.RLock()
        self._card: Persona | None = None
        self._paper: str | None = None
        with ExitStack() as started:
            self._reader = started.enter_context(SamTwin(plan.reader_link))
            self._printer = started.enter_context(
                EscPosTwin.on_tcp(plan.directory / "slips", port=plan.printer_port)
            )
            self._camera = started.enter_context(DocumentCameraTwin(port=plan.camera_port))
            self._started = started.pop_all()
        self._reader_link = plan.reader_link

    @property
    def slips(self) -> list[Slip]:
        """Oldest first."""
        return self._printer.slips

    def state(self) -> DeskState:
        with self._guard:
            return DeskState(
                id_card_reader=ReaderState(
                    is_plugged_in=self._reader.is_plugged_in,
                    port=str(self._reader_link),
                    card=None if self._card is None else _as_card(self._card),
                    fault=self._reader_fault(),
                ),
                document_camera=CameraState(
                    is_plugged_in=self._camera.plugged_in,
                    url=self._camera.url,
                    paper=self._paper,
                    fault=self._camera.fault.value,
                ),
                receipt_printer=PrinterState(
                    is_plugged_in=self._printer.is_plugged_in,
                    address=self._printer.address,
                    conditions=tuple(sorted(self._printer.conditions)),
                    uncut_height_px=self._printer.uncut_height_px,
                    slips=len(self._printer.slips),
                ),
                screen=None,
            )

    def choices(self) -> Choices:
        return Choices(
            personas=tuple(_as_card(persona) for persona in self.personas.values()),
            papers=tuple(PaperSheet(key=key, title=SAMPLE_TITLES[key]) for key in SamplePaper),
            reader_faults=(NO_FAULT, *(fault.value for fault in SamFault)),
            camera_faults=tuple(fault.value for fault in CameraFault),
            printer_conditions=tuple(TwinCondition),
        )

    def put_card(self, persona_key: str) -> None:
        """Raises Refused for a person who isn't there."""
        persona = self.personas.get(persona_key)
        if persona is None:
            known = ", ".join(self.personas)
            raise Refused("unknown-persona", f"There is no card {persona_key}; there are {known}.")
        with self._guard:
            self._reader.put_card(persona.identity)
            self._card = persona

    def take_card(self) -> None:
        with self._guard:
            self._reader.take_card()
            self._card = None

    def lay_sample(self, sample: SamplePaper) -> None:
        with self._guard:
            self._camera.lay_paper(find_or_draw(sample, self._samples))
            self._paper = sample.value

    def lay_picture(self, encoded: bytes) -> None:
        """Lay a JPEG or PNG as if it were a sheet of paper. Raises Refused for anything else."""
        pixels = _decode(encoded)
        with self._guard:
            self._camera.lay_paper(pixels)
            self._paper = UPLOADED_PICTURE

    def take_paper(self) -> None:
        with self._guard:
            self._camera.lay_paper(None)
            self._paper = None

    def thumbnail(self, sample: SamplePaper) -> bytes:
        """A small PNG of a sample paper."""
        with self._guard:
            if sample not in self._thumbnails:
                with Image.open(find_or_draw(sample, self._samples)) as image:
                    small = image.convert("RGB")
                small.thumbnail((_THUMBNAIL_PX, _THUMBNAIL_PX))
                encoded = io.BytesIO()
                small.save(encoded, "PNG")
                self._thumbnails[sample] = encoded.getvalue()
            return self._thumbnails[sample]

    def set_condition(self, condition: TwinCondition, *, is_set: bool, after_rows: int) -> None:
        with self._guard:
            if is_set:
                self._printer.set_condition(condition, after_rows=after_rows)
            else:
                self._printer.clear(condition)

    def set_fault(self, device: DeviceKind, fault: str) -> None:
        """Raises Refused for a fault that this device can't have."""
        known = SamFault if device is DeviceKind.ID_CARD_READER else CameraFault
        with self._guard:
            try:
                if device is DeviceKind.ID_CARD_READER:
                    self._reader.set_faults(*([] if fault == NO_FAULT else [SamFault(fault)]))
                else:
                    self._camera.set_fault(CameraFault(fault))
            except ValueError as error:
                names = ", ".join(each.value for each in known)
                raise Refused("unknown-fault", f"{device.value} knows {names}.") from error

    def set_cable(self, device: DeviceKind, *, is_plugged_in: bool) -> None:
        """Raises Refused when somebody else has taken the port meanwhile."""
        twins: dict[DeviceKind, SamTwin | EscPosTwin | DocumentCameraTwin] = {
            DeviceKind.ID_CARD_READER: self._reader,
            DeviceKind.RECEIPT_PRINTER: self._printer,
            DeviceKind.DOCUMENT_CAMERA: self._camera,
        }
        with self._guard:
            try:
                if is_plugged_in:
                    twins[device].plug_in()
                else:
                    twins[device].unplug()
            except OSError as error:
                raise Refused("port-taken", f"The cable doesn't fit any more: {error}.") from error

    def _reader_fault(self) -> str:
        # the panel sets one at a time
        return next((fault.value for fault in sorted(self._reader.faults)), NO_FAULT)

    def close(self) -> None:
        """Unplug everything; may be called twice."""
        self._started.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _as_card(persona: Persona) -> PersonaCard:
    return PersonaCard(
        key=persona.key,
        name=persona.identity.name,
        masked_id_number=mask_id_number(persona.identity.id_number),
        sex=persona.identity.sex.value,
        note=persona.note,
    )


def _decode(encoded: bytes) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    try:
        with Image.open(io.BytesIO(encoded), formats=("JPEG", "PNG")) as image:
            if image.width * image.height > _MAX_PICTURE_PIXELS:
                raise Refused("picture-too-large", "The picture has more than 40 megapixels.")
            pixels = np.asarray(image.convert("RGB"))
    except (OSError, SyntaxError, ValueError) as error:
        raise Refused("not-a-picture", "That is not a JPEG or PNG picture.") from error
    return np.ascontiguousarray(pixels[:, :, ::-1])
