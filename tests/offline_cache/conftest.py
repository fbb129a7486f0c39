from collections.abc import Iterator
from pathlib import Path

import pytest

from yici.offline_cache.cache import OfflineCache


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[OfflineCache]:
    with OfflineCache.open(tmp_path / "state") as opened:
        yield opened
