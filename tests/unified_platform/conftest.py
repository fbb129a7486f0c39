"""Platforms for tests: SQLite everywhere, and PostgreSQL for the suite of the wire."""

import secrets
from collections.abc import Iterator

import pytest
from platform_bench import Running, running_platform
from postgresql_bench import NoPostgresql, fresh_database, postgresql
from wire_terminal import WireTerminal


@pytest.fixture(autouse=True)
def no_leftover_thread() -> None:
    """Servers live as long as their module, and start workers in its tests.

    What a server leaves behind is looked for when it stops, by `platform_bench.serving`.
    """


@pytest.fixture(scope="session")
def postgresql_cluster() -> Iterator[str]:
    """A cluster for this test process."""
    try:
        with postgresql() as url:
            yield url
    except NoPostgresql as error:
        pytest.skip(f"no PostgreSQL here: {error}")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """One platform for the tests of a module: each test enrols a terminal of its own."""
    url = None
    if request.param == "postgresql":
        cluster = request.getfixturevalue("postgresql_cluster")
        url = fresh_database(cluster, f"yici_{secrets.token_hex(4)}")
    with running_platform(tmp_path_factory.mktemp("platform"), url) as found:
        yield found


@pytest.fixture(scope="module")
def running_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """For what does not depend on the database."""
    with running_platform(tmp_path_factory.mktemp("platform")) as found:
        yield found


@pytest.fixture
def terminal(running: Running) -> WireTerminal:
    return running.add_terminal()
