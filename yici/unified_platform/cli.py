"""`yici platform …`: run the reference platform, and what its operator needs beside the console."""

import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import wraps
from importlib.resources import files
from pathlib import Path
from typing import Any, NoReturn, ParamSpec

import click

from yici.unified_platform.app import Platform, ServerLock, open_platform
from yici.unified_platform.storage.errors import StorageError
from yici.unified_platform.trust.keys import BadKeyFile, escrow_file

P = ParamSpec("P")
CLI_ACTOR = "command line"


def _stop(message: str) -> NoReturn:
    """One sentence on stderr, exit 2."""
    click.echo(f"yici platform: {message}", err=True)
    sys.exit(2)


@contextmanager
def _opened(data_dir: Path, database: str | None) -> Iterator[Platform]:
    try:
        platform = open_platform(data_dir, database)
    except (StorageError, BadKeyFile) as error:
        _stop(str(error))
    try:
        yield platform
    except StorageError as error:
        _stop(str(error))
    finally:
        platform.close()


def _place(command: Callable[P, None]) -> Callable[P, None]:
    """--data-dir and --database, the same for every command."""

    @click.option(
        "--data-dir",
        type=click.Path(path_type=Path, file_okay=False),
        required=True,
        help="Keys, parts and (by default) the database.",
    )
    @click.option(
        "--database",
        metavar="URL",
        help="postgresql://… instead of SQLite in the data directory.",
    )
    @wraps(command)
    def placed(*args: P.args, **kwargs: P.kwargs) -> None:
        command(*args, **kwargs)

    return placed


def _json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False))


@click.group()
def platform() -> None:
    """The unified platform: intake, cases, console."""


@platform.command()
@_place
@click.option("--terminals", default="127.0.0.1:8443", show_default=True, metavar="HOST:PORT")
@click.option("--console", default="127.0.0.1:8080", show_default=True, metavar="HOST:PORT")
@click.option("--plain-http", is_flag=True, help="No TLS for terminals; loopback only.")
@click.option("--name", "names", multiple=True, help="Another host name for the certificate.")
@click.option(
    "--abandon-uploads-after-days",
    type=click.IntRange(min=1, max=3650),
    default=7,
    show_default=True,
    help="Half-sent parts that nobody added to for so long are thrown away.",
)
@click.option("--json", "as_json", is_flag=True, help="The ready line as JSON.")
def serve(
    *,
    data_dir: Path,
    database: str | None,
    terminals: str,
    console: str,
    plain_http: bool,
    names: tuple[str, ...],
    abandon_uploads_after_days: int,
    as_json: bool,
) -> None:
    """Run until SIGTERM. An empty data directory gets keys and the illustrative catalogue."""
    from yici.unified_platform.intake.sweeping import Upkeep
    from yici.unified_platform.serving import (
        BadAddress,
        Listeners,
        PlatformServer,
        Ready,
        parse_address,
    )

    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    for noisy in ("alembic", "uvicorn"):
        logging.getLogger(noisy).setLevel(logging.WARNING)

    def announce(ready: Ready) -> None:
        if as_json:
            _json({"terminals": ready.terminals_url, "console": ready.console_url})
        else:
            click.echo(f"ready: terminals {ready.terminals_url} console {ready.console_url}")
        sys.stdout.flush()

    try:
        lock = ServerLock(data_dir)
    except (StorageError, OSError) as error:
        _stop(str(error))
    with _opened(data_dir, database) as opened:
        _prepare(opened)
        try:
            listeners = Listeners(
                parse_address(terminals), parse_address(console), plain_http, names
            )
            upkeep = Upkeep(timedelta(days=abandon_uploads_after_days))
            server = PlatformServer(opened, listeners, upkeep)
        except BadAddress as error:
            _stop(str(error))
        server.run(announce)
    lock.release()


def _prepare(opened: Platform) -> None:
    from yici.unified_platform.accounts.staff import count_staff
    from yici.unified_platform.items.catalogue import find_release, seed

    if find_release(opened) is None:
        seeded = seed(opened, Path(str(files("yici.catalogue") / "items.jsonl")))
        click.echo(f"seeded the illustrative catalogue: {seeded.new_items} items", err=True)
    for suite_id in opened.keys.suite_ids:
        lying = escrow_file(opened.data_dir, suite_id)
        if lying.exists():
            click.echo(f"move {lying} to an off-line medium now", err=True)
    if count_staff(opened) == 0:
        click.echo(
            f"no staff account yet; make one: yici platform add-staff --data-dir "
            f"{opened.data_dir} --name NAME",
            err=True,
        )


@platform.command("add-suite")
@_place
@click.argument("suite_id", metavar="SUITE")
def add_suite(*, data_dir: Path, database: str | None, suite_id: str) -> None:
    """Make keys of one more suite (gm-1), so that terminals can enrol with it after a restart."""
    from yici.contract.envelope.suites import SUITE_IDS
    from yici.unified_platform.trust.keys import add_suite as add

    if suite_id not in SUITE_IDS:
        _stop(f"there is no suite {suite_id!r}; known: {', '.join(SUITE_IDS)}")
    with _opened(data_dir, database):
        pass  # an empty directory gets its schema and the keys of the default suite first
    try:
        made = add(data_dir, suite_id)
    except BadKeyFile as error:
        _stop(str(error))
    if made is None:
        click.echo(f"{suite_id} was added before")
        return
    click.echo(f"{suite_id} added: move {made} to an off-line medium now, then restart the server")


