"""Characters to codes: any bytes, in any pieces, end as codes or flaws in bounded memory."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yici.drivers.code_reader import MAX_CONTENT_BYTES, SeenCode
from yici.drivers.code_reader.code_lines import CodeLines, Flaw, Prefix
from yici.drivers.code_reader.held_codes import HeldCodes
from yici.drivers.transports.wrong_speed import heard_at_another_speed

PAUSE_S = 0.1
texts = st.text(
    st.characters(codec="utf-8", min_codepoint=0x20, exclude_characters="\x7f"), min_size=1
)


def _all(lines: CodeLines, *pieces: bytes) -> list[SeenCode | Flaw]:
    """Fed without a pause, then a pause."""
    found = [each for piece in pieces for each in lines.feed(piece, 1.0)]
    return found + lines.end_after_pause(2.0)


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b""], ids=["cr", "lf", "crlf", "pause"])
def test_one_code_ends_with_what_the_reader_was_set_to(end: bytes) -> None:
    content = "办事 https://example.test/1".encode()
    assert _all(CodeLines(PAUSE_S), content + end) == [SeenCode(content)]


@given(st.lists(texts, max_size=5), st.data())
def test_codes_come_out_whole_however_they_are_torn(codes: list[str], data: st.DataObject) -> None:
    contents = [code.encode()[:MAX_CONTENT_BYTES] for code in codes]
    stream = b"".join(content + b"\r\n" for content in contents)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    pieces = [stream[a:b] for a, b in pairwise([0, *cuts, len(stream)])]
    assert _all(CodeLines(PAUSE_S), *pieces) == [SeenCode(content) for content in contents]


@given(st.lists(st.binary(max_size=600), max_size=12))
def test_any_bytes_end_as_clean_codes_or_flaws(pieces: list[bytes]) -> None:
    lines = CodeLines(PAUSE_S, longest=64)
    for found in _all(lines, *pieces):
        assert isinstance(found, Flaw | SeenCode)
        if isinstance(found, SeenCode):
            assert 0 < len(found.content) <= 64
            assert not set(found.content) & {0, 8, 10, 13, 27, 127}
    assert len(lines._line) <= 64
    # and nothing of it sticks: the next code is read
    assert lines.feed(b"ok\r", 9.0) == [SeenCode(b"ok")]


def test_line_without_end_is_dropped_once_and_takes_no_memory() -> None:
    lines = CodeLines(PAUSE_S)
    flaws = [each for _ in range(100) for each in lines.feed(b"9" * 1000, 1.0)]
    assert flaws == [Flaw.TOO_LONG]
    assert lines.feed(b"\r", 1.0) == []
    assert lines.feed(b"1\r", 2.0) == [SeenCode(b"1")]


def test_control_bytes_drop_the_line_but_separators_belong_to_it() -> None:
    gs1 = b"\x1d010690123456789210LOT\x1d17261231"
    assert _all(CodeLines(PAUSE_S), gs1 + b"\r") == [SeenCode(gs1)]
    for control in (0x00, 0x02, 0x08, 0x1B, 0x7F):
        assert _all(CodeLines(PAUSE_S), b"12%c34\r" % control) == [Flaw.CONTROL_BYTES]


def test_what_follows_noise_without_a_pause_is_noise() -> None:
    lines = CodeLines(PAUSE_S)
    assert lines.feed(b"\x00\x01\r430199\r", 1.0) == [Flaw.CONTROL_BYTES]
    assert lines.feed(b"430198\r", 1.05) == []
    assert lines.feed(b"430199\r", 2.0) == [SeenCode(b"430199")]


def test_line_under_way_at_the_call_is_dropped_with_its_rest() -> None:
    lines = CodeLines(PAUSE_S)
    assert lines.feed(b"4301", 1.0) == []
    lines.drop_line()
    assert lines.feed(b"99\r\n7\r", 1.01) == [SeenCode(b"7")]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (b"]Q1https://example.test", SeenCode(b"https://example.test", "qr")),
        (b"]C0ABC", SeenCode(b"ABC", "code128")),
        (b"]E06901234567892", SeenCode(b"6901234567892", "ean")),
        (b"]z5strange", SeenCode(b"strange")),
        (b"https://example.test", Flaw.NO_PREFIX),
        (b"]Q1", Flaw.NO_PREFIX),
    ],
)
def test_aim_identifier_is_taken_off_where_it_was_agreed_upon(
    line: bytes, found: SeenCode | Flaw
) -> None:
    """Identifiers of ISO/IEC 15424; a reader that doesn't send them was set up wrongly."""
    assert _all(CodeLines(PAUSE_S, Prefix.AIM), line + b"\r") == [found]
    assert _all(CodeLines(PAUSE_S), line + b"\r") == [SeenCode(line)]


def test_most_codes_heard_at_another_speed_are_told_as_flaws() -> None:
    speeds = (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)
    codes = (
        b"430199198506120012\r",
        b"https://example.test/slip/ABCD-EFGH-0001\r",
        b"6901234567892\r",
    )
    told = total = 0
    for sent_at in speeds:
        for heard_at in speeds:
            if sent_at == heard_at:
                continue
            for code in codes:
                heard = heard_at_another_speed(code, sent_at=sent_at, heard_at=heard_at)
                found = _all(CodeLines(PAUSE_S), heard)
                assert SeenCode(code[:-1]) not in found
                told += any(isinstance(each, Flaw) for each in found)
                total += 1
    assert told / total > 0.85


def test_held_code_is_new_once_and_again_after_it_was_away() -> None:
    held, code, other = HeldCodes(1.5), SeenCode(b"1"), SeenCode(b"2")
    assert held.is_new(code, 0.0)
    assert held.is_new(other, 0.1)
    assert not held.is_new(code, 1.0)
    assert not held.is_new(code, 2.4)  # it never was away for long enough
    assert held.is_new(other, 2.4)
    assert held.is_new(code, 4.0)


def test_code_seen_where_it_does_not_count_is_new_later() -> None:
    held, code = HeldCodes(1.5), SeenCode(b"1")
    held.is_still_there(code, 0.0)
    assert held.is_new(code, 0.1)
    held.is_still_there(code, 1.5)
    assert not held.is_new(code, 2.9)


@given(st.lists(st.binary(min_size=1, max_size=4), max_size=300))
def test_held_codes_remember_few_and_no_content(contents: list[bytes]) -> None:
    held = HeldCodes(1.5)
    for at, content in enumerate(contents):
        held.is_new(SeenCode(content), at / 100)
    assert len(held._seen_at_s) <= 64
    assert all(len(digest) == 16 for digest in held._seen_at_s)


def test_code_that_is_held_without_a_pause_is_read_in_spite_of_noise_before_it() -> None:
    lines = CodeLines(pause_s=0.4)
    assert lines.feed(b"\x01\x02\r", 10.0) == [Flaw.CONTROL_BYTES]
    assert lines.feed(b"7K3MQX2P9D\r", 10.1) == []
    assert lines.feed(b"7K3MQX2P9D\r", 10.2) == [SeenCode(b"7K3MQX2P9D")]


def test_noise_while_nobody_asked_does_not_spoil_what_is_shown_after() -> None:
    lines = CodeLines(pause_s=0.4)
    assert lines.feed(b"\x01\x02\r\x03", 10.0) == [Flaw.CONTROL_BYTES]
    lines.drop_line()
    assert lines.feed(b"\x04\r7K3MQX2P9D\r", 10.1) == [SeenCode(b"7K3MQX2P9D")]
