"""Papers as a terminal makes them, and papers as an attacker would."""

import io
import struct
import zlib

import img2pdf
import pikepdf
from PIL import Image


def jpeg(grey: int = 230) -> bytes:
    stream = io.BytesIO()
    Image.new("L", (400, 560), grey).save(stream, "JPEG")
    return stream.getvalue()


def pdf(pages: int) -> bytes:
    made: bytes = img2pdf.convert([jpeg(200 + number) for number in range(pages)])
    return made


def ink() -> bytes:
    stream = io.BytesIO()
    Image.new("RGBA", (300, 120), (0, 0, 0, 0)).save(stream, "PNG")
    return stream.getvalue()


def png_bomb() -> bytes:
    """A few kilobytes that would unfold to 10 gigapixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", 100_000, 100_000, 1, 0, 0, 0, 0)
    body = zlib.compress(bytes(1_000_000))
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", body), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def pdf_with_script() -> bytes:
    """One page without a picture, and JavaScript that runs when it is opened."""
    document = pikepdf.new()
    document.add_blank_page()
    document.Root.OpenAction = pikepdf.Dictionary(
        S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert('x')")
    )
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()
