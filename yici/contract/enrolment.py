"""Enrolment by a one-time code that never travels.

Both ends derive a key from the code with scrypt; the terminal's request and the platform's
answer carry an HMAC under it. The answer brings everything the terminal must trust from then
on (signing key, sealing keys, private CA), so the first connection needs no trusted CA.
Both screens show the same six digits, for the two people to compare.
"""

import hashlib
import hmac
from datetime import datetime

from yici.contract.crockford import new_code, normalise_code
from yici.contract.statement import SignedStatement
from yici.contract.wire import Base64, Message

CODE_LENGTH = 10
CODE_LIFETIME_S = 30 * 60


class EnrolmentRequest(Message):
    """POST /v1/enrolments. `mac` covers `covered_by_terminal()`."""

    suite: str
    public_key: Base64
    hardware_id: str
    hall_code: str
    nonce: str
    mac: Base64

    def covered(self) -> bytes:
        """The bytes under the terminal's MAC."""
        return self.model_copy(update={"mac": b""}).to_bytes()


class EnrolmentAnswer(Message):
    """What the terminal keeps for life. `mac` covers this answer and the request."""

    terminal_id: str
    suite: str
    signing_key_id: str
    signing_public_key: Base64
    sealing_keys: SignedStatement
    ca_pem: str = ""
    server_time: datetime
    mac: Base64

    def covered(self, request: EnrolmentRequest) -> bytes:
        """The bytes under the platform's MAC."""
        return self.model_copy(update={"mac": b""}).to_bytes() + b"|" + request.to_bytes()


class EnrolmentRefused(Exception):
    """The other end doesn't know the code, or somebody stands in between."""


def new_enrolment_code() -> str:
    """Ten characters (50 bits)."""
    return new_code(CODE_LENGTH)


def normalise_enrolment_code(text: str) -> str | None:
    """The code from what a technician typed; None when it can't be one."""
    return normalise_code(text, CODE_LENGTH)


def code_key(code: str) -> bytes:
    """The key that both ends derive; slow on purpose (scrypt, 32 MiB)."""
    return hashlib.scrypt(
        code.encode(),
        salt=b"yici enrolment v1",
        n=2**15,
        r=8,
        p=1,
        maxmem=64 * 1024 * 1024,
        dklen=32,
    )


def _mac(key: bytes, side: bytes, covered: bytes) -> bytes:
    return hmac.new(key, side + b"|" + covered, hashlib.sha256).digest()


def authenticate_request(request: EnrolmentRequest, key: bytes) -> EnrolmentRequest:
    """The request with its MAC."""
    return request.model_copy(update={"mac": _mac(key, b"terminal", request.covered())})


def request_matches(request: EnrolmentRequest, key: bytes) -> bool:
    """Whether the terminal knows the code behind this key."""
    return hmac.compare_digest(request.mac, _mac(key, b"terminal", request.covered()))


def authenticate_answer(
    answer: EnrolmentAnswer, request: EnrolmentRequest, key: bytes
) -> EnrolmentAnswer:
    """The answer with its MAC."""
    return answer.model_copy(update={"mac": _mac(key, b"platform", answer.covered(request))})


def check_answer(answer: EnrolmentAnswer, request: EnrolmentRequest, key: bytes) -> None:
    """Raises EnrolmentRefused."""
    if not hmac.compare_digest(answer.mac, _mac(key, b"platform", answer.covered(request))):
        raise EnrolmentRefused("the answer does not come from the platform that made the code")


def check_digits(answer: EnrolmentAnswer, request: EnrolmentRequest, key: bytes) -> str:
    """Six digits that both screens show."""
    digest = _mac(key, b"check", answer.covered(request))
    return f"{int.from_bytes(digest[:8], 'big') % 1_000_000:06d}"
