"""The reader: greet, find, select, read, ask for the newest address; whatever carries the bytes.

The port is never believed to be good: a call that finds it gone says DISCONNECTED, and the next
call opens it anew. Before a reader is asked for cards it is greeted, after opening and after
every failure: the heartbeat (`11 FF`), because a cable that carries nothing gives no error, and
the module's number. While cards are looked for, each look is a heartbeat as well.

After a reading the reader doesn't find the same card again until it has been lifted, so ABSENT
after an Identity means "take your card" as well as "no card"; `card_removal` can tell them apart.
"""

import time
from collections.abc import Mapping
from functools import partial

from yici.contract.people import Identity
from yici.drivers.device import (
    DeviceError,
    DeviceState,
    DeviceStatus,
    SelfTestStep,
    StepOutcome,
    failure,
)
from yici.drivers.id_card_reader import CardPresence, CardRemoval
from yici.drivers.id_card_reader.reading import CardReading, WltPhoto
from yici.drivers.id_card_reader.sam import questions
from yici.drivers.id_card_reader.sam.card_text import (
    decode_card_text,
    decode_extras,
    decode_newest_address,
    needs_manual_check,
)
from yici.drivers.id_card_reader.sam.frames import (
    CodecError,
    Reply,
    SamStatus,
    decode_sam_id,
    split_card_blocks,
)
from yici.drivers.id_card_reader.sam.link import LineLink, NoAnswer, SamLink
from yici.drivers.id_card_reader.sam.questions import Mishap, Question, SamDeadlines
from yici.drivers.id_card_reader.sam.status_words import (
    CARD_TROUBLES,
    HOST_ERRORS,
    READER_TROUBLES,
    reader_status,
    status_of_mishap,
    status_of_refusal,
)
from yici.drivers.transports.serial_line import SerialLine, check_settings

BAUD_RATE = 115200
BAUD_RATES = tuple(questions.SPEEDS)  # that a reader can be told to use

_STEPS = ("port", "answers", "sam.status", "sam.id")


def connect(
    port: str, baud_rate: int = BAUD_RATE, *, deadlines: SamDeadlines | None = None
) -> "SamReader":
    """A reader at `port` (device path or socket://host:port), which need not be there yet.

    Raises ValueError for settings that no line can have.
    """
    check_settings(port, baud_rate)
    patience = deadlines or SamDeadlines()
    link = LineLink(partial(SerialLine, port, baud_rate=baud_rate), patience)
    return SamReader("sam", link, patience)


def find_baud_rate(port: str, *, deadlines: SamDeadlines | None = None) -> int | None:
    """The speed at which the reader at `port` answers, for one whose setting is lost.

    None when it answers at none; asks once at each, at most `short_s` long.
    Raises NotReady or NeedsStaff when the port can't be opened, ValueError as `connect`.
    """
    patience = deadlines or SamDeadlines()
    for baud_rate in BAUD_RATES:
        check_settings(port, baud_rate)
        link = LineLink(partial(SerialLine, port, baud_rate=baud_rate), patience)
        try:
            if isinstance(link.ask_once(questions.STATUS), Reply):
                return baud_rate
        except NoAnswer as no_answer:
            raise failure(no_answer.status) from no_answer
        finally:
            link.close()
    return None


def set_baud_rate(
    port: str, present: int, wanted: int, *, deadlines: SamDeadlines | None = None
) -> bool:
    """Tell the reader at `port` to speak at another speed; True when it then answers there.

    Raises NotReady or NeedsStaff when it can't be reached at the `present` speed or refuses,
    ValueError as `connect` and for a speed that readers don't have.
    """
    if wanted not in BAUD_RATES:
        raise ValueError(f"a reader speaks at {', '.join(map(str, BAUD_RATES))} bits per second")
    patience = deadlines or SamDeadlines()
    check_settings(port, present)
    link = LineLink(partial(SerialLine, port, baud_rate=present), patience)
    teller = SamReader("sam", link, patience)
    garbled: DeviceError | None = None
    try:
        teller.tell_speed(wanted)
    except DeviceError as error:
        if error.status not in map(status_of_mishap, Mishap):
            raise
        garbled = error  # whether the answer comes at the old or the new speed is not published
    finally:
        teller.close()
    follower = connect(port, wanted, deadlines=patience)
    try:
        has_changed = follower.status().works
    finally:
        follower.close()
    if garbled is not None and not has_changed:
        raise garbled
    return has_changed


