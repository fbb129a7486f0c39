"""A card's conversation: select the application, read the holder's file."""

from yici.contract.people import Identity
from yici.drivers.social_security_card_reader import SscPresence
from yici.drivers.social_security_card_reader.pcsc.apdu import (
    NO_SUCH_RECORD,
    NOT_THIS_WAY,
    OK,
    PROTECTED,
    CodecError,
    Transmit,
    exchange,
    read_record_by_number,
    read_record_by_tag,
    select_application,
    select_file,
)
from yici.drivers.social_security_card_reader.pcsc.card_files import (
    HOLDER_FILE,
    HOLDER_TAGS,
    OPTIONAL,
    Tag,
    decode_holder,
    decode_record,
)

MOST_RECORDS = 12  # the holder's file has seven


def read_holder(transmit: Transmit) -> Identity | SscPresence:
    """Ask the card; at most 45 transmissions. Raises only what `transmit` raises."""
    try:
        selected = exchange(transmit, select_application())
        if selected.status_word in PROTECTED:
            return SscPresence.PROTECTED
        if selected.status_word != OK:
            return SscPresence.NOT_THIS_KIND
        file = exchange(transmit, select_file(HOLDER_FILE))
        if file.status_word in PROTECTED:
            return SscPresence.PROTECTED
        if file.status_word != OK:
            return SscPresence.READ_FAILED
        records = _by_tag(transmit)
        if records is None:
            records = _by_number(transmit)
        return records if isinstance(records, SscPresence) else decode_holder(records)
    except CodecError:
        return SscPresence.READ_FAILED


def _by_tag(transmit: Transmit) -> dict[int, bytes] | SscPresence | None:
    """The records by what they are; None for a card that only counts them."""
    records: dict[int, bytes] = {}
    for wanted in HOLDER_TAGS:
        response = exchange(transmit, read_record_by_tag(wanted))
        if response.status_word in NOT_THIS_WAY and wanted is Tag.SOCIAL_SECURITY_NUMBER:
            return None
        if response.status_word in PROTECTED:
            return SscPresence.PROTECTED
        if response.status_word == OK:
            tag, value = decode_record(response.data)
            if tag != wanted:
                raise CodecError("another record than was asked for")
            records[tag] = value
        elif wanted not in OPTIONAL:
            return SscPresence.READ_FAILED
    return records


def _by_number(transmit: Transmit) -> dict[int, bytes] | SscPresence:
    """All records in their order, which differs from one version of the card to the next."""
    records: dict[int, bytes] = {}
    for number in range(1, MOST_RECORDS + 1):
        response = exchange(transmit, read_record_by_number(number))
        if response.status_word in PROTECTED:
            return SscPresence.PROTECTED
        if response.status_word in NO_SUCH_RECORD:
            break
        if response.status_word != OK:
            return SscPresence.READ_FAILED
        tag, value = decode_record(response.data)
        records.setdefault(tag, value)
    return records
