"""A terminal's life on the line: greeting, standing, sealing keys."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from yici.contract.statement import SignedStatement
from yici.contract.wire import Base64, Message


class TerminalState(StrEnum):
    """What the platform thinks of a terminal."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


class TerminalStanding(Message):
    """Sent signed with every 401 and 403, so that nobody but the platform can bar a terminal."""

    terminal_id: str
    state: TerminalState
    at: datetime


class SealingKey(Message):
    """A public key to which submissions are sealed."""

    key_id: str
    public_key: Base64


class SealingKeys(Message):
    """The keys in force: the platform's own and the offline escrow's. Version only rises."""

    version: int
    suite: str
    platform: SealingKey
    escrow: SealingKey


class Limits(Message):
    """What the platform takes in one piece."""

    batch_items: int = Field(default=64, ge=1, le=64)
    batch_bytes: int = Field(default=4 * 1024 * 1024, ge=64 * 1024)
    chunk_bytes: int = Field(default=256 * 1024, ge=16 * 1024)


class Greeting(Message):
    """POST /v1/session: the terminal says who it is and how it does; holds no resident data."""

    nonce: str
    software_version: str
    boot_id: str
    wall: datetime
    pending_submissions: int = 0
    oldest_pending_s: int = 0
    catalogue_version: int = 0
    sealing_keys_version: int = 0
    last_acknowledgement: int = 0


class Welcome(Message):
    """The signed answer; `nonce` repeats the greeting's, so that `server_time` is fresh."""

    nonce: str
    terminal_id: str
    server_time: datetime
    limits: Limits
    catalogue_version: int
    sealing_keys: SignedStatement
