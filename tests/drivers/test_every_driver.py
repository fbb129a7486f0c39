"""Our own drivers under the suite that drivers from outside have to pass, each with its twin."""

import inspect
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from yici.drivers.descriptor import DriverDescriptor
from yici.drivers.device import DeviceKind
from yici.drivers.proving.code_reader import CodeReaderSuite
from yici.drivers.proving.device import DeviceSuite
from yici.drivers.proving.id_card_reader import IdCardReaderSuite
from yici.drivers.registry import drivers, load_connect

PAGE = Path(__file__).parents[2] / "docs" / "write-a-driver.md"

# speak only when they see a code: their silence can't be told from rest
ONLY_SPEAK = {"serial_line", "keyboard"}
# take seconds to open, and have a suite of their own for what is left out here
SLOW_KINDS = {DeviceKind.DOCUMENT_CAMERA, DeviceKind.FACE_CAMERA}
LEFT_OUT = (
    "test_no_fault_of_the_twin_leads_to_anything_but_a_value_or_the_three_errors",
    "test_unplugged_during_a_call",
)

SUITES: Mapping[DeviceKind, type[DeviceSuite]] = {
    DeviceKind.CODE_READER: CodeReaderSuite,
    DeviceKind.ID_CARD_READER: IdCardReaderSuite,
}


def class_name(driver: DriverDescriptor) -> str:
    words = f"{driver.kind}_{driver.name}".split("_")
    return "Test" + "".join(word.capitalize() for word in words)


def suite_for(driver: DriverDescriptor) -> type[DeviceSuite]:
    """A class for pytest, as a vendor would write it."""
    suite = SUITES.get(driver.kind, DeviceSuite)
    more: dict[str, Any] = {"driver": driver, "can_be_asked": driver.name not in ONLY_SPEAK}
    if driver.kind in SLOW_KINDS:
        more |= dict.fromkeys(LEFT_OUT)
    return type(class_name(driver), (suite,), {"__module__": __name__, **more})


for found in drivers():
    if found.twin:
        globals()[class_name(found)] = suite_for(found)


def keywords_on_the_page() -> dict[str, list[str]]:
    """Kind → keywords of `connect`, as docs/write-a-driver.md promises them to vendors."""
    rows = re.findall(r"^\| (`[a-z_`, ]+`) \| `[^|]*\| ([^|]*)\|$", PAGE.read_text("utf-8"), re.M)
    return {
        kind: re.findall(r"`(\w+)`", keywords)
        for kinds, keywords in rows
        for kind in re.findall(r"`(\w+)`", kinds)
    }


def test_page_for_vendors_names_every_kind() -> None:
    assert set(keywords_on_the_page()) == {kind.value for kind in DeviceKind}


@pytest.mark.parametrize("driver", drivers(), ids=lambda driver: f"{driver.kind}.{driver.name}")
def test_connect_takes_an_address_and_what_the_page_for_vendors_says(
    driver: DriverDescriptor,
) -> None:
    signature = inspect.signature(load_connect(driver))
    more: dict[str, Any] = dict.fromkeys(keywords_on_the_page()[driver.kind])
    signature.bind("address")
    signature.bind("address", **more)
