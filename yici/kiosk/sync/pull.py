"""Staying informed: the greeting, acknowledgements, case changes, the catalogue."""

import secrets
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from pydantic import ValidationError

from yici.contract.delivery import AcknowledgementPage, CatalogueRelease, ChangePage
from yici.contract.envelope.suite import BadSignature
from yici.contract.envelope.suites import get_suite
from yici.contract.items import BadPack
from yici.contract.statement import Purpose, SignedStatement, open_statement
from yici.contract.terminal import Greeting, Welcome
from yici.contract.wire import Message
from yici.kiosk.events import CatalogueReplaced
from yici.kiosk.identity import adopt_sealing_keys
from yici.kiosk.sync.acknowledgements import AcknowledgementDesk, Source
from yici.kiosk.sync.core import Result, StepOutcome
from yici.kiosk.sync.platform_view import PlatformView
from yici.kiosk.sync.reply import Reply
from yici.kiosk.sync.wire import Wire
from yici.offline_cache.bookmarks import Bookmark
from yici.offline_cache.boot_clock import read_boot_time
from yici.offline_cache.cache import OfflineCache
from yici.offline_cache.catalogue import BadRelease

_M = TypeVar("_M", bound=Message)

ACKNOWLEDGEMENTS_A_PAGE = 200
MAX_PACK_BYTES = 128 * 1024 * 1024
PACK_DEADLINE_S = 600.0
_JSON = {"Content-Type": "application/json"}


def _software_version() -> str:
    try:
        return version("yici")
    except PackageNotFoundError:
        return "0"


