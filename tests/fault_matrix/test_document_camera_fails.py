"""The document camera fails in every state of a session."""

import pytest
from fault_table import Fault
from walking import Walks, check_and_print

from yici.drivers.device import DeviceKind

KIND = DeviceKind.DOCUMENT_CAMERA


@pytest.mark.slow
@pytest.mark.parametrize("fault", Fault)
def test_session_outlives_the_fault_in_every_state(fault: Fault, walks: Walks) -> None:
    check_and_print(KIND, fault, walks[fault].result())
