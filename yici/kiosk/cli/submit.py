"""`yici submit`: the screen's path without the screen: validate, seal, outbox."""

import json
import sys
from collections.abc import Collection
from datetime import UTC, datetime
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click
from pydantic import ValidationError

from yici.contract.case import slip_code_digest
from yici.contract.items import ServiceItem
from yici.contract.people import Identity
from yici.contract.submission import Channel
from yici.contract.submission_ids import format_slip_code
from yici.kiosk.assembly import counter_for, hall_today
from yici.kiosk.catalogue.search import Catalogue
from yici.kiosk.cli.where import state_dir_option
from yici.kiosk.identity import BrokenIdentity, find_identity
from yici.kiosk.journeys.application import Application, can_apply_here
from yici.kiosk.journeys.hand_in import HandInCounter, NotAccepted
from yici.offline_cache.cache import OfflineCache
from yici.offline_cache.errors import StoreError

if TYPE_CHECKING:
    from yici.kiosk.capture.document import PageImage


def _refuse(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    sys.exit(2)


@click.command()
@click.option("--item", "item_code", required=True, help="Code of the service item.")
@click.option("--persona", help="Key of a synthetic persona of the catalogue, such as P01.")
@click.option(
    "--identity",
    "identity_path",
    type=click.Path(path_type=Path),
    help="JSON file with an identity, as `yici device id-card-reader read --json` prints it.",
)
@click.option(
    "--form", "form_path", type=click.Path(path_type=Path), help="JSON file: key → answer."
)
@click.option(
    "--attach",
    "attachments",
    multiple=True,
    metavar="[KEY=]FILE",
    help="JPEG or PNG for a material, several times for several pages; without KEY it goes to the"
    " next one that is open.",
)
@click.option("--signature", type=click.Path(path_type=Path), help="PNG of the handwriting.")
@state_dir_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def submit(
    *,
    item_code: str,
    persona: str | None,
    identity_path: Path | None,
    form_path: Path | None,
    attachments: tuple[str, ...],
    signature: Path | None,
    state_dir: Path,
    as_json: bool,
) -> None:
    """Put a submission into the outbox; exit code 2 with a reason when it is not accepted."""
    try:
        with OfflineCache.open(state_dir) as cache:
            counter = _counter(cache, state_dir)
            application = Application(
                _item(cache, item_code),
                _identity(persona, identity_path),
                suite_id=counter.identity.suite_id,
                opened_at=datetime.now(UTC),
            )
            _fill(application, _answers(form_path))
            _attach_all(application, counter, attachments)
            result = _hand_in(cache, counter, application, signature)
    except (StoreError, OSError) as error:
        _refuse(str(error))
    click.echo(json.dumps(result) if as_json else f"accepted: slip code {result['slip_code']}")


def _counter(cache: OfflineCache, state_dir: Path) -> HandInCounter:
    try:
        identity = find_identity(state_dir)
    except BrokenIdentity as error:
        _refuse(str(error))
    if identity is None:
        _refuse("This terminal is not enrolled: run `yici enrol` first.")
    return counter_for(cache, identity)


def _item(cache: OfflineCache, code: str) -> ServiceItem:
    item = Catalogue(cache.catalogue.items()).find(code)
    if item is None:
        _refuse(f"The terminal's catalogue has no item {code!r}: run `yici sync once` to fetch it.")
    if not can_apply_here(item):
        _refuse(f"{item.name} ({code}) can't be handed in at a terminal: see its guide.")
    return item


def _identity(persona: str | None, path: Path | None) -> Identity:
    if (persona is None) == (path is None):
        _refuse("Give either --persona or --identity.")
    if persona is not None:
        return _persona(persona)
    assert path is not None  # noqa: S101 - one of the two is given
    stated = _read_json(path)
    try:
        return Identity.model_validate(stated.get("identity", stated))
    except ValidationError as error:
        first = error.errors()[0]
        _refuse(f"{path} is no identity: {'.'.join(map(str, first['loc']))}: {first['msg']}")


def _persona(key: str) -> Identity:
    from yici.drivers.id_card_reader.personas import load_personas

    with as_file(files("yici.catalogue").joinpath("personas.jsonl")) as path:
        personas = load_personas(path)
    if key not in personas:
        _refuse(f"The catalogue has no persona {key!r}; there is {', '.join(personas)}.")
    return personas[key].identity


def _answers(path: Path | None) -> dict[str, Any]:
    return {} if path is None else _read_json(path)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        stated = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        _refuse(f"{path} can't be read as JSON: {error}")
    if not isinstance(stated, dict):
        _refuse(f"{path} must hold one JSON object.")
    return stated


def _hand_in(
    cache: OfflineCache, counter: HandInCounter, application: Application, signature: Path | None
) -> dict[str, Any]:
    try:
        sequence = counter.hand_in(
            application,
            language="zh_CN",
            signature_png=_signature(application, signature),
            shown_digest=application.shown_digest(),
            today=hall_today(),
            channel=Channel.COMMAND_LINE,
        )
    except NotAccepted as error:
        _refuse(_sentence(error, application))
    state = cache.outbox.find_state(application.submission_id)
    return {
        "submission_id": str(application.submission_id),
        "sequence": sequence,
        "slip_code": format_slip_code(application.slip_code),
        "slip_code_digest": slip_code_digest(application.slip_code),
        "state": state.value if state else "",
    }


def _fill(application: Application, answers: dict[str, Any]) -> None:
    for key, value in answers.items():
        try:
            several = [str(part) for part in value] if isinstance(value, list) else None
            application.answer(key, str(value) if several is None else several)
        except KeyError:
            _refuse(f"The form of {application.item.code} asks no {key!r}.")


def _attach_all(
    application: Application, counter: HandInCounter, attachments: tuple[str, ...]
) -> None:
    from yici.kiosk.capture.document import to_pdf

    documents: dict[str, list[PageImage]] = {}
    for argument in attachments:
        key, path = _target(application, argument, documents)
        documents.setdefault(key, []).append(_take_in(path))
    for key, pages in documents.items():
        limit = application.planned(key).material.max_pages
        if len(pages) > limit:
            _refuse(f"{key} takes at most {limit} pages, not {len(pages)}.")
        try:
            part = counter.keep_document(application, to_pdf(pages))
        except NotAccepted as error:
            _refuse(_sentence(error, application))
        application.attach(key, part, len(pages))


def _take_in(path: Path) -> "PageImage":
    from yici.kiosk.capture.guarded import take_in
    from yici.kiosk.capture.intake import Refusal

    page = take_in(_read_bounded(path))
    if isinstance(page, Refusal):
        _refuse(f"{path} is refused as an attachment: {_REFUSED[page.reason.value]}")
    return page


def _read_bounded(path: Path) -> bytes:
    """One byte more than is allowed is enough to refuse a file, however large it is."""
    from yici.kiosk.capture.intake import MAX_BYTES

    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        _refuse(f"{path} can't be read: {error.strerror}")


_REFUSED = {
    "empty": "the file is empty.",
    "too_many_bytes": "it is over the limit of 20 MB.",
    "not_an_image": "it is neither a JPEG nor a PNG image.",
    "too_many_pixels": "it has over 40 million pixels.",
    "too_small": "the image is too small to show a paper.",
    "damaged": "the image is truncated or damaged.",
    "too_slow": "decoding it takes more time or memory than allowed.",
}


def _target(application: Application, argument: str, taken: Collection[str]) -> tuple[str, Path]:
    key, separator, name = argument.partition("=")
    if separator:
        try:
            application.planned(key)
        except KeyError:
            _refuse(f"{application.item.code} asks for no material {key!r}.")
        return key, Path(name)
    for planned in application.materials:
        if not planned.is_met and planned.material.key not in taken:
            return planned.material.key, Path(argument)
    _refuse(f"No material is open for {argument}: name one as KEY=FILE.")


def _signature(application: Application, path: Path | None) -> bytes | None:
    from yici.kiosk.capture.intake import ImageFormat, Refusal, read_header

    if path is None or not application.signature_needed:
        return None
    data = _read_bounded(path)
    header = read_header(data)
    if isinstance(header, Refusal) or header.format is not ImageFormat.PNG:
        _refuse(f"{path} is no PNG image of a signature.")
    return data


def _sentence(error: NotAccepted, application: Application) -> str:
    faults = "; ".join(f"{fault.key}: {fault.code.value}" for fault in error.faults)
    missing = ", ".join(p.material.key for p in application.materials if not p.is_met)
    return {
        "faults": f"The form is not complete: {faults}",
        "materials_missing": f"Materials are missing: {missing} (give them with --attach)",
        "disk_full": "The terminal's disk is full: free some space, then submit again.",
        "storage": "The terminal's storage failed: check the disk, then submit again.",
    }.get(error.refusal.value, error.refusal.value)
