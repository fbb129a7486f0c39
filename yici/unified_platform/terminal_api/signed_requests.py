"""Who sends a request: signature, clock, nonce and standing, in that order."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from yici.contract.problems import Problem, ProblemType, problem
from yici.contract.request_signature import (
    MAX_SKEW,
    BadRequestSignature,
    SkewedClock,
    claimed_terminal,
    find_claimed_algorithm,
    verify_request,
)
from yici.contract.terminal import TerminalState
from yici.contract.wire import PROTOCOL_HEADER, PROTOCOL_VERSION
from yici.unified_platform.app import Platform
from yici.unified_platform.fleet.terminals import Terminal, find_terminal, standing

MAX_NONCES = 500_000
MAX_NONCE_LENGTH = 200
# a nonce must outlive every signature that could carry it again
NONCE_LIFE = MAX_SKEW * 2 + timedelta(seconds=60)


class NonceMemory:
    """Nonces seen lately. Losing them in a restart is harmless: every write is idempotent."""

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[str, str], datetime] = OrderedDict()
        self._lock = threading.Lock()

    def is_new(self, terminal_id: str, nonce: str, now: datetime) -> bool:
        """Remembers it."""
        with self._lock:
            self._forget(now)
            if (terminal_id, nonce) in self._seen:
                return False
            self._seen[terminal_id, nonce] = now
            return True

    def _forget(self, now: datetime) -> None:
        while self._seen:
            oldest = next(iter(self._seen))
            if now - self._seen[oldest] < NONCE_LIFE and len(self._seen) < MAX_NONCES:
                return
            del self._seen[oldest]


@dataclass(frozen=True, slots=True)
class RawRequest:
    """What was signed. `target` is the request line's, with query."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


def authenticate(
    platform: Platform, nonces: NonceMemory, request: RawRequest
) -> Terminal | Problem:
    """The terminal that signed the request. Every refusal carries its signed standing."""
    lowered = {name.lower(): value for name, value in request.headers.items()}
    if lowered.get(PROTOCOL_HEADER.lower(), PROTOCOL_VERSION) != PROTOCOL_VERSION:
        return problem(
            ProblemType.UPGRADE_REQUIRED,
            f"this platform speaks protocol {PROTOCOL_VERSION}; update the terminal",
        )
    terminal_id = claimed_terminal(request.headers)
    if terminal_id is None or len(terminal_id) > 40:
        return problem(ProblemType.BAD_SIGNATURE, "the request says no terminal")
    with platform.database.read() as connection:
        terminal = find_terminal(connection, terminal_id)
    if terminal is None:
        # suspended, not revoked: a platform restored from a backup must not make terminals
        # wipe their keys
        return problem(
            ProblemType.TERMINAL_BLOCKED,
            "this platform does not know the terminal; enrol it again",
            statement=standing(
                platform.keys.for_algorithm(find_claimed_algorithm(request.headers)),
                terminal_id,
                TerminalState.SUSPENDED,
                at=platform.now(),
            ),
        )
    return _verified(platform, nonces, request, terminal)


def _verified(
    platform: Platform, nonces: NonceMemory, request: RawRequest, terminal: Terminal
) -> Terminal | Problem:
    now, keys = platform.now(), platform.keys.get(terminal.suite)

    def refuse(kind: ProblemType, title: str) -> Problem:
        stated = standing(keys, terminal.terminal_id, terminal.state, at=now)
        return problem(kind, title, statement=stated)

    try:
        verified = verify_request(
            request.method,
            request.target,
            request.headers,
            request.body,
            suite=keys.suite,
            public_key=terminal.public_key,
            now=now,
        )
    except SkewedClock:
        return refuse(ProblemType.CLOCK_SKEW, "the terminal's clock is off; see the statement's at")
    except BadRequestSignature:
        return refuse(ProblemType.BAD_SIGNATURE, "the request's signature does not hold")
    if terminal.state is not TerminalState.ACTIVE:
        return refuse(ProblemType.TERMINAL_BLOCKED, f"the terminal is {terminal.state.value}")
    if len(verified.nonce) > MAX_NONCE_LENGTH:
        return refuse(ProblemType.BAD_SIGNATURE, "the nonce is too long")
    if not nonces.is_new(terminal.terminal_id, verified.nonce, now):
        return refuse(ProblemType.REPLAYED, "this very request was already seen")
    return terminal
