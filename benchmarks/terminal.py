"""A terminal's directory for the measurements: enrolled, with the whole catalogue."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer

from yici.kiosk.supervising.control import ControlLine, Word
from yici.ui.session_process import SessionProcess

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "kiosk"))

from enrolled_terminal import enrol, stock_catalogue


def make_terminal(folder: Path, *, reader_port: str = "") -> Path:
    """Its settings file."""
    state_dir = folder / "state"
    enrol(state_dir)
    stock_catalogue(state_dir)
    settings = folder / "terminal.toml"
    settings.write_text(
        f'[storage]\nstate_dir = "{state_dir}"\n[id_card_reader]\nport = "{reader_port}"\n'
    )
    return settings


def screen_environment(**more: str) -> dict[str, str]:
    """For a process with a window."""
    return {**os.environ, "QT_QUICK_BACKEND": "software", **more}


def come_when_warm(process: SessionProcess, line: ControlLine, begin: Callable[[], None]) -> QTimer:
    """The session waits as a spare; then it is shown, as the supervisor would, and `begin` called.

    The timer that watches has to be kept.
    """
    look = QTimer()
    look.setInterval(50)

    def turn() -> None:
        if process.is_warm:
            look.stop()
            line.say(Word.SHOW)
            QTimer.singleShot(500, begin)

    look.timeout.connect(turn)
    look.start()
    return look
