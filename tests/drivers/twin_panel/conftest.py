import asyncio
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import uvicorn

from yici.drivers.twin_panel.cli import PERSONAS, OwnSignalsServer
from yici.drivers.twin_panel.desk import Desk, DeskPlan
from yici.drivers.twin_panel.screen.live import LiveScreen
from yici.drivers.twin_panel.server import Panel


class RunningPanel:
    """A panel over real twins and a real socket, in a thread."""

    def __init__(self, directory: Path, screen: LiveScreen | None = None) -> None:
        self._screen = screen
        self.desk = Desk(DeskPlan(directory, PERSONAS))
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._thread.start()
        assert self._ready.wait(30)

    async def _serve(self) -> None:
        self.panel = Panel(self.desk, self._screen)
        config = uvicorn.Config(
            self.panel.application(), log_level="warning", lifespan="off", ws="none"
        )
        self.server = OwnSignalsServer(config)
        self._loop = asyncio.get_running_loop()
        self._ready.set()
        await self.server.serve(sockets=[self._door])

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self.panel.stopping.set)
        self.server.should_exit = True
        self._thread.join(30)
        assert not self._thread.is_alive()
        self._door.close()
        self.desk.close()

    def ask(self, method: str, path: str, **more: object) -> requests.Response:
        with requests.request(method, self.url + path, timeout=60, **more) as reply:  # type: ignore[arg-type]  # forwarded
            reply.content  # noqa: B018  # read before the connection closes
            return reply


@pytest.fixture
def panel(tmp_path: Path) -> Iterator[RunningPanel]:
    running = RunningPanel(tmp_path)
    yield running
    running.close()
