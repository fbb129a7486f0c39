"""A terminal's directory for the measurements: enrolled, with the whole catalogue."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "kiosk"))

from enrolled_terminal import enrol, stock_catalogue


def make_terminal(folder: Path, *, reader_port: str = "") -> Path:
    """Its settings file."""
    state_dir = folder / "state"
    enrol(state_dir)
    stock_catalogue(state_dir)
    settings = folder / "terminal.toml"
    settings.write_text(
        f'[storage]\nstate_dir = "{state_dir}"\n[id_card_reader]\nport = "{reader_port}"\n'
    )
    return settings


def screen_environment(**more: str) -> dict[str, str]:
    """For a process with a window."""
    return {**os.environ, "QT_QUICK_BACKEND": "software", **more}
