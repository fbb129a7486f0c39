"""A desk with a twin of every kind on it, and everything a person can do there."""

import io
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self, TypeVar

import numpy as np
from PIL import Image

from yici.contract.people import mask_id_number
from yici.drivers.device import DeviceKind
from yici.drivers.document_camera.paper_samples import SAMPLE_TITLES, SamplePaper, find_or_draw
from yici.drivers.document_camera.twin import DocumentCameraTwin
from yici.drivers.document_printer.ipp_twin import IppTwin
from yici.drivers.id_card_reader.card_desk import PUT_CARD, TAKE_CARD, CardDesk
from yici.drivers.id_card_reader.personas import Persona, load_personas
from yici.drivers.receipt_printer.escpos.paper import Slip
from yici.drivers.receipt_printer.escpos.twin import EscPosTwin, TwinCondition
from yici.drivers.registry import get_driver, load_twin
from yici.drivers.social_security_card_reader.pcsc.private_pcscd import NoPcscd
from yici.drivers.twin import NO_FAULT, Twin
from yici.drivers.twin_panel.wire import (
    ActChoice,
    Choices,
    DeskState,
    DeviceChoices,
    PaperSheet,
    PersonaCard,
    TwinState,
)

UPLOADED_PICTURE = "picture"
_MAX_PICTURE_PIXELS = 40_000_000
_THUMBNAIL_PX = 320

USUAL_DRIVERS: Final[Mapping[DeviceKind, str]] = {
    DeviceKind.ID_CARD_READER: "sam",
    DeviceKind.RECEIPT_PRINTER: "escpos",
    DeviceKind.DOCUMENT_CAMERA: "video",
    DeviceKind.FACE_CAMERA: "video",
    DeviceKind.SCANNER: "sane",
    DeviceKind.DOCUMENT_PRINTER: "ipp",
    DeviceKind.CODE_READER: "serial_line",
    DeviceKind.SOCIAL_SECURITY_CARD_READER: "pcsc",
}

OfKind = TypeVar("OfKind")


