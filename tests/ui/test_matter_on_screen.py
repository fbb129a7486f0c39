"""One matter by touch alone: real session, real card reader's line, real screens."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.resources import as_file, files
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QPointingDevice
from PySide6.QtQuick import QQuickItem
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from yici.config.declaration import (
    HallSettings,
    IdCardReaderSettings,
    StorageSettings,
    TerminalSettings,
)
from yici.drivers.id_card_reader.personas import load_personas
from yici.drivers.id_card_reader.sam.twin import Pace, SamTwin
from yici.kiosk.assembly import assemble
from yici.kiosk.session.screens import view_of
from yici.kiosk.session.table import State
from yici.offline_cache.boot_clock import read_boot_time
from yici.ui.accessibility import faults, items, kind_of, nodes
from yici.ui.app import Appearance, dress
from yici.ui.bridge import Bridge
from yici.ui.pictures import WAYS, Stage, settle
from yici.ui.samples import Sample

sys.path.append(str(Path(__file__).parents[1] / "kiosk"))
from enrolled_terminal import Platform, enrol, stock_catalogue

PATIENCE_MS = 30_000
ITEM, ITEM_NAME = "RS-003", "社会保险待遇领取资格认证"


class _Poster(QObject):
    handed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.handed.connect(lambda call: call(), Qt.ConnectionType.QueuedConnection)


class Resident:
    """A person at the terminal: reads, taps, writes, lays down the card."""

    def __init__(
        self, settings: TerminalSettings, platform: Platform, reader: SamTwin, tools: "Tools"
    ) -> None:
        self.platform, self.reader = platform, reader
        self.stage, self.finger, self.qtbot = Stage(Appearance()), tools.finger, tools.qtbot
        self.poster = _Poster()
        self.redraw = QTimer(singleShot=True, interval=0)
        self.assembled = assemble(settings, self.poster.handed.emit, self.redraw.start)
        self.session = self.assembled.session
        engine = self.stage.view.engine()
        bridge = Bridge(self.session, Appearance(), lambda changed: dress(engine, changed))
        self.redraw.timeout.connect(lambda: self.stage.session.show(bridge.snapshot()))
        self.stage.session.posted.connect(bridge.handle)
        self.stage.session.posted.connect(lambda *_: self.redraw.start())
        self.stage.session.show(bridge.snapshot())
        self.stage.open()
        self.stage.view.requestActivate()

    def close(self) -> None:
        self.stage.close()
        self.assembled.close()

    @property
    def read(self) -> list[str]:
        return [node.name for node in nodes(self.stage.view)]

    def until(self, text: str) -> None:
        self.qtbot.waitUntil(lambda: text in self.read, timeout=PATIENCE_MS)

    def buttons(self, text: str) -> list[QQuickItem]:
        shown = items(self.stage.view.contentItem())
        return [
            item
            for item in shown
            if item.inherits("QQuickAbstractButton") and item.property("text") == text
        ]

    def tap(self, text: str) -> None:
        self.qtbot.waitUntil(lambda: bool(self.buttons(text)), timeout=PATIENCE_MS)
        item = self.buttons(text)[0]
        at = item.mapToScene(item.boundingRect().center()).toPoint()
        view = self.stage.view
        QTest.touchEvent(view, self.finger).press(0, at, view).commit()
        settle(20)
        QTest.touchEvent(view, self.finger).release(0, at, view).commit()
        settle(20)

    def write(self, start: QPoint, end: QPoint) -> None:
        view = self.stage.view
        QTest.touchEvent(view, self.finger).press(0, start, view).commit()
        for step in range(1, 9):
            at = start + (end - start) * step / 8
            QTest.touchEvent(view, self.finger).move(0, at, view).commit()
            settle(20)
        QTest.touchEvent(view, self.finger).release(0, end, view).commit()
        settle(20)


class Tools:
    """What a test lends to a resident."""

    def __init__(self, finger: QPointingDevice, qtbot: QtBot) -> None:
        self.finger, self.qtbot = finger, qtbot


@pytest.fixture
def resident(
    tmp_path: Path, terminal_font: str, finger: QPointingDevice, qtbot: QtBot
) -> Iterator[Resident]:
    state_dir = tmp_path / "terminal"
    platform = enrol(state_dir)
    stock_catalogue(state_dir, ITEM, "GA-004")
    with ExitStack() as stack:
        reader = stack.enter_context(SamTwin(tmp_path / "reader", pace=Pace.AT_ONCE))
        settings = TerminalSettings(
            hall=HallSettings(name="大围山镇便民服务中心", phone="12345"),
            storage=StorageSettings(state_dir=str(state_dir)),
            id_card_reader=IdCardReaderSettings(port=str(reader.path)),
        )
        person = Resident(settings, platform, reader, Tools(finger, qtbot))
        stack.callback(person.close)
        yield person


@pytest.fixture
def identify(resident: Resident) -> Callable[[], None]:
    def at_the_reader() -> None:
        resident.tap(ITEM_NAME)
        resident.until("要准备什么")
        resident.tap("开始办理")
        resident.until("请把身份证放在读卡区")

    return at_the_reader


def test_certification_from_the_first_touch_to_the_sealed_submission(
    resident: Resident, identify: Callable[[], None]
) -> None:
    identify()
    with as_file(files("yici.catalogue").joinpath("personas.jsonl")) as path:
        resident.reader.put_card(load_personas(path)["P02"])
    resident.until("是您本人吗？")
    assert "姓名 李*本" in resident.read
    resident.tap("是我，继续")
    resident.until("身份证上已有，不用再填")
    while resident.session.state is State.FILL:
        page = resident.session.application.pages[resident.session.page_index]
        for field in resident.session.application.asked_fields(page):
            if not resident.session.application.is_from_card(field.key) and field.required:
                resident.tap(field.options[0] if field.options else "是")
        resident.tap("下一步")
    resident.until("请核对您填的内容")
    resident.tap("都对，去签名")
    resident.until("请在框里签名")
    resident.tap("提交申请")
    resident.until("还没有签名。请在框里写您的名字。")
    pad = next(
        item
        for item in items(resident.stage.view.contentItem())
        if kind_of(item).startswith("KInkPad")
    )
    middle = pad.mapToScene(pad.boundingRect().center()).toPoint()
    resident.write(middle - QPoint(200, 40), middle + QPoint(200, 40))
    resident.tap("提交申请")
    resident.until("已存好·尚未送达")
    assert "回执没有打印" in resident.read  # no printer here, and it says so
    (form,) = resident.assembled.cache.outbox.due_forms(read_boot_time(), limit=10)
    arrived = resident.platform.open(form.sealed())
    assert arrived.form.item_code == ITEM
    assert arrived.form.signature is not None
    resident.tap("办完了，清除我的信息")
    assert resident.session.state is State.ENDED


def test_language_changes_in_the_middle_and_nothing_is_lost(
    resident: Resident, identify: Callable[[], None]
) -> None:
    identify()
    resident.tap("手工输入姓名和号码")
    resident.until("请输入您的姓名和证件号码")
    resident.tap("English")
    resident.until("Type your name and ID number")
    assert resident.session.state is State.IDENTIFY
    assert resident.session.language == "en"


def test_typed_identity_with_a_wrong_number_says_what_to_do(
    resident: Resident, identify: Callable[[], None]
) -> None:
    identify()
    resident.tap("手工输入姓名和号码")
    resident.until("请输入您的姓名和证件号码")
    for key in "ZHANG":
        resident.tap(key)
    resident.tap("张")
    fields = [i for i in items(resident.stage.view.contentItem()) if i.inherits("QQuickTextField")]
    fields[1].forceActiveFocus()
    settle()
    for digit in "430199198506120013":
        resident.tap(digit)
    resident.tap("下一步")
    resident.until("号码对不上，多半是有一位输错了，请对照证件再填。")
    assert fields[0].property("text") == "张"


@pytest.mark.parametrize("way", ["elder_en"])  # the tightest of all
def test_guide_of_every_item_in_the_catalogue_fits(
    tmp_path: Path, terminal_font: str, qtbot: QtBot, way: str
) -> None:
    enrol(tmp_path)
    stock_catalogue(tmp_path)
    settings = TerminalSettings(storage=StorageSettings(state_dir=str(tmp_path)))
    poster = _Poster()
    assembled = assemble(settings, poster.handed.emit, lambda: None)
    stage = Stage(WAYS[way])
    session, wrong, seen = assembled.session, {}, 0
    session.start_search()
    for category in session.services.catalogue.categories():
        for item in session.services.catalogue.of_category(category[0]):
            session.choose_item(item.code)
            stage.show(Sample(item.code, view_of(session)))
            found = faults(stage.view, WAYS[way].panel.px_per_mm)
            wrong |= {item.code: found} if found else {}
            seen += 1
            session.back()
    stage.close()
    assembled.close()
    assert wrong == {}
    assert seen == len(session.services.catalogue) > 90
