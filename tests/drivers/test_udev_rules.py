"""The rules under udev's own engine: names, rights, and no modem manager on a reader's line."""

from pathlib import Path

import pytest
from udev_rules_lab import RULES, judge

from yici.drivers.stable_names import FoundDevice, find_device, rule_for

READERS_GROUP = "4711"


def usb(vendor: str, model: str, serial: str = "A1B2C3") -> str:
    return (
        "P: /devices/usb1/1-1\n"
        "E: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nE: DEVNAME=/dev/bus/usb/001/002\n"
        "E: MAJOR=189\nE: MINOR=1\n"
        f"A: idVendor={vendor}\\n\nA: idProduct={model}\\n\nA: serial={serial}\\n\n\n"
    )


def below(subsystem: str, name: str, more: str = "") -> str:
    return (
        f"P: /devices/usb1/1-1/{name}\nE: SUBSYSTEM={subsystem}\nE: DEVNAME=/dev/{name}\n"
        f"E: MAJOR=188\nE: MINOR=0\n{more}\n"
    )


USB = "/sys/devices/usb1/1-1"


@pytest.mark.parametrize("vendor", ["0403", "067b", "10c4", "1a86"])
def test_a_serial_adapter_is_ours_and_no_modem(tmp_path: Path, vendor: str) -> None:
    devices = usb(vendor, "6001") + below("tty", "ttyUSB0")
    verdict = judge(tmp_path, devices, f"{USB}/ttyUSB0")
    assert (verdict.mode, verdict.group) == ("0660", READERS_GROUP)
    assert verdict.properties["ID_MM_DEVICE_IGNORE"] == "1"
    assert not verdict.links, "which of two adapters is the reader takes a line of its own"
    assert not verdict.complaints


def test_the_whole_usb_adapter_is_kept_from_the_modem_manager(tmp_path: Path) -> None:
    verdict = judge(tmp_path, usb("0403", "6001"), USB)
    assert verdict.properties["ID_MM_DEVICE_IGNORE"] == "1"


def test_an_sdt_reader_has_its_name_as_bulk_device_and_as_hid(tmp_path: Path) -> None:
    bulk = judge(tmp_path, usb("0400", "c35a"), USB)
    assert bulk.links == {"kiosk/id-card-reader"}
    assert (bulk.mode, bulk.group) == ("0660", READERS_GROUP)
    hid = judge(tmp_path, usb("0400", "c35a") + below("hidraw", "hidraw0"), f"{USB}/hidraw0")
    assert hid.links == {"kiosk/id-card-reader"}


def test_a_receipt_printer_has_its_name_and_an_a4_printer_has_not(tmp_path: Path) -> None:
    slip = judge(tmp_path, usb("04b8", "0202") + below("usbmisc", "lp0"), f"{USB}/lp0")
    assert slip.links == {"kiosk/receipt-printer"}
    page = judge(tmp_path, usb("03f0", "002a") + below("usbmisc", "lp0"), f"{USB}/lp0")
    assert not page.links


def test_devices_of_others_are_left_alone(tmp_path: Path) -> None:
    verdict = judge(tmp_path, usb("dead", "beef") + below("tty", "ttyACM0"), f"{USB}/ttyACM0")
    assert (verdict.links, verdict.mode, verdict.group) == (frozenset(), "", "")
    assert not verdict.complaints


def test_the_line_that_is_printed_gives_the_name(tmp_path: Path) -> None:
    devices = usb("0403", "6001") + below(
        "tty",
        "ttyUSB0",
        "E: ID_VENDOR_ID=0403\nE: ID_MODEL_ID=6001\nE: ID_SERIAL_SHORT=A1B2C3\n",
    )
    found = find_device(
        {
            "SUBSYSTEM": "tty",
            "DEVNAME": "/dev/ttyUSB0",
            "ID_VENDOR_ID": "0403",
            "ID_MODEL_ID": "6001",
            "ID_SERIAL_SHORT": "A1B2C3",
        }
    )
    assert found is not None
    verdict = judge(tmp_path, devices, f"{USB}/ttyUSB0", rule_for(found, "id-card-reader"))
    assert verdict.links == {"kiosk/id-card-reader"}
    other = rule_for(found, "id-card-reader").replace("A1B2C3", "ANOTHER")
    assert not judge(tmp_path, devices, f"{USB}/ttyUSB0", other).links


def test_a_broken_rule_would_be_noticed(tmp_path: Path) -> None:
    verdict = judge(tmp_path, usb("0403", "6001"), USB, 'SUBSYSTEM=="usb", NONSENSE=="x"')
    assert verdict.complaints


def test_no_rule_gives_a_device_to_whoever_sits_there() -> None:
    assert 'TAG+="uaccess"' not in RULES.read_text("utf-8")


def test_a_device_without_a_serial_number_is_known_by_its_socket() -> None:
    device = FoundDevice(
        "/dev/input/event3",
        "input",
        vendor_id="0c2e",
        model_id="0b61",
        socket="pci-0000:00:14.0-usb-0:2:1.0",
    )
    rule = rule_for(device, "code-reader")
    assert 'ENV{ID_PATH}=="pci-0000:00:14.0-usb-0:2:1.0"' in rule
    assert 'ENV{LIBINPUT_IGNORE_DEVICE}="1"' in rule


@pytest.mark.parametrize(
    ("device", "name"),
    [
        (FoundDevice("/dev/ttyUSB0", "tty"), "printer"),
        (FoundDevice("/dev/ttyUSB0", "tty", vendor_id="0403", model_id="6001"), "printer"),
        (FoundDevice("/dev/ttyUSB0", "tty", (), "0403", "6001", 'x", RUN+="rm', ""), "printer"),
        (FoundDevice("/dev/ttyUSB0", "tty", (), "0403", "6001", "A"), "../sda"),
        (FoundDevice("/dev/ttyUSB0", "tty", (), "0403", "6001", "A"), ""),
    ],
    ids=["nothing known", "no serial, no socket", "serial is an attack", "path", "empty"],
)
def test_what_would_name_too_much_is_refused(device: FoundDevice, name: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        rule_for(device, name)


@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"SUBSYSTEM": "tty", "DEVNAME": "/dev/tty1"},
        {"SUBSYSTEM": "block", "DEVNAME": "/dev/sda"},
        {"SUBSYSTEM": "input", "DEVNAME": "/dev/input/mouse0"},
    ],
)
def test_what_no_terminal_uses_is_not_listed(properties: dict[str, str]) -> None:
    assert find_device(properties) is None
