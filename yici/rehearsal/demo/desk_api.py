"""The panel's JSON API as the demo uses it: cards, papers, paper rolls, slips."""

from pathlib import Path
from typing import Any

import requests

_TIMEOUT_S = 30.0


class DeskRefused(Exception):
    """The panel did not do what was asked; the message is its own sentence."""


class DeskApi:
    """One panel; `url` ends with a slash."""

    def __init__(self, url: str) -> None:
        self._url = url

    def put_card(self, persona: str) -> None:
        self._send("POST", "api/card", {"persona": persona})

    def take_card(self) -> None:
        self._send("DELETE", "api/card")

    def lay_paper(self, sample: str) -> None:
        self._send("POST", "api/paper", {"sample": sample})

    def take_paper(self) -> None:
        self._send("DELETE", "api/paper")

    def break_printer(self, condition: str, *, after_rows: int = 0) -> None:
        """Let something go wrong: now, or after so many more printed rows (8 per mm)."""
        order = {"condition": condition, "is_set": True, "after_rows": after_rows}
        self._send("POST", "api/printer/condition", order)

    def mend_printer(self, condition: str) -> None:
        self._send("POST", "api/printer/condition", {"condition": condition, "is_set": False})

    def devices(self) -> dict[str, dict[str, Any]]:
        """Every device of the desk by its kind: driver, address and how it is."""
        found: dict[str, dict[str, Any]] = self._send("GET", "api/state")["devices"]
        return found

    def count_slips(self) -> int:
        return len(self._send("GET", "api/slips"))

    def save_slips(self, directory: Path) -> list[Path]:
        """Every printed slip as a PNG, oldest first."""
        directory.mkdir(parents=True, exist_ok=True)
        saved = []
        for slip in reversed(self._send("GET", "api/slips")):
            path = directory / f"slip-{slip['number']}.png"
            with requests.get(self._url + slip["url"].lstrip("/"), timeout=_TIMEOUT_S) as reply:
                reply.raise_for_status()
                path.write_bytes(reply.content)
            saved.append(path)
        return saved

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Raises DeskRefused."""
        try:
            with requests.request(method, self._url + path, json=body, timeout=_TIMEOUT_S) as reply:
                answer = reply.json()
        except requests.RequestException as error:
            raise DeskRefused(f"The panel does not answer: {error}.") from error
        if not reply.ok:
            raise DeskRefused(answer["message"])
        return answer
