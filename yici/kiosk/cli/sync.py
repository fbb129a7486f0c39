"""`yici sync`: deliver what residents submitted, and keep the replicas fresh."""

import signal
from pathlib import Path
from types import FrameType

import click

from yici.kiosk.cli.outcomes import expected_failures, fail
from yici.kiosk.cli.where import get_platform, get_state_dir, platform_option, state_dir_option
from yici.kiosk.identity import TerminalIdentity, find_identity
from yici.kiosk.sync.agent import Agent, AgentSettings
from yici.kiosk.sync.core import Policy
from yici.kiosk.sync.lock import DeliveryLock
from yici.offline_cache.cache import OfflineCache

_RETENTION = click.option(
    "--retention-s",
    default=0.0,
    show_default=True,
    type=click.FloatRange(min=0),
    help="Keep what was acknowledged for so many seconds before it is destroyed.",
)


def _get_identity(state_dir: Path) -> TerminalIdentity:
    identity = find_identity(state_dir)
    if identity is None:
        fail("This terminal is not enrolled yet: run `yici enrol` with a code from the console.")
    return identity


def _open_agent(
    cache: OfflineCache, state_dir: Path, platform: str, retention_s: float, poll_s: float
) -> Agent:
    settings = AgentSettings(platform, retention_s, Policy(changes_every_s=poll_s))
    return Agent.open(cache, _get_identity(state_dir), state_dir, settings)


def _obey_signals(agent: Agent) -> None:
    def end(number: int, frame: FrameType | None) -> None:
        del number, frame
        agent.stop()

    def hurry(number: int, frame: FrameType | None) -> None:
        del number, frame
        agent.send_now()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGUSR1, hurry)


@click.group(invoke_without_command=True)
@click.option("--state-dir", type=click.Path(file_okay=False, path_type=Path))
@click.option("--platform", metavar="URL", help="The platform's address.")
@_RETENTION
@click.option(
    "--poll-s",
    default=20.0,
    show_default=True,
    type=click.FloatRange(min=1),
    help="How often to ask for changes while nothing else happens.",
)
@click.pass_context
def sync(
    ctx: click.Context,
    state_dir: Path | None,
    platform: str | None,
    retention_s: float,
    poll_s: float,
) -> None:
    """Run the sync agent until SIGTERM; SIGUSR1 makes it try at once."""
    if ctx.invoked_subcommand is not None:
        return
    state_dir, platform = state_dir or get_state_dir(), platform or get_platform()
    with expected_failures():
        lock = DeliveryLock.take(state_dir)
        try:
            with OfflineCache.open(state_dir) as cache:
                agent = _open_agent(cache, state_dir, platform, retention_s, poll_s)
                _obey_signals(agent)
                agent.run()
        finally:
            lock.release()


@sync.command()
@state_dir_option
@platform_option
@_RETENTION
@click.option("--timeout-s", default=60.0, show_default=True, type=click.FloatRange(min=1))
def once(state_dir: Path, platform: str, retention_s: float, timeout_s: float) -> None:
    """Deliver and fetch what is due now, then end: 0 when nothing is left waiting, else 1."""
    with expected_failures():
        lock = DeliveryLock.take(state_dir)
        try:
            with OfflineCache.open(state_dir) as cache:
                agent = _open_agent(cache, state_dir, platform, retention_s, poll_s=20.0)
                done = agent.run_once(timeout_s)
        finally:
            lock.release()
    if not done:
        raise click.exceptions.Exit(1)
