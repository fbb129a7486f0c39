"""`yici drivers`: every driver that is installed, its level, and what it lacks for the next."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from yici.drivers.descriptor import RULES, DriverDescriptor, Level, Rule
from yici.drivers.device import DeviceKind
from yici.drivers.quality import MEANINGS, PROVEN_FOR_EVERY_DRIVER, Verdict, judge
from yici.drivers.registry import OUR_PACKAGE, BrokenDriver, InstalledDriver, installed_drivers

HEADINGS = ("kind", "name", "level", "lacks for the next level", "package")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--markdown",
    "page",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the page about our own drivers to this file.",
)
def drivers(*, as_json: bool, page: Path | None) -> None:
    """List the drivers of this terminal and how far each is proven.

    The level of a driver from another package is its maker's word: its proofs are not here.
    """
    found = installed_drivers()
    if page is not None:
        page.write_text(as_markdown(found), "utf-8")
        return
    click.echo(_as_json(found) if as_json else _as_table(found))


def as_markdown(found: tuple[InstalledDriver | BrokenDriver, ...]) -> str:
    """docs/drivers.md: our own drivers only, so that it is the same on every machine."""
    ours = [one.descriptor for one in _usable(found) if one.package == OUR_PACKAGE]
    chapters = (line for descriptor in ours for line in _chapter(descriptor))
    return "\n".join((*_overview(ours), *_scale(), *chapters, ""))


def _usable(found: tuple[InstalledDriver | BrokenDriver, ...]) -> Iterator[InstalledDriver]:
    return (one for one in found if isinstance(one, InstalledDriver))


def _broken(found: tuple[InstalledDriver | BrokenDriver, ...]) -> Iterator[BrokenDriver]:
    return (one for one in found if isinstance(one, BrokenDriver))


def _level_name(verdict: Verdict) -> str:
    return "none" if verdict.level is None else verdict.level.value


def _lacks(verdict: Verdict) -> str:
    if verdict.next_level is None:
        return ""
    return f"{verdict.next_level.value}: {', '.join(rule.value for rule in verdict.lacks)}"


def _as_json(found: tuple[InstalledDriver | BrokenDriver, ...]) -> str:
    result: dict[str, Any] = {
        "drivers": [_plain(one) for one in _usable(found)],
        "broken": [
            {"entry": one.entry_name, "package": one.package, "reason": one.reason}
            for one in _broken(found)
        ],
    }
    return json.dumps(result, ensure_ascii=False, indent=1)


def _plain(installed: InstalledDriver) -> dict[str, Any]:
    descriptor, verdict = installed.descriptor, judge(installed.descriptor)
    return {
        "kind": descriptor.kind.value,
        "name": descriptor.name,
        "title_zh": descriptor.title_zh,
        "title_en": descriptor.title_en,
        "package": installed.package,
        "level": verdict.level,
        "next_level": verdict.next_level,
        "lacks": list(verdict.lacks),
        "address_example": descriptor.address_example,
        "has_twin": bool(descriptor.twin),
        "known_limits": list(descriptor.known_limits),
        "tested_models": list(descriptor.tested_models),
    }


def _as_table(found: tuple[InstalledDriver | BrokenDriver, ...]) -> str:
    rows = [HEADINGS, *(_row(one) for one in _usable(found))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    lines += [f"broken: {one.entry_name} of {one.package}: {one.reason}" for one in _broken(found)]
    return "\n".join(lines)


def _row(installed: InstalledDriver) -> tuple[str, ...]:
    descriptor, verdict = installed.descriptor, judge(installed.descriptor)
    claimed = "" if installed.package == OUR_PACKAGE else " (its maker's word)"
    return (
        descriptor.kind.value,
        descriptor.name,
        _level_name(verdict) + claimed,
        _lacks(verdict),
        installed.package,
    )


def _overview(ours: list[DriverDescriptor]) -> Iterator[str]:
    yield "# Drivers"
    yield ""
    yield "Written by `yici drivers --markdown docs/drivers.md`; a test keeps it fresh."
    yield "How to write one: [write-a-driver.md](write-a-driver.md)."
    yield ""
    yield "| kind | driver | level | lacks for the next level |"
    yield "|---|---|---|---|"
    for descriptor in ours:
        verdict = judge(descriptor)
        link = f"[`{descriptor.name}`](#{_anchor(descriptor)})"
        yield f"| {descriptor.kind} | {link} | {_level_name(verdict)} | {_lacks(verdict)} |"
    missing = [kind.value for kind in DeviceKind if kind not in {one.kind for one in ours}]
    if missing:
        yield ""
        yield f"No driver yet: {', '.join(missing)}."


def _scale() -> Iterator[str]:
    yield ""
    yield "## The scale"
    yield ""
    yield "A level asks for its own rules and for those of every level above it in this table."
    yield "Each rule is met by a test or a benchmark of that name in the driver's descriptor; the"
    yield "test suite checks that it exists, runs, and that no driver's level drops."
    yield ""
    yield "| level | rule | what is shown |"
    yield "|---|---|---|"
    for level in Level:
        for rule in (rule for rule in Rule if rule in RULES[level]):
            yield f"| {level} | `{rule}` | {MEANINGS[rule]} |"
    yield ""
    yield "For every driver, because it is the terminal's doing:"
    yield from (f"`{rule}` by `{proof}`." for rule, proof in PROVEN_FOR_EVERY_DRIVER.items())


def _anchor(descriptor: DriverDescriptor) -> str:
    return f"{descriptor.kind}{descriptor.name}"  # what a heading's dot becomes


def _chapter(descriptor: DriverDescriptor) -> Iterator[str]:
    yield ""
    yield f"## {descriptor.kind}.{descriptor.name}"
    yield ""
    yield f"{descriptor.title_en} ({descriptor.title_zh}), at for example"
    yield f"`{descriptor.address_example}`."
    if descriptor.proofs:
        yield ""
        yield "| rule | shown by |"
        yield "|---|---|"
        for rule in sorted(descriptor.proofs):
            yield f"| {rule} | `{descriptor.proofs[rule]}` |"
    for heading, sentences in (
        ("Known limits", descriptor.known_limits),
        ("Tested with", descriptor.tested_models),
    ):
        if sentences:
            yield ""
            yield f"{heading}:"
            yield from (f"- {sentence}" for sentence in sentences)
