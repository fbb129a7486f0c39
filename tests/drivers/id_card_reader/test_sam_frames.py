"""Frames against published vectors, and against every way in which a line spoils them."""

from functools import reduce
from operator import xor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yici.drivers.id_card_reader.sam.frames import (
    LONGEST_REPLY,
    PREAMBLE,
    CodecError,
    Command,
    Damage,
    FrameParser,
    SamStatus,
    decode_reply,
    decode_sam_id,
    encode_frame,
    encode_reply,
    encode_request,
    join_card_blocks,
    split_card_blocks,
)

REQUESTS = {
    Command.RESET: "AAAAAA96690003 10FF EC",
    Command.STATUS: "AAAAAA96690003 11FF ED",
    Command.SAM_ID: "AAAAAA96690003 12FF EE",
    Command.FIND_CARD: "AAAAAA96690003 2001 22",
    Command.SELECT_CARD: "AAAAAA96690003 2002 21",
    Command.READ_BASE: "AAAAAA96690003 3001 32",
    Command.READ_NEWEST_ADDRESS: "AAAAAA96690003 3003 30",
    Command.READ_BASE_AND_FINGERPRINTS: "AAAAAA96690003 3010 23",
    Command.SET_BAUD_115200: "AAAAAA96690003 6000 63",
}

REPLIES = [
    ("AAAAAA96690004 000090 94", SamStatus.OK, ""),
    ("AAAAAA96690004 000060 64", SamStatus.SELF_TEST_FAILED, ""),
    ("AAAAAA96690008 00009F 00000000 97", SamStatus.CARD_FOUND, "00000000"),
    ("AAAAAA96690004 000080 84", SamStatus.NO_CARD, ""),
    ("AAAAAA9669000C 000090 0000000000000000 9C", SamStatus.OK, "0000000000000000"),
    ("AAAAAA96690004 000081 85", SamStatus.SELECT_FAILED, ""),
    ("AAAAAA96690004 000041 45", SamStatus.READ_FAILED, ""),
    ("AAAAAA96690004 000010 14", SamStatus.HOST_CHECKSUM_ERROR, ""),
    ("AAAAAA96690004 000091 95", SamStatus.NO_SUCH_ITEM, ""),
    (
        "AAAAAA96690014 000090 05000300EEDD320140E20100D2029649 2E",
        SamStatus.OK,
        "05000300EEDD320140E20100D2029649",
    ),
]

# published beginnings of the long replies, with and without fingerprints, by frame size
LONG_REPLIES = {
    1295: ("AAAAAA96690508 000090 01000400", None),
    1297: ("AAAAAA9669050A 000090 010004000000", 0),
    1809: ("AAAAAA9669070A 000090 010004000200", 512),
    2321: ("AAAAAA9669090A 000090 010004000400", 1024),
}


def parse(stream: bytes) -> list[bytes | Damage]:
    parser = FrameParser(longest=LONGEST_REPLY)
    return parser.feed(stream) + parser.finish()


@pytest.mark.parametrize("command", REQUESTS, ids=lambda c: c.name)
def test_requests_are_the_published_bytes(command: Command) -> None:
    assert encode_request(command) == bytes.fromhex(REQUESTS[command])


def test_request_with_data_is_the_computed_bytes() -> None:
    request = encode_request(Command.SET_RADIO_FRAME_SIZE, b"\x18")
    assert request == bytes.fromhex("AAAAAA96690004 61FF18 82")


@pytest.mark.parametrize(("frame", "status", "data"), REPLIES)
def test_published_replies_are_understood_and_made(
    frame: str, status: SamStatus, data: str
) -> None:
    (body,) = parse(bytes.fromhex(frame))
    assert isinstance(body, bytes)
    reply = decode_reply(body)
    assert (reply.status, reply.data) == (status, bytes.fromhex(data))
    assert encode_reply(status, reply.data) == bytes.fromhex(frame)


def test_sam_id_reads_as_printed_on_the_reader() -> None:
    frame = "AAAAAA96690014 000090 05000300 EEDD3201 40E20100 D2029649 2E"
    (body,) = parse(bytes.fromhex(frame))
    assert isinstance(body, bytes)
    assert decode_sam_id(decode_reply(body).data) == "05.03-20110830-0000123456-1234567890"
    with pytest.raises(CodecError):
        decode_sam_id(b"\0" * 15)


def test_status_byte_that_no_source_lists_is_kept() -> None:
    reply = decode_reply(b"\0\0\x77")
    assert (reply.status, reply.status_byte) == (SamStatus.UNLISTED, 0x77)
    with pytest.raises(CodecError):
        decode_reply(b"\0\0")


@pytest.mark.parametrize("frame_size", LONG_REPLIES)
def test_fingerprints_are_set_apart(frame_size: int) -> None:
    beginning, prints = LONG_REPLIES[frame_size]
    body = b"t" * 256 + b"p" * 1024 + b"f" * (prints or 0)
    counted = bytes.fromhex(beginning) + body
    frame = counted + bytes([reduce(xor, counted[5:])])
    assert len(frame) == frame_size
    (found,) = parse(frame)
    assert isinstance(found, bytes)
    reply = decode_reply(found)
    blocks = split_card_blocks(reply.data)
    assert (blocks.text, blocks.photo) == (b"t" * 256, b"p" * 1024)
    assert blocks.fingerprints == b"f" * (prints or 0)
    made = join_card_blocks(
        blocks.text, blocks.photo, None if prints is None else blocks.fingerprints
    )
    assert encode_reply(SamStatus.OK, made) == frame


