"""A template process: it has imported everything, forks a child for each round, and kills it.

Run as a program it reads one JSON object a line and answers with one. A child writes a line to
the file `promises` after each acceptance, so that the test knows what had been promised.
"""

import json
import os
import random
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

CHILD_DEADLINE_S = 60.0


class Template:
    """The test's end of the line to the template process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, **order: Any) -> dict[str, Any]:
        """Send an order and wait for its answer."""
        self.order(**order)
        return self.answer()

    def order(self, **order: Any) -> None:
        """Send an order; its answer comes when the child has ended."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], CHILD_DEADLINE_S)
        assert ready, "the template does not answer"
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def kill_round(
        self, act: str, state_dir: Path, *, seed: int, delay_s: float, **rest: Any
    ) -> int:
        """Fork, let it work for a while, SIGKILL. Returns the signal that ended the child."""
        asked = self.ask(act=act, state_dir=str(state_dir), seed=seed, delay_s=delay_s, **rest)
        return int(asked["signal"])

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()


# --- the template's own end


def _accept(order: dict[str, Any]) -> None:
    """Capture, seal, accept, over and over (or `count` times)."""
    from sealing_desk import Draft

    from yici.offline_cache.cache import OfflineCache

    state_dir = Path(order["state_dir"])
    source = random.Random(order["seed"])
    kept_in = Path(order.get("promises_dir", state_dir))
    promises = os.open(kept_in / "promises", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    with OfflineCache.open(state_dir) as cache:
        for _ in range(order.get("count", 1_000_000)):
            sizes = [source.choice((1, 3_000, 50_000)) for _ in range(source.randrange(3))]
            draft = Draft(tuple(source.randbytes(size) for size in sizes))
            draft.keep_parts(cache)
            accepted = draft.accept(cache)
            os.write(promises, f"{accepted.submission_id} {accepted.sequence}\n".encode())


def _deliver(order: dict[str, Any]) -> None:
    """The sync agent, until it is killed (or, `once`, has delivered everything)."""
    from terminal_under_test import QUICK

    from yici.kiosk.identity import find_identity
    from yici.kiosk.sync.agent import Agent, AgentSettings
    from yici.kiosk.sync.lock import DeliveryLock
    from yici.offline_cache.cache import OfflineCache

    state_dir = Path(order["state_dir"])
    DeliveryLock.take(state_dir)
    identity = find_identity(state_dir)
    assert identity is not None
    with OfflineCache.open(state_dir) as cache:
        settings = AgentSettings(order["url"], policy=QUICK)
        agent = Agent.open(cache, identity, state_dir, settings)
        if order["act"] == "deliver":
            agent.run()
        else:
            agent.run_once(CHILD_DEADLINE_S / 2)


_ACTS = {"accept": _accept, "deliver": _deliver, "deliver_once": _deliver}


def _fork(order: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        os.dup2(2, 1)
        if order.get("stopped"):
            os.kill(os.getpid(), signal.SIGSTOP)
        _ACTS[order["act"]](order)
        status = 0
    except BaseException as error:  # noqa: BLE001 - a forked child must never come back
        sys.stderr.write(f"{error!r}\n")
    finally:
        os._exit(status)


def _wait(pid: int, deadline_s: float) -> dict[str, int]:
    end_s = time.monotonic() + deadline_s
    while True:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            break
        if time.monotonic() > end_s:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.001)
    ended_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    return {"signal": ended_by, "status": 0 if ended_by else os.WEXITSTATUS(status)}


def _serve() -> None:
    here = Path(__file__).resolve().parents[1]
    sys.path[:0] = [str(here / "offline_cache"), str(here / "kiosk" / "sync")]
    import terminal_under_test  # noqa: F401 - imported once here, so that the forks need not
    from sealing_desk import Draft

    Draft((b"warm",)).build(1)
    for line in sys.stdin:
        order = json.loads(line)
        pid = _fork(order)
        if order.get("stopped"):
            print(json.dumps({"pid": pid}), flush=True)  # noqa: T201 - the line to the test
            answer = _wait(pid, CHILD_DEADLINE_S)
        else:
            answer = _wait(pid, order["delay_s"])
        print(json.dumps(answer), flush=True)  # noqa: T201 - the line to the test


if __name__ == "__main__":
    _serve()
