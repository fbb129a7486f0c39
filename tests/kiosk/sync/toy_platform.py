"""A small platform on a real socket that misbehaves on command.

It keeps the contract (signatures, unique submissions, fences, chained acknowledgements) in plain
dictionaries, and opens what it received, so that a test can compare it with what was sealed.
"""

import json
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from yici.contract.acknowledgement import CHAIN_START, Acknowledgement, chain_digest
from yici.contract.case import CaseChange
from yici.contract.delivery import (
    AcknowledgementPage,
    Batch,
    BatchReply,
    BlobProgress,
    CatalogueRelease,
    ChangePage,
    NeededPart,
    Outcome,
    Reconciliation,
    ReconciliationReply,
    SentRecord,
    Verdict,
    fold_records,
)
from yici.contract.digests import digest_of
from yici.contract.enrolment import (
    EnrolmentAnswer,
    EnrolmentRequest,
    authenticate_answer,
    check_digits,
    code_key,
    request_matches,
)
from yici.contract.envelope.suites import get_suite
from yici.contract.problems import MEDIA_TYPE, ProblemType, problem
from yici.contract.request_signature import BadRequestSignature, SkewedClock, verify_request
from yici.contract.sealing import open_submission, read_manifest, submission_digest
from yici.contract.statement import Purpose, SignedStatement, sign_statement
from yici.contract.submission import FORM_PART_NUMBER, Manifest, SealedSubmission
from yici.contract.terminal import (
    Greeting,
    Limits,
    SealingKey,
    SealingKeys,
    TerminalStanding,
    TerminalState,
    Welcome,
)
from yici.contract.wire import PROTOCOL_HEADER, Message

SUITE = get_suite("intl-1")


class Fault(StrEnum):
    """What may go wrong with one exchange."""

    DROPPED = "dropped"  # the connection closes before anything is done
    REPLY_LOST = "reply_lost"  # done and committed, but the terminal never hears
    HALF_REPLY = "half_reply"
    SLOW_LORIS = "slow_loris"  # a byte now and then, for ever
    PORTAL_200 = "portal_200"
    PORTAL_302 = "portal_302"
    PROXY_204 = "proxy_204"
    SPOOFED_403 = "spoofed_403"  # "you are revoked", with no genuine signature
    CONFLICT_409 = "conflict_409"
    TOO_LARGE_413 = "too_large_413"
    REFUSED_422 = "refused_422"
    LATER_429 = "later_429"
    SERVER_500 = "server_500"
    WRONG_DIGEST = "wrong_digest"  # the reply is about other bytes
    STALE_FENCE = "stale_fence"  # somebody else's HEAD came in between


@dataclass
class Stored:
    sealed: SealedSubmission
    manifest: Manifest
    digest: str
    acknowledgement: SignedStatement | None = None


@dataclass
class _Answer:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def _problem(kind: ProblemType, title: str = "no", statement: str | None = None) -> _Answer:
    found = problem(kind, title, statement=statement)
    return _Answer(found.status, found.model_dump_json().encode(), {"Content-Type": MEDIA_TYPE})


