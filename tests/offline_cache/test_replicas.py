"""Catalogue, cases, print journal, events, disk marks."""

import inspect
from dataclasses import dataclass
from enum import Enum
from importlib.resources import files
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sealing_desk import NOW, submit

import yici.catalogue
import yici.kiosk.events
from yici.contract.case import CaseChange, CaseState, seal_note
from yici.contract.delivery import CatalogueRelease
from yici.contract.digests import digest_of
from yici.contract.printing import PrintState
from yici.kiosk.events import SessionEnded, SessionEndKind, SubmissionAccepted
from yici.offline_cache.admission import Admission, Ballast, DiskMarks, DiskUse, judge_disk
from yici.offline_cache.bookmarks import Bookmark
from yici.offline_cache.cache import OfflineCache
from yici.offline_cache.catalogue import BadRelease
from yici.offline_cache.events import Event
from yici.offline_cache.outbox_states import OutboxState
from yici.offline_cache.print_journal import UnknownPrintJob

PACK = files(yici.catalogue).joinpath("items.jsonl").read_bytes()


def release_of(pack: bytes, version: int) -> CatalogueRelease:
    count = sum(1 for line in pack.splitlines() if line.strip())
    return CatalogueRelease(
        version=version, digest=digest_of(pack), size_bytes=len(pack), item_count=count
    )


def test_catalogue_is_swapped_whole_and_survives_reopening(tmp_path: Path) -> None:
    with OfflineCache.open(tmp_path) as cache:
        assert cache.catalogue.items() == ()
        cache.catalogue.replace(release_of(PACK, 3), PACK)
        items = cache.catalogue.items()
        assert items is cache.catalogue.items()  # parsed once
    with OfflineCache.open(tmp_path) as cache:
        assert cache.catalogue.items() == items
        assert cache.catalogue.find_item(items[0].code) == items[0]
        version = cache.catalogue.find_version()
        assert version is not None
        assert version.version == 3


def test_older_or_altered_catalogue_is_refused_and_the_old_one_stays(cache: OfflineCache) -> None:
    cache.catalogue.replace(release_of(PACK, 3), PACK)
    with pytest.raises(BadRelease, match="not newer"):
        cache.catalogue.replace(release_of(PACK, 3), PACK)
    with pytest.raises(BadRelease, match="bytes"):
        cache.catalogue.replace(release_of(PACK, 4), PACK + b"\n")
    assert len(cache.catalogue.items()) == release_of(PACK, 3).item_count


def test_other_process_sees_a_new_catalogue_without_reopening(tmp_path: Path) -> None:
    with OfflineCache.open(tmp_path) as agent, OfflineCache.open(tmp_path) as session:
        assert session.catalogue.items() == ()
        agent.catalogue.replace(release_of(PACK, 1), PACK)
        assert len(session.catalogue.items()) == release_of(PACK, 1).item_count
        first = PACK.splitlines(keepends=True)[0]
        agent.catalogue.replace(release_of(first, 2), first)
        assert len(session.catalogue.items()) == 1


def test_slip_code_opens_the_note_and_nothing_else_does(cache: OfflineCache) -> None:
    draft = submit(cache)
    standing = cache.cases.find_by_slip_code(draft.slip_code)
    assert standing is not None
    assert (standing.outbox_state, standing.case_state) == (OutboxState.QUEUED, None)
    note = seal_note(
        "请补一份复印件", slip_code=draft.slip_code, submission_id=draft.submission_id, version=2
    )
    newer = CaseChange(
        submission_id=draft.submission_id,
        case_number="C1",
        state=CaseState.REFUSED,
        version=2,
        changed_at=NOW,
        sealed_note=note,
    )
    older = newer.model_copy(
        update={"version": 1, "state": CaseState.RECEIVED, "sealed_note": None}
    )
    cache.cases.apply([newer, older], cursor="c2", etag='"e"')
    standing = cache.cases.find_by_slip_code(draft.slip_code)
    assert standing is not None
    assert (standing.case_state, standing.case_number) == (CaseState.REFUSED, "C1")
    assert standing.note == "请补一份复印件"
    assert cache.cases.find_by_slip_code("0000000000") is None
    assert cache.bookmarks.find(Bookmark.CHANGES_CURSOR) == "c2"
    assert "请补".encode() not in cache.store.path.read_bytes()


