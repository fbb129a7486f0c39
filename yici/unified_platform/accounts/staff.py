"""Staff accounts: argon2id passwords, sessions kept on the server, idle after 15 minutes."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, delete, func, insert, select, update

from yici.unified_platform.app import Platform
from yici.unified_platform.cases.audit import AuditAction, record
from yici.unified_platform.storage.tables import staff, staff_sessions

IDLE = timedelta(minutes=15)
LONGEST = timedelta(hours=10)
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
_TOUCH_EVERY = timedelta(seconds=30)
_hasher = PasswordHasher()  # argon2id, RFC 9106 second recommendation
# 64 MiB each: more at a time would let anybody fill the memory
_hashing = BoundedSemaphore(2)


class Touch(StrEnum):
    """Whether looking a session up counts as using it."""

    USE = "use"
    LOOK = "look"


class BadAccount(ValueError):
    """The name or password can't be taken; the message says why."""


@dataclass(frozen=True, slots=True, repr=False)
class StaffSession:
    """Who is signed in, and the token that their forms carry."""

    name: str
    csrf_token: str


@dataclass(frozen=True, slots=True, repr=False)
class SignedIn:
    """`token` goes into the cookie and is stored nowhere."""

    token: str
    session: StaffSession


def add_staff(platform: Platform, name: str, password: str) -> None:
    """A new account, or a new password for a known one (its sessions end). Raises BadAccount."""
    if not name.strip() or len(name) > 60 or not name.isprintable():
        raise BadAccount("the name must have 1 to 60 visible characters")
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise BadAccount(f"the password must have {SHORTEST_PASSWORD} characters or more")
    hashed = _hasher.hash(password)

    def work(connection: Connection) -> None:
        connection.execute(delete(staff_sessions).where(staff_sessions.c.name == name))
        connection.execute(delete(staff).where(staff.c.name == name))
        connection.execute(
            insert(staff).values(name=name, password_hash=hashed, made_at=platform.now())
        )

    platform.database.write(work)


def count_staff(platform: Platform) -> int:
    """How many accounts there are."""
    with platform.database.read() as connection:
        return connection.scalar(select(func.count()).select_from(staff)) or 0


def sign_in(platform: Platform, name: str, password: str) -> SignedIn | None:
    """None when name and password don't belong together."""
    with platform.database.read() as connection:
        stored = connection.scalar(select(staff.c.password_hash).where(staff.c.name == name))
    good = _verify(stored or _nobody(), password[:LONGEST_PASSWORD]) and stored is not None
    token, csrf_token = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    now = platform.now()

    def work(connection: Connection) -> None:
        action = AuditAction.SIGNED_IN if good else AuditAction.SIGN_IN_FAILED
        actor = name if stored is not None else ""  # a mistyped name may be a password
        record(connection, action, actor=actor, subject="console", at=now)
        if good:
            connection.execute(
                delete(staff_sessions).where(staff_sessions.c.last_used_at < now - IDLE)
            )
            connection.execute(
                insert(staff_sessions).values(
                    token_digest=_digest(token),
                    name=name,
                    csrf_token=csrf_token,
                    started_at=now,
                    last_used_at=now,
                )
            )

    platform.database.write(work)
    return SignedIn(token, StaffSession(name, csrf_token)) if good else None


def find_session(platform: Platform, token: str, touch: Touch = Touch.USE) -> StaffSession | None:
    """The session of a cookie, kept alive by use; None when idle or too old."""
    now, digest = platform.now(), _digest(token)
    with platform.database.read() as connection:
        row = connection.execute(
            select(staff_sessions).where(staff_sessions.c.token_digest == digest)
        ).one_or_none()
    if row is None or now - row.last_used_at > IDLE or now - row.started_at > LONGEST:
        return None
    if touch is Touch.USE and now - row.last_used_at > _TOUCH_EVERY:
        platform.database.write(
            lambda connection: (
                connection.execute(
                    update(staff_sessions)
                    .where(staff_sessions.c.token_digest == digest)
                    .values(last_used_at=now)
                ).rowcount
            )
        )
    return StaffSession(row.name, row.csrf_token)


def sign_out(platform: Platform, token: str) -> None:
    """The cookie is worth nothing afterwards."""
    digest = _digest(token)
    platform.database.write(
        lambda connection: (
            connection.execute(
                delete(staff_sessions).where(staff_sessions.c.token_digest == digest)
            ).rowcount
        )
    )


def csrf_matches(session: StaffSession, token: str) -> bool:
    """Whether the form was ours."""
    return hmac.compare_digest(session.csrf_token.encode(), token.encode())


@cache
def _nobody() -> str:
    """Checked when there is no such name, so that both refusals take as long."""
    return _hasher.hash(secrets.token_hex(16))


def _verify(hashed: str, password: str) -> bool:
    try:
        with _hashing:
            return _hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
