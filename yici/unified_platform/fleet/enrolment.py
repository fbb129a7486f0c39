"""Enrolment: one-time codes kept as scrypt keys, and the answer that a terminal keeps for life."""

import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, insert, select, update

from yici.contract.crockford import new_code
from yici.contract.digests import digest_of
from yici.contract.enrolment import (
    CODE_LIFETIME_S,
    EnrolmentAnswer,
    EnrolmentRequest,
    authenticate_answer,
    check_digits,
    code_key,
    new_enrolment_code,
    request_matches,
)
from yici.contract.problems import Problem, ProblemType, problem
from yici.unified_platform.app import Platform
from yici.unified_platform.cases.audit import AuditAction, record
from yici.unified_platform.fleet.terminals import add_terminal
from yici.unified_platform.storage.tables import enrolment_codes, halls

MAX_TRIES = 5
TRIES_WINDOW_S = 15 * 60
MAX_KEYS = 10_000


@dataclass(frozen=True, slots=True, repr=False)
class NewCode:
    """A code to read to a technician, once."""

    code_id: str
    code: str
    hall_code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CodeStatus:
    """What became of a code; the code itself is known to nobody any more."""

    code_id: str
    hall_code: str
    made_by: str
    made_at: datetime
    expires_at: datetime
    terminal_id: str | None
    check_digits: str | None


class UnknownHall(ValueError):
    """No hall of that code is known; the message says how to make one known."""


def make_code(platform: Platform, *, hall_code: str, made_by: str) -> NewCode:
    """A fresh code for one hall. Raises UnknownHall."""
    code, code_id = new_enrolment_code(), new_code(8)
    made_at = platform.now()
    expires_at = made_at + timedelta(seconds=CODE_LIFETIME_S)
    key = code_key(code)

    def work(connection: Connection) -> None:
        if connection.scalar(select(halls.c.code).where(halls.c.code == hall_code)) is None:
            raise UnknownHall(
                f"no hall {hall_code!r} is known; `yici platform seed` reads them from halls.jsonl"
            )
        connection.execute(
            insert(enrolment_codes).values(
                code_id=code_id,
                code_key=key,
                hall_code=hall_code,
                made_by=made_by,
                made_at=made_at,
                expires_at=expires_at,
            )
        )
        record(
            connection,
            AuditAction.CODE_MADE,
            actor=made_by,
            subject=code_id,
            detail=hall_code,
            at=made_at,
        )

    platform.database.write(work)
    return NewCode(code_id, code, hall_code, expires_at)


def list_codes(connection: Connection, *, limit: int = 10) -> list[CodeStatus]:
    """The newest codes."""
    from yici.unified_platform.storage.tables import terminals

    codes = enrolment_codes
    rows = connection.execute(
        select(codes, terminals.c.check_digits)
        .join(terminals, terminals.c.terminal_id == codes.c.terminal_id, isouter=True)
        .order_by(codes.c.made_at.desc())
        .limit(limit)
    )
    return [
        CodeStatus(
            row.code_id,
            row.hall_code,
            row.made_by,
            row.made_at,
            row.expires_at,
            row.terminal_id,
            row.check_digits,
        )
        for row in rows
    ]


def enrol(platform: Platform, request: EnrolmentRequest, *, ca_pem: str) -> bytes | Problem:
    """The answer's bytes. The same request again gets the same answer, should it have been lost."""
    keys = platform.keys.find(request.suite)
    if keys is None:
        offered = ", ".join(platform.keys.suite_ids)
        return problem(
            ProblemType.SUITE_NOT_OFFERED, f"this platform offers these suites only: {offered}"
        )
    if not keys.suite.is_signing_public_key(request.public_key) or len(request.hardware_id) > 200:
        return _refused("the terminal's key or hardware id can't be one")
    with platform.database.read() as connection:
        rows = connection.execute(
            select(enrolment_codes).where(enrolment_codes.c.expires_at > platform.now())
        ).all()
    for row in rows:
        if request_matches(request, row.code_key):
            return _answer(platform, request, row, ca_pem)
    return _refused("the code is wrong or no longer valid; ask for a new one")


