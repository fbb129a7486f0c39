"""A child process: a PDF comes in on stdin, the JPEG of each page goes out, under hard limits.

Nothing is decoded or rendered: a page that a terminal made holds exactly one JPEG, and that is
taken out as it is. Any other page yields an empty frame. Frames are a 4-byte length and bytes.
"""

import io
import resource
import sys

MAX_PAGES = 60
MAX_OUTPUT_BYTES = 64 * 1024 * 1024
MEMORY_BYTES = 768 * 1024 * 1024
CPU_S = 10


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # stdout is a pipe; no file may grow


def extract(pdf: bytes) -> list[bytes]:
    """One JPEG a page, empty where the page is not one picture."""
    import pikepdf

    pages: list[bytes] = []
    room = MAX_OUTPUT_BYTES
    with pikepdf.open(io.BytesIO(pdf), attempt_recovery=False) as document:
        for number, page in enumerate(document.pages):
            if number >= MAX_PAGES:
                break
            images = list(page.images.values())
            is_single = len(images) == 1 and str(images[0].get("/Filter", "")) == "/DCTDecode"
            picture = bytes(images[0].read_raw_bytes()) if is_single else b""
            room -= len(picture)
            pages.append(picture if room >= 0 else b"")
    return pages


def main() -> None:
    """Exit 1 for what is no PDF."""
    _limit()
    try:
        pages = extract(sys.stdin.buffer.read())
    except Exception:  # noqa: BLE001 - whatever the parser finds, the answer is "no pages"
        sys.exit(1)
    for picture in pages:
        sys.stdout.buffer.write(len(picture).to_bytes(4, "big") + picture)


if __name__ == "__main__":
    main()
