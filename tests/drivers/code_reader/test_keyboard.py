"""Keyboard readers: the kernel's bytes, the keymap, and who may have the keys."""

import errno
import os
import re
import struct
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yici.drivers.code_reader.character_reader import SourceLost
from yici.drivers.code_reader.keyboard import connect
from yici.drivers.code_reader.keyboard.event_source import (
    EVIOCGBIT_KEY,
    EVIOCGRAB,
    EVIOCGVERSION,
    grab_device,
    open_events,
    opening_failed,
)
from yici.drivers.code_reader.keyboard.input_events import EVENT, KEYMAP, KeyCharacters
from yici.drivers.code_reader.keyboard.key_ports import UINPUT
from yici.drivers.code_reader.keyboard.twin import (
    KeyboardReaderFault,
    KeyboardReaderTwin,
    KeyWay,
    type_text,
)
from yici.drivers.device import DeviceState, NotReady

CODES_HEADER = Path("/usr/include/linux/input-event-codes.h")

# What Linux hands over for "A1⏎", byte by byte after Documentation/input/event-codes.rst:
# two 64-bit time words, type, code, value; EV_MSC scan codes before and EV_SYN after each key.
TYPED_A1_ENTER = bytes.fromhex(
    "".join(
        f"0102030405060708 1112131415161718 {event}"
        for event in (
            "0400 0400 e1000700",  # MSC_SCAN
            "0100 2a00 01000000",  # left shift down
            "0000 0000 00000000",
            "0100 1e00 01000000",  # a down
            "0000 0000 00000000",
            "0100 1e00 02000000",  # held down: the kernel repeats
            "0100 1e00 00000000",
            "0100 2a00 00000000",
            "0000 0000 00000000",
            "0100 0200 01000000",  # 1
            "0100 0200 00000000",
            "0100 1c00 01000000",  # enter
            "0100 1c00 00000000",
            "0000 0000 00000000",
        )
    )
)


def test_the_kernels_bytes_are_read() -> None:
    assert KeyCharacters().feed(TYPED_A1_ENTER) == b"A1\n"


def test_keymap_and_numbers_agree_with_the_kernels_header() -> None:
    """The header of linux-libc-dev, where it is installed; the names tell which key is which."""
    if not CODES_HEADER.exists():
        pytest.skip(f"{CODES_HEADER} is missing: install the Debian package linux-libc-dev")
    found = re.findall(r"#define KEY_(\w+)\s+(\d+)\b", CODES_HEADER.read_text())
    key_of = {name: int(code) for name, code in found}
    for name in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789":
        assert KEYMAP[key_of[name]][0] == name.lower()
    named = {
        "MINUS": "-_", "EQUAL": "=+", "LEFTBRACE": "[{", "RIGHTBRACE": "]}", "SEMICOLON": ";:",
        "APOSTROPHE": "'\"", "GRAVE": "`~", "BACKSLASH": "\\|", "COMMA": ",<", "DOT": ".>",
        "SLASH": "/?", "SPACE": "  ", "TAB": "\t\t", "KPSLASH": "//", "KPASTERISK": "**",
        "KPMINUS": "--", "KPPLUS": "++", "KPDOT": "..", **{f"KP{n}": f"{n}{n}" for n in range(10)},
    }  # fmt: skip
    for name, pair in named.items():
        assert KEYMAP[key_of[name]] == (pair[0], pair[1])
    assert len(KEYMAP) == 36 + len(named)


def test_ioctl_numbers_follow_the_kernels_formula() -> None:
    """_IOC of asm-generic/ioctl.h: direction, size, type, number."""

    def ioc(direction: int, number: int, size: int) -> int:
        return direction << 30 | size << 16 | ord("E") << 8 | number

    assert ioc(1, 0x90, struct.calcsize("i")) == EVIOCGRAB
    assert ioc(2, 0x01, struct.calcsize("i")) == EVIOCGVERSION
    assert ioc(2, 0x20 + 1, 0x300 // 8) == EVIOCGBIT_KEY


@given(st.binary(max_size=600), st.lists(st.integers(0, 600), max_size=4))
def test_any_bytes_give_characters_in_any_pieces(data: bytes, cuts: list[int]) -> None:
    whole = KeyCharacters().feed(data)
    torn, keys, start = b"", KeyCharacters(), 0
    for cut in [*sorted(cuts), len(data)]:
        torn += keys.feed(data[start:cut])
        start = max(start, cut)
    assert torn == whole
    assert len(whole) <= len(data) // EVENT.size
    assert len(keys._torn) < EVENT.size


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E)))
def test_what_a_us_keyboard_types_is_read_back(text: str) -> None:
    assert KeyCharacters().feed(type_text(text.encode())) == text.encode()