class ToyPlatform:
    """Start it, enrol one terminal, script its faults, look at what it holds."""

    def __init__(self) -> None:
        self.signing, self.sealing = SUITE.new_signing_key(), SUITE.new_sealing_key()
        self.escrow = SUITE.new_sealing_key()
        self.terminal_id, self.terminal_key = "t-test", b""
        self.state = TerminalState.ACTIVE
        self.limits = Limits()
        self.clock_offset = timedelta()
        self.sealing_version = 1
        self.submissions: dict[UUID, Stored] = {}
        self.blobs: dict[str, bytearray] = {}
        self.fences: dict[str, int] = {}
        self.acknowledgements: list[SignedStatement] = []
        self.changes: list[CaseChange] = []
        self.release: CatalogueRelease | None = None
        self.pack = b""
        self.reject: Callable[[Manifest], bool] = lambda _: False
        self.codes: dict[str, bool] = {}
        self.digits = ""
        self.duplicates = 0
        self.seen: list[tuple[str, str, int]] = []
        self.chunks: list[int] = []
        self._faults: dict[str, deque[Fault]] = {}
        self.fault_source: Callable[[str], Fault | None] = lambda _: None
        self._nonces: set[str] = set()
        self._lock = threading.RLock()
        self._ended = threading.Event()
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    # --- life

    def start(self, tls: ssl.SSLContext | None = None) -> None:
        platform, self._scheme = self, "https" if tls else "http"

        class Handler(_Handler):
            owner = platform

        self._server = _Server(("127.0.0.1", 0), Handler)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        assert self._server is not None
        assert self._thread is not None
        self._server.shutdown()
        self._server.cut_all()
        self._server.server_close()
        self._thread.join(timeout=30)

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}"

    def fail_next(self, path: str, *faults: Fault) -> None:
        """The next requests to a path that starts so go wrong like this, one after the other."""
        self._faults.setdefault(path, deque()).extend(faults)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.clock_offset

    # --- signed words

    def sign(self, purpose: Purpose, message: Message) -> SignedStatement:
        return sign_statement(
            SUITE, purpose, message, key_id="platform-1", private_key=self.signing.private
        )

    def sealing_keys(self) -> SignedStatement:
        return self.sign(
            Purpose.SEALING_KEYS,
            SealingKeys(
                version=self.sealing_version,
                suite="intl-1",
                platform=SealingKey(key_id="p1", public_key=self.sealing.public),
                escrow=SealingKey(key_id="e1", public_key=self.escrow.public),
            ),
        )

    def standing(self, *, forged: bool = False) -> str:
        word = TerminalStanding(terminal_id=self.terminal_id, state=self.state, at=self.now())
        key = SUITE.new_signing_key().private if forged else self.signing.private
        return (
            sign_statement(SUITE, Purpose.STANDING, word, key_id="platform-1", private_key=key)
            .to_bytes()
            .decode()
        )

    # --- what it holds

    def opened(self, submission_id: UUID) -> tuple[dict[str, Any], tuple[bytes, ...]]:
        """Answers and papers in the clear."""
        stored = self.submissions[submission_id]
        opened = open_submission(
            stored.sealed, stored.manifest, key_id="p1", private_key=self.sealing.private
        )
        papers = tuple(
            opened.open_part(part.number, bytes(self.blobs[part.digest]))
            for part in stored.manifest.parts
            if part.number != FORM_PART_NUMBER
        )
        return opened.form.answers, papers

    def acknowledged_ids(self) -> list[UUID]:
        return [
            Acknowledgement.from_bytes(word.payload).submission_id for word in self.acknowledgements
        ]

    def publish(self, pack: bytes, version: int) -> None:
        count = sum(1 for line in pack.splitlines() if line.strip())
        self.pack = pack
        self.release = CatalogueRelease(
            version=version, digest=digest_of(pack), size_bytes=len(pack), item_count=count
        )

    def forget(self, submission_id: UUID) -> None:
        """As if restored from a backup made before it arrived."""
        stored = self.submissions.pop(submission_id)
        for part in stored.manifest.parts:
            self.blobs.pop(part.digest, None)
        self.acknowledgements = [
            word
            for word in self.acknowledgements
            if Acknowledgement.from_bytes(word.payload).submission_id != submission_id
        ]

    # --- the exchange

    def next_fault(self, path: str) -> Fault | None:
        for prefix, faults in self._faults.items():
            if path.startswith(prefix) and faults:
                return faults.popleft()
        return self.fault_source(path)

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> _Answer:
        with self._lock:
            path = urlsplit(target).path
            self.seen.append((method, path, len(body)))
            if path == "/v1/enrolments":
                return self._enrol(EnrolmentRequest.from_bytes(body))
            refused = self._check(method, target, headers, body)
            if refused is not None:
                return refused
            query = {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
            return self._route(method, path, query, headers, body)

    def _check(
        self, method: str, target: str, headers: dict[str, str], body: bytes
    ) -> _Answer | None:
        try:
            verified = verify_request(
                method,
                target,
                headers,
                body,
                suite=SUITE,
                public_key=self.terminal_key,
                now=self.now(),
            )
        except SkewedClock:
            return _problem(ProblemType.CLOCK_SKEW, statement=self.standing())
        except BadRequestSignature:
            return _problem(ProblemType.BAD_SIGNATURE, statement=self.standing())
        if verified.nonce in self._nonces:
            return _problem(ProblemType.REPLAYED, statement=self.standing())
        self._nonces.add(verified.nonce)
        if self.state is not TerminalState.ACTIVE:
            return _problem(ProblemType.TERMINAL_BLOCKED, statement=self.standing())
        return None

    def _route(  # noqa: PLR0911 - one line for each endpoint of the contract
        self,
        method: str,
        path: str,
        query: dict[str, str],
        headers: dict[str, str],
        body: bytes,
    ) -> _Answer:
        if path == "/v1/session":
            return self._greet(Greeting.from_bytes(body))
        if path == "/v1/submissions:batch":
            return self._batch(Batch.from_bytes(body))
        if path.startswith("/v1/blobs/"):
            digest = path.rpartition("/")[2]
            return self._head(digest) if method == "HEAD" else self._patch(digest, headers, body)
        if path == "/v1/acknowledgements":
            after = int(query["after"])
            rows = self.acknowledgements[after : after + int(query["limit"])]
            page = AcknowledgementPage(
                acknowledgements=tuple(rows), last=len(self.acknowledgements)
            )
            return _Answer(200, page.to_bytes())
        if path == "/v1/changes":
            return self._changes(query.get("cursor", ""), headers)
        if path == "/v1/reconciliations":
            return self._reconcile(Reconciliation.from_bytes(body))
        if path == "/v1/catalogue" and self.release is not None:
            return _Answer(200, self.sign(Purpose.CATALOGUE, self.release).to_bytes())
        if path.startswith("/v1/catalogue/packs/"):
            return _Answer(200, self.pack)
        return _problem(ProblemType.NOT_FOUND)

    def _enrol(self, request: EnrolmentRequest) -> _Answer:
        for code, fresh in self.codes.items():
            key = code_key(code)
            if fresh and request_matches(request, key):
                self.codes[code] = False
                self.terminal_key = request.public_key
                answer = authenticate_answer(
                    EnrolmentAnswer(
                        terminal_id=self.terminal_id,
                        suite="intl-1",
                        signing_key_id="platform-1",
                        signing_public_key=self.signing.public,
                        sealing_keys=self.sealing_keys(),
                        server_time=self.now(),
                        mac=b"",
                    ),
                    request,
                    key,
                )
                self.digits = check_digits(answer, request, key)
                return _Answer(200, answer.to_bytes())
        return _problem(ProblemType.ENROLMENT_REFUSED)

    def _greet(self, greeting: Greeting) -> _Answer:
        welcome = Welcome(
            nonce=greeting.nonce,
            terminal_id=self.terminal_id,
            server_time=self.now(),
            limits=self.limits,
            catalogue_version=self.release.version if self.release else 0,
            sealing_keys=self.sealing_keys(),
        )
        return _Answer(200, self.sign(Purpose.WELCOME, welcome).to_bytes())

    def _batch(self, batch: Batch) -> _Answer:
        verdicts = tuple(self._take(sealed) for sealed in batch.items)
        return _Answer(200, BatchReply(verdicts=verdicts).to_bytes())

    def _take(self, sealed: SealedSubmission) -> Verdict:
        manifest = read_manifest(sealed, self.terminal_key)
        digest = submission_digest(sealed)
        known = self.submissions.get(manifest.submission_id)
        if known is not None and known.digest != digest:
            return Verdict(
                submission_id=manifest.submission_id, digest=digest, outcome=Outcome.CONFLICT
            )
        if known is not None:
            self.duplicates += 1
            return self._verdict(known)
        if self.reject(manifest):
            return Verdict(
                submission_id=manifest.submission_id,
                digest=digest,
                outcome=Outcome.REJECTED,
                problem=problem(ProblemType.INVALID_SUBMISSION, "The form is incomplete"),
            )
        stored = self.submissions[manifest.submission_id] = Stored(sealed, manifest, digest)
        return self._verdict(stored)

    def _verdict(self, stored: Stored) -> Verdict:
        needed = tuple(
            NeededPart(digest=part.digest, offset=len(self.blobs.get(part.digest, b"")))
            for part in stored.manifest.parts
            if part.number != FORM_PART_NUMBER
            and len(self.blobs.get(part.digest, b"")) < part.size_bytes
        )
        if not needed and stored.acknowledgement is None:
            stored.acknowledgement = self._acknowledge(stored)
        return Verdict(
            submission_id=stored.manifest.submission_id,
            digest=stored.digest,
            outcome=Outcome.STORED if needed else Outcome.COMPLETE,
            needed=needed,
            acknowledgement=stored.acknowledgement,
        )

    def _acknowledge(self, stored: Stored) -> SignedStatement:
        words = self.acknowledgements
        number = len(words) + 1
        word = self.sign(
            Purpose.ACKNOWLEDGEMENT,
            Acknowledgement(
                terminal_id=self.terminal_id,
                submission_id=stored.manifest.submission_id,
                digest=stored.digest,
                part_digests=tuple(part.digest for part in stored.manifest.parts),
                case_number=f"C{number:05d}",
                received_at=self.now(),
                sequence=number,
                previous=chain_digest(words[-1]) if words else CHAIN_START,
            ),
        )
        words.append(word)
        return word

    def _find_size(self, digest: str) -> int | None:
        for stored in self.submissions.values():
            for part in stored.manifest.parts:
                if part.digest == digest:
                    return part.size_bytes
        return None

    def _head(self, digest: str) -> _Answer:
        size = self._find_size(digest)
        if size is None:
            return _Answer(404)
        fence = self.fences[digest] = self.fences.get(digest, 0) + 1
        offset = len(self.blobs.get(digest, b""))
        return _Answer(
            200,
            b"",
            {
                "Upload-Offset": str(offset),
                "Upload-Length": str(size),
                "Upload-Fence": str(fence),
            },
        )

    def _patch(self, digest: str, headers: dict[str, str], body: bytes) -> _Answer:
        size = self._find_size(digest)
        if size is None:
            return _problem(ProblemType.NOT_FOUND)
        data = self.blobs.setdefault(digest, bytearray())
        fresh = int(headers["upload-fence"]) == self.fences.get(digest)
        if not fresh or int(headers["upload-offset"]) != len(data):
            return _problem(ProblemType.STALE_UPLOAD)
        if len(body) > self.limits.chunk_bytes:
            return _problem(ProblemType.TOO_LARGE)
        data += body
        self.chunks.append(len(body))
        if len(data) == size and digest_of(bytes(data)) != digest:
            data.clear()
            return _problem(ProblemType.DIGEST_MISMATCH)
        verdicts = ()
        if len(data) == size:
            named = [s for s in self.submissions.values() if _names(s.manifest, digest)]
            verdicts = tuple(self._verdict(stored) for stored in named)
        progress = BlobProgress(digest=digest, offset=len(data), length=size, verdicts=verdicts)
        return _Answer(200, progress.to_bytes())

    def _changes(self, cursor: str, headers: dict[str, str]) -> _Answer:
        if cursor and not cursor.startswith("v1-"):
            return _problem(ProblemType.CURSOR_GONE)
        start = int(cursor.removeprefix("v1-") or 0)
        page_changes = tuple(self.changes[start : start + 2])
        reached = start + len(page_changes)
        version = self.release.version if self.release else 0
        etag = f'"{reached}.{version}"'
        if headers.get("if-none-match") == etag:
            return _Answer(304, b"", {"ETag": etag})
        page = ChangePage(
            cursor=f"v1-{reached}",
            changes=page_changes,
            catalogue_version=version,
            more=reached < len(self.changes),
        )
        return _Answer(200, page.to_bytes(), {"ETag": etag})

    def _reconcile(self, question: Reconciliation) -> _Answer:
        ours = []
        for word in self.acknowledgements:
            said = Acknowledgement.from_bytes(word.payload)
            if question.first_sequence <= said.sequence <= question.last_sequence:
                ours.append(SentRecord(submission_id=said.submission_id, digest=said.digest))
        matches = len(ours) == question.count and fold_records(ours) == question.fold
        missing = tuple(
            record.submission_id
            for record in question.records or ()
            if record.submission_id not in self.submissions
        )
        return _Answer(200, ReconciliationReply(matches=matches, missing=missing).to_bytes())


def _names(manifest: Manifest, digest: str) -> bool:
    return any(part.digest == digest for part in manifest.parts)


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True

    def __init__(self, *args: Any) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(*args)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def close_request(self, request: Any) -> None:
        self._open.discard(request)
        super().close_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Cut connections are what these tests are about."""

    def cut_all(self) -> None:
        for each in tuple(self._open):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


_INSTEAD = {
    Fault.CONFLICT_409: ProblemType.STALE_UPLOAD,
    Fault.STALE_FENCE: ProblemType.STALE_UPLOAD,
    Fault.TOO_LARGE_413: ProblemType.TOO_LARGE,
    Fault.REFUSED_422: ProblemType.INVALID_SUBMISSION,
    Fault.LATER_429: ProblemType.TOO_MANY_REQUESTS,
    Fault.SERVER_500: ProblemType.INTERNAL,
}


class _Handler(BaseHTTPRequestHandler):
    owner: ToyPlatform
    protocol_version = "HTTP/1.1"
    timeout = 30

    def log_message(self, *args: Any) -> None:
        """Silent."""

    def handle_any(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        if len(body) < length:
            self.close_connection = True  # cut in the middle of the request: nothing was done
            return
        fault = self.owner.next_fault(urlsplit(self.path).path)
        if fault is Fault.DROPPED:
            self.close_connection = True
            return
        self._reply(fault, self._answer(fault, body))

    def _answer(self, fault: Fault | None, body: bytes) -> _Answer:
        if fault in _INSTEAD:
            answer = _problem(_INSTEAD[fault])
            if fault is Fault.LATER_429:
                answer.headers["Retry-After"] = "1"
            return answer
        if fault is Fault.SPOOFED_403:
            return _problem(
                ProblemType.TERMINAL_BLOCKED, statement=self.owner.standing(forged=True)
            )
        if fault is Fault.PORTAL_200:
            return _Answer(200, b"<html>Please sign in</html>")
        if fault is Fault.PORTAL_302:
            return _Answer(302, b"", {"Location": "http://127.0.0.1:9/login"})
        if fault is Fault.PROXY_204:
            return _Answer(204)
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.owner.answer(self.command, self.path, headers, body)
        if fault is Fault.WRONG_DIGEST:
            answer.body = _about_other_bytes(answer.body)
        return answer

    def _reply(self, fault: Fault | None, answer: _Answer) -> None:
        if fault is Fault.REPLY_LOST:
            self.close_connection = True
            return
        ours = fault not in (Fault.PORTAL_200, Fault.PORTAL_302, Fault.PROXY_204)
        self.send_response(answer.status)
        if ours:
            self.send_header(PROTOCOL_HEADER, "1")
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status not in (204, 304):
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if fault is Fault.HALF_REPLY:
            self.wfile.write(answer.body[: len(answer.body) // 2])
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_WR)
            self.close_connection = True
        elif fault is Fault.SLOW_LORIS:
            self._trickle(answer.body)
        elif self.command != "HEAD":
            self.wfile.write(answer.body)

    def _trickle(self, body: bytes) -> None:
        for byte in body:
            if self.owner._ended.is_set():
                return
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            time.sleep(0.1)

    do_GET = do_POST = do_HEAD = do_PATCH = handle_any  # noqa: N815 - the server's names


def _about_other_bytes(body: bytes) -> bytes:
    other = "sha256-" + "0" * 64
    found = json.loads(body)
    if "digest" in found:
        found["digest"] = other
    for verdict in found.get("verdicts", []):
        verdict["digest"] = other
    return json.dumps(found).encode()
