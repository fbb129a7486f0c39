"""Devices and residents come and go: no session ends, nothing is told twice."""

from collections.abc import Callable

import pytest
from driver import SessionDriver

from yici.drivers import health
from yici.drivers.device import DeviceKind, DeviceState
from yici.kiosk.session.table import State

PRINTER = DeviceKind.RECEIPT_PRINTER


def told_of_devices(desk: SessionDriver) -> list[tuple[str, str]]:
    return [
        (event.name, event.fields["role"])
        for event in desk.cache.events.read()
        if event.name in ("device_lost", "device_back")
    ]


def printer_state(desk: SessionDriver) -> DeviceState | None:
    status = desk.session.statuses.get(PRINTER)
    return status.state if status else None


def test_a_printer_lost_under_one_resident_and_back_under_the_next(
    open_session: Callable[[], SessionDriver], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "GRACE_S", 0.0)  # nobody waits for ten seconds here
    first = open_session()
    first.session.watch_devices()
    first.until(
        lambda: first.cache.devices.find(PRINTER.value) is not None, "sure that there is one"
    )
    first.choose("RS-003")
    first.printer.unplug()
    first.session.services.devices.look()
    first.until(lambda: told_of_devices(first) == [("device_lost", PRINTER)], "told of the loss")
    assert first.screen is State.IDENTIFY, "and the resident went on"
    first.close()

    second = open_session()
    second.session.watch_devices()
    second.until(lambda: printer_state(second) is DeviceState.DISCONNECTED, "aware of it")
    second.work_for(2.5)  # three looks: enough to lose it once more, if that were possible
    assert told_of_devices(second) == [("device_lost", PRINTER)]
    second.printer.plug_in()
    second.until(lambda: printer_state(second) is DeviceState.READY, "aware that it is back")
    both = [("device_lost", PRINTER), ("device_back", PRINTER)]
    second.until(lambda: told_of_devices(second) == both, "told of its return")
