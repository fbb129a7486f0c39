"""The process of one resident: `yici session`.

It loads everything, says that it is warm, and shows its window when the supervisor says so.
When its resident has gone it says that it is done, and is ended by the supervisor.
While the terminal can't serve anybody, it shows why, and looks again until that is mended.
"""

import gc
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from types import FrameType

from PySide6.QtCore import (
    QEvent,
    QMessageLogContext,
    QObject,
    QSize,
    QSocketNotifier,
    Qt,
    QTimer,
    QtMsgType,
    QUrl,
    Signal,
    qInstallMessageHandler,
)
from PySide6.QtGui import QImage
from PySide6.QtQuick import QQuickImageProvider, QQuickView

from yici.config.declaration import PanelSettings, TerminalSettings
from yici.kiosk.assembly import Assembled, OutOfService, Trouble, assemble, open_settings
from yici.kiosk.capture.document import PageImage
from yici.kiosk.session.capturing import Capturing
from yici.kiosk.session.resident import ResidentSession
from yici.kiosk.session.scanning import Scanning
from yici.kiosk.session.screens import view_of
from yici.kiosk.session.table import EndKind, State
from yici.kiosk.supervising.control import ControlLine, Word, line_from_descriptor
from yici.kiosk.supervising.hardening import harden_session
from yici.ui import theme
from yici.ui.app import QML_ROOT, Appearance, dress, open_application, prepare_engine
from yici.ui.bridge import APPEARANCE_EVENTS, Bridge, changed_appearance
from yici.ui.input.input_method import InputMethod
from yici.ui.view_models.rehearsal import rehearsal
from yici.ui.view_models.session import SessionViewModel
from yici.ui.view_models.snapshot import out_of_service
from yici.ui.view_models.words import Plain
from yici.ui.warming import Step, do, in_turn, keeping_all

TICK_MS = 250
BEAT_MS = 1000
LOOK_AGAIN_MS = 2000
DEVICE_LOOK_MS = 10_000
FIRST_DEVICE_LOOK_MS = 300
DEAF_S = 0.5
WARM_UP_AFTER_MS = (
    1500  # the first process of the day is shown before that, and warms up in its breaks
)
WARM_STEP_AFTER_MS = 150
QUIET_S = 1.5
# a full collection takes 150 ms, a small one up to 5; the process lives as long as its resident
COLLECT_AFTER = (100_000, 50, 100)

_CARD = "+card"
_ACTIVITY = frozenset(
    {
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.TouchBegin,
        QEvent.Type.TouchUpdate,
        QEvent.Type.KeyPress,
    }
)


class _Poster(QObject):
    """Brings a callable from any thread to the screen's thread."""

    posted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.posted.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def post(self, call: Callable[[], None]) -> None:
        self.posted.emit(call)

    def _run(self, call: Callable[[], None]) -> None:
        call()


class _Activity(QObject):
    """Every touch and key, wherever it lands, is a sign of life."""

    def __init__(self, touched: Callable[[], None]) -> None:
        super().__init__()
        self._touched = touched
        self._deaf_until_s = 0.0
        self._last_s = 0.0

    def is_quiet_for(self, duration_s: float) -> bool:
        """Nobody has touched anything for so long."""
        return time.monotonic() - self._last_s > duration_s

    def ignore_for(self, duration_s: float) -> None:
        """A touch meant for the window that was just covered must not hit this one."""
        self._deaf_until_s = time.monotonic() + duration_s

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Looks on, and eats only what comes too early."""
        del watched
        if event.type() not in _ACTIVITY:
            return False
        self._last_s = time.monotonic()
        if self._last_s < self._deaf_until_s:
            return True
        self._touched()
        return False


class _StaysOpen(QObject):
    """A window that only the supervisor closes: not a key, and not a window manager."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Refuses to be closed."""
        del watched
        if event.type() is not QEvent.Type.Close:
            return False
        event.ignore()
        return True


