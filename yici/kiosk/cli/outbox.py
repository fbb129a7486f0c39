"""`yici outbox`: what waits, what was set apart, and a way to send it now."""

import json
import os
import shutil
import signal
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from yici.kiosk.cli.outcomes import expected_failures, fail
from yici.kiosk.cli.sync import once as sync_once
from yici.kiosk.cli.where import platform_option, state_dir_option
from yici.kiosk.sync.lock import AgentRunning, DeliveryLock
from yici.offline_cache.cache import OfflineCache
from yici.offline_cache.outbox_records import OutboxLine

_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document.")
_WATCH_S = 0.2


def _plain(line: OutboxLine) -> dict[str, Any]:
    values = asdict(line)
    values["submission_id"] = str(line.submission_id)
    values["accepted_at"] = line.accepted_at.isoformat()
    return values


def _row(line: OutboxLine) -> str:
    parts = f"{line.parts_delivered}/{line.part_count}"
    note = line.case_number or line.reason or ""
    when = line.accepted_at.isoformat(timespec="seconds")
    words = (f"{line.sequence:>6}", str(line.submission_id), f"{line.state.value:<11}", when)
    return "  ".join((*words, f"parts {parts}", note)).rstrip()


@click.group()
def outbox() -> None:
    """The queue of submissions on this terminal."""


@outbox.command("list")
@state_dir_option
@_JSON
def list_lines(state_dir: Path, *, as_json: bool) -> None:
    """Every submission with its state, oldest first."""
    with expected_failures(), OfflineCache.open(state_dir) as cache:
        lines = cache.outbox.list_lines()
    if as_json:
        click.echo(json.dumps([_plain(line) for line in lines], ensure_ascii=False))
        return
    for line in lines:
        click.echo(_row(line))


@outbox.command()
@click.argument("submission_id", type=click.UUID)
@state_dir_option
@_JSON
def show(submission_id: UUID, state_dir: Path, *, as_json: bool) -> None:
    """One submission; its content is sealed and can't be shown here."""
    with expected_failures(), OfflineCache.open(state_dir) as cache:
        line = cache.outbox.find_line(submission_id)
    if line is None:
        fail(f"No submission {submission_id} on this terminal: check the id with `outbox list`.")
    if as_json:
        click.echo(json.dumps(_plain(line), ensure_ascii=False))
        return
    for name, value in _plain(line).items():
        click.echo(f"{name:<16} {'' if value is None else value}")


@outbox.command()
@click.argument("submission_id", type=click.UUID)
@state_dir_option
def release(submission_id: UUID, state_dir: Path) -> None:
    """Queue a rejected or quarantined submission again."""
    with expected_failures(), OfflineCache.open(state_dir) as cache:
        released = cache.outbox.release(submission_id)
    if not released:
        fail("Only a rejected or quarantined submission can be released: see `outbox list`.")
    click.echo("queued again")


@outbox.command()
@click.argument("submission_id", type=click.UUID)
@state_dir_option
@click.option(
    "--to",
    "target",
    required=True,
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    help="A directory, for instance on a USB stick.",
)
def export(submission_id: UUID, state_dir: Path, target: Path) -> None:
    """Copy a sealed submission for the platform's operator; only the platform can open it."""
    with expected_failures(), OfflineCache.open(state_dir) as cache:
        found = cache.outbox.find_sealed(submission_id)
        if found is None:
            fail("Nothing is left to export: it is unknown here, or was delivered and erased.")
        sealed, digests = found
        try:
            (target / f"{submission_id}.json").write_bytes(sealed.to_bytes())
            for digest in digests:
                shutil.copyfile(cache.parts.path_of(digest), target / digest)
        except OSError as error:
            fail(f"The copy failed ({error.strerror}): check the target and try again.")
    click.echo(f"exported 1 form and {len(digests)} parts")


@outbox.command()
@state_dir_option
@platform_option
@click.option("--timeout-s", default=60.0, show_default=True, type=click.FloatRange(min=1))
@_JSON
@click.pass_context
def drain(
    ctx: click.Context, state_dir: Path, platform: str, timeout_s: float, *, as_json: bool
) -> None:
    """Send everything now and wait: 0 when nothing is left waiting, else 1.

    A running sync agent is told to hurry instead of being disturbed.
    """
    with expected_failures(), OfflineCache.open(state_dir) as cache:
        before = cache.outbox.backlog().pending
        try:
            DeliveryLock.take(state_dir).release()
        except AgentRunning as running:
            _hurry_agent(running.pid)
            _wait_for_agent(cache, timeout_s)
        else:
            _send_here(ctx, state_dir, platform, timeout_s)
        backlog = cache.outbox.backlog()
    counts = {
        "delivered": max(0, before - backlog.pending),
        "pending": backlog.pending,
        "set_apart": backlog.set_apart,
    }
    text = "  ".join(f"{name} {count}" for name, count in counts.items())
    click.echo(json.dumps(counts) if as_json else text)
    if backlog.pending:
        raise click.exceptions.Exit(1)


def _send_here(ctx: click.Context, state_dir: Path, platform: str, timeout_s: float) -> None:
    try:
        ctx.invoke(
            sync_once,
            state_dir=state_dir,
            platform=platform,
            retention_s=0.0,
            timeout_s=timeout_s,
        )
    except click.exceptions.Exit:
        return  # the counts say it


def _hurry_agent(pid: int | None) -> None:
    if pid is not None:
        with suppress(OSError):  # another user's agent can't be hurried, but it can be waited for
            os.kill(pid, signal.SIGUSR1)


def _wait_for_agent(cache: OfflineCache, timeout_s: float) -> None:
    end_s = time.monotonic() + timeout_s
    while cache.outbox.backlog().pending and time.monotonic() < end_s:
        time.sleep(_WATCH_S)
