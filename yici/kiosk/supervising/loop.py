"""The supervisor's loop: real processes, real signals, systemd's watchdog."""

import os
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import FrameType

from yici.kiosk.supervising.control import ControlLine, Utterance, Word, new_line
from yici.kiosk.supervising.core import Action, ActionKind, SupervisorCore

TICK_S = 0.25
END_GRACE_S = 1.0


@dataclass(slots=True)
class _Child:
    process: subprocess.Popen[bytes]
    line: ControlLine


def notify_systemd(state: str) -> None:
    """One datagram to systemd (sd_notify); nothing where systemd did not ask."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.sendto(state.encode(), address.replace("@", "\0", 1))


class Supervisor:
    """Runs until SIGTERM or SIGINT; `command` starts one session, given `--control-fd N`."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = list(command)
        self._core = SupervisorCore()
        self._children: dict[int, _Child] = {}
        self._selector = selectors.DefaultSelector()
        self._dying: list[subprocess.Popen[bytes]] = []
        self._stopping = False

    def run(self) -> None:
        """The loop. Sessions are ended before it returns."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        self._do(self._core.start(time.monotonic()))
        notify_systemd("READY=1")
        try:
            while not self._stopping:
                self._turn()
        finally:
            self._end_all()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self._stopping = True

    def _turn(self) -> None:
        for key, _ in self._selector.select(TICK_S):
            self._hear(int(key.data))
        self._reap()
        self._do(self._core.on_time(time.monotonic()))
        if self._core.find_on_screen() is not None:
            notify_systemd("WATCHDOG=1")

    def _hear(self, key: int) -> None:
        child = self._children.get(key)
        heard = child.line.hear() if child else ()
        if child is not None and heard is None:
            # it is dead or deaf: show the next one now, and reap it when the kernel is done with it
            child.process.kill()
            self._dying.append(child.process)
            self._drop(key)
            self._do(self._core.on_exit(key, time.monotonic()))
            return
        for utterance in heard or ():
            self._take(key, utterance)

    def _take(self, key: int, utterance: Utterance) -> None:
        word, now_s = utterance.word, time.monotonic()
        self._core.on_beat(key, now_s)
        if word is Word.WARM:
            self._do(self._core.on_warm(key, now_s))
        elif word is Word.SHOWN:
            self._do(self._core.on_shown(key, now_s))
        elif word is Word.DONE:
            self._do(self._core.on_done(key, now_s, utterance.argument))

    def _reap(self) -> None:
        self._dying = [process for process in self._dying if process.poll() is None]
        for key, child in list(self._children.items()):
            if child.process.poll() is not None:
                self._drop(key)
                self._do(self._core.on_exit(key, time.monotonic()))

    def _do(self, actions: list[Action]) -> None:
        for action in actions:
            if action.kind is ActionKind.SPAWN:
                self._spawn(action.key)
            elif action.kind is ActionKind.SHOW:
                self._children[action.key].line.say(Word.SHOW, action.farewell)
            else:
                self._kill(action.key)

    def _spawn(self, key: int) -> None:
        line, theirs = new_line()
        try:
            with theirs:
                process = subprocess.Popen(
                    [*self._command, "--control-fd", str(theirs.fileno())],
                    pass_fds=(theirs.fileno(),),
                    stdin=subprocess.DEVNULL,
                )
        except OSError:  # no memory, no process left: it counts as one that died at once
            line.close()
            self._do(self._core.on_exit(key, time.monotonic()))
            return
        self._children[key] = _Child(process, line)
        self._selector.register(line, selectors.EVENT_READ, key)

    def _kill(self, key: int) -> None:
        """Nothing is worth saving in a session that has to go: its memory above all."""
        child = self._children.get(key)
        if child is not None:
            child.process.kill()
            child.process.wait()
            self._drop(key)

    def _drop(self, key: int) -> None:
        child = self._children.pop(key)
        if child.line.fileno() in self._selector.get_map():
            self._selector.unregister(child.line)
        child.line.close()

    def _end_all(self) -> None:
        for child in self._children.values():
            child.process.terminate()
        deadline_s = time.monotonic() + END_GRACE_S
        for key, child in list(self._children.items()):
            try:
                child.process.wait(max(0.0, deadline_s - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
            self._drop(key)
        for process in self._dying:
            process.wait()
        self._selector.close()
