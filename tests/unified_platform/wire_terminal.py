"""A small terminal for tests, made from the contract's functions and one plain HTTP session."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import requests

from yici.contract.acknowledgement import Acknowledgement, read_acknowledgement
from yici.contract.delivery import (
    UPLOAD_FENCE,
    UPLOAD_LENGTH,
    UPLOAD_OFFSET,
    Batch,
    BatchReply,
    BlobProgress,
    ChangePage,
    Verdict,
)
from yici.contract.enrolment import (
    EnrolmentAnswer,
    EnrolmentRequest,
    authenticate_request,
    check_answer,
    check_digits,
    code_key,
)
from yici.contract.envelope.suite import KeyPair, Suite
from yici.contract.envelope.suites import get_suite
from yici.contract.people import Identity, Sex
from yici.contract.problems import Problem
from yici.contract.request_signature import sign_request
from yici.contract.sealing import Recipient, SealedPart, SubmissionSealer
from yici.contract.statement import Purpose, SignedStatement, open_statement
from yici.contract.submission import (
    ClockReading,
    MaterialDecision,
    MaterialEntry,
    SealedSubmission,
    SignatureEntry,
    SubmissionForm,
)
from yici.contract.submission_ids import new_id, new_slip_code
from yici.contract.terminal import Greeting, SealingKeys, TerminalStanding, Welcome
from yici.contract.wire import PROTOCOL_HEADER

SUITE = get_suite("intl-1")
ITEM_CODE = "RS-001"
TIMEOUT_S = 60
CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True)
class Sealed:
    """A submission ready to go, with what a resident would keep of it."""

    submission_id: UUID
    slip_code: str
    cover: SealedSubmission
    parts: tuple[SealedPart, ...]


@dataclass
class WireTerminal:
    """One enrolled terminal. `skew` is how far its clock is off."""

    url: str
    keys: KeyPair
    answer: EnrolmentAnswer
    digits: str
    session: requests.Session
    skew: timedelta = timedelta(0)
    sequence: int = 0
    recipients: tuple[Recipient, ...] = field(default=())

    @property
    def terminal_id(self) -> str:
        return self.answer.terminal_id

    @property
    def suite(self) -> Suite:
        return get_suite(self.answer.suite)

    def call(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        *,
        nonce: str | None = None,
        key: bytes | None = None,
        signed_body: bytes | None = None,
    ) -> requests.Response:
        """One signed request; the last three arguments are for attacks."""
        signed = sign_request(
            method,
            target,
            body if signed_body is None else signed_body,
            suite=self.suite,
            terminal_id=self.terminal_id,
            private_key=key or self.keys.private,
            nonce=nonce or secrets.token_hex(16),
            created=datetime.now(UTC) + self.skew,
            headers=headers,
        )
        reply = self.session.request(
            method, self.url + target, data=body, headers=signed, timeout=TIMEOUT_S
        )
        assert reply.headers[PROTOCOL_HEADER] == "1"
        return reply

    def greet(self, **changes: Any) -> requests.Response:
        greeting = Greeting(
            nonce=secrets.token_hex(8),
            software_version="0.1.0",
            boot_id="boot",
            wall=datetime.now(UTC),
            **changes,
        )
        return self.call("POST", "/v1/session", greeting.to_bytes())

    def welcome(self) -> Welcome:
        statement = SignedStatement.from_bytes(self.greet().content)
        key = self.answer.signing_public_key
        return Welcome.from_bytes(open_statement(self.suite, Purpose.WELCOME, statement, key))

    def seal(self, *papers: tuple[bytes, str], **changes: Any) -> Sealed:
        """A submission of ITEM_CODE with these papers; `changes` go into the form."""
        sealer = SubmissionSealer(self.answer.suite, changes.pop("submission_id", None) or new_id())
        parts = tuple(sealer.seal_part(data, media_type) for data, media_type in papers)
        parts += changes.pop("foreign_parts", ())
        slip_code, supersedes = new_slip_code(), changes.pop("supersedes", None)
        form = SubmissionForm.model_validate(
            {**example_form(sealer.submission_id, slip_code, parts), **changes}
        )
        self.sequence += 1
        fresh = sealer.seal(
            form,
            parts,
            terminal_id=self.terminal_id,
            sequence=self.sequence,
            clock=ClockReading(boot_id="boot", monotonic_ms=1, wall=datetime.now(UTC)),
            recipients=self.recipients,
            signing_key=self.keys.private,
            supersedes=supersedes,
        )
        return Sealed(sealer.submission_id, slip_code, fresh.submission, parts)

    def batch(self, *sealed: Sealed) -> tuple[Verdict, ...]:
        body = Batch(items=tuple(s.cover for s in sealed)).to_bytes()
        reply = self.call("POST", "/v1/submissions:batch", body)
        assert reply.status_code == 200, reply.text
        return BatchReply.from_bytes(reply.content).verdicts

    def head(self, digest: str) -> tuple[int, int, int]:
        """Offset, length, fence."""
        reply = self.call("HEAD", f"/v1/blobs/{digest}")
        assert reply.status_code == 200, reply.status_code
        return (
            int(reply.headers[UPLOAD_OFFSET]),
            int(reply.headers[UPLOAD_LENGTH]),
            int(reply.headers[UPLOAD_FENCE]),
        )

    def patch(
        self, digest: str, chunk: bytes, *, offset: int, length: int, fence: int
    ) -> requests.Response:
        headers = {
            UPLOAD_OFFSET: str(offset),
            UPLOAD_LENGTH: str(length),
            UPLOAD_FENCE: str(fence),
        }
        return self.call("PATCH", f"/v1/blobs/{digest}", chunk, headers)

    def upload(self, part: SealedPart, *, chunk_bytes: int = CHUNK_BYTES) -> BlobProgress:
        """The rest of a part from wherever the platform says."""
        offset, length, fence = self.head(part.digest)
        progress = None
        while progress is None or offset < length:
            chunk = part.ciphertext[offset : offset + chunk_bytes]
            reply = self.patch(part.digest, chunk, offset=offset, length=length, fence=fence)
            assert reply.status_code == 200, reply.text
            progress = BlobProgress.from_bytes(reply.content)
            offset = progress.offset
        return progress

    def deliver(self, sealed: Sealed) -> Verdict:
        """Batch, then every part; the last verdict."""
        (verdict,) = self.batch(sealed)
        for part in sealed.parts:
            progress = self.upload(part)
            if progress.verdicts:
                (verdict,) = progress.verdicts
        return verdict

    def acknowledgement(self, verdict: Verdict) -> Acknowledgement:
        assert verdict.acknowledgement is not None, verdict
        key = self.answer.signing_public_key
        return read_acknowledgement(self.suite, verdict.acknowledgement, key)

    def changes(self, query: str = "", headers: dict[str, str] | None = None) -> ChangePage:
        reply = self.call("GET", f"/v1/changes{query}", headers=headers)
        assert reply.status_code == 200, reply.text
        return ChangePage.from_bytes(reply.content)

    def standing(self, problem: Problem) -> TerminalStanding:
        """The signed statement of a refusal."""
        assert problem.statement is not None
        statement = SignedStatement.from_bytes(problem.statement.encode())
        key = self.answer.signing_public_key
        payload = open_statement(self.suite, Purpose.STANDING, statement, key)
        return TerminalStanding.from_bytes(payload)


def problem_of(reply: requests.Response) -> Problem:
    """Every error is a problem document."""
    assert reply.headers["Content-Type"].startswith("application/problem+json"), reply.text
    found = Problem.model_validate_json(reply.content)
    assert found.status == reply.status_code
    assert found.kind is not None
    return found


@cache
def key_of(code: str) -> bytes:
    """scrypt once a code."""
    return code_key(code)


def enrolment_request(
    code: str, keys: KeyPair, hall_code: str = "", suite_id: str = "intl-1"
) -> EnrolmentRequest:
    request = EnrolmentRequest(
        suite=suite_id,
        public_key=keys.public,
        hardware_id="test-bench",
        hall_code=hall_code,
        nonce=secrets.token_hex(16),
        mac=b"",
    )
    return authenticate_request(request, key_of(code))


def enrol(url: str, code: str, session: requests.Session, suite_id: str = "intl-1") -> WireTerminal:
    """Enrol with a code, checking the answer as a terminal does."""
    keys = get_suite(suite_id).new_signing_key()
    request = enrolment_request(code, keys, suite_id=suite_id)
    reply = session.post(f"{url}/v1/enrolments", data=request.to_bytes(), timeout=TIMEOUT_S)
    assert reply.status_code == 200, reply.text
    answer = EnrolmentAnswer.from_bytes(reply.content)
    check_answer(answer, request, key_of(code))
    terminal = terminal_of(url, keys, answer, session)
    terminal.digits = check_digits(answer, request, key_of(code))
    return terminal


def terminal_of(
    url: str, keys: KeyPair, answer: EnrolmentAnswer, session: requests.Session
) -> WireTerminal:
    """What a terminal makes of its answer."""
    key = answer.signing_public_key
    payload = open_statement(
        get_suite(answer.suite), Purpose.SEALING_KEYS, answer.sealing_keys, key
    )
    sealing = SealingKeys.from_bytes(payload)
    recipients = tuple(
        Recipient(key.key_id, key.public_key) for key in (sealing.platform, sealing.escrow)
    )
    return WireTerminal(url, keys, answer, "", session, recipients=recipients)


def example_identity(**changes: Any) -> Identity:
    """The synthetic persona P01."""
    return Identity.model_validate(
        {
            "name": "张示例",
            "sex": Sex.MALE,
            "nation_code": "01",
            "birth_date": date(1985, 6, 12),
            "address": "湖南省示例市示例区测试路1号",
            "id_number": "430199198506120012",
            "issuer": "示例市公安局",
            **changes,
        }
    )


def example_form(
    submission_id: UUID, slip_code: str, parts: tuple[SealedPart, ...]
) -> dict[str, Any]:
    now = datetime.now(UTC)
    signatures = [part.number for part in parts if part.media_type == "image/png"]
    signature = None
    if signatures:
        signature = SignatureEntry(
            part_number=signatures[0], shown_digest="sha256-" + "0" * 64, signed_at=now
        )
    papers = [part for part in parts if part.media_type != "image/png"]
    return {
        "submission_id": submission_id,
        "item_code": ITEM_CODE,
        "item_version": 1,
        "opened_at": now - timedelta(minutes=6),
        "submitted_at": now,
        "language": "zh_CN",
        "slip_code": slip_code,
        "identity": example_identity(),
        "answers": {
            "name": "张示例",
            "id_number": "430199198506120012",
            "sex": "1",
            "ethnicity": "01",
            "birth_date": "1985-06-12",
            "registered_address": "湖南省示例市示例区测试路1号",
            "use_purpose": "贷款",
        },
        "materials": (
            MaterialEntry(key="id", name="申请人居民身份证", decision=MaterialDecision.CARD_READ),
            *(
                MaterialEntry(
                    key=f"paper{part.number}",
                    name=f"材料{part.number}",
                    decision=MaterialDecision.CAPTURED,
                    part_number=part.number,
                    page_count=1,
                )
                for part in papers
            ),
        ),
        "signature": signature,
    }
