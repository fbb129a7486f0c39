"""Identifying: the ID card or social-security card on its reader, or name and number typed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from yici.contract.identifiers import check_id_number, find_birth_date, find_sex, normalise
from yici.contract.people import Assurance, Identity, Sex, mask_id_number, mask_name
from yici.drivers.device import DeviceState, DeviceStatus
from yici.drivers.id_card_reader import CardPresence, IdCardReader
from yici.drivers.social_security_card_reader import SocialSecurityCardReader, SscPresence
from yici.kiosk.devices import CardWatch, DeviceWorker
from yici.kiosk.session.view import IdentifyView

MAX_NAME_LENGTH = 30


@dataclass(slots=True, repr=False)
class _Typed:
    name: str = ""
    number: str = ""
    name_fault: str = ""
    number_fault: str = ""


@dataclass(slots=True, repr=False)
class Identifying:
    """The identify screen's own state; `identity` is set once somebody is known."""

    worker: DeviceWorker[IdCardReader]
    second_worker: DeviceWorker[SocialSecurityCardReader]
    changed: Callable[[], None]
    known: Callable[[Identity], None]
    today: Callable[[], date]
    identity: Identity | None = None
    _phase: str = "waiting"
    _reader_state: str = ""
    _typed: _Typed = field(default_factory=_Typed)
    _second: str = ""
    _watch: CardWatch[IdCardReader, CardPresence] | None = None
    _second_watch: CardWatch[SocialSecurityCardReader, SscPresence] | None = None

    def start(self) -> None:
        """Begin to look for a card, unless somebody is known already."""
        if self.identity is not None:
            return
        self._second = ""
        self._phase = "waiting" if self.worker.configured else "reader_unavailable"
        self._reader_state = "" if self.worker.configured else DeviceState.NOT_CONFIGURED.value
        self._look()

    def stop(self) -> None:
        """Stop looking; the card may be taken."""
        if self._watch is not None:
            self._watch.stop()
            self._watch = None
        if self._second_watch is not None:
            self._second_watch.stop()
            self._second_watch = None

    def wipe(self) -> None:
        """Drop who was identified and what was typed."""
        self.stop()
        self.identity = None
        self._typed = _Typed()

    def forget(self) -> None:
        """Somebody else wants to be identified: begin anew."""
        self.wipe()
        self.start()

    def type_instead(self) -> None:
        """Name and number by keyboard; a card laid down now still counts."""
        self._phase = "typing"

    def set_typed_name(self, text: str) -> None:
        """Takes what is in the name field."""
        self._typed.name, self._typed.name_fault = text[:MAX_NAME_LENGTH], ""

    def set_typed_number(self, text: str) -> None:
        """Takes what is in the number field."""
        self._typed.number, self._typed.number_fault = text[:24], ""

    def confirm_typed(self) -> None:
        """Accept name and number, or say what is wrong with them."""
        name, number = " ".join(self._typed.name.split()), normalise(self._typed.number)
        self._typed.name_fault = "" if name else "missing"
        violation = check_id_number(number, today=self.today()) if number else None
        self._typed.number_fault = violation.value if violation else "" if number else "missing"
        if self._typed.name_fault or self._typed.number_fault:
            return
        self._accept(
            Identity(
                assurance=Assurance.TYPED,
                name=name,
                id_number=number,
                birth_date=find_birth_date(number),
                sex=find_sex(number) or Sex.NOT_STATED,
            )
        )

    def view(self) -> IdentifyView:
        """For the screen."""
        identity = self.identity
        if identity is None:
            return IdentifyView(
                phase=self._phase,
                reader_state=self._reader_state,
                social_security_card=self._second,
                typed_name=self._typed.name,
                typed_number=self._typed.number,
                name_fault=self._typed.name_fault,
                number_fault=self._typed.number_fault,
            )
        return IdentifyView(
            phase="known",
            name=mask_name(identity.name),
            masked_number=mask_id_number(identity.id_number),
            expired=identity.valid_to is not None and identity.valid_to < self.today(),
            manual_check=bool(identity.manual_check),
        )

    def _look(self) -> None:
        if self.worker.configured:
            self._watch = CardWatch(
                self.worker,
                lambda reader: reader.read_card(),
                self._accept,
                self._present,
                self._trouble,
                on_late_identity=self._accept_late,
            )
        if self.second_worker.configured:
            self._second_watch = CardWatch(
                self.second_worker,
                lambda reader: reader.read_card(),
                self._accept,
                lambda presence: self._show_second(presence.value),
                lambda _: self._show_second("unavailable"),
                on_late_identity=self._accept_late,
            )

    def _accept(self, identity: Identity) -> None:
        self.stop()
        self.identity = identity
        self.known(identity)

    def _accept_late(self, identity: Identity) -> None:
        """A card laid while one watch followed another: only whoever waits now gets it."""
        is_waiting = self._watch is not None or self._second_watch is not None
        if is_waiting and self.identity is None:
            self._accept(identity)

    def _present(self, presence: CardPresence) -> None:
        failed = presence is CardPresence.READ_FAILED
        self._show("read_failed" if failed else "waiting", "", sticky=not failed)

    def _trouble(self, status: DeviceStatus) -> None:
        self._show("reader_unavailable", status.state.value)

    def _show_second(self, word: str) -> None:
        if word != self._second:
            self._second = word
            self.changed()

    def _show(self, phase: str, reader_state: str, *, sticky: bool = False) -> None:
        if self._phase == "typing":
            phase = "typing"
        elif sticky and self._phase == "read_failed":
            phase = "read_failed"  # until the card was lifted and read
        if (phase, reader_state) != (self._phase, self._reader_state):
            self._phase, self._reader_state = phase, reader_state
            self.changed()