@platform.command("new-code")
@_place
@click.option("--hall", default="H430181001", show_default=True, help="The terminal's hall.")
@click.option("--json", "as_json", is_flag=True)
def new_code(*, data_dir: Path, database: str | None, hall: str, as_json: bool) -> None:
    """A one-time enrolment code, valid for 30 minutes."""
    from yici.unified_platform.fleet.enrolment import UnknownHall, make_code

    with _opened(data_dir, database) as opened:
        try:
            made = make_code(opened, hall_code=hall, made_by=CLI_ACTOR)
        except UnknownHall as error:
            _stop(str(error))
    if as_json:
        expires_at = made.expires_at.isoformat()
        _json({"code": made.code, "hall_code": made.hall_code, "expires_at": expires_at})
    else:
        click.echo(f"{made.code[:5]}-{made.code[5:]}")


@platform.command("add-staff")
@_place
@click.option("--name", required=True)
def add_staff(*, data_dir: Path, database: str | None, name: str) -> None:
    """An account for the console; the password comes from a prompt, or a pipe's first line."""
    from yici.unified_platform.accounts.staff import BadAccount
    from yici.unified_platform.accounts.staff import add_staff as add

    if sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    with _opened(data_dir, database) as opened:
        try:
            add(opened, name, password)
        except BadAccount as error:
            _stop(str(error))
    click.echo(f"{name} can sign in now")


@platform.command("seed")
@_place
@click.option(
    "--items",
    "items_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    required=True,
    help="JSON lines; halls.jsonl beside it is read as well.",
)
def seed_items(*, data_dir: Path, database: str | None, items_file: Path) -> None:
    """Take item versions and publish a release when any is new."""
    from yici.unified_platform.items.catalogue import BadSeed, seed

    with _opened(data_dir, database) as opened:
        try:
            seeded = seed(opened, items_file)
        except BadSeed as error:
            _stop(str(error))
    click.echo(f"{seeded.new_items} new item versions, catalogue {seeded.catalogue_version}")


@platform.group()
def submissions() -> None:
    """What was delivered, for automation."""


@submissions.command("list")
@_place
@click.option(
    "--state",
    type=click.Choice(["received", "accepted", "refused", "superseded", "arriving", "rejected"]),
)
@click.option("--json", "as_json", is_flag=True)
def list_submissions(
    *, data_dir: Path, database: str | None, state: str | None, as_json: bool
) -> None:
    """Delivered submissions, newest first; nothing of the residents."""
    from yici.unified_platform.cases.reading import CaseLine, Shelf, list_cases

    lines: list[CaseLine] = []
    with _opened(data_dir, database) as opened, opened.database.read() as connection:
        page: int | None = 1
        while page is not None:
            found = list_cases(connection, Shelf(state) if state else None, page=page)
            lines += found.lines
            page = found.next_page
    rows = [
        {
            "case_number": line.case_number,
            "state": line.shelf.value,
            "item_code": line.item_code,
            "received_at": line.received_at.isoformat(),
            "terminal_id": line.terminal_id,
            "submission_id": line.submission_id,
        }
        for line in lines
    ]
    if as_json:
        _json(rows)
        return
    for row in rows:
        click.echo(f"{row['case_number']:<26} {row['state']:<9} {row['item_code']}")


@submissions.command("show")
@_place
@click.argument("case_number")
@click.option("--part", type=int, help="Write this part to --out.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--json", "as_json", is_flag=True)
def show_submission(
    *,
    data_dir: Path,
    database: str | None,
    case_number: str,
    part: int | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """One submission with its form; the reading is recorded."""
    from yici.unified_platform.cases.audit import AuditAction, record
    from yici.unified_platform.cases.reading import find_case, find_paper

    if (part is None) != (out is None):
        _stop("--part and --out go together")
    with _opened(data_dir, database) as opened:
        case = find_case(opened, case_number)
        if case is None:
            _stop(f"no case {case_number}")
        action = AuditAction.CASE_READ if part is None else AuditAction.PART_READ
        opened.database.write(
            lambda connection: record(
                connection,
                action,
                actor=CLI_ACTOR,
                subject=case_number,
                detail="" if part is None else str(part),
                at=opened.now(),
            )
        )
        if part is not None and out is not None:
            paper = find_paper(opened, case, part)
            if paper is None:
                _stop(f"case {case_number} has no readable part {part}")
            out.write_bytes(paper.data)
    form = case.opened.form.model_dump(mode="json")
    summary = {
        "case_number": case.case_number,
        "state": case.state.value,
        "version": case.version,
        "superseded_by": case.superseded_by,
        "received_at": case.received_at.isoformat(),
        "form": form,
        "faults": [fault.model_dump() for fault in case.faults],
        "part_file": str(out) if out else None,
    }
    click.echo(json.dumps(summary, ensure_ascii=False, indent=None if as_json else 1))


@submissions.command("decide")
@_place
@click.argument("case_number")
@click.option("--accept", "decision", flag_value="accept")
@click.option("--refuse", "decision", flag_value="refuse")
@click.option("--reason", default="", help="Needed for --refuse; readable with the slip code.")
@click.option("--json", "as_json", is_flag=True)
def decide_submission(
    *,
    data_dir: Path,
    database: str | None,
    case_number: str,
    decision: str | None,
    reason: str,
    as_json: bool,
) -> None:
    """Accept (受理) or refuse (不予受理)."""
    from yici.unified_platform.cases.decisions import Decision, DecisionFault, decide

    if decision is None:
        _stop("say --accept or --refuse")
    with _opened(data_dir, database) as opened:
        result = decide(opened, case_number, Decision(decision), reason=reason, actor=CLI_ACTOR)
    if isinstance(result, DecisionFault):
        _stop(f"not decided: {result.value.replace('_', ' ')}")
    if as_json:
        _json(
            {
                "case_number": result.case_number,
                "state": result.state.value,
                "version": result.version,
            }
        )
    else:
        click.echo(f"{result.case_number} {result.state.value}")
