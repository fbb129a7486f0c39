"""The codec: what is sent is read, and any bytes are survived."""

import pytest
from acme_reader.frames import (
    LONGEST_BODY_BYTES,
    CodecError,
    Frame,
    FrameParser,
    FrameType,
    decode_code,
    decode_state,
    encode_frame,
)
from hypothesis import given
from hypothesis import strategies as st

FRAMES = st.builds(Frame, st.integers(0, 255), st.sampled_from(FrameType), st.binary(max_size=200))


def test_frame_is_what_the_protocol_sheet_says() -> None:
    """Reckoned bit by bit with polynomial 1021, not by our own encoder."""
    assert encode_frame(Frame(7, FrameType.QUERY)).hex(" ") == "02 07 51 00 00 38 d3"


@given(frames=st.lists(FRAMES, max_size=4), size=st.integers(1, 300))
def test_frames_in_any_pieces_are_read_as_they_were_sent(frames: list[Frame], size: int) -> None:
    line = b"".join(encode_frame(frame) for frame in frames)
    parser = FrameParser()
    pieces = [line[at : at + size] for at in range(0, len(line), size)]
    assert [frame for piece in pieces for frame in parser.feed(piece)] == frames


@given(frame=FRAMES, where=st.integers(0, 1000), bit=st.integers(0, 7))
def test_frame_with_a_flipped_bit_is_never_taken_for_another(
    frame: Frame, where: int, bit: int
) -> None:
    line = bytearray(encode_frame(frame))
    line[where % len(line)] ^= 1 << bit
    assert FrameParser().feed(bytes(line)) == []


@given(data=st.binary(max_size=500))
def test_any_bytes_give_a_value_or_a_codec_error(data: bytes) -> None:
    FrameParser().feed(data)
    for decode in (decode_state, decode_code):
        try:
            decode(data)
        except CodecError:
            assert len(data) < 2


def test_body_that_is_too_long_is_refused() -> None:
    with pytest.raises(CodecError):
        encode_frame(Frame(0, FrameType.CODE, bytes(LONGEST_BODY_BYTES + 1)))
