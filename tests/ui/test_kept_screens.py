"""Screens that are kept: built before somebody waits, out of the way when hidden, never stale."""

import gc
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtQuick import QQuickItem

from yici.kiosk.session.table import EndKind
from yici.kiosk.session.view import SessionView
from yici.kiosk.supervising.control import Word, line_from_descriptor, new_line
from yici.ui.accessibility import items, kind_of, nodes
from yici.ui.app import Appearance
from yici.ui.pictures import Stage
from yici.ui.samples import Sample, samples
from yici.ui.session_process import SessionProcess
from yici.ui.view_models.words import Plain

sys.path.append(str(Path(__file__).parents[1] / "kiosk"))
from enrolled_terminal import enrol, stock_catalogue

OpenStage = Callable[[Appearance], Stage]
SAMPLES = {sample.name: sample for sample in samples()}
ITEM = "RS-003"
NUMBER = "430199198506120012"
STEP_MS = 20
PATIENCE_MS = 30_000


# --- built while nobody waits


class Walk(QObject):
    """Posts one event after the other to a session that has warmed up; notes what was built."""

    def __init__(self, settings: Path) -> None:
        super().__init__()
        self.visited: list[str] = []
        self.built: list[int] = []
        self._line, theirs = new_line()
        self.process = SessionProcess(settings, line_from_descriptor(theirs.detach()))
        self._steps: Iterator[tuple[str, dict[str, object]]] = iter(WAY)
        self._timer = QTimer(self, interval=STEP_MS)
        self._timer.timeout.connect(self._turn)
        self._deadline = QTimer(self, interval=PATIENCE_MS, singleShot=True)
        self._deadline.timeout.connect(lambda: QGuiApplication.exit(1))
        self._timer.start()
        self._deadline.start()

    def _turn(self) -> None:
        if not self.process.is_warm:
            return
        window, model = self.process._view, self.process._model
        if not window.isVisible():
            self._line.say(Word.SHOW, EndKind.FINISHED)  # as the supervisor says it
            return
        self.visited.append(str(model.property("snapshot")["screen"]))
        self.built.append(int(window.rootObject().property("screensBuilt")))
        step = next(self._steps, None)
        if step is None:
            QGuiApplication.exit(0)
        else:
            model.post(*step)

    def run(self) -> None:
        """Until the way is over, or half a minute."""
        self.process.run()
        self._timer.stop()
        self._deadline.stop()
        self._line.close()


WAY: tuple[tuple[str, dict[str, object]], ...] = (
    ("leave_now", {}),
    ("ask_progress", {}),
    ("back", {}),
    ("start_search", {}),
    ("choose_item", {"id": ITEM}),
    ("apply", {}),
    ("type_instead", {}),
    ("typed_name", {"text": "张示例"}),
    ("typed_number", {"text": NUMBER}),
    ("confirm_typed", {}),
    ("confirm_identity", {}),
    ("back", {}),
    ("not_me", {}),
)


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    enrol(tmp_path / "state")
    stock_catalogue(tmp_path / "state", ITEM, "GA-004")
    path = tmp_path / "terminal.toml"
    path.write_text(f'[storage]\nstate_dir = "{tmp_path / "state"}"\n')
    return path


@pytest.fixture
def undisturbed() -> Iterator[None]:
    """What a session does to its process is undone."""
    handler, threshold = signal.getsignal(signal.SIGTERM), gc.get_threshold()
    yield
    signal.signal(signal.SIGTERM, handler)
    gc.set_threshold(*threshold)
    gc.unfreeze()


@pytest.mark.usefixtures("undisturbed", "terminal_font")
def test_no_screen_is_built_under_a_finger_once_the_spare_is_warm(settings: Path) -> None:
    walk = Walk(settings)
    walk.run()
    assert {
        "home",
        "progress",
        "find",
        "guide",
        "identify",
        "identify_typed",
        "identity_confirm",
        "form",
        "ended",
    } <= set(walk.visited)
    assert set(walk.built) == {walk.built[0]}


# --- what must not end it


def failing_rehearsal(*given: object) -> Iterator[Callable[[], Plain]]:
    del given

    def make() -> Plain:
        raise LookupError(NUMBER)

    yield make
    raise ValueError(NUMBER)


