"""Handing in: sealed parts to disk while the resident is there, then one commit.

Both the screen and `yici submit` come through here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

from yici.contract.case import slip_code_digest
from yici.contract.form_rules import FieldFault
from yici.contract.sealing import FreshlySealed, SealedPart
from yici.contract.submission import (
    Channel,
    SignatureEntry,
)
from yici.kiosk.identity import TerminalIdentity
from yici.kiosk.journeys.application import Application
from yici.kiosk.sync.clock import read_clock
from yici.offline_cache.bookmarks import Bookmarks
from yici.offline_cache.errors import StoreError, StoreFull
from yici.offline_cache.outbox import Outbox
from yici.offline_cache.parts import PartStore

SIGNATURE_MEDIA_TYPE = "image/png"
DOCUMENT_MEDIA_TYPE = "application/pdf"


class Refusal(StrEnum):
    """Why nothing was accepted."""

    NOT_ENROLLED = "not_enrolled"
    DISK_FULL = "disk_full"
    STORAGE = "storage"
    NOT_SIGNED = "not_signed"
    FAULTS = "faults"
    MATERIALS_MISSING = "materials_missing"


class NotAccepted(Exception):
    """Nothing was stored; `faults` names the answers that have to be mended."""

    def __init__(self, refusal: Refusal, faults: tuple[FieldFault, ...] = ()) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal
        self.faults = faults


@contextmanager
def _storage_refusals() -> Iterator[None]:
    try:
        yield
    except StoreFull as error:
        raise NotAccepted(Refusal.DISK_FULL) from error
    except StoreError as error:
        raise NotAccepted(Refusal.STORAGE) from error


@dataclass(frozen=True, slots=True)
class HandInCounter:
    """Takes finished applications: the one way into the outbox."""

    identity: TerminalIdentity
    parts: PartStore
    outbox: Outbox
    bookmarks: Bookmarks

    def prepare(self, application: Application) -> None:
        """While the resident still reads: the part of sealing that depends on no answer.

        Not needed for `hand_in`, which does it where it was not done or no longer fits.
        """
        application.sealer.prepare(
            terminal_id=self.identity.terminal_id,
            recipients=self.identity.recipients(),
            signing_key=self.identity.private_key,
        )

    def keep_document(self, application: Application, pdf: bytes) -> SealedPart:
        """Seal one document and write it. Raises NotAccepted."""
        return self._keep(application, pdf, DOCUMENT_MEDIA_TYPE)

    def hand_in(
        self,
        application: Application,
        *,
        language: str,
        signature_png: bytes | None,
        shown_digest: str,
        today: date,
        channel: Channel = Channel.SCREEN,
    ) -> int:
        """Seal and commit; returns the local sequence number. Raises NotAccepted."""
        self._check(application, signature_png, today, channel)
        now = datetime.now(UTC)
        signature, ink = None, None
        if signature_png is not None:
            ink = self._keep(application, signature_png, SIGNATURE_MEDIA_TYPE)
            signature = SignatureEntry(
                part_number=ink.number, shown_digest=shown_digest, signed_at=now
            )
        form = application.form(
            language=language, submitted_at=now, signature=signature, channel=channel
        )
        parts = application.parts(ink)
        clock = read_clock(self.bookmarks)

        def build(sequence: int) -> FreshlySealed:
            return application.sealer.seal(
                form,
                parts,
                terminal_id=self.identity.terminal_id,
                sequence=sequence,
                clock=clock,
                recipients=self.identity.recipients(),
                signing_key=self.identity.private_key,
            )

        with _storage_refusals():
            accepted = self.outbox.accept(
                build,
                submission_id=application.submission_id,
                item_code=application.item.code,
                slip_code_digest=slip_code_digest(application.slip_code),
                part_digests=tuple(part.digest for part in parts),
            )
        return accepted.sequence

    def _keep(self, application: Application, plaintext: bytes, media_type: str) -> SealedPart:
        part = application.sealer.seal_part(plaintext, media_type)
        with _storage_refusals():
            self.parts.put(part.digest, part.ciphertext)
        return part

    def _check(
        self,
        application: Application,
        signature_png: bytes | None,
        today: date,
        channel: Channel,
    ) -> None:
        faults = application.faults(today)
        if faults:
            raise NotAccepted(Refusal.FAULTS, faults)
        if not application.materials_met:
            raise NotAccepted(Refusal.MATERIALS_MISSING)
        unsigned = application.signature_needed and signature_png is None
        if unsigned and channel is Channel.SCREEN:
            raise NotAccepted(Refusal.NOT_SIGNED)
