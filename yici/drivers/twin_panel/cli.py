"""`yici twins`: a virtual device of every kind and the page where people play with them."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import click
import uvicorn

from yici.drivers.device import DeviceKind
from yici.drivers.twin_panel.desk import USUAL_DRIVERS, Desk, DeskPlan
from yici.drivers.twin_panel.screen.framebuffer import UnreadableScreen
from yici.drivers.twin_panel.screen.live import LiveScreen
from yici.drivers.twin_panel.screen.touch import UntouchableScreen
from yici.drivers.twin_panel.server import Panel

PERSONAS = Path(__file__).parents[2] / "catalogue" / "personas.jsonl"
_GRACE_S = 3


@click.command()
@click.option(
    "--directory",
    type=click.Path(path_type=Path),
    default=Path("var/twins"),
    show_default=True,
    help="Where slips, papers and ports lie.",
)
@click.option(
    "--driver",
    "chosen",
    multiple=True,
    metavar="KIND=NAME",
    help="Another driver's twin for this kind; KIND= leaves the kind out. May be repeated.",
)
@click.option(
    "--page-port",
    default=8080,
    show_default=True,
    help="The page's HTTP port, on loopback only; 0 takes a free one.",
)
@click.option(
    "--personas",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    default=PERSONAS,
    help="Other people than the built-in ones (JSON lines).",
)
@click.option(
    "--screen-display",
    default=None,
    metavar=":N",
    help="Show and touch this virtual X screen, too.",
)
@click.option(
    "--screen-framebuffer",
    type=click.Path(path_type=Path),
    default=None,
    help="That screen's picture: the file in its -fbdir.",
)
def twins(  # noqa: PLR0917  # click hands every option over by name
    directory: Path,
    chosen: tuple[str, ...],
    page_port: int,
    personas: Path,
    screen_display: str | None,
    screen_framebuffer: Path | None,
) -> None:
    """A virtual device of every kind, with a page to play with them."""
    if (screen_display is None) != (screen_framebuffer is None):
        raise click.UsageError("--screen-display and --screen-framebuffer go together.")
    directory.mkdir(parents=True, exist_ok=True)
    plan = DeskPlan(directory, personas, _drivers(chosen))
    with ExitStack() as opened:
        try:
            desk = opened.enter_context(Desk(plan))
            door = opened.enter_context(socket.create_server(("127.0.0.1", page_port)))
            screen = None
            if screen_display is not None and screen_framebuffer is not None:
                screen = opened.enter_context(LiveScreen(screen_display, screen_framebuffer))
        except (OSError, ValueError, UnreadableScreen, UntouchableScreen) as error:
            raise click.ClickException(
                f"The twins can't be set up: {error}. Choose another directory, port or driver."
            ) from error
        _announce(desk, door)
        asyncio.run(_serve(desk, screen, door))


def _drivers(chosen: tuple[str, ...]) -> dict[DeviceKind, str]:
    drivers = dict(USUAL_DRIVERS)
    for choice in chosen:
        kind, given, name = choice.partition("=")
        if not given or kind not in tuple(DeviceKind):
            kinds = ", ".join(DeviceKind)
            raise click.UsageError(f"--driver takes KIND=NAME with a KIND of {kinds}.")
        if name:
            drivers[DeviceKind(kind)] = name
        else:
            drivers.pop(DeviceKind(kind), None)
    return drivers


def _announce(desk: Desk, door: socket.socket) -> None:
    for kind, twin in desk.state().devices.items():
        click.echo(f"{kind.value:<28} {twin.driver:<12} {twin.address}")
    for kind, why in desk.missing.items():
        click.echo(f"{kind.value:<28} not on this machine: {why}")
    click.echo(f"panel ready   http://127.0.0.1:{door.getsockname()[1]}/")


async def _serve(desk: Desk, screen: LiveScreen | None, door: socket.socket) -> None:
    """Serve the page until SIGTERM or SIGINT."""
    panel = Panel(desk, screen)
    config = uvicorn.Config(
        panel.application(),
        log_level="warning",
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=_GRACE_S,
    )
    server = OwnSignalsServer(config)

    def stop() -> None:
        panel.stopping.set()  # ends streams and waiting questions
        server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    await server.serve(sockets=[door])


class OwnSignalsServer(uvicorn.Server):
    """Leaves the signals to us: open streams have to be told before the server waits for them."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