@pytest.mark.usefixtures("undisturbed", "terminal_font")
def test_rehearsal_that_fails_costs_time_later_and_nothing_else(
    settings: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("yici.ui.session_process.rehearsal", failing_rehearsal)
    walk = Walk(settings)
    walk.run()
    assert {"form", "ended"} <= set(walk.visited)
    told = capfd.readouterr().err
    assert "LookupError" in told
    assert "ValueError" in told
    assert NUMBER not in told


@pytest.mark.usefixtures("undisturbed", "terminal_font")
def test_closing_the_window_ends_no_session(settings: Path) -> None:
    walk = Walk(settings)
    window = walk.process._view
    asked: list[bool] = []

    def close_as_a_window_manager_would() -> None:
        if len(walk.visited) == 3 and not asked:
            asked.append(window.close())

    watching = QTimer(walk, interval=1)
    watching.timeout.connect(close_as_a_window_manager_would)
    watching.start()
    walk.run()
    watching.stop()
    assert asked == [False]
    assert len(walk.visited) == len(WAY) + 1, "the way went on to its end"


# --- never stale


def read(stage: Stage) -> list[str]:
    return [node.name for node in nodes(stage.view)]


def fields(stage: Stage) -> list[str]:
    shown = items(stage.view.contentItem())
    return [item.property("text") for item in shown if item.inherits("QQuickTextField")]


def changed(name: str, part: str, **changes: object) -> Sample:
    sample = SAMPLES[name]
    view: SessionView = sample.view
    inner = replace(getattr(view, part), **changes)
    return replace(sample, view=replace(view, **{part: inner}))


def test_kept_guide_tells_of_the_item_that_was_chosen_last(open_stage: OpenStage) -> None:
    stage = open_stage(Appearance())
    stage.show(SAMPLES["guide"])
    before = set(read(stage))
    card = SAMPLES["guide"].view.guide.card  # type: ignore[union-attr]  # the sample has one
    stage.show(SAMPLES["home"])
    other = replace(card, name="另一件事")
    stage.show(changed("guide", "guide", card=other, steps=("只有一步",), conditions=()))
    now = read(stage)
    assert {"另一件事", "只有一步"} <= set(now)
    assert card.name in before
    assert card.name not in now
    assert "2." in before
    assert "2." not in now


def test_what_was_typed_is_gone_when_the_kept_screen_comes_again(open_stage: OpenStage) -> None:
    stage = open_stage(Appearance())
    stage.show(SAMPLES["identify_typed"])
    assert NUMBER[:-1] in fields(stage)[1]
    stage.show(SAMPLES["identify"])
    blank = {"typed_name": "", "typed_number": "", "number_fault": ""}
    stage.show(changed("identify_typed", "identify", **blank))
    assert fields(stage) == ["", ""]


def test_kept_form_asks_only_what_the_page_asks(open_stage: OpenStage) -> None:
    stage = open_stage(Appearance())
    stage.show(SAMPLES["form_person"])
    first = read(stage)
    stage.show(SAMPLES["home"])
    stage.show(SAMPLES["form_matter"])
    assert fields(stage) == ["2027"]
    stage.show(SAMPLES["review"])
    stage.show(SAMPLES["form_person"])
    assert read(stage) == first


PEOPLES = tuple((f"{number:02}", f"第{number}族") for number in range(1, 57))


def asking_people(chosen: str, *, after: int) -> Sample:
    """A page that asks for one of 56, behind so many other questions."""
    sample = SAMPLES["form_person"]
    assert sample.view.fill is not None
    text = replace(sample.view.fill.fields[0], editable=True)
    people = replace(text, key="people", type="code", choices=PEOPLES, value=chosen)
    others = tuple(replace(text, key=f"text{number}") for number in range(after))
    return changed("form_person", "fill", fields=(*others, people))


def answers(stage: Stage) -> dict[str, QQuickItem]:
    shown = items(stage.view.contentItem())
    return {item.property("text"): item for item in shown if "KOption" in kind_of(item)}


def test_many_answers_stay_written_and_go_where_they_are_asked(open_stage: OpenStage) -> None:
    stage = open_stage(Appearance())
    stage.show(asking_people("03", after=1))
    first = answers(stage)
    stage.show(SAMPLES["form_matter"])
    assert not set(first) & set(answers(stage))
    stage.show(asking_people("07", after=3))
    again = answers(stage)
    assert list(again) == [label for _, label in PEOPLES]
    assert all(again[label] is first[label] for label in again), "none was made anew"
    assert [label for label, item in again.items() if item.property("checked")] == ["第7族"]
    assert read(stage).count("第7族") == 1


def test_screen_that_is_left_is_out_of_reach_and_out_of_the_tree(open_stage: OpenStage) -> None:
    stage = open_stage(Appearance())
    stage.show(SAMPLES["home"])
    alone = read(stage)
    for name in ("find_results", "progress", "form_matter", "sign"):
        stage.show(SAMPLES[name])
    left = stage.view.activeFocusItem()
    stage.show(SAMPLES["home"])
    assert read(stage) == alone
    assert fields(stage) == []
    assert stage.view.activeFocusItem() is not left


def test_kept_screen_begins_at_its_top_with_the_focus_where_typing_begins(
    open_stage: OpenStage,
) -> None:
    stage = open_stage(Appearance())
    stage.show(SAMPLES["identify_typed"])
    boxes = [i for i in items(stage.view.contentItem()) if i.inherits("QQuickTextField")]
    boxes[1].forceActiveFocus()
    stage.show(SAMPLES["identify"])
    stage.show(SAMPLES["identify_typed"])
    assert stage.view.activeFocusItem() is boxes[0]
