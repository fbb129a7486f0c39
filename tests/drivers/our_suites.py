"""Our own drivers under the suite that drivers from outside have to pass: classes for pytest."""

from collections.abc import Collection, Mapping
from typing import Any

from yici.drivers.descriptor import DriverDescriptor, Rule
from yici.drivers.device import DeviceKind
from yici.drivers.proving.code_reader import CodeReaderSuite
from yici.drivers.proving.device import DeviceSuite
from yici.drivers.proving.id_card_reader import IdCardReaderSuite
from yici.drivers.registry import drivers

# speak only when they see a code: their silence can't be told from rest
ONLY_SPEAK = {"serial_line", "keyboard"}
# long tests, left out where the driver's own suite proves the same
LEFT_OUT = {
    Rule.FAULT_MATRIX: "test_no_fault_of_the_twin_leads_to_anything_but_a_value"
    "_or_the_three_errors",
    Rule.UNPLUGGED_IN_EVERY_STATE: "test_unplugged_during_a_call",
}

SUITES: Mapping[DeviceKind, type[DeviceSuite]] = {
    DeviceKind.CODE_READER: CodeReaderSuite,
    DeviceKind.ID_CARD_READER: IdCardReaderSuite,
}


def _class_name(driver: DriverDescriptor) -> str:
    words = f"{driver.kind}_{driver.name}".split("_")
    return "Test" + "".join(word.capitalize() for word in words)


def _suite_for(driver: DriverDescriptor, module: str) -> type[DeviceSuite]:
    """A class for pytest, as a vendor would write it."""
    suite = SUITES.get(driver.kind, DeviceSuite)
    more: dict[str, Any] = {"driver": driver, "can_be_asked": driver.name not in ONLY_SPEAK}
    more |= {test: None for rule, test in LEFT_OUT.items() if rule in driver.proofs}
    return type(_class_name(driver), (suite,), {"__module__": module, **more})


def suites_of(kinds: Collection[DeviceKind], module: str) -> dict[str, type[DeviceSuite]]:
    """One class for each driver of these kinds that has a twin, by its name in `module`."""
    return {
        _class_name(driver): _suite_for(driver, module)
        for driver in drivers()
        if driver.twin and driver.kind in kinds
    }
