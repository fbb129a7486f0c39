"""One measurement: what we need, what the machine's limit is, and what is wanted."""

import json
import math
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Measure:
    """`ratio` is ours ÷ limit; `target` says in words what is wanted, `reached` whether it is."""

    name: str
    unit: str
    ours: float  # the median, where there are several
    worst: float | None  # 99th percentile
    count: int
    limit_name: str
    limit: float
    target: str
    reached: bool

    @property
    def ratio(self) -> float:
        return self.ours / self.limit if self.limit else math.nan

    def row(self) -> dict[str, Any]:
        """For the JSON file."""
        return {**asdict(self), "ratio": round(self.ratio, 2)}


def median(values: Sequence[float]) -> float:
    return round(statistics.median(values), 2)


def worst(values: Sequence[float]) -> float:
    """The 99th percentile by nearest rank: an observed value, never one in between."""
    ordered = sorted(values)
    return round(ordered[math.ceil(0.99 * len(ordered)) - 1], 2)


def in_a_process(
    module: str,
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    timeout_s: float = 120,
) -> Any:
    """Run `python -m benchmarks.<module>` and read the JSON on its last line."""
    answer = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{module}", *arguments],
        capture_output=True,
        text=True,
        env=environment,
        timeout=timeout_s,
        check=False,
    )
    if answer.returncode != 0:
        raise RuntimeError(f"{module} ended with {answer.returncode}:\n{answer.stderr[-2000:]}")
    return json.loads(answer.stdout.splitlines()[-1])