class Puller:
    """Each method is one step of the core."""

    def __init__(
        self, cache: OfflineCache, wire: Wire, view: PlatformView, state_dir: Path
    ) -> None:
        self._cache, self._wire, self._view, self._state_dir = cache, wire, view, state_dir
        self._desk = AcknowledgementDesk(cache)

    # --- greeting

    def greet(self) -> StepOutcome:
        """Say who we are; learn limits, time, catalogue version and sealing keys."""
        greeting = self._greeting()
        asked = read_boot_time()
        reply = self._wire.send("POST", "/v1/session", greeting.to_bytes(), headers=_JSON)
        answered = read_boot_time()
        if reply.result is not Result.OK:
            self._take_time_hint(reply)
            return reply.outcome()
        welcome = self._find_signed(reply, Purpose.WELCOME, Welcome)
        if (
            welcome is None
            or welcome.nonce != greeting.nonce
            or welcome.terminal_id != self._view.identity.terminal_id
        ):
            return StepOutcome(Result.NOT_OURS)
        self._wire.clock.heard_welcome(welcome.server_time, asked, answered)
        self._view.limits = welcome.limits
        self._view.catalogue_version = welcome.catalogue_version
        self._view.acknowledgements_behind = True  # cheap to ask, and a lost reply is found so
        self._adopt(welcome.sealing_keys)
        return StepOutcome(Result.OK)

    def _greeting(self) -> Greeting:
        backlog = self._cache.outbox.backlog()
        catalogue = self._cache.catalogue.find_version()
        head = self._cache.outbox.chain_head()
        return Greeting(
            nonce=secrets.token_hex(16),
            software_version=_software_version(),
            boot_id=read_boot_time().boot_id,
            wall=datetime.now(UTC),
            pending_submissions=backlog.pending,
            oldest_pending_s=backlog.oldest_pending_s,
            catalogue_version=catalogue.version if catalogue else 0,
            sealing_keys_version=self._view.identity.sealing_keys.version,
            last_acknowledgement=head[0] if head else 0,
        )

    def _take_time_hint(self, reply: Reply) -> None:
        """A terminal with a dead clock must still be able to greet; the welcome proves the time."""
        if reply.result is not Result.CLOCK_SKEW:
            return
        if reply.standing is not None:
            self._wire.clock.heard_hint(reply.standing.at)
            return
        try:
            self._wire.clock.heard_hint(parsedate_to_datetime(reply.headers.get("date", "")))
        except (ValueError, TypeError):
            return

    def _adopt(self, statement: SignedStatement) -> None:
        try:
            self._view.identity = adopt_sealing_keys(
                self._state_dir, self._view.identity, statement
            )
        except (BadSignature, OSError):
            return  # the keys in hand stay good

    def _find_signed(self, reply: Reply, purpose: Purpose, kind: type[_M]) -> _M | None:
        statement = reply.find_message(SignedStatement)
        if statement is None:
            return None
        identity = self._view.identity
        try:
            payload = open_statement(
                get_suite(identity.suite_id), purpose, statement, identity.signing_public_key
            )
            return kind.from_bytes(payload)
        except (BadSignature, ValidationError):
            return None

    # --- acknowledgements

    def fetch_acknowledgements(self) -> StepOutcome:
        """The next page after the chain's head."""
        number, _ = self._cache.outbox.chain_head() or (0, "")
        reply = self._wire.send(
            "GET", f"/v1/acknowledgements?after={number}&limit={ACKNOWLEDGEMENTS_A_PAGE}"
        )
        if reply.result is not Result.OK:
            return reply.outcome()
        page = reply.find_message(AcknowledgementPage)
        if page is None:
            return StepOutcome(Result.NOT_OURS)
        received = self._desk.receive(page.acknowledgements, self._view.identity, Source.PAGE)
        if received.genuine < len(page.acknowledgements):
            return StepOutcome(Result.NOT_OURS)
        reached, _ = self._cache.outbox.chain_head() or (0, "")
        self._view.acknowledgements_behind = bool(page.acknowledgements) and reached < page.last
        return StepOutcome(Result.OK)

    # --- changes

    def fetch_changes(self, wait_s: int = 0) -> StepOutcome:
        """Case changes behind the cursor; `wait_s` lets the platform hold the request."""
        bookmarks = self._cache.bookmarks
        cursor = bookmarks.find(Bookmark.CHANGES_CURSOR) or ""
        etag = bookmarks.find(Bookmark.CHANGES_ETAG) or ""
        query = f"?cursor={quote(cursor, safe='')}" if cursor else "?cursor="
        reply = self._wire.send(
            "GET",
            f"/v1/changes{query}&wait={wait_s}",
            headers={"If-None-Match": etag} if etag else None,
            deadline_s=30.0 + wait_s,
        )
        if reply.result is Result.CURSOR_GONE:
            self._cache.cases.apply((), cursor="")
            return StepOutcome(Result.OK, more=True)
        if reply.result is not Result.OK or reply.status == 304:
            return reply.outcome()
        page = reply.find_message(ChangePage)
        if page is None:
            return StepOutcome(Result.NOT_OURS)
        self._cache.cases.apply(page.changes, page.cursor, reply.headers.get("etag", ""))
        self._view.catalogue_version = page.catalogue_version
        return StepOutcome(Result.OK, more=page.more)

    # --- catalogue

    def fetch_catalogue(self) -> StepOutcome:
        """The signed release, then its pack by digest, checked before it replaces ours."""
        reply = self._wire.send("GET", "/v1/catalogue")
        if reply.result is not Result.OK:
            return reply.outcome()
        release = self._find_signed(reply, Purpose.CATALOGUE, CatalogueRelease)
        if release is None:
            return StepOutcome(Result.NOT_OURS)
        ours = self._cache.catalogue.find_version()
        if ours is not None and release.version <= ours.version:
            self._view.catalogue_version = ours.version
            return StepOutcome(Result.OK)
        return self._fetch_pack(release)

    def _fetch_pack(self, release: CatalogueRelease) -> StepOutcome:
        if release.size_bytes > MAX_PACK_BYTES:
            return StepOutcome(Result.REFUSED)
        reply = self._wire.send(
            "GET",
            f"/v1/catalogue/packs/{release.digest}",
            deadline_s=PACK_DEADLINE_S,
            max_reply_bytes=release.size_bytes,
        )
        if reply.result is not Result.OK:
            return reply.outcome()
        try:
            self._cache.catalogue.replace(release, reply.body)
        except (BadRelease, BadPack):
            return StepOutcome(Result.REFUSED)
        self._view.catalogue_version = release.version
        self._cache.events.append(CatalogueReplaced(release.version, release.item_count))
        return StepOutcome(Result.OK)
