"""What can go wrong with the terminal's own storage, each a sentence for staff.

StoreError
├── StoreUnavailable    the file can't be opened, read or written
│   ├── StoreBusy       another process holds the write lock for too long
│   └── StoreDamaged    the file is not a database, or fails its check
├── NewerSchema         written by a newer release
├── StoreFull           no room on the disk
└── PartMissing         a sealed part that a submission names is not on the disk
"""

from pathlib import Path


class StoreError(Exception):
    """Root of the tree above."""


class StoreUnavailable(StoreError):
    """The storage does not answer."""


class StoreBusy(StoreUnavailable):
    """The write lock did not come free within the deadline."""


class StoreDamaged(StoreUnavailable):
    """Never recreated silently: the queue inside may hold undelivered submissions."""


class NewerSchema(StoreError):
    """A newer release wrote this database."""


class StoreFull(StoreError):
    """The disk has no room."""


class PartMissing(StoreError):
    """A part's file is gone or was never written."""


def unavailable(path: Path, reason: str) -> StoreUnavailable:
    """The storage can't be used now; `reason` is the system's word for it."""
    return StoreUnavailable(
        f"The terminal's storage {path} cannot be used ({reason}): "
        "check the disk and the directory's owner, then restart the terminal."
    )


def busy(path: Path) -> StoreBusy:
    """The lock is held by somebody else."""
    return StoreBusy(
        f"The terminal's storage {path} is locked by another process: "
        "wait a moment; if it stays so, restart the terminal."
    )


def damaged(path: Path, reason: str) -> StoreDamaged:
    """The file must be looked at by a person."""
    return StoreDamaged(
        f"The terminal's storage {path} is damaged ({reason}): do not delete it, it may hold "
        "undelivered submissions; move it aside and call the service desk."
    )


def newer_schema(path: Path, found: int, known: int) -> NewerSchema:
    """The release is older than the data."""
    return NewerSchema(
        f"The terminal's storage {path} was written by a newer release "
        f"(schema {found}, this release knows {known}): install that release again."
    )


def full(path: Path) -> StoreFull:
    """No room left."""
    return StoreFull(
        f"The disk that holds {path} is full: free some space; nothing that was accepted is lost."
    )
