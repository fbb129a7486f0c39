"""One process owns the delivery of an outbox."""

import fcntl
import os
from pathlib import Path
from typing import Self

LOCK_NAME = "sync.lock"


class AgentRunning(Exception):
    """Another process delivers already; `pid` is its process id."""

    def __init__(self, pid: int | None) -> None:
        super().__init__(
            "The sync agent is running already and delivers by itself: nothing needs to be started."
        )
        self.pid = pid


class DeliveryLock:
    """Held until `release` or the end of the process, however it ends."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, state_dir: Path) -> Self:
        """Raises AgentRunning."""
        state_dir.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(state_dir / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            text = os.read(descriptor, 20).decode("ascii", "replace").strip()
            os.close(descriptor)
            raise AgentRunning(int(text) if text.isdigit() else None) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        return cls(descriptor)

    def release(self) -> None:
        """Let another process deliver."""
        os.close(self._descriptor)
