"""The virtual screen, its mirror and its finger, on a real Xvfb with a small X client."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from Xlib import X, display

from yici.drivers.twin_panel.screen.framebuffer import Framebuffer, UnreadableScreen, as_bgr
from yici.drivers.twin_panel.screen.live import LiveScreen
from yici.drivers.twin_panel.wire import ScreenEvent, ScreenEventKind
from yici.rehearsal.virtual_screen import NoVirtualScreen, ScreenSize, VirtualScreen

needs_xvfb = pytest.mark.skipif(shutil.which("Xvfb") is None, reason="needs Debian's xvfb")
ORANGE = 0xFF8000


@pytest.fixture
def screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[VirtualScreen]:
    with VirtualScreen(tmp_path, ScreenSize(300, 500)) as started:
        for name, value in started.environment.items():
            monkeypatch.setenv(name, value)
        yield started


class Client:
    """An X client with one orange window that notes what is done to it."""

    def __init__(self) -> None:
        self.display = display.Display()
        self.window = self.display.screen().root.create_window(
            10,
            20,
            200,
            300,
            0,
            24,
            background_pixel=ORANGE,
            event_mask=X.ButtonPressMask
            | X.ButtonReleaseMask
            | X.ButtonMotionMask
            | X.KeyPressMask
            | X.ExposureMask,
        )
        self.window.map()
        self.window.set_input_focus(X.RevertToParent, X.CurrentTime)
        self.display.sync()

    def events(self, count: int) -> list[tuple[int, ...]]:
        noted: list[tuple[int, ...]] = []
        deadline_s = time.monotonic() + 30
        while len(noted) < count and time.monotonic() < deadline_s:
            if not self.display.pending_events():
                time.sleep(0.01)
                continue
            event = self.display.next_event()
            if event.type == X.KeyPress:
                shift = bool(event.state & X.ShiftMask)
                noted.append((X.KeyPress, self.display.keycode_to_keysym(event.detail, shift)))
            elif event.type in (X.ButtonPress, X.ButtonRelease, X.MotionNotify):
                noted.append((event.type, event.event_x, event.event_y))
        return noted


@pytest.fixture
def client(screen: VirtualScreen) -> Iterator[Client]:
    made = Client()
    yield made
    made.display.close()


@needs_xvfb
def test_picture_changes_only_when_the_screen_does(screen: VirtualScreen) -> None:
    with LiveScreen(screen.display_name, screen.framebuffer) as live:
        first = live.mirror.find_picture(newer_than=0)
        assert first is not None
        assert live.mirror.find_picture(newer_than=first.number) is None
        shown = Client()
        second = live.mirror.find_picture(newer_than=first.number)
        assert second is not None
        assert second.jpeg.startswith(b"\xff\xd8")
        shown.display.close()
    with Framebuffer(screen.framebuffer) as framebuffer:
        assert (framebuffer.width_px, framebuffer.height_px) == (300, 500)


@needs_xvfb
def test_pixels_have_their_place_and_colour(screen: VirtualScreen, client: Client) -> None:
    with Framebuffer(screen.framebuffer) as framebuffer:
        pixels = framebuffer.copy() & 0xFFFFFF
        orange = np.argwhere(pixels == ORANGE)
        assert orange.min(axis=0).tolist() == [20, 10]
        assert orange.max(axis=0).tolist() == [319, 209]
        assert as_bgr(pixels)[20, 10].tolist() == [0x00, 0x80, 0xFF]


@needs_xvfb
def test_stroke_arrives_point_by_point_in_its_order(screen: VirtualScreen, client: Client) -> None:
    stroke = [(50 + step * 3, 60 + step * 2) for step in range(20)]
    events = [
        ScreenEvent(kind=ScreenEventKind.PRESS, x_px=50, y_px=60),
        *(ScreenEvent(kind=ScreenEventKind.MOVE, x_px=x, y_px=y) for x, y in stroke[1:]),
        ScreenEvent(kind=ScreenEventKind.RELEASE, x_px=stroke[-1][0], y_px=stroke[-1][1]),
    ]
    with LiveScreen(screen.display_name, screen.framebuffer) as live:
        live.apply(events)
        noted = client.events(21)
    within = [(x - 10, y - 20) for x, y in stroke]
    assert noted == [
        (X.ButtonPress, *within[0]),
        *((X.MotionNotify, *point) for point in within[1:]),
        (X.ButtonRelease, *within[-1]),
    ]


@needs_xvfb
def test_lost_release_does_not_hold_the_button_for_ever(
    screen: VirtualScreen, client: Client
) -> None:
    press = ScreenEvent(kind=ScreenEventKind.PRESS, x_px=50, y_px=60)
    with LiveScreen(screen.display_name, screen.framebuffer) as live:
        live.apply([press, press])
    assert [event[0] for event in client.events(2)] == [X.ButtonPress, X.ButtonRelease]


@needs_xvfb
def test_keys_arrive_with_their_case(screen: VirtualScreen, client: Client) -> None:
    with LiveScreen(screen.display_name, screen.framebuffer) as live:
        keys = ("a", "Q", "7", "@", "Enter", "Backspace", "F99")
        live.apply([ScreenEvent(kind=ScreenEventKind.KEY, key=key) for key in keys])
        noted = [symbol for kind, symbol in client.events(8) if kind == X.KeyPress]
    shifts = {0xFFE1, 0xFFE2}
    assert [symbol for symbol in noted if symbol not in shifts] == [
        ord("a"), ord("Q"), ord("7"), ord("@"), 0xFF0D, 0xFF08,
    ]  # fmt: skip


@needs_xvfb
def test_two_screens_do_not_take_each_others_place(screen: VirtualScreen, tmp_path: Path) -> None:
    with VirtualScreen(tmp_path / "second", ScreenSize(200, 200)) as second:
        assert second.display_name != screen.display_name
        for one in (screen, second):
            with pytest.MonkeyPatch.context() as patch:
                for name, value in one.environment.items():
                    patch.setenv(name, value)
                shown = display.Display()
                assert shown.screen().width_in_pixels == one.size.width_px
                shown.close()


@needs_xvfb
def test_screen_has_no_tcp_door_and_a_private_cookie(screen: VirtualScreen) -> None:
    port = 6000 + int(screen.display_name[1:])
    listening = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
    assert f":{port:04X} " not in listening
    assert screen.authority.stat().st_mode & 0o777 == 0o600


def test_missing_xvfb_names_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoVirtualScreen, match="apt-get install xvfb"):
        VirtualScreen(tmp_path)


def test_xvfb_that_does_not_start_names_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "Xvfb"
    broken.write_text("#!/bin/sh\necho no shared memory >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    with pytest.raises(NoVirtualScreen, match=r"(?s)xvfb\.log.*no shared memory"):
        VirtualScreen(tmp_path / "screen")


@pytest.mark.parametrize("content", [b"", b"short", b"\0" * 4096])
def test_file_that_is_no_screen_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "Xvfb_screen0"
    path.write_bytes(content)
    with pytest.raises(UnreadableScreen):
        Framebuffer(path)
    with pytest.raises(UnreadableScreen):
        Framebuffer(tmp_path / "missing")