@given(st.binary(max_size=64))
def test_block_lengths_that_lie_are_a_codec_error(data: bytes) -> None:
    try:
        blocks = split_card_blocks(data)
    except CodecError:
        return
    assert data.endswith(blocks.text + blocks.photo + blocks.fingerprints)


bodies = st.binary(min_size=1, max_size=300)
# bytes that can't begin a frame by themselves, and bytes that try to
tame_noise = st.binary(max_size=20).map(lambda noise: noise.replace(b"\x96", b""))
wild_noise = st.lists(
    st.sampled_from([PREAMBLE, b"\xaa", b"\xaa\x96", b"\x69", b"\0", b"\x09\x0a"]), max_size=6
).map(b"".join)


@given(bodies=st.lists(bodies, max_size=4), cuts=st.lists(st.integers(1, 40), min_size=1))
def test_frames_arrive_whole_however_they_are_cut(bodies: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(map(encode_frame, bodies))
    parser = FrameParser(longest=LONGEST_REPLY)
    found: list[bytes | Damage] = []
    step = 0
    while stream:
        size = cuts[step % len(cuts)]
        found += parser.feed(stream[:size])
        stream = stream[size:]
        step += 1
    assert found == bodies


@given(before=tame_noise, body=bodies, after=tame_noise)
def test_noise_around_a_frame_is_passed_over(before: bytes, body: bytes, after: bytes) -> None:
    assert parse(before + encode_frame(body) + after) == [body]


@given(before=wild_noise, body=bodies)
def test_frame_behind_false_beginnings_is_found_in_the_end(before: bytes, body: bytes) -> None:
    assert body in parse(before + encode_frame(body))


@pytest.mark.parametrize("noisy_preamble", ["AA00AAAA9669", "00AAAAAA9669", "AAAA00AA9669"])
def test_noise_inside_the_preamble(noisy_preamble: str) -> None:
    assert parse(bytes.fromhex(noisy_preamble + "0004 000090 94")) == [b"\0\0\x90"]


def test_stray_byte_after_a_frame_does_not_spoil_the_next() -> None:
    frame = encode_reply(SamStatus.OK)
    assert parse(frame + b"\xaa" + frame) == [b"\0\0\x90", b"\0\0\x90"]


def test_preamble_inside_a_photo_is_photo() -> None:
    data = join_card_blocks(b"t" * 256, (PREAMBLE + b"\0\x04") * 100)
    assert parse(encode_reply(SamStatus.OK, data)) == [b"\0\0\x90" + data]


@given(body=bodies, position=st.integers(0, 300), flip=st.integers(1, 255))
def test_one_flipped_byte_never_passes_as_a_frame(body: bytes, position: int, flip: int) -> None:
    frame = bytearray(encode_frame(body))
    position = len(PREAMBLE) + position % (len(frame) - len(PREAMBLE))
    frame[position] ^= flip
    assert body not in parse(bytes(frame))


@given(body=bodies, cut=st.integers(1, 300), next_body=bodies)
def test_truncated_frame_does_not_swallow_the_next(body: bytes, cut: int, next_body: bytes) -> None:
    frame = encode_frame(body)
    found = parse(frame[: -(cut % len(frame)) or -1] + encode_frame(next_body))
    # the check is one byte: one cut frame in 256 passes with the next one's bytes for its own
    passed_by_chance = any(isinstance(item, bytes) for item in found)
    assert next_body in found or passed_by_chance


@given(body=bodies, cut=st.integers(1, 300), next_body=bodies)
def test_pause_after_a_truncated_frame_saves_the_next_one(
    body: bytes, cut: int, next_body: bytes
) -> None:
    frame = encode_frame(body)
    parser = FrameParser(longest=LONGEST_REPLY)
    parser.feed(frame[: -(cut % len(frame)) or -1])
    parser.finish()
    assert parser.feed(encode_frame(next_body)) == [next_body]


def test_impossible_length_is_damage_at_once() -> None:
    parser = FrameParser(longest=LONGEST_REPLY)
    assert parser.feed(PREAMBLE + b"\xff\xff") == [Damage.LENGTH]
    assert parser.feed(PREAMBLE + b"\x00\x01") == [Damage.LENGTH]


@given(st.lists(st.binary(max_size=50), max_size=8))
def test_any_bytes_give_bodies_or_damage_and_the_end_is_clean(pieces: list[bytes]) -> None:
    parser = FrameParser(longest=LONGEST_REPLY)
    for item in [item for piece in pieces for item in parser.feed(piece)] + parser.finish():
        assert isinstance(item, bytes | Damage)
    assert not parser.is_inside_frame
    assert parser.feed(encode_reply(SamStatus.OK)) == [b"\0\0\x90"]
