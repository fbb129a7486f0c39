"""A person at the panel's page sees the virtual screen and writes on it."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from Xlib import X, display

from tests.drivers.twin_panel.conftest import RunningPanel
from yici.drivers.twin_panel.screen.live import LiveScreen
from yici.rehearsal.virtual_screen import ScreenSize, VirtualScreen

ASKED_FOR = (X.ButtonPress, X.ButtonRelease, X.MotionNotify, X.KeyPress)
CHROMIUM = Path("/usr/bin/chromium")

pytestmark = pytest.mark.skipif(shutil.which("Xvfb") is None, reason="needs Debian's xvfb")


@pytest.fixture
def screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[VirtualScreen]:
    with VirtualScreen(tmp_path / "screen", ScreenSize(540, 960)) as started:
        for name, value in started.environment.items():
            monkeypatch.setenv(name, value)
        yield started


@pytest.fixture
def panel(tmp_path: Path, screen: VirtualScreen) -> Iterator[RunningPanel]:
    with LiveScreen(screen.display_name, screen.framebuffer) as live:
        running = RunningPanel(tmp_path, live)
        yield running
        running.close()


def test_next_picture_comes_when_the_screen_changes_and_in_the_width_asked(
    panel: RunningPanel,
) -> None:
    first = panel.ask("GET", "/api/screen.jpg?newer_than=0&width_px=270")
    assert first.content.startswith(b"\xff\xd8")
    number = int(first.headers["X-Picture-Number"])
    shown = display.Display()
    root = shown.screen().root
    window = root.create_window(0, 0, 200, 200, 0, 24, background_pixel=0xFFFFFF)
    window.map()
    shown.sync()
    second = panel.ask("GET", f"/api/screen.jpg?newer_than={number}&width_px=270")
    assert int(second.headers["X-Picture-Number"]) == number + 1
    assert second.content != first.content
    shown.close()
    whole = panel.ask("GET", "/api/screen.png")
    assert whole.content.startswith(b"\x89PNG")
    assert panel.ask("GET", "/api/state").json()["screen"] == {"width_px": 540, "height_px": 960}


@pytest.mark.parametrize("query", ["newer_than=x", "width_px=-4", "width_px=99999999999"])
def test_nonsense_in_the_question_for_a_picture_is_harmless(
    panel: RunningPanel, query: str
) -> None:
    assert panel.ask("GET", f"/api/screen.jpg?{query}").status_code == 200


@pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium")
def test_stroke_with_the_mouse_on_the_page_is_a_stroke_on_the_screen(panel: RunningPanel) -> None:
    from playwright.sync_api import sync_playwright

    shown = display.Display()
    mask = X.ButtonPressMask | X.ButtonReleaseMask | X.ButtonMotionMask | X.KeyPressMask
    window = shown.screen().root.create_window(
        0, 0, 540, 960, 0, 24, background_pixel=0x00FF00, event_mask=mask
    )
    window.map()
    window.set_input_focus(X.RevertToParent, X.CurrentTime)
    shown.sync()
    with sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1600, "height": 1000})
        page.goto(panel.url)
        page.locator("#screen[src^='blob:']").wait_for()
        box = page.locator("#screen").bounding_box()
        assert box is not None
        per_px = box["width"] / 540
        page.mouse.move(box["x"] + 100 * per_px, box["y"] + 200 * per_px)
        page.mouse.down()
        page.mouse.move(box["x"] + 300 * per_px, box["y"] + 500 * per_px, steps=10)
        page.mouse.up()
        page.keyboard.press("7")
        noted: list[tuple[int, int, int]] = []
        deadline_s = time.monotonic() + 30
        while time.monotonic() < deadline_s and not (noted and noted[-1][0] == X.KeyPress):
            if shown.pending_events():
                event = shown.next_event()
                if event.type in ASKED_FOR:
                    noted.append((event.type, event.event_x, event.event_y))
            else:
                time.sleep(0.02)
        browser.close()
    shown.close()
    kinds = [kind for kind, _, _ in noted]
    assert kinds[0] == X.ButtonPress
    assert kinds[-2:] == [X.ButtonRelease, X.KeyPress]
    assert set(kinds[1:-2]) == {X.MotionNotify}
    assert noted[0][1:] == pytest.approx((100, 200), abs=2)
    assert noted[-2][1:] == pytest.approx((300, 500), abs=2)
    ys = [y for _, _, y in noted[:-1]]
    assert ys == sorted(ys)
