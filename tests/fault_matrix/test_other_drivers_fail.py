"""The other drivers of a kind fail in every state as the usual one does."""

import pytest
from walking import check_and_print, walk_every_fault

from yici.drivers.device import DeviceKind


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "driver"),
    [
        (DeviceKind.ID_CARD_READER, "sdt_usb"),
        (DeviceKind.ID_CARD_READER, "vendor_library"),
        (DeviceKind.CODE_READER, "keyboard"),
        (DeviceKind.CODE_READER, "camera"),
    ],
)
def test_session_outlives_every_fault_in_every_state(
    kind: DeviceKind, driver: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for fault, walk in walk_every_fault(kind, tmp_path_factory.mktemp("m"), driver).items():
        check_and_print(kind, fault, walk.result(), driver)
