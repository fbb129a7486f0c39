"""What the agent says of itself, for the terminal's screens and staff: one small file.

Not synced to disk: after a power cut the agent writes a new one.
"""

import os
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from yici.contract.wire import Message
from yici.kiosk.events import LinkState

STATUS_NAME = "sync-status.json"


class SyncStatus(Message):
    """`last_contact_at` is the last genuine reply; times are the terminal's own.

    Rewritten at every change, and about once a minute while nothing changes.
    """

    pid: int
    link: LinkState
    pending: int
    set_apart: int
    oldest_pending_s: int
    catalogue_version: int
    last_contact_at: datetime | None
    written_at: datetime


def write_status(state_dir: Path, status: SyncStatus) -> None:
    """Swapped in whole; a failure is no reason to stop delivering."""
    made = state_dir / f".{STATUS_NAME}-{os.getpid()}"
    try:
        made.write_bytes(status.to_bytes())
        made.rename(state_dir / STATUS_NAME)
    except OSError:
        made.unlink(missing_ok=True)


def find_status(state_dir: Path) -> SyncStatus | None:
    """The newest word, or None when no agent ever spoke."""
    try:
        return SyncStatus.from_bytes((state_dir / STATUS_NAME).read_bytes())
    except (OSError, ValidationError):
        return None
