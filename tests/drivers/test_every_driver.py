"""Our own drivers, each with its twin, under the suite that drivers from outside have to pass."""

import inspect
import re
from pathlib import Path
from typing import Any

import pytest
from our_suites import LEFT_OUT, suites_of

from yici.drivers.descriptor import DriverDescriptor
from yici.drivers.device import DeviceKind
from yici.drivers.proving.device import DeviceSuite
from yici.drivers.registry import drivers, load_connect

PAGE = Path(__file__).parents[2] / "docs" / "write-a-driver.md"
CAMERAS = {DeviceKind.DOCUMENT_CAMERA, DeviceKind.FACE_CAMERA}

globals().update(suites_of(set(DeviceKind) - CAMERAS, __name__))


def keywords_on_the_page() -> dict[str, list[str]]:
    """Kind → keywords of `connect`, as docs/write-a-driver.md promises them to vendors."""
    rows = re.findall(r"^\| (`[a-z_`, ]+`) \| `[^|]*\| ([^|]*)\|$", PAGE.read_text("utf-8"), re.M)
    return {
        kind: re.findall(r"`(\w+)`", keywords)
        for kinds, keywords in rows
        for kind in re.findall(r"`(\w+)`", kinds)
    }


def test_what_is_left_out_exists() -> None:
    assert all(callable(getattr(DeviceSuite, test)) for test in LEFT_OUT.values())


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
