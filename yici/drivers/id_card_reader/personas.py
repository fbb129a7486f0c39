"""Synthetic people whose cards may be laid on a twin; their numbers belong to nobody."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from yici.contract.identifiers import find_compact_date
from yici.contract.people import Identity, Sex


@dataclass(frozen=True, slots=True)
class Persona:
    """`note` says what this person is there to try (Chinese, for staff and developers)."""

    key: str
    identity: Identity
    note: str


def load_personas(path: Path) -> dict[str, Persona]:
    """The personas of a JSON Lines file by key, in the file's order.

    Raises ValueError with file and line for an entry that is no persona.
    """
    personas: dict[str, Persona] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            persona = _persona(json.loads(line))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{path}, line {number} is no persona: {error!r}") from error
        personas[persona.key] = persona
    return personas


def _persona(entry: dict[str, Any]) -> Persona:
    if entry["synthetic"] is not True:
        raise ValueError("only synthetic people may be personas")
    valid_from, _, valid_to = str(entry["valid"]).partition("-")
    identity = Identity(
        name=entry["name"],
        sex=Sex(entry["sex"]),
        nation_code=entry["ethnicity"],
        birth_date=date.fromisoformat(entry["birth_date"]),
        address=entry["registered_address"],
        id_number=entry["id_number"],
        issuer=entry["issuing_authority"],
        valid_from=find_compact_date(valid_from),
        valid_to=find_compact_date(valid_to),
    )
    return Persona(key=entry["key"], identity=identity, note=entry.get("note", ""))
