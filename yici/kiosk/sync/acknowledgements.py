"""Acknowledgements: checked one by one and as a chain before anything is erased."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from yici.contract.acknowledgement import (
    CHAIN_START,
    Acknowledgement,
    chain_digest,
    read_acknowledgement,
)
from yici.contract.envelope.suite import BadSignature
from yici.contract.envelope.suites import get_suite
from yici.contract.statement import SignedStatement
from yici.kiosk.events import ChainBroken, SubmissionDelivered
from yici.kiosk.identity import TerminalIdentity
from yici.kiosk.sync import reconcile
from yici.offline_cache.cache import OfflineCache
from yici.offline_cache.outbox_records import VerifiedAcknowledgement


class Source(StrEnum):
    """Where acknowledgements came from."""

    VERDICT = "verdict"  # single ones: those before may still be on their way
    PAGE = "page"  # everything after our head, in order


@dataclass(frozen=True, slots=True)
class Received:
    """`behind`: earlier ones are missing and must be fetched before these count."""

    genuine: int
    behind: bool


class _Link(StrEnum):
    NEXT = "next"
    GAP = "gap"
    KNOWN = "known"
    BROKEN = "broken"


class AcknowledgementDesk:
    """Takes in what the platform signed."""

    def __init__(self, cache: OfflineCache) -> None:
        self._cache = cache

    def receive(
        self, statements: Iterable[SignedStatement], identity: TerminalIdentity, source: Source
    ) -> Received:
        """Verify, chain and commit together. Forged ones are dropped without a trace.

        A chain that does not fit (the platform lost some and went on) is logged for staff; a
        genuine signature over this submission's digests still proves that it arrived.
        """
        genuine = sorted(
            (word for each in statements if (word := _find_genuine(each, identity)) is not None),
            key=lambda word: word[0].sequence,
        )
        number, head = self._cache.outbox.chain_head() or (0, CHAIN_START)
        taken: list[VerifiedAcknowledgement] = []
        behind = False
        for acknowledgement, statement in genuine:
            link = self._link(acknowledgement, statement, number, head)
            if link is _Link.GAP and source is Source.VERDICT:
                behind = True
                continue
            if link is _Link.KNOWN:
                taken.append(VerifiedAcknowledgement(acknowledgement, statement.to_bytes(), None))
                continue
            if link is not _Link.NEXT:
                self._cache.events.append(ChainBroken(number + 1, acknowledgement.sequence))
                reconcile.start_over(self._cache)
            number, head = acknowledgement.sequence, chain_digest(statement)
            taken.append(VerifiedAcknowledgement(acknowledgement, statement.to_bytes(), head))
        for submission_id in self._cache.outbox.acknowledged(taken) if taken else ():
            self._cache.events.append(SubmissionDelivered(submission_id))
        return Received(len(genuine), behind)

    def _link(
        self,
        acknowledgement: Acknowledgement,
        statement: SignedStatement,
        number: int,
        head: str,
    ) -> _Link:
        if acknowledgement.sequence == number + 1:
            return _Link.NEXT if acknowledgement.previous == head else _Link.BROKEN
        if acknowledgement.sequence > number:
            return _Link.GAP
        known = self._cache.outbox.find_statement(acknowledgement.submission_id)
        same = known is not None and known == statement.to_bytes()
        return _Link.KNOWN if same or chain_digest(statement) == head else _Link.BROKEN


def _find_genuine(
    statement: SignedStatement, identity: TerminalIdentity
) -> tuple[Acknowledgement, SignedStatement] | None:
    try:
        acknowledgement = read_acknowledgement(
            get_suite(identity.suite_id), statement, identity.signing_public_key
        )
    except BadSignature:
        return None
    if acknowledgement.terminal_id != identity.terminal_id:
        return None
    return acknowledgement, statement