class NewestPictures(QQuickImageProvider):
    """image://camera/<serial>, image://scanner/<serial>: the newest picture of that device."""

    def __init__(self) -> None:
        super().__init__(QQuickImageProvider.ImageType.Image)
        self.taker: Capturing | Scanning | None = None

    def requestImage(self, id_: str, size: QSize, requested_size: QSize) -> QImage:  # noqa: N802 - Qt's name
        """A copy, since the frame belongs to the camera's thread."""
        del id_, requested_size
        newest = self.taker.newest_picture() if self.taker else None
        if newest is None:
            image = QImage(1, 1, QImage.Format.Format_RGB32)
            image.fill(Qt.GlobalColor.black)
        elif isinstance(newest, PageImage):
            image = QImage.fromData(newest.jpeg)
        else:
            height_px, width_px = newest.pixels.shape[:2]
            image = QImage(
                newest.pixels.tobytes(),
                width_px,
                height_px,
                3 * width_px,
                QImage.Format.Format_BGR888,
            ).copy()
        size.setWidth(image.width())
        size.setHeight(image.height())
        return image


def _panel(settings: PanelSettings) -> theme.Panel:
    return theme.Panel(settings.width_mm, settings.width_px, settings.height_px)


class SessionProcess:
    """Window, session and control line of this process."""

    def __init__(self, settings_path: Path, line: ControlLine | None) -> None:
        gc.set_threshold(*COLLECT_AFTER)
        self._settings_path = settings_path
        self._line = line
        self._application = open_application()
        self._poster = _Poster()
        self._model = SessionViewModel()
        self._model.posted.connect(self._handle)
        self._pictures = {"camera": NewestPictures(), "scanner": NewestPictures()}
        self._view = QQuickView()
        self._stays_open = _StaysOpen()
        self._view.installEventFilter(self._stays_open)
        self._assembled: Assembled | None = None
        self._bridge: Bridge | None = None
        self._marks: tuple[object, ...] = ()
        self._is_shown = False
        self._is_done = False
        self._warm_steps = in_turn(
            self._steps_for_keys, self._steps_for_screens, self._steps_to_the_next
        )
        self.is_warm = False  # every screen was built
        self._drawing_queued = False
        self._appearance = Appearance(_panel(TerminalSettings().panel))
        self._trouble = OutOfService(Trouble.SETTINGS, ())
        self._activity = _Activity(self._touched)
        self._application.installEventFilter(self._activity)
        self._timers: list[QTimer] = []
        self._notifier: QSocketNotifier | None = None

    def run(self) -> int:
        """Until the session is done; the exit code is the process's."""
        self._reload()
        self._open_window()
        self._every(TICK_MS, self._tick)
        self._every(LOOK_AGAIN_MS, self._look_again)
        if self._line is None:
            self._show()
        else:
            self._listen(self._line)
            self._expect_next()
            self._line.say(Word.WARM)
            self._every(BEAT_MS, lambda: self._say(Word.BEAT))
        QTimer.singleShot(WARM_UP_AFTER_MS, self._warm_up)
        signal.signal(signal.SIGTERM, self._terminate)
        code = self._application.exec()
        self._end_window()
        self._close()
        return code

    def _end_window(self) -> None:
        for timer in self._timers:
            timer.stop()
        if self._notifier is not None:
            self._notifier.setEnabled(False)
        self._view.removeEventFilter(self._stays_open)
        self._view.close()
        self._view.setSource(QUrl())  # the screens go before what they are bound to

    def _terminate(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self._end_process()

    def _end_process(self) -> None:
        """Not `quit`, which asks the window first whether it may be closed."""
        self._application.exit(0)

    # --- the window

    def _open_window(self) -> None:
        settings = self._assembled.settings if self._assembled else TerminalSettings()
        engine = self._view.engine()
        prepare_engine(engine, self._appearance)
        for name, pictures in self._pictures.items():
            engine.addImageProvider(name, pictures)
        self._view.setResizeMode(QQuickView.ResizeMode.SizeRootObjectToView)
        self._view.setFlags(Qt.WindowType.FramelessWindowHint)
        self._view.setColor(Qt.GlobalColor.white)
        self._view.resize(settings.panel.width_px, settings.panel.height_px)
        self._view.setInitialProperties({"session": self._model})
        self._draw()
        self._view.setSource((QML_ROOT / "screens" / "Main.qml").as_uri())
        if self._view.errors():
            raise SystemExit("; ".join(error.toString() for error in self._view.errors()))
        self._view.create()

    # --- what is done while nobody waits

    def _warm_up(self) -> None:
        """One step a turn of the event loop, so that a touch comes first."""
        if self._is_shown and not self._activity.is_quiet_for(QUIET_S):
            QTimer.singleShot(WARM_STEP_AFTER_MS, self._warm_up)
            return
        step = next(self._warm_steps, None)
        if step is not None:
            do(step)
            QTimer.singleShot(
                WARM_STEP_AFTER_MS if self._is_shown else 0,
                self._warm_up,
            )

    def _steps_for_keys(self) -> Iterator[Step]:
        method = self._view.rootObject().findChild(InputMethod)
        if method is not None:
            for read_part in method.parts_to_read():
                yield partial(keeping_all, read_part)
            for index in range(len(method.layouts())):
                yield partial(self._model.prepare_keys, index)

    def _steps_for_screens(self) -> Iterator[Step]:
        if self._bridge is not None:
            session = self._bridge.session
            for make in rehearsal(view_of(session), session.services.catalogue):
                made: Callable[[], Plain] = cache(make)
                yield partial(self._build, made)
                yield partial(self._rehearse, made)

    def _steps_to_the_next(self) -> Iterator[Step]:
        yield self._expect_next
        yield self._settle_memory

    def _build(self, made: Callable[[], Plain]) -> None:
        self._model.prepare(made())

    def _rehearse(self, made: Callable[[], Plain]) -> None:
        """Lay out and paint, in the window that nobody sees yet."""
        if not self._is_shown:
            self._model.show(made())
            self._view.grabWindow()

    def _expect_next(self) -> None:
        """What this process will most likely show first is built and drawn now."""
        if not self._is_shown and self._bridge is not None:
            self._draw()
            self._view.grabWindow()
            self._bridge.session.say_farewell(EndKind.FINISHED, card_was_read=True)
            self._draw()
            self._view.grabWindow()

    def _settle_memory(self) -> None:
        """What is there now stays as long as the process: the collector needn't look at it."""
        gc.freeze()
        self.is_warm = True

    def _show(self, farewell: str = "") -> None:
        self._is_shown = True
        self._reload_if_changed()
        kind = farewell.removesuffix(_CARD)
        if self._bridge is not None and kind in set(EndKind):
            self._bridge.session.say_farewell(EndKind(kind), card_was_read=farewell.endswith(_CARD))
        elif self._bridge is not None:
            self._bridge.session.leave_now()
        self._draw()
        self._view.frameSwapped.connect(self._first_frame)
        self._view.show()
        self._view.requestActivate()

    def _first_frame(self) -> None:
        self._view.frameSwapped.disconnect(self._first_frame)
        self._activity.ignore_for(DEAF_S)
        # drivers are imported by the first look: not before somebody sees something
        QTimer.singleShot(FIRST_DEVICE_LOOK_MS, self._watch_devices)
        self._every(DEVICE_LOOK_MS, self._watch_devices)
        self._say(Word.SHOWN)

    def _draw_soon(self) -> None:
        """Several changes in one turn of the event loop are one drawing."""
        if not self._drawing_queued:
            self._drawing_queued = True
            QTimer.singleShot(0, self._draw)

    def _draw(self) -> None:
        self._drawing_queued = False
        if self._bridge is not None:
            self._model.show(self._bridge.snapshot())
        else:
            self._model.show(out_of_service(self._trouble, self._appearance.language))

    # --- the session

    def _reload(self) -> None:
        self._close()
        try:
            settings = open_settings(self._settings_path)
            self._assembled = assemble(settings, self._poster.post, self._draw_soon)
        except OutOfService as error:
            self._trouble = error
            self._marks = self._read_marks()
            return
        self._marks = self._read_marks()
        session = self._assembled.session
        self._pictures["camera"].taker = session.capturing
        self._pictures["scanner"].taker = session.scanning
        self._appearance = Appearance(_panel(settings.panel))
        self._bridge = Bridge(session, self._appearance, self._dress)
        if self._view.status() is QQuickView.Status.Ready:
            self._dress(self._appearance)

    def _dress(self, appearance: Appearance) -> None:
        self._appearance = appearance
        dress(self._view.engine(), appearance)

    def _close(self) -> None:
        if self._assembled is not None:
            self._assembled.close()
        self._assembled, self._bridge = None, None
        for pictures in self._pictures.values():
            pictures.taker = None

    def _read_marks(self) -> tuple[object, ...]:
        """Changes when settings, enrolment or catalogue change."""
        marks: list[object] = []
        paths = [self._settings_path]
        if self._assembled is not None:
            paths.append(Path(self._assembled.settings.storage.state_dir) / "identity")
            marks.append(self._assembled.cache.catalogue.find_version())
        for path in paths:
            try:
                marks.append(path.stat().st_mtime_ns)
            except OSError:
                marks.append(None)
        return tuple(marks)

    def _look_again(self) -> None:
        """Only while nobody is being served: mended things and a new catalogue take effect."""
        if self._bridge is None or self._bridge.session.state in (State.HOME, State.FAREWELL):
            self._reload_if_changed()

    def _reload_if_changed(self) -> None:
        if self._bridge is None or self._read_marks() != self._marks:
            self._reload()
            self._draw()

    def _watch_devices(self) -> None:
        if self._bridge is not None:
            self._bridge.session.watch_devices()

    # --- events

    def _handle(self, event: str, payload: dict[str, object]) -> None:
        if self._bridge is not None:
            self._bridge.handle(event, payload)
            self._draw_soon()
            self._tick()  # an end takes effect at once
        elif event in APPEARANCE_EVENTS:
            self._dress(changed_appearance(self._appearance, event, payload))
            self._draw_soon()

    def _touched(self) -> None:
        if self._bridge is not None and self._is_shown:
            self._bridge.session.touch()

    def _tick(self) -> None:
        if self._bridge is None or not self._is_shown:
            return
        session = self._bridge.session
        session.tick()
        if session.state is State.ENDED:
            self._done(session)

    def _done(self, session: ResidentSession) -> None:
        if self._line is None:
            self._end_process()
        elif not self._is_done:
            self._is_done = True
            kind = session.end_kind.value if session.end_kind else ""
            self._line.say(Word.DONE, kind + (_CARD if session.card_may_lie_there else ""))

    def _every(self, interval_ms: int, call: Callable[[], None]) -> None:
        timer = QTimer()
        timer.setInterval(interval_ms)
        timer.timeout.connect(call)
        timer.start()
        self._timers.append(timer)

    # --- the control line

    def _listen(self, line: ControlLine) -> None:
        self._notifier = QSocketNotifier(line.fileno(), QSocketNotifier.Type.Read)
        self._notifier.activated.connect(self._hear)

    def _hear(self) -> None:
        heard = self._line.hear() if self._line else ()
        if heard is None:
            self._end_process()
            return
        for utterance in heard:
            if utterance.word is Word.SHOW and not self._is_shown:
                self._show(utterance.argument)

    def _say(self, word: Word) -> None:
        if self._line is not None:
            self._line.say(word)


def _forward_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    """Qt's own words go to the journal; none of them holds what a resident typed."""
    del kind, context
    sys.stderr.write(f"qt: {message}\n")


def run_session(settings_path: Path, control_fd: int | None) -> int:
    """The body of `yici session`."""
    os.environ.setdefault("QT_QUICK_BACKEND", "software")
    harden_session(os.getppid() if control_fd is not None else 0)
    qInstallMessageHandler(_forward_message)
    line = line_from_descriptor(control_fd) if control_fd is not None else None
    return SessionProcess(settings_path, line).run()