class Refused(Exception):
    """An order that makes no sense; `code` is a machine word, the message a sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class DeskPlan:
    """Where the twins' things lie, whose cards there are, and which driver each kind's twin is of.

    A kind that `drivers` doesn't name is left out.
    """

    directory: Path
    personas: Path
    drivers: Mapping[DeviceKind, str] = field(default_factory=lambda: USUAL_DRIVERS)


class Desk:
    """The twins, plugged in; orders may come from any thread."""

    def __init__(self, plan: DeskPlan) -> None:
        """Raises OSError when a path or port is taken, ValueError for a driver without a twin."""
        self.personas = load_personas(plan.personas)
        self.missing: dict[DeviceKind, str] = {}
        self._drivers = plan.drivers
        self._samples = plan.directory / "papers"
        self._thumbnails: dict[SamplePaper, bytes] = {}
        self._guard = threading.RLock()
        self._card: Persona | None = None
        self._paper: str | None = None
        self._last_acts: dict[DeviceKind, str] = {}
        self._twins: dict[DeviceKind, Twin] = {}
        with ExitStack() as started:
            for kind, driver in plan.drivers.items():
                self._start(kind, driver, plan.directory / kind.value, started)
            self._started = started.pop_all()

    def _start(self, kind: DeviceKind, driver: str, directory: Path, started: ExitStack) -> None:
        make = load_twin(get_driver(kind, driver))
        directory.mkdir(parents=True, exist_ok=True)
        try:
            twin: Twin = make(directory)
        except NoPcscd as error:
            self.missing[kind] = f"{error}."
            return
        started.callback(twin.close)
        self._twins[kind] = twin

    @property
    def slips(self) -> list[Slip]:
        """Oldest first."""
        printer = self._twins.get(DeviceKind.RECEIPT_PRINTER)
        return printer.slips if isinstance(printer, EscPosTwin) else []

    def state(self) -> DeskState:
        with self._guard:
            states = {kind: self._state_of(kind, twin) for kind, twin in self._twins.items()}
            return DeskState(devices=states, missing=self.missing, screen=None)

    def _state_of(self, kind: DeviceKind, twin: Twin) -> TwinState:
        state = TwinState(
            driver=self._drivers[kind],
            address=twin.address,
            is_plugged_in=twin.is_plugged_in,
            faults=_faults_of(twin),
            last_act=self._last_acts.get(kind, ""),
        )
        more: dict[str, object] = {}
        if kind is DeviceKind.ID_CARD_READER and self._card is not None:
            more["card"] = _as_card(self._card)
        if kind is DeviceKind.DOCUMENT_CAMERA:
            more["paper"] = self._paper
        if isinstance(twin, EscPosTwin):
            more |= {"uncut_height_px": twin.uncut_height_px, "printed": len(twin.slips)}
        if isinstance(twin, IppTwin):
            more["printed"] = len(twin.printed)
        return state.model_copy(update=more)

    def choices(self) -> Choices:
        return Choices(
            personas=tuple(_as_card(persona) for persona in self.personas.values()),
            papers=tuple(PaperSheet(key=key, title=SAMPLE_TITLES[key]) for key in SamplePaper),
            devices={kind: _choices_of(twin) for kind, twin in self._twins.items()},
        )

    # --- any device

    def set_fault(self, device: DeviceKind, fault: str) -> None:
        """This fault alone. Raises Refused for one that this device can't have."""
        twin = self._get(device)
        with self._guard:
            try:
                twin.set_fault(fault)
            except ValueError as error:
                names = ", ".join((NO_FAULT, *twin.fault_names))
                raise Refused("unknown-fault", f"{device.value} knows {names}.") from error

    def set_cable(self, device: DeviceKind, *, is_plugged_in: bool) -> None:
        """Raises Refused when somebody else has taken the port meanwhile."""
        twin = self._get(device)
        with self._guard:
            try:
                if is_plugged_in:
                    twin.plug_in()
                else:
                    twin.unplug()
            except OSError as error:
                raise Refused("port-taken", f"The cable doesn't fit any more: {error}.") from error

    def act(self, device: DeviceKind, name: str, argument: str) -> None:
        """Raises Refused for what nobody can do at this device."""
        twin = self._get(device)
        with self._guard:
            if not self._act_in_view(twin, name, argument):
                try:
                    twin.act(name, argument)
                except ValueError as error:
                    names = ", ".join(act.name for act in twin.acts)
                    message = f"{device.value} knows {names}, and not {name} {argument!r}."
                    raise Refused("unknown-act", message) from error
            self._last_acts[device] = f"{name} {argument}".strip()

    def _act_in_view(self, twin: Twin, name: str, argument: str) -> bool:
        """Cards and papers are remembered, to be shown; whether it was one of these."""
        if isinstance(twin, CardDesk) and name == PUT_CARD:
            self.put_card(argument)
        elif isinstance(twin, CardDesk) and name == TAKE_CARD and not argument:
            self.take_card()
        elif isinstance(twin, DocumentCameraTwin) and name == "lay_paper" and _is_sample(argument):
            self.lay_sample(SamplePaper(argument))
        elif isinstance(twin, DocumentCameraTwin) and name == "take_paper" and not argument:
            self.take_paper()
        else:
            return False
        return True

    # --- cards, papers, slips

    def put_card(self, persona_key: str) -> None:
        """Raises Refused for a person who isn't there."""
        persona = self.personas.get(persona_key)
        if persona is None:
            known = ", ".join(self.personas)
            raise Refused("unknown-persona", f"There is no card {persona_key}; there are {known}.")
        with self._guard:
            self._get_as(DeviceKind.ID_CARD_READER, CardDesk).put_card(persona.identity)
            self._card = persona

    def take_card(self) -> None:
        with self._guard:
            self._get_as(DeviceKind.ID_CARD_READER, CardDesk).take_card()
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
        """A receipt printer can have several at once, and later."""
        printer = self._get_as(DeviceKind.RECEIPT_PRINTER, EscPosTwin)
        with self._guard:
            if is_set:
                printer.set_condition(condition, after_rows=after_rows)
            else:
                printer.clear(condition)

    @property
    def _camera(self) -> DocumentCameraTwin:
        return self._get_as(DeviceKind.DOCUMENT_CAMERA, DocumentCameraTwin)

    def _get(self, kind: DeviceKind) -> Twin:
        twin = self._twins.get(kind)
        if twin is None:
            why = self.missing.get(kind, "It was not asked for.")
            raise Refused("no-device", f"There is no {kind.value} on this desk: {why}")
        return twin

    def _get_as(self, kind: DeviceKind, wanted: type[OfKind]) -> OfKind:
        twin = self._get(kind)
        if not isinstance(twin, wanted):
            raise Refused("other-device", f"This twin of {kind.value} can't do that.")
        return twin

    def close(self) -> None:
        """Unplug everything; may be called twice."""
        self._started.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _faults_of(twin: Twin) -> tuple[str, ...]:
    if isinstance(twin, EscPosTwin):
        return tuple(sorted(twin.conditions))
    return () if twin.fault == NO_FAULT else (str(twin.fault),)


def _choices_of(twin: Twin) -> DeviceChoices:
    return DeviceChoices(
        faults=tuple(str(fault) for fault in twin.fault_names),
        acts=tuple(
            ActChoice(
                name=act.name,
                choices=tuple(str(choice) for choice in act.choices),
                takes_text=act.takes_text,
            )
            for act in twin.acts
        ),
    )


def _is_sample(name: str) -> bool:
    return name in tuple(SamplePaper)


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
