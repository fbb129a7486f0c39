"""What every driver of every kind keeps, played against its twin."""

import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from yici.drivers.descriptor import DriverDescriptor
from yici.drivers.device import Device, DeviceState, DeviceStatus, NeedsStaff, SelfTestStep
from yici.drivers.proving.calls import did_its_work
from yici.drivers.registry import load_connect, load_twin
from yici.drivers.twin import NO_FAULT, Twin

FAULTS_OF_EVERY_TWIN = ("silent", "garbage", "slow")
SOON_S = 0.2  # after which the plug is pulled in the middle of things


class DeviceSuite:
    """Subclass it as `Test…`, set `driver`; a kind's suite adds what its values have to be.

    `options` are further keywords for `connect`; tests are quicker with short deadlines there.
    """

    driver: ClassVar[DriverDescriptor]
    options: ClassVar[Mapping[str, Any]] = {}
    # False for what only ever speaks by itself (a keyboard): its silence can't be told from rest
    can_be_asked: ClassVar[bool] = True
    # what one call may take at the very most, whatever the device does
    longest_call_s: ClassVar[float] = 30.0
    # back in service after its plug, without anybody's help
    longest_recovery_s: ClassVar[float] = 10.0

    @pytest.fixture
    def twin(self, tmp_path: Path) -> Iterator[Twin]:
        twin: Twin = load_twin(self.driver)(tmp_path)
        yield twin
        twin.close()
        twin.close()

    @pytest.fixture
    def device(self, twin: Twin) -> Iterator[Device]:
        device = self.connect(twin.address)
        yield device
        device.close()

    def connect(self, address: str) -> Device:
        """The device as the terminal would open it."""
        device: Device = load_connect(self.driver)(address, **self.options)
        return device

    def did_its_work(self, device: Device) -> bool:
        """One ordinary call, held to its deadline."""
        started_s = time.monotonic()
        done = did_its_work(self.driver.kind, device)
        assert time.monotonic() - started_s < self.longest_call_s
        return done

    def status(self, device: Device) -> DeviceStatus:
        """Its status, held to the deadline and to its kind."""
        started_s = time.monotonic()
        status = device.status()
        assert time.monotonic() - started_s < self.longest_call_s
        assert status.kind is self.driver.kind
        return status

    def wait_until_it_works(self, device: Device) -> None:
        """Raises AssertionError when the device isn't back in time."""
        deadline_s = time.monotonic() + self.longest_recovery_s
        while not (status := self.status(device)).works:
            assert time.monotonic() < deadline_s, f"not back in time: {status}"
            time.sleep(0.05)
        while not self.did_its_work(device):
            assert time.monotonic() < deadline_s, "says that it works, and doesn't"

    def test_twin_has_the_faults_that_every_twin_has(self, twin: Twin) -> None:
        assert twin.kind is self.driver.kind
        assert twin.is_plugged_in
        assert twin.fault == NO_FAULT
        assert set(FAULTS_OF_EVERY_TWIN) <= set(twin.fault_names)
        assert NO_FAULT not in twin.fault_names
        with pytest.raises(ValueError, match=r"."):
            twin.set_fault("no such fault")

    def test_plugged_in_device_works(self, device: Device) -> None:
        self.wait_until_it_works(device)

    def test_terminal_starts_without_the_device(self, twin: Twin) -> None:
        twin.unplug()
        device = self.connect(twin.address)
        assert not self.status(device).works
        assert not self.did_its_work(device)
        twin.plug_in()
        self.wait_until_it_works(device)
        device.close()

    def test_unplugged_between_calls_and_back_without_a_restart(
        self, device: Device, twin: Twin
    ) -> None:
        self.wait_until_it_works(device)
        for _ in range(2):
            twin.unplug()
            assert not twin.is_plugged_in
            self._wait_until_it_is_missed(device)
            twin.plug_in()
            self.wait_until_it_works(device)

    def test_unplugged_during_a_call(self, device: Device, twin: Twin) -> None:
        self.wait_until_it_works(device)
        pull = threading.Timer(SOON_S, twin.unplug)
        pull.start()
        self._wait_until_it_is_missed(device)
        pull.join()
        twin.plug_in()
        self.wait_until_it_works(device)

    def test_silent_device_is_never_called_ready(self, device: Device, twin: Twin) -> None:
        twin.set_fault("silent")
        if self.can_be_asked:
            self._wait_until_it_is_missed(device)
            assert self.status(device).state is not DeviceState.READY
        else:
            self.did_its_work(device)
        twin.set_fault(NO_FAULT)
        self.wait_until_it_works(device)

    def test_no_fault_of_the_twin_leads_to_anything_but_a_value_or_the_three_errors(
        self, device: Device, twin: Twin
    ) -> None:
        for fault in twin.fault_names:
            twin.set_fault(fault)
            assert twin.fault == fault
            self.status(device)
            self.did_its_work(device)
            assert all(isinstance(step, SelfTestStep) for step in device.self_test())
            twin.set_fault(NO_FAULT)
            if not twin.is_plugged_in:  # a fault may be a plug pulled at a bad moment
                twin.plug_in()
            self.wait_until_it_works(device)

    def test_address_that_cannot_be_one_is_refused_at_once(self) -> None:
        with pytest.raises((ValueError, NeedsStaff)):
            self.connect("no-such-scheme://")

    def test_what_it_tells_of_itself_is_plain(self, device: Device) -> None:
        for _ in range(2):
            assert all(isinstance(value, str | int) for value in device.diagnostics().values())
            self.did_its_work(device)
        assert device.self_test()

    def test_closed_twice_and_used_again(self, device: Device) -> None:
        self.wait_until_it_works(device)
        device.close()
        device.close()
        self.status(device)

    def _wait_until_it_is_missed(self, device: Device) -> None:
        """Asks until both answers agree that it is gone; raises AssertionError when they don't."""
        deadline_s = time.monotonic() + self.longest_recovery_s
        while self.did_its_work(device) or self.status(device).works:
            assert time.monotonic() < deadline_s, "still said to work"