def _refused(title: str) -> Problem:
    return problem(ProblemType.ENROLMENT_REFUSED, title)


def _answer(
    platform: Platform, request: EnrolmentRequest, row: Row[tuple[object, ...]], ca_pem: str
) -> bytes | Problem:
    code_id, key, hall_code = row.code_id, row.code_key, row.hall_code
    if request.hall_code not in ("", hall_code):
        return _refused(f"this code was made for hall {hall_code}")
    keys = platform.keys.get(request.suite)
    terminal_id = f"T{hall_code.lstrip('H')}-{new_code(6)}"
    answer = authenticate_answer(
        EnrolmentAnswer(
            terminal_id=terminal_id,
            suite=request.suite,
            signing_key_id=keys.signing_key_id,
            signing_public_key=keys.signing.public,
            sealing_keys=keys.sealing_keys,
            ca_pem=ca_pem,
            server_time=platform.now(),
            mac=b"",
        ),
        request,
        key,
    )
    request_digest = digest_of(request.to_bytes())

    def work(connection: Connection) -> bytes | Problem:
        codes = enrolment_codes
        used = connection.execute(
            update(codes)
            .where(codes.c.code_id == code_id, codes.c.used_at.is_(None))
            .values(
                used_at=platform.now(),
                terminal_id=terminal_id,
                request_digest=request_digest,
                answer=answer.to_bytes(),
            )
        ).rowcount
        if not used:
            return _answer_again(connection, code_id, request_digest)
        add_terminal(
            connection,
            terminal_id=terminal_id,
            suite=request.suite,
            public_key=request.public_key,
            hall_code=hall_code,
            hardware_id=request.hardware_id,
            check_digits=check_digits(answer, request, key),
            at=platform.now(),
        )
        record(
            connection,
            AuditAction.TERMINAL_ENROLLED,
            actor=terminal_id,
            subject=terminal_id,
            detail=code_id,
            at=platform.now(),
        )
        return answer.to_bytes()

    return platform.database.write(work)


def _answer_again(connection: Connection, code_id: str, request_digest: str) -> bytes | Problem:
    row = connection.execute(
        select(enrolment_codes).where(enrolment_codes.c.code_id == code_id)
    ).one()
    if row.request_digest == request_digest:
        answer: bytes = row.answer
        return answer
    return _refused("the code was already used; ask for a new one")


class TryLimit:
    """At most MAX_TRIES failures an address in TRIES_WINDOW_S; memory only, bounded.

    A try counts as failed from its beginning, so that many at once don't slip through together.
    """

    def __init__(self, max_tries: int = MAX_TRIES, window_s: float = TRIES_WINDOW_S) -> None:
        self._max_tries, self._window_s = max_tries, window_s
        self._failures: dict[str, list[float]] = {}
        self._lock = threading.Lock()

    def begin(self, *keys: str) -> int:
        """0 when there may be a try, which then counts; else the seconds to wait."""
        with self._lock:
            if len(self._failures) > MAX_KEYS:
                self._failures.clear()
            now, recent = time.monotonic(), {key: self._recent(key) for key in keys}
            full = [times[0] for times in recent.values() if len(times) >= self._max_tries]
            if full:
                return int(max(full) + self._window_s - now) + 1
            for key, times in recent.items():
                self._failures[key] = [*times, now]
            return 0

    def succeeded(self, *keys: str) -> None:
        """The try was good: it and those before it are forgotten."""
        with self._lock:
            for key in keys:
                self._failures.pop(key, None)

    def _recent(self, key: str) -> list[float]:
        since = time.monotonic() - self._window_s
        return [at for at in self._failures.get(key, []) if at > since]
