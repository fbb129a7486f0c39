"""One process, two listeners: terminals (HTTPS, private authority) and the staff console."""

import asyncio
import ipaddress
import logging
import signal
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass

import uvicorn
from starlette.applications import Starlette

from yici.unified_platform.app import Platform
from yici.unified_platform.cases.feed import ensure_epoch
from yici.unified_platform.console.app import console_app
from yici.unified_platform.console.cookies import Transport
from yici.unified_platform.intake.completion import close_all_whole
from yici.unified_platform.intake.sweeping import Upkeep, UploadSweeper
from yici.unified_platform.terminal_api.gate import terminal_app
from yici.unified_platform.trust.certificates import ServerCertificate, ensure_certificates

log = logging.getLogger("yici.platform")
_SHUTDOWN_S = 3
_KEEP_ALIVE_S = 75
_BACKLOG = 512


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen; port 0 takes any free one."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        if self.host == "localhost":
            return True
        with suppress(ValueError):
            return ipaddress.ip_address(self.host).is_loopback
        return False


class BadAddress(ValueError):
    """An address that can't be used; the message says why."""


def parse_address(text: str) -> Address:
    """`HOST:PORT`, IPv6 in brackets. Raises BadAddress."""
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise BadAddress(f"{text!r} is no HOST:PORT, for example 127.0.0.1:8443")
    return Address(host, int(port))


@dataclass(frozen=True, slots=True)
class Ready:
    """Both listeners accept connections."""

    terminals_url: str
    console_url: str


@dataclass(frozen=True, slots=True)
class Listeners:
    """What to serve where. `plain_http` is only for loopback: a test bench without TLS."""

    terminals: Address
    console: Address
    plain_http: bool = False
    certificate_names: tuple[str, ...] = ()


def _bind(address: Address) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        # with the protocol named, asyncio sets TCP_NODELAY; without, every reply waits 40 ms
        bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((address.host, address.port))
    except OSError as error:
        raise BadAddress(
            f"can't listen on {address.host}:{address.port}: {error.strerror}"
        ) from error
    return bound


def _url(address: Address, bound: socket.socket, certificate: ServerCertificate | None) -> str:
    host = f"[{address.host}]" if ":" in address.host else address.host
    scheme = "http" if certificate is None else "https"
    return f"{scheme}://{host}:{bound.getsockname()[1]}"


class _Server(uvicorn.Server):
    """Two servers share this process, so its signals belong to PlatformServer."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override] # same use
        return nullcontext()


def _server(app: Starlette, certificate: ServerCertificate | None) -> _Server:
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_SHUTDOWN_S,
        backlog=_BACKLOG,
        ssl_certfile=certificate.certificate_file if certificate else None,
        ssl_keyfile=certificate.key_file if certificate else None,
    )
    return _Server(config)


class PlatformServer:
    """`run` serves until `stop`, SIGTERM or SIGINT."""

    def __init__(
        self, platform: Platform, listeners: Listeners, upkeep: Upkeep | None = None
    ) -> None:
        """Raises BadAddress."""
        if listeners.plain_http and not listeners.terminals.is_loopback:
            raise BadAddress(
                "--plain-http is for loopback addresses only; terminals elsewhere need HTTPS"
            )
        terminals_at, console_at = listeners.terminals, listeners.console
        certificate = None
        if not (listeners.plain_http and console_at.is_loopback):
            certificate = _certificate(platform, listeners)
        terminals_tls = None if listeners.plain_http else certificate
        console_tls = None if console_at.is_loopback else certificate
        self._platform = platform
        self._upkeep = upkeep or Upkeep()
        self._sweeper = UploadSweeper(platform, self._upkeep)
        self._sockets = (_bind(terminals_at), _bind(console_at))
        ca_pem = terminals_tls.ca_pem if terminals_tls else ""
        transport = Transport.TLS if console_tls else Transport.LOOPBACK
        self._servers = (
            _server(terminal_app(platform, ca_pem=ca_pem), terminals_tls),
            _server(console_app(platform, transport), console_tls),
        )
        self._ready = Ready(
            _url(terminals_at, self._sockets[0], terminals_tls),
            _url(console_at, self._sockets[1], console_tls),
        )

    def run(self, on_ready: Callable[[Ready], None]) -> None:
        """Blocks. `on_ready` is called once both listeners accept connections."""
        self._platform.database.write(ensure_epoch)
        closed = close_all_whole(self._platform)
        if closed:
            log.info("completed %d submissions left whole by the last run", closed)
        self._sweeper.sweep_when_due()
        asyncio.run(self._serve(on_ready))

    def stop(self) -> None:
        """From any thread."""
        for server in self._servers:
            server.should_exit = True

    async def _serve(self, on_ready: Callable[[Ready], None]) -> None:
        loop = asyncio.get_running_loop()
        with suppress(ValueError, RuntimeError):  # only a main thread may take signals
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self.stop)
        tasks = [
            asyncio.create_task(server.serve(sockets=[bound]))
            for server, bound in zip(self._servers, self._sockets, strict=True)
        ]
        upkeep = asyncio.create_task(self._keep_up())
        try:
            while not all(server.started for server in self._servers):
                if any(task.done() for task in tasks):
                    break
                await asyncio.sleep(0.02)
            else:
                on_ready(self._ready)
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.stop()
            upkeep.cancel()
            await asyncio.gather(*tasks)
            with suppress(asyncio.CancelledError):
                await upkeep
            for bound in self._sockets:
                bound.close()

    async def _keep_up(self) -> None:
        """What is to be done once a day. Runs for ever."""
        while True:
            await asyncio.sleep(self._upkeep.look_every_s)
            await asyncio.to_thread(self._sweeper.sweep_when_due)


def _certificate(platform: Platform, listeners: Listeners) -> ServerCertificate:
    hosts = [
        *listeners.certificate_names,
        listeners.terminals.host,
        listeners.console.host,
        "localhost",
        "127.0.0.1",
        socket.gethostname(),
    ]
    named = [host for host in hosts if host not in ("0.0.0.0", "::")]  # noqa: S104 - not bound here
    directory = platform.data_dir / "tls"
    return ensure_certificates(directory, named, now=platform.now())
