"""What the demo proves, as named checks, and the report that keeps them."""

import json
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that has to hold; `detail` says what was found."""

    name: str
    ok: bool
    detail: str = ""


@dataclass(slots=True)
class Proof:
    """Grows while the demo plays; `write` leaves it as report.json."""

    checks: list[Check] = field(default_factory=list)
    submissions: int = 0
    delivered: int = 0
    lost: int = 0
    duplicated: int = 0
    screens: list[str] = field(default_factory=list)
    slips: list[str] = field(default_factory=list)
    papers: list[str] = field(default_factory=list)
    started_s: float = field(default_factory=time.monotonic)

    def holds(self, name: str, found: object, *, expected: object) -> None:
        """Note whether what was found is what was expected."""
        ok = found == expected
        self.checks.append(Check(name, ok, f"{found}" if ok else f"{found}, expected {expected}"))

    def failed(self, name: str, why: str) -> None:
        """Note something that could not even be looked at."""
        self.checks.append(Check(name, ok=False, detail=why))

    @property
    def ok(self) -> bool:
        """Every check held, and there was something to check."""
        return bool(self.checks) and all(check.ok for check in self.checks)

    def write(self, path: Path) -> None:
        report = {
            "ok": self.ok,
            "seconds": round(time.monotonic() - self.started_s, 1),
            "submissions": self.submissions,
            "delivered": self.delivered,
            "lost": self.lost,
            "duplicated": self.duplicated,
            "checks": [asdict(check) for check in self.checks],
            "screens": self.screens,
            "slips": self.slips,
            "papers": self.papers,
        }
        path.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", "utf-8")
