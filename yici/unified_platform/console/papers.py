"""Pages of a paper as pictures, taken out in a child process and kept for a short while."""

import subprocess
import sys
import threading
from collections import OrderedDict

from yici.unified_platform.console.picture_size import PDF, kind_of, may_show

CHILD_DEADLINE_S = 20
KEPT_PAPERS = 6


class PaperShelf:
    """The pages of the papers that were looked at last; memory only."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], list[bytes]] = OrderedDict()
        self._lock = threading.Lock()  # also: one child at a time

    def find_page(self, key: tuple[str, str], data: bytes, page: int) -> bytes | None:
        """A picture that a browser may show; `page` counts from 1. None where there is none."""
        with self._lock:
            pages = self._kept.get(key)
            if pages is None:
                pages = pictures_of(data)
                self._kept[key] = pages
                while len(self._kept) > KEPT_PAPERS:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
        return pages[page - 1] if 1 <= page <= len(pages) and pages[page - 1] else None


def pictures_of(data: bytes) -> list[bytes]:
    """The pages of a PDF, or the picture itself; empty where a page can't be shown."""
    pages = _pdf_pages(data) if kind_of(data) is PDF else [data]
    return [page if may_show(page) else b"" for page in pages]


def _pdf_pages(data: bytes) -> list[bytes]:
    command = [sys.executable, "-I", "-m", "yici.unified_platform.console.page_extraction"]
    try:
        done = subprocess.run(
            command,
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=CHILD_DEADLINE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return []
    return _frames(done.stdout) if done.returncode == 0 else []


def _frames(stream: bytes) -> list[bytes]:
    frames, position = [], 0
    while position + 4 <= len(stream):
        length = int.from_bytes(stream[position : position + 4], "big")
        frames.append(stream[position + 4 : position + 4 + length])
        position += 4 + length
    return frames
