"""A real session whose resident leaves when the process gets SIGUSR1."""

import os
import signal
import socket
import sys
from pathlib import Path

from PySide6.QtCore import QSocketNotifier

from yici.kiosk.supervising.control import line_from_descriptor
from yici.kiosk.supervising.hardening import harden_session
from yici.ui.session_process import SessionProcess


class LeavingSession(SessionProcess):
    """Goes to the search screen and leaves, as a resident does by two touches."""

    def listen_for_the_signal(self) -> None:
        reader, writer = socket.socketpair()
        writer.setblocking(False)  # noqa: FBT003 - the socket module's own signature
        signal.set_wakeup_fd(writer.fileno())
        signal.signal(signal.SIGUSR1, lambda _number, _frame: None)
        self._ends = (reader, writer)
        self._awoken = QSocketNotifier(reader.fileno(), QSocketNotifier.Type.Read)
        self._awoken.activated.connect(self._leave)

    def _leave(self) -> None:
        self._ends[0].recv(64)
        for event in ("leave_now", "start_search", "end"):
            self._handle(event, {})


def main() -> int:
    """Given `--settings FILE --control-fd N`, as the supervisor starts a session."""
    arguments = dict(zip(sys.argv[1::2], sys.argv[2::2], strict=True))
    harden_session(os.getppid())
    line = line_from_descriptor(int(arguments["--control-fd"]))
    session = LeavingSession(Path(arguments["--settings"]), line)
    session.listen_for_the_signal()
    return session.run()


if __name__ == "__main__":
    sys.exit(main())
