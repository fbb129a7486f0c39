"""Both ends looked at through their own commands: the terminal's queue, the platform's cases."""

import json
from pathlib import Path
from typing import Any

from yici.rehearsal.stage import Stage


class Offices:
    """Asks a running stage what was accepted and what has arrived. Raises RehearsalFailed."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def outbox(self) -> list[dict[str, Any]]:
        """Every submission this terminal accepted, oldest first."""
        lines: list[dict[str, Any]] = json.loads(
            self._stage.table.run(self._stage.terminal_command("outbox", "outbox", "list"))
        )
        return lines

    def send_now(self) -> None:
        """What staff do rather than wait for the agent's back-off, which may be minutes."""
        self._stage.table.run(
            self._stage.terminal_command(
                "send-now", "outbox", "drain", "--platform", self._stage.platform_url
            )
        )

    def cases(self) -> list[dict[str, Any]]:
        """Every submission that the platform has, oldest first."""
        lines: list[dict[str, Any]] = json.loads(self._ask("list", "--json"))
        return lines[::-1]

    def case(self, case_number: str) -> dict[str, Any]:
        """One case with its form."""
        found: dict[str, Any] = json.loads(self._ask("show", case_number, "--json"))
        return found

    def save_part(self, case_number: str, part: int, path: Path) -> None:
        """One paper as the platform received it."""
        self._ask("show", case_number, "--part", str(part), "--out", str(path), "--json")

    def accept(self, case_number: str) -> None:
        """受理, as staff do it in the console."""
        self._ask("decide", case_number, "--accept")

    def _ask(self, *arguments: str) -> str:
        step = self._stage.platform_command("submissions", "submissions", *arguments)
        return self._stage.table.run(step)
