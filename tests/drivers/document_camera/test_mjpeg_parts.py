"""The multipart codec: bodies come out whole however they are torn, and any bytes end somehow."""

from contextlib import suppress
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yici.drivers.document_camera.camera_twin import claim_size, encode_jpeg
from yici.drivers.document_camera.video.frame_size import FrameSize
from yici.drivers.document_camera.video.jpeg import NoJpeg, decode_jpeg, find_jpeg_size
from yici.drivers.document_camera.video.mjpeg_parts import Parts, PartsError, find_boundary

SMALL_JPEG = encode_jpeg(np.full((90, 120, 3), 70, np.uint8))


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ("multipart/x-mixed-replace;boundary=frame", b"frame"),
        ("multipart/x-mixed-replace; boundary=--myboundary", b"myboundary"),
        ('Multipart/X-Mixed-Replace; charset=x; Boundary="a b"', b"a b"),
        ("multipart/x-mixed-replace", None),
        ("image/jpeg; boundary=frame", None),
        ("multipart/x-mixed-replace; boundary=--", None),
        ("", None),
    ],
)
def test_boundary_of_a_content_type(content_type: str, boundary: bytes | None) -> None:
    assert find_boundary(content_type) == boundary


def _stream(bodies: list[bytes], end: bytes, *, has_length: bool) -> bytes:
    parts = []
    for body in bodies:
        length = b"Content-Length: %d%s" % (len(body), end) if has_length else b""
        parts.append(
            b"--b%sContent-Type: image/jpeg%s%s%s%s%s" % (end, end, length, end, body, end)
        )
    return b"".join(parts) + b"--b" + end


@given(
    st.lists(st.binary(max_size=300), max_size=5),
    st.sampled_from([b"\r\n", b"\n"]),
    st.data(),
)
def test_bodies_with_a_length_come_out_whole_however_they_are_torn(
    bodies: list[bytes], end: bytes, data: st.DataObject
) -> None:
    stream = _stream(bodies, end, has_length=True)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    parts = Parts(b"b")
    found = [b for a, z in pairwise([0, *cuts, len(stream)]) for b in parts.feed(stream[a:z])]
    assert found == bodies


def test_bodies_without_a_length_end_at_the_boundary() -> None:
    """A JPEG's decoder doesn't mind a line's end after it, nor does ours."""
    for end in (b"\r\n", b"\n"):
        parts, found = Parts(b"b"), []
        for byte in _stream([SMALL_JPEG, SMALL_JPEG], end, has_length=False):
            found += parts.feed(bytes([byte]))
        assert [find_jpeg_size(body) for body in found] == [FrameSize(120, 90)] * 2


@given(st.lists(st.binary(max_size=400), max_size=10), st.sampled_from([b"", b"--b\r\n\r\n"]))
def test_any_bytes_give_bodies_or_one_error_in_bounded_memory(
    pieces: list[bytes], before: bytes
) -> None:
    parts = Parts(b"b", largest=500)
    try:
        for piece in [before, *pieces]:
            assert all(len(body) <= 1000 for body in parts.feed(piece))
    except PartsError:
        return
    assert len(parts._kept) <= 8192 + 500


@pytest.mark.parametrize(
    "start", [b"", b"--b\r\n", b"--b\r\n\r\n", b"--b\r\nContent-Length: 900\r\n\r\n"]
)
def test_streams_that_never_come_to_a_point_are_given_up(start: bytes) -> None:
    parts = Parts(b"b", largest=500)
    with pytest.raises(PartsError):
        _feed_all(parts, [start, *[b"x" * 100] * 200])


def _feed_all(parts: Parts, chunks: list[bytes]) -> None:
    for chunk in chunks:
        parts.feed(chunk)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_picture_or_no_jpeg(data: bytes) -> None:
    for encoded in (data, SMALL_JPEG[:20] + data, SMALL_JPEG[: len(SMALL_JPEG) - len(data)]):
        with suppress(NoJpeg):
            assert decode_jpeg(encoded).ndim == 3


def test_claimed_size_is_known_without_decoding() -> None:
    assert find_jpeg_size(SMALL_JPEG) == FrameSize(120, 90)
    assert find_jpeg_size(claim_size(SMALL_JPEG, 5000, 4001)) == FrameSize(5000, 4001)
    bomb = find_jpeg_size(claim_size(SMALL_JPEG, 65500, 65500))
    assert bomb is not None
    assert bomb.is_absurd
    assert find_jpeg_size(b"GIF89a") is None