def test_journal_numbers_the_copies_and_survives_a_restart(tmp_path: Path) -> None:
    subject, first, second = uuid4(), uuid4(), uuid4()
    with OfflineCache.open(tmp_path) as cache:
        journal = cache.print_journal
        assert journal.begin(first, subject, "slip").copy_number == 1
        journal.mark(first, PrintState.SENT)
        assert journal.begin(first, subject, "slip").state is PrintState.SENT
        assert journal.begin(second, subject, "slip").copy_number == 2
        assert journal.begin(uuid4(), uuid4(), "slip").copy_number == 1
    with OfflineCache.open(tmp_path) as cache:
        entry = cache.print_journal.find(first)
        assert entry is not None
        assert entry.state is PrintState.SENT
        latest = cache.print_journal.latest_for(subject, "slip")
        assert latest is not None
        assert latest.job_id == second
        with pytest.raises(UnknownPrintJob):
            cache.print_journal.mark(uuid4(), PrintState.SENT)


def test_event_with_a_free_text_field_does_not_import() -> None:
    with pytest.raises(TypeError, match="never free text"):

        @dataclass(frozen=True)
        class Gossip(Event, name="gossip"):
            """Not allowed."""

            about: str


def test_value_that_its_declaration_forbids_is_not_logged(cache: OfflineCache) -> None:
    with pytest.raises(TypeError):
        cache.events.append(SubmissionAccepted("张示例", 1, 0))  # type: ignore[arg-type]  # on purpose
    assert cache.events.read() == ()


def test_event_chain_shows_a_changed_and_a_removed_event(cache: OfflineCache) -> None:
    for number in range(5):
        cache.events.append(SessionEnded(SessionEndKind.FINISHED, float(number)))
    assert cache.events.find_break() is None
    assert [event.fields["duration_s"] for event in cache.events.read(after=3)] == [3.0, 4.0]
    with cache.store.writing() as connection:
        connection.execute("UPDATE event SET fields = '{}' WHERE number = 4")
    assert cache.events.find_break() == 4
    with cache.store.writing() as connection:
        connection.execute("DELETE FROM event WHERE number = 2")
    assert cache.events.find_break() == 3


def test_every_declared_event_can_be_logged(cache: OfflineCache) -> None:
    declared = [
        kind
        for _, kind in inspect.getmembers(yici.kiosk.events, inspect.isclass)
        if issubclass(kind, Event) and kind is not Event
    ]
    assert len(declared) > 10
    assert len({kind.name for kind in declared}) == len(declared)
    for kind in declared:
        values = [_sample(annotation) for annotation in inspect.get_annotations(kind).values()]
        cache.events.append(kind(*values))
    assert cache.events.find_break() is None


def _sample(annotation: type) -> object:
    if annotation is UUID:
        return uuid4()
    return next(iter(annotation)) if issubclass(annotation, Enum) else annotation(1)


def test_disk_marks() -> None:
    marks = DiskMarks(min_free_bytes=0)
    shares = {
        0.5: Admission.OPEN,
        0.7: Admission.WARN,
        0.86: Admission.FORMS_ONLY,
        0.96: Admission.CLOSED,
    }
    for share, expected in shares.items():
        used = round(share * 1_000_000)
        assert judge_disk(DiskUse(used, 1_000_000 - used), marks) is expected
    assert judge_disk(DiskUse(0, 1000), DiskMarks(min_free_bytes=2000)) is Admission.CLOSED


def test_ballast_takes_real_room_and_gives_it_back(tmp_path: Path) -> None:
    ballast = Ballast(tmp_path / "ballast", size_bytes=1_000_000)
    assert ballast.fill()
    assert (tmp_path / "ballast").stat().st_blocks * 512 >= 1_000_000
    ballast.release()
    assert not ballast.is_whole()
