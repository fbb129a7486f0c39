"""The walks of one test file."""

import pytest
from walking import Walks, walk_every_fault


@pytest.fixture(scope="module")
def walks(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Walks:
    """Every fault of the module's KIND, walked through."""
    return walk_every_fault(request.module.KIND, tmp_path_factory.mktemp("m"))