class SamReader:
    """A `PhotoIdCardReader` that speaks the SAM protocol over any `SamLink`."""

    def __init__(self, driver_name: str, link: SamLink, deadlines: SamDeadlines) -> None:
        self._driver_name = driver_name
        self._link = link
        self._deadlines = deadlines
        self._is_greeted = False
        self._sam_model = ""
        self._looked_at_s = float("-inf")
        self._removal = CardRemoval.UNKNOWN
        self._tells_removal = False
        self._counts = {"looks": 0, "cards_read": 0, "cards_failed": 0, "failures": 0}
        self._last_failure = ""
        self._last_card_status = ""

    def status(self) -> DeviceStatus:
        """Ask the security module; at most two short deadlines.

        The first time after opening also for its number: three more.
        """
        try:
            self._greet()
        except NoAnswer as no_answer:
            return no_answer.status
        return reader_status(DeviceState.READY)

    def sam_id(self) -> str:
        """The security module's number, as printed on the reader.

        Raises NotReady, NeedsStaff.
        """
        try:
            return decode_sam_id(self._expect(questions.SAM_ID).data)
        except NoAnswer as no_answer:
            raise failure(no_answer.status) from no_answer

    def reset(self) -> None:
        """Let the security module begin anew; a card on it is found again.

        Raises NotReady, NeedsStaff.
        """
        try:
            self._expect(questions.RESET)
        except NoAnswer as no_answer:
            raise failure(no_answer.status) from no_answer
        self._is_greeted = False
        self._removal = CardRemoval.UNKNOWN

    def tell_speed(self, baud_rate: int) -> None:
        """Ask the reader to speak at `baud_rate` from now on; see `set_baud_rate`.

        Raises NotReady, NeedsStaff.
        """
        try:
            self._expect(questions.SPEEDS[baud_rate])
        except NoAnswer as no_answer:
            raise failure(no_answer.status) from no_answer

    def read_card(self) -> Identity | CardPresence:
        """One poll; see `IdCardReader`. A card takes find, select, read and newest address.

        At most twice the deadline of each question that it came to ask, after a pause that keeps
        two looks `poll_interval_s` apart.
        A newest address that could not be read is named in `manual_check`.
        """
        reading = self.read_card_with_photo()
        return reading.identity if isinstance(reading, CardReading) else reading

    def read_card_with_photo(self) -> CardReading | CardPresence:
        """As `read_card`; the photo comes with the text anyway, so it costs nothing more."""
        try:
            if not self._is_greeted:
                self._greet()
            outcome = self._look()
        except NoAnswer as no_answer:
            raise failure(no_answer.status) from no_answer
        if isinstance(outcome, CardReading):
            self._counts["cards_read"] += 1
        elif outcome is not CardPresence.ABSENT:
            self._counts["cards_failed"] += 1
        return outcome

    def card_removal(self) -> CardRemoval:
        """Ask the chip that was read last for its newest address again, and drop the answer.

        The address may be asked for after a reading as long as the card lies there; finding can't
        tell, because a reader hides a card that it has read. Whether a reader answers that more
        than once is not in the protocol sheets, so REMOVED is said only by a reader that was heard
        to say STILL_THERE before, and only as long as no other card was looked for in between.
        A chip that fails where it lies looks the same as one that was taken.
        Raises NotReady, NeedsStaff.
        """
        if self._removal is not CardRemoval.STILL_THERE:
            return self._removal
        try:
            reply = self._ask(questions.NEWEST_ADDRESS)
        except NoAnswer as no_answer:
            raise failure(no_answer.status) from no_answer
        if reply.status in (SamStatus.OK, SamStatus.NO_SUCH_ITEM):
            self._tells_removal = True
        else:
            self._removal = CardRemoval.REMOVED if self._tells_removal else CardRemoval.UNKNOWN
        return self._removal

    def self_test(self) -> tuple[SelfTestStep, ...]:
        """Port, any answer, the module's own verdict on itself, its number; each for real."""
        done: list[SelfTestStep] = []
        try:
            self._link.open()
            done.append(_passed("port"))
            verdict = self._ask(questions.STATUS)
            done.append(_passed("answers"))
            if verdict.status is not SamStatus.OK:
                raise NoAnswer(status_of_refusal(verdict))
            done.append(_passed("sam.status"))
            done.append(self._number_step())
        except NoAnswer as no_answer:
            done.append(_failed(_STEPS[len(done)], no_answer.status.code))
        return (*done, *(SelfTestStep(c, StepOutcome.NOT_DONE) for c in _STEPS[len(done) :]))

    def diagnostics(self) -> Mapping[str, str | int]:
        """See `Device`; of the module's number only the part that names its model."""
        return {
            "driver": self._driver_name,
            "port_open": int(self._link.is_open),
            "sam_model": self._sam_model or "unknown",
            "tells_removal": int(self._tells_removal),
            "last_failure": self._last_failure or "none",
            "last_card_status": self._last_card_status or "none",
            **self._counts,
        }

    def close(self) -> None:
        """Give the port back; the next call would open it again."""
        self._link.close()
        self._forget()

    def _greet(self) -> None:
        """The heartbeat, and once per opening the module's number. Raises NoAnswer."""
        reply = self._ask(questions.STATUS)
        if reply.status is not SamStatus.OK:
            raise self._failed(status_of_refusal(reply))
        if not self._is_greeted:
            self._sam_model = self._find_sam_id()[:5]
            self._is_greeted = True

    def _find_sam_id(self) -> str:
        """Empty when it stays unsaid: a reader may read cards without ever telling its number."""
        for _ in range(questions.SAM_ID_TRIES):
            answer = self._ask_link(questions.SAM_ID)
            if isinstance(answer, Reply) and answer.status is SamStatus.OK:
                return decode_sam_id(answer.data)
        return ""

    def _number_step(self) -> SelfTestStep:
        sam_id = self._find_sam_id()
        return _passed("sam.id", sam_id[:5]) if sam_id else _failed("sam.id", "sam.no_number")

    def _look(self) -> CardReading | CardPresence:
        next_look_s = self._looked_at_s + self._deadlines.poll_interval_s
        time.sleep(max(0.0, next_look_s - time.monotonic()))
        if self._removal is CardRemoval.STILL_THERE:
            self._removal = CardRemoval.UNKNOWN  # whether a chip survives another look is not known
        self._counts["looks"] += 1
        try:
            found = self._ask(questions.FIND)
        finally:
            self._looked_at_s = time.monotonic()
        if found.status is SamStatus.CARD_FOUND:
            return self._read_found_card()
        if found.status in CARD_TROUBLES:
            return CARD_TROUBLES[found.status]
        raise self._failed(status_of_refusal(found))

    def _read_found_card(self) -> CardReading | CardPresence:
        for question in (questions.SELECT, questions.READ):
            reply = self._ask(question)
            if reply.status in READER_TROUBLES:
                raise self._failed(status_of_refusal(reply))
            if reply.status is not SamStatus.OK:
                return CARD_TROUBLES.get(reply.status, CardPresence.READ_FAILED)
        try:
            blocks = split_card_blocks(reply.data)
            identity = decode_card_text(blocks.text)
            extras = decode_extras(blocks.text)
        except CodecError:
            return CardPresence.READ_FAILED
        photo = WltPhoto(blocks.photo) if blocks.photo else None
        return CardReading(self._with_newest_address(identity), photo, extras)

    def _with_newest_address(self, identity: Identity) -> Identity:
        """The person is known already: a card lifted too early costs no second reading."""
        try:
            reply = self._ask(questions.NEWEST_ADDRESS)
        except NoAnswer:
            return _flagged(identity, newest_address="")
        if reply.status not in (SamStatus.OK, SamStatus.NO_SUCH_ITEM):
            return _flagged(identity, newest_address="")
        self._removal = CardRemoval.STILL_THERE
        if reply.status is SamStatus.NO_SUCH_ITEM:
            return identity
        newest_address = decode_newest_address(reply.data)
        if needs_manual_check(newest_address):
            return _flagged(identity, newest_address=newest_address)
        return identity.model_copy(update={"newest_address": newest_address})

    def _expect(self, question: Question) -> Reply:
        reply = self._ask(question)
        if reply.status is not question.success:
            raise self._failed(status_of_refusal(reply))
        return reply

    def _ask(self, question: Question) -> Reply:
        """The reply, asked for a second time when the first was spoiled. Raises NoAnswer."""
        answer = self._ask_link(question)
        if answer in (Mishap.DAMAGED, Mishap.UNREADABLE) or (
            isinstance(answer, Reply) and answer.status in HOST_ERRORS
        ):
            answer = self._ask_link(question)
        if isinstance(answer, Mishap):
            raise self._failed(status_of_mishap(answer))
        if any(answer.card_status):  # the chip's own word on what went wrong, by ISO 7816
            self._last_card_status = answer.card_status.hex()
        return answer

    def _ask_link(self, question: Question) -> Reply | Mishap:
        try:
            return self._link.ask_once(question)
        except NoAnswer as no_answer:
            raise self._failed(no_answer.status) from no_answer

    def _failed(self, status: DeviceStatus) -> NoAnswer:
        """Whatever the reader knew may be gone: it is greeted again before the next card."""
        self._counts["failures"] += 1
        self._last_failure = status.code
        self._forget()
        return NoAnswer(status)

    def _forget(self) -> None:
        self._is_greeted = False
        self._tells_removal = False
        self._removal = CardRemoval.UNKNOWN


def _passed(code: str, detail: str = "") -> SelfTestStep:
    return SelfTestStep(code, StepOutcome.PASSED, detail)


def _failed(code: str, detail: str) -> SelfTestStep:
    return SelfTestStep(code, StepOutcome.FAILED, detail)


def _flagged(identity: Identity, *, newest_address: str) -> Identity:
    return identity.model_copy(
        update={
            "newest_address": newest_address,
            "manual_check": identity.manual_check | {"newest_address"},
        }
    )
