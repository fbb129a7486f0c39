"""`python -m benchmarks [NAME…] [--markdown FILE]`: measure; a table and out/bench.json tell."""

import argparse
import json
import os
import platform
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.measure import Measure

OUT = Path("out") / "bench.json"
NAMES = (
    "outbox",
    "card",
    "card_links",
    "touch",
    "journey",
    "next_resident",
    "cold_start",
    "memory",
    "fault_stalls",
    "receipt",
    "cameras",
    "codes",
    "scanner",
    "document_printer",
    "devices",
    "social_security_card",
)
HEADINGS = ("measure", "ours p50", "p99", "n", "limit", "limit p50", "ratio", "target", "reached")


def _outbox(found: dict[str, Any]) -> list[Measure]:
    """Its module tells more than a row; the row is what is compared."""
    return [
        Measure(
            found["name"],
            "ms",
            found["p50_ms"],
            found["p99_ms"],
            found.get("count", 400),
            found["limit"],
            found["limit_p50_ms"],
            f"≥ {found['wanted_ratio']} of the limit's rate",
            found["reached"],
        )
    ]


def run(names: Sequence[str]) -> tuple[list[Measure], list[str]]:
    """The measurements of these modules, and the names of those that broke down."""
    measures: list[Measure] = []
    broken: list[str] = []
    for name in names:
        started_s = time.monotonic()
        measure: Callable[[], Any] = import_module(f"benchmarks.{name}").measure
        try:
            found = measure()
        except Exception:  # noqa: BLE001 - the others are worth having
            traceback.print_exc()
            broken.append(name)
            continue
        measures += _outbox(found) if isinstance(found, dict) else found
        print(f"{name}: {time.monotonic() - started_s:.0f} s", file=sys.stderr)
    return measures, broken


def machine() -> dict[str, Any]:
    """Where it was measured; load tells how much else went on."""
    info = Path("/proc/cpuinfo").read_text("utf-8")
    models = [line.split(":", 1)[1].strip() for line in info.splitlines() if "model name" in line]
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "processor": models[0] if models else platform.machine(),
        "cores": os.cpu_count(),
        "load_1_min": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "kernel": platform.release(),
    }


def _cells(measure: Measure) -> tuple[str, ...]:
    unit = measure.unit
    return (
        measure.name,
        f"{measure.ours:g} {unit}",
        "" if measure.worst is None else f"{measure.worst:g} {unit}",
        str(measure.count),
        measure.limit_name,
        f"{measure.limit:g} {unit}",
        f"{measure.ratio:.2f}",
        measure.target,
        "yes" if measure.reached else "no",
    )


def table(measures: Sequence[Measure]) -> str:
    """A table in Markdown, which is readable in a terminal too."""
    rows = [HEADINGS, *(_cells(measure) for measure in measures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def page(measures: Sequence[Measure], where: dict[str, Any]) -> str:
    """The page docs/benchmarks.md."""
    return (
        "# Benchmarks\n\n"
        "Written by `python -m benchmarks --markdown docs/benchmarks.md` (`make bench`). Every\n"
        "measurement stands beside a limit that was measured in the same run, so that a slow or\n"
        "busy machine slows both; `ratio` is ours ÷ limit. What each one does is told at the\n"
        "beginning of its module in `benchmarks/`.\n\n"
        f"{where['processor']}, {where['cores']} cores, load {where['load_1_min']}, Linux "
        f"{where['kernel']}, Python {where['python']}; software rendering, 1080 × 1920; "
        f"{where['measured_at']}.\n\n" + table(measures) + "\n"
    )


def main() -> int:
    """Exit code 1 when a measurement broke down; whether targets are reached, the table tells."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--markdown", type=Path, help="also write the table as a page")
    asked = parser.parse_args()
    unknown = set(asked.names) - set(NAMES)
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}; there is {', '.join(NAMES)}")
    where = machine()
    measures, broken = run(asked.names or NAMES)
    OUT.parent.mkdir(exist_ok=True)
    rows = [measure.row() for measure in measures]
    OUT.write_text(json.dumps({"machine": where, "measures": rows}, ensure_ascii=False, indent=1))
    if asked.markdown:
        asked.markdown.write_text(page(measures, where), "utf-8")
    print(table(measures))
    for name in broken:
        print(f"{name} broke down and is missing; its error stands above", file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
