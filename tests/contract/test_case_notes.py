"""The staff's note: readable with the slip, and with nothing else."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from yici.contract.case import find_note, seal_note, slip_code_digest
from yici.contract.submission_ids import new_id, new_slip_code

SUBMISSION = UUID("01922f3e-0000-7000-8000-000000000001")
CODE = "ABCDEFGHJK"


def opened(sealed: bytes, **changed: object) -> str | None:
    asked = {"slip_code": CODE, "submission_id": SUBMISSION, "version": 3, **changed}
    return find_note(sealed, **asked)  # type: ignore[arg-type]  # keywords of several types


def sealed(note: str = "缺少户口簿，请携带原件。") -> bytes:
    return seal_note(note, slip_code=CODE, submission_id=SUBMISSION, version=3)


@given(note=st.text())
def test_the_slips_holder_reads_the_note(note: str) -> None:
    assert opened(sealed(note)) == note


def test_the_note_is_not_readable_in_what_travels() -> None:
    assert "户口簿".encode() not in sealed()


def test_another_slip_case_or_version_reads_nothing() -> None:
    assert opened(sealed(), slip_code="ABCDEFGHJM") is None
    assert opened(sealed(), slip_code=new_slip_code()) is None
    assert opened(sealed(), submission_id=new_id()) is None
    assert opened(sealed(), version=4) is None


@given(data=st.data())
def test_a_changed_note_is_none(data: st.DataObject) -> None:
    note = bytearray(sealed())
    note[data.draw(st.integers(0, len(note) - 1))] ^= data.draw(st.integers(1, 255))
    assert opened(bytes(note)) is None


@given(rubbish=st.binary(max_size=64))
def test_rubbish_is_none(rubbish: bytes) -> None:
    assert opened(rubbish) is None


def test_the_code_can_not_be_seen_in_its_digest() -> None:
    digest = slip_code_digest(CODE)
    assert CODE.lower() not in digest.lower()
    assert digest == slip_code_digest(CODE)
    assert digest != slip_code_digest("ABCDEFGHJM")
