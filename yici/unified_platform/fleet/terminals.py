"""What the platform knows of each terminal."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, insert, select, update

from yici.contract.acknowledgement import CHAIN_START
from yici.contract.statement import Purpose
from yici.contract.terminal import Greeting, TerminalStanding, TerminalState, Welcome
from yici.unified_platform.app import Platform
from yici.unified_platform.cases.audit import AuditAction, record
from yici.unified_platform.items.catalogue import catalogue_version
from yici.unified_platform.storage.tables import terminals
from yici.unified_platform.trust.keys import SuiteKeys


@dataclass(frozen=True, slots=True)
class Terminal:
    """One terminal as stored."""

    terminal_id: str
    suite: str
    public_key: bytes
    hall_code: str
    hardware_id: str
    state: TerminalState
    enrolled_at: datetime
    check_digits: str
    last_seen_at: datetime | None
    software_version: str
    pending_submissions: int
    oldest_pending_s: int


def _terminal(row: Row[tuple[object, ...]]) -> Terminal:
    return Terminal(
        terminal_id=row.terminal_id,
        suite=row.suite,
        public_key=row.public_key,
        hall_code=row.hall_code,
        hardware_id=row.hardware_id,
        state=TerminalState(row.state),
        enrolled_at=row.enrolled_at,
        check_digits=row.check_digits,
        last_seen_at=row.last_seen_at,
        software_version=row.software_version,
        pending_submissions=row.pending_submissions,
        oldest_pending_s=row.oldest_pending_s,
    )


def find_terminal(connection: Connection, terminal_id: str) -> Terminal | None:
    """The terminal of that id, whatever its state."""
    row = connection.execute(
        select(terminals).where(terminals.c.terminal_id == terminal_id)
    ).one_or_none()
    return None if row is None else _terminal(row)


def list_terminals(connection: Connection) -> list[Terminal]:
    """All, newest first."""
    rows = connection.execute(select(terminals).order_by(terminals.c.enrolled_at.desc()))
    return [_terminal(row) for row in rows]


def add_terminal(
    connection: Connection,
    *,
    terminal_id: str,
    suite: str,
    public_key: bytes,
    hall_code: str,
    hardware_id: str,
    check_digits: str,
    at: datetime,
) -> None:
    """A newly enrolled, active terminal with an empty chain."""
    connection.execute(
        insert(terminals).values(
            terminal_id=terminal_id,
            suite=suite,
            public_key=public_key,
            hall_code=hall_code,
            hardware_id=hardware_id,
            state=TerminalState.ACTIVE.value,
            enrolled_at=at,
            check_digits=check_digits,
            last_chain_digest=CHAIN_START,
        )
    )


def set_state(platform: Platform, terminal_id: str, state: TerminalState, *, actor: str) -> bool:
    """False when there is no such terminal, or it was revoked, which is for good."""

    def work(connection: Connection) -> bool:
        changed = connection.execute(
            update(terminals)
            .where(
                terminals.c.terminal_id == terminal_id,
                terminals.c.state != TerminalState.REVOKED.value,
            )
            .values(state=state.value)
        ).rowcount
        if changed:
            record(
                connection,
                AuditAction.TERMINAL_STATE,
                actor=actor,
                subject=terminal_id,
                detail=state.value,
                at=platform.now(),
            )
        return bool(changed)

    return platform.database.write(work)


def standing(keys: SuiteKeys, terminal_id: str, state: TerminalState, *, at: datetime) -> str:
    """A signed TerminalStanding as text, for a problem's `statement`."""
    message = TerminalStanding(terminal_id=terminal_id, state=state, at=at)
    return keys.sign(Purpose.STANDING, message).to_bytes().decode()


def greet(platform: Platform, terminal: Terminal, greeting: Greeting) -> Welcome:
    """Note how the terminal does, and answer with time, limits and keys."""

    def work(connection: Connection) -> int:
        connection.execute(
            update(terminals)
            .where(terminals.c.terminal_id == terminal.terminal_id)
            .values(
                last_seen_at=platform.now(),
                software_version=greeting.software_version[:80],
                pending_submissions=min(max(greeting.pending_submissions, 0), 2**31 - 1),
                oldest_pending_s=min(max(greeting.oldest_pending_s, 0), 2**53),
            )
        )
        return catalogue_version(connection)

    version = platform.database.write(work)
    return Welcome(
        nonce=greeting.nonce,
        terminal_id=terminal.terminal_id,
        server_time=platform.now(),
        limits=platform.limits,
        catalogue_version=version,
        sealing_keys=platform.keys.get(terminal.suite).sealing_keys,
    )
