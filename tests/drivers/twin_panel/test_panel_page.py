import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.drivers.twin_panel.conftest import RunningPanel
from yici.drivers.device import DeviceKind
from yici.drivers.document_camera.paper_samples import SamplePaper
from yici.drivers.receipt_printer.escpos.twin import TwinCondition
from yici.drivers.registry import drivers, load_twin
from yici.drivers.social_security_card_reader.pcsc.private_pcscd import NoPcscd
from yici.drivers.twin import Twin
from yici.drivers.twin_panel import server
from yici.ui import theme

CHROMIUM = Path("/usr/bin/chromium")
PAGE = Path(server.__file__).parent / "page"


def words(language: str) -> set[str]:
    source = (PAGE / "words.js").read_text("utf-8")
    start = source.index("zh-CN" if language == "zh-CN" else "  en: {")
    return set(re.findall(r"(\w+): \"", source[start : source.index("\n  },", start)]))


def twin_words(directory: Path) -> Iterator[str]:
    """What the twins of all our drivers can do and can have."""
    for number, descriptor in enumerate(drivers()):
        place = directory / str(number)  # a socket's path must be short
        place.mkdir()
        try:
            twin: Twin = load_twin(descriptor)(place)
        except NoPcscd:
            continue
        yield from (f"act_{act.name}" for act in twin.acts)
        is_printer = descriptor.kind is DeviceKind.RECEIPT_PRINTER
        yield from (f"printer_{fault}" if is_printer else str(fault) for fault in twin.fault_names)
        twin.close()


def test_every_word_of_the_page_is_there_in_both_languages(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    used = set(re.findall(r'data-(?:word|label)="(\w+)"', (PAGE / "index.html").read_text("utf-8")))
    script = (PAGE / "panel.js").read_text("utf-8")
    used |= set(re.findall(r'word\("(\w+)"', script)) | {"printer_mid_slip", "own_picture"}
    used |= set(twin_words(tmp_path_factory.mktemp("words")))
    used |= {kind.value for kind in DeviceKind}
    assert used <= words("zh-CN")
    assert used | {sample.value for sample in SamplePaper} <= words("en")


def test_page_wears_the_terminals_palette() -> None:
    source = (PAGE / "panel.css").read_text("utf-8")
    css = dict(re.findall(r"--([\w-]+): (#[0-9A-F]{6})", source))
    calm = theme.PALETTES[theme.Contrast.CALM]
    for role in ("page", "surface", "text", "line", "accent", "ok", "warn", "danger"):
        assert css[role] == getattr(calm, role), role
    for text in ("text", "secondary", "accent", "warn"):
        assert theme.contrast_ratio(css[text], css["table"]) >= 4.5, text


@pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium")
def test_stranger_lays_a_card_and_a_paper_and_breaks_the_printer(panel: RunningPanel) -> None:
    from playwright.sync_api import sync_playwright

    complaints: list[str] = []
    with sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.goto(panel.url)
        page.get_by_role("button", name="李样本").click()
        page.locator("#laid-card").wait_for()
        page.get_by_role("button", name="户口簿").click()
        page.locator("#laid-paper").wait_for()
        page.get_by_role("button", name="缺纸").click()
        page.locator("#printer.trouble").wait_for()
        page.get_by_role("button", name="English").click()
        page.get_by_text("Out of paper", exact=True).first.wait_for()
        page.locator("#printer [data-cable]").click()
        page.locator("#printer.unplugged").wait_for()
        code_reader = page.locator("#device-code_reader")
        code_reader.locator("input").fill("YC-1")
        code_reader.get_by_role("button", name="Show this code").click()
        code_reader.get_by_text("Show this code: YC-1").wait_for()
        code_reader.locator("summary").click()
        code_reader.get_by_role("button", name="Says nothing").click()
        page.locator("#device-code_reader.trouble").wait_for()
        page.locator("#laid-card").click()
        page.locator("#laid-card").wait_for(state="hidden")
        browser.close()
    assert complaints == []
    now = panel.desk.state().devices
    assert now[DeviceKind.ID_CARD_READER].card is None
    assert now[DeviceKind.DOCUMENT_CAMERA].paper == SamplePaper.HOUSEHOLD_REGISTER_PAGE
    assert now[DeviceKind.RECEIPT_PRINTER].faults == (TwinCondition.PAPER_OUT,)
    assert now[DeviceKind.RECEIPT_PRINTER].is_plugged_in is False
    assert now[DeviceKind.CODE_READER].faults == ("silent",)