def test_ctrl_bracket_is_a_group_separator_and_alt_codes_spoil_the_line() -> None:
    assert KeyCharacters().feed(type_text(b"a\x1db")) == b"a\x1db"
    assert b"\x18" in KeyCharacters().feed(type_text("é".encode("latin-1")))


def test_caps_lock_and_lost_events() -> None:
    caps = EVENT.pack(0, 0, 1, 58, 1) + EVENT.pack(0, 0, 1, 58, 0)
    assert KeyCharacters().feed(caps + type_text(b"aB1")) == b"Ab1"
    shift_down = EVENT.pack(0, 0, 1, 42, 1)
    dropped, report = EVENT.pack(0, 0, 0, 3, 0), EVENT.pack(0, 0, 0, 0, 0)
    # the release of shift was among what got lost
    one = type_text(b"a")
    assert KeyCharacters().feed(shift_down + dropped + one[:24] + report + one) == b"\x18a"


def test_lost_events_drop_the_code_instead_of_half_of_it(tmp_path: Path) -> None:
    with (
        KeyboardReaderTwin(tmp_path / "keys", way=KeyWay.FIFO) as twin,
        closing(connect(twin.address)) as reader,
    ):
        assert reader.status().works
        twin.set_fault(KeyboardReaderFault.LOST_EVENTS)
        twin.show_code(b"430199198506120012")
        assert reader.find_code(timeout_ms=600) is None
        assert int(reader.diagnostics()["dropped_control_bytes"]) >= 1


@pytest.mark.parametrize(
    ("number", "state", "code"),
    [
        (errno.ENOENT, DeviceState.DISCONNECTED, "keyboard.missing"),
        (errno.ENODEV, DeviceState.DISCONNECTED, "keyboard.missing"),
        (errno.EACCES, DeviceState.WRONG_SETTING, "keyboard.no_permission"),
        (errno.EBUSY, DeviceState.BUSY, "keyboard.grabbed"),
        (errno.ENOTTY, DeviceState.WRONG_SETTING, "keyboard.no_event_device"),
        (errno.EMFILE, DeviceState.FAULT, "keyboard.open_failed"),
    ],
)
def test_what_opening_can_say(number: int, state: DeviceState, code: str) -> None:
    lost = opening_failed(OSError(number, ""))
    assert (lost.state, lost.code) == (state, code)


def test_path_that_is_no_event_device_is_a_wrong_setting(tmp_path: Path) -> None:
    """The kernel itself says so: no other file knows these ioctls."""
    plain = tmp_path / "plain"
    plain.write_bytes(TYPED_A1_ENTER)
    for address in (str(plain), "/dev/null", f"stream:{plain}"):
        with pytest.raises(SourceLost) as raised:
            open_events(address)
        assert raised.value.code == "keyboard.no_event_device"
    with open("/dev/null", "rb") as null, pytest.raises(OSError, match="ioctl"):  # noqa: PTH123 (a descriptor)
        grab_device(null.fileno())


def test_vanished_device_is_disconnected_with_enodev(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with (
        KeyboardReaderTwin(tmp_path / "keys", way=KeyWay.FIFO) as twin,
        closing(connect(twin.address)) as reader,
    ):
        assert reader.status().works
        twin.show_code(b"1")

        def read(descriptor: int, size: int) -> bytes:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))

        monkeypatch.setattr("yici.drivers.code_reader.keyboard.event_source.os.read", read)
        with pytest.raises(NotReady) as raised:
            reader.find_code(timeout_ms=5000)
        assert raised.value.status.code == "keyboard.lost"
        monkeypatch.undo()
        assert reader.status().works  # opened anew


def test_keys_go_through_the_kernel_where_uinput_is(tmp_path: Path) -> None:
    if not os.access(UINPUT, os.W_OK):
        pytest.skip(f"this kernel offers no {UINPUT} to this user")
    with (
        KeyboardReaderTwin(tmp_path / "keys", way=KeyWay.UINPUT) as twin,
        closing(connect(twin.address)) as reader,
        closing(connect(twin.address)) as second,
    ):
        assert reader.status().works
        assert second.status().code == "keyboard.grabbed"
        twin.show_code(b"Https://example.test/?a=1&b=2")
        found = reader.find_code(timeout_ms=10_000)
        assert found is not None
        assert found.content == b"Https://example.test/?a=1&b=2"
        twin.unplug()
        with pytest.raises(NotReady):
            reader.find_code(timeout_ms=5000)
        twin.plug_in()
        assert reader.status().works
