"""`make fuzz`: every target under atheris for its share of FUZZ_SECONDS.

    python tests/fuzz/run.py --seconds 60 [--only NAME…]
    python tests/fuzz/run.py --replay NAME FILE        # one kept input again

Each target runs in a process of its own, because libFuzzer never returns. What it has learnt stays
in out/fuzz/<target>/corpus, and inputs that it fails on in out/fuzz/<target>/.
"""

import argparse
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

from harness import Target, check

OUT = Path("out") / "fuzz"
INSTRUMENTED = "yici"
GRACE_S = 60
RSS_LIMIT_MB = 1024
HANG_S = 20


def main() -> int:
    arguments = _arguments()
    table: tuple[Target, ...] = import_module(arguments.table).TARGETS
    if arguments.replay:
        name, file = arguments.replay
        check(_named(table, name), Path(file).read_bytes())
        return 0
    if arguments.one:
        _fuzz(_named(table, arguments.one), arguments.instrument, arguments.rest)
    chosen = [target for target in table if not arguments.only or target.name in arguments.only]
    share_s = max(1, round(arguments.seconds / max(1, len(chosen))))
    broken = [one.name for one in chosen if not _run(one, share_s, arguments)]
    print(f"{len(chosen)} targets, {share_s} s each; findings: {', '.join(broken) or 'none'}")
    return 1 if broken else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    seconds = float(os.environ.get("FUZZ_SECONDS", "60"))
    parser.add_argument("--seconds", type=float, default=seconds, help="for all together")
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--table", default="targets", help="module with TARGETS")
    parser.add_argument("--instrument", default=INSTRUMENTED, help="package whose branches lead")
    parser.add_argument("--replay", nargs=2, metavar=("NAME", "FILE"))
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("rest", nargs="*", help=argparse.SUPPRESS)
    return parser.parse_args()


def _named(table: tuple[Target, ...], name: str) -> Target:
    return next(target for target in table if target.name == name)


def _run(target: Target, seconds: int, arguments: argparse.Namespace) -> bool:
    """Whether the target held; tells what happened."""
    place = arguments.out / target.name
    corpus = place / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    command = [
        sys.executable, __file__, "--table", arguments.table, "--instrument", arguments.instrument,
        "--one", target.name, "--", str(corpus), f"-max_total_time={seconds}",
        f"-max_len={min(target.longest_bytes, 4096)}", f"-artifact_prefix={place}/",
        f"-rss_limit_mb={RSS_LIMIT_MB}", f"-timeout={HANG_S}", "-print_final_stats=1",
    ]  # fmt: skip
    try:
        answer = subprocess.run(
            command, capture_output=True, text=True, timeout=seconds + GRACE_S, check=False
        )
        said, held = answer.stdout + answer.stderr, answer.returncode == 0
    except subprocess.TimeoutExpired as expired:
        said, held = str(expired), False
    runs = [line.split()[-1] for line in said.splitlines() if "number_of_executed_units" in line]
    print(
        f"{target.name}: {'held' if held else 'FAILED'}, {''.join(runs) or '?'} inputs", flush=True
    )
    if not held:
        print(said[-4000:], flush=True)
    return held


def _fuzz(target: Target, instrumented: str, libfuzzer: list[str]) -> None:
    """Ends the process."""
    import atheris

    with atheris.instrument_imports(include=[instrumented]):
        for seed in (*target.seeds, b""):  # imports what the target imports
            check(target, seed)
    atheris.Setup([sys.argv[0], *libfuzzer], lambda data: check(target, data))
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
