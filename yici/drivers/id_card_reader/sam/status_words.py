"""What each status byte means for the device and for the card; every byte has its place here."""

from collections.abc import Mapping

from yici.drivers.device import DeviceKind, DeviceState, DeviceStatus
from yici.drivers.id_card_reader import CardPresence
from yici.drivers.id_card_reader.sam.frames import Reply, SamStatus
from yici.drivers.id_card_reader.sam.questions import Mishap

# the request broke on its way to the reader: worth asking again
HOST_ERRORS = (
    SamStatus.HOST_CHECKSUM_ERROR,
    SamStatus.HOST_LENGTH_ERROR,
    SamStatus.HOST_COMMAND_ERROR,
)

# the reader itself is ill, whatever was asked
READER_TROUBLES: Mapping[SamStatus, DeviceState] = {
    SamStatus.SELF_TEST_FAILED: DeviceState.FAULT,
    SamStatus.NOT_AUTHORISED: DeviceState.FAULT,
    SamStatus.RANDOM_FAILED: DeviceState.FAULT,
    **dict.fromkeys(HOST_ERRORS, DeviceState.UNKNOWN),
}

# the reader is well, and the card on it is not as wanted
CARD_TROUBLES: Mapping[SamStatus, CardPresence] = {
    SamStatus.NO_CARD: CardPresence.ABSENT,  # also in the middle: it was lifted
    SamStatus.WRONG_CARD_TYPE: CardPresence.WRONG_CARD,
    SamStatus.CARD_REFUSED_READER: CardPresence.READ_FAILED,
    SamStatus.READER_REFUSED_CARD: CardPresence.READ_FAILED,
    SamStatus.MESSAGE_VERIFY_ERROR: CardPresence.READ_FAILED,
    SamStatus.READ_FAILED: CardPresence.READ_FAILED,
    SamStatus.SELECT_FAILED: CardPresence.READ_FAILED,
}

# these explain nothing where they are not expected
UNEXPLAINED = (
    SamStatus.OK,
    SamStatus.CARD_FOUND,
    SamStatus.NO_SUCH_ITEM,
    SamStatus.UNKNOWN_ERROR,
    SamStatus.UNLISTED,
)

_MISHAP_STATES: Mapping[Mishap, DeviceState] = {
    Mishap.SILENT: DeviceState.UNKNOWN,
    Mishap.UNREADABLE: DeviceState.WRONG_SETTING,
    Mishap.DAMAGED: DeviceState.UNKNOWN,
}


def reader_status(state: DeviceState, code: str = "") -> DeviceStatus:
    return DeviceStatus(DeviceKind.ID_CARD_READER, state, code)


def status_of_mishap(mishap: Mishap) -> DeviceStatus:
    return reader_status(_MISHAP_STATES[mishap], f"sam.{mishap}")


def status_of_refusal(reply: Reply) -> DeviceStatus:
    """The status behind an answer that says "no"."""
    code = reply.status.name.lower()
    if reply.status is SamStatus.UNLISTED:
        code = f"status_{reply.status_byte:02x}"
    return reader_status(READER_TROUBLES.get(reply.status, DeviceState.UNKNOWN), f"sam.{code}")
