"""Which devices each screen shows: these are looked at closely while it is open."""

from collections.abc import Mapping
from typing import Final

from yici.drivers.device import DeviceKind
from yici.kiosk.session.table import State

CARED_FOR: Final[Mapping[State, frozenset[DeviceKind]]] = {
    State.IDENTIFY: frozenset({DeviceKind.ID_CARD_READER, DeviceKind.SOCIAL_SECURITY_CARD_READER}),
    State.MATERIALS: frozenset({DeviceKind.DOCUMENT_CAMERA, DeviceKind.SCANNER}),
    State.SUBMITTED: frozenset({DeviceKind.RECEIPT_PRINTER}),
    State.SLIP: frozenset({DeviceKind.RECEIPT_PRINTER}),
    State.PROGRESS: frozenset({DeviceKind.DOCUMENT_CAMERA, DeviceKind.CODE_READER}),
}
