"""Which submissions are being parsed right now, so that one that kills the agent is found.

A file that is not synced: a crash of the process keeps it, and after a power cut nothing was
the submission's fault. It is there only while bytes are parsed, never while the network or the
disk is waited for, so that an ordinary kill hardly ever blames anybody.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID

MARK_NAME = "sync-handling"


class HandlingMark:
    """Names the submissions in hand."""

    def __init__(self, state_dir: Path) -> None:
        self._path = state_dir / MARK_NAME

    @contextmanager
    def handling(self, submission_ids: Iterable[UUID]) -> Iterator[None]:
        """Kept when the process dies inside; removed on every other way out but an exception."""
        with suppress(OSError):  # on a full disk delivering matters more than blaming
            self._path.write_text("\n".join(map(str, submission_ids)), encoding="ascii")
        yield
        self._path.unlink(missing_ok=True)

    def take_suspects(self) -> tuple[UUID, ...]:
        """Whom the last agent had in hand when it died."""
        try:
            words = self._path.read_text(encoding="ascii").split()
        except (FileNotFoundError, UnicodeDecodeError):
            return ()
        self._path.unlink(missing_ok=True)
        return tuple(UUID(word) for word in words if len(word) == 36)
