"""The house rules that no linter knows: what rooms load, what files say, what is written down."""

import re
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

import pytest

import yici

HOUSE = Path(yici.__file__).parent
REPOSITORY = HOUSE.parent
ROOMS = (
    "contract",
    "drivers",
    "offline_cache",
    "config",
    "kiosk",
    "ui",
    "unified_platform",
    "rehearsal",
    "catalogue",
)
WITHOUT_QT = ("contract", "config", "offline_cache", "drivers", "kiosk", "unified_platform")
TEXTS = frozenset(
    {".py", ".md", ".toml", ".sh", ".qml", ".js", ".html", ".css", ".in", ".txt", ".yml", ""}
)
README_LINES = 45

LOAD_ROOM = """
import importlib, pkgutil, sys
room = importlib.import_module(sys.argv[1])
skipped = (".storage.env", ".storage.versions.", ".__main__")
for module in pkgutil.walk_packages(room.__path__, room.__name__ + "."):
    if not any(part in module.name for part in skipped):
        importlib.import_module(module.name)
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""
LIST_COMMANDS = """
import sys
from yici.command_line import main
try:
    main(["--help"])
except SystemExit:
    print(*sorted(name for name in sys.modules), sep="\\n", file=sys.stderr)
"""
START_SUPERVISOR = """
import sys
from yici.command_line import NOUNS, main
main.get_command(None, "terminal")
from yici.kiosk.supervising.loop import Supervisor
Supervisor(["true"])
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def loaded_by(script: str, *arguments: str) -> set[str]:
    """Top-level modules that a fresh process has loaded after a script."""
    answer = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return set(answer.stdout.splitlines()[-1].split())


def own_texts() -> list[Path]:
    """Every text file of the project that a person wrote."""
    folders = [HOUSE, *(REPOSITORY / name for name in ("tests", "docs", "packaging", "benchmarks"))]
    found = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    found += [path for path in REPOSITORY.iterdir() if path.is_file()]
    return [
        path
        for path in found
        if path.suffix in TEXTS and "__pycache__" not in path.parts and "out" not in path.parts
    ]


def offenders(pattern: str) -> list[str]:
    expression = re.compile(pattern)
    return [
        f"{path.relative_to(REPOSITORY)}:{number}"
        for path in own_texts()
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), start=1)
        if expression.search(line)
    ]


@pytest.mark.parametrize("room", WITHOUT_QT)
def test_only_the_screens_load_qt(room: str) -> None:
    assert not {"PySide6", "shiboken6"} & loaded_by(LOAD_ROOM, f"yici.{room}")


def test_help_is_quick_because_no_room_is_loaded() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", LIST_COMMANDS],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    loaded = {name for name in answer.stderr.splitlines() if name.startswith("yici.")}
    assert loaded == {"yici.command_line"}
    assert "Commands:" in answer.stdout


def test_the_process_that_never_dies_carries_little() -> None:
    loaded = loaded_by(START_SUPERVISOR)
    assert "yici" in loaded
    assert not loaded & {
        "PySide6",
        "pydantic",
        "pydantic_core",
        "cryptography",
        "numpy",
        "cv2",
        "PIL",
        "sqlite3",
        "requests",
    }


def test_one_opencv_and_not_the_one_that_brings_a_second_qt() -> None:
    names = {distribution.metadata["Name"].lower() for distribution in distributions()}
    opencv = {name for name in names if name.startswith("opencv")}
    assert opencv == {"opencv-python-headless"}


def test_qt_comes_in_the_small_package_of_the_version_that_was_tried() -> None:
    versions = {
        distribution.metadata["Name"].lower().replace("_", "-"): distribution.version
        for distribution in distributions()
    }
    assert versions["pyside6-essentials"] == "6.11.3"
    assert "pyside6" not in versions


def test_no_file_names_a_package_registry() -> None:
    hosts = ("pypi" + r"\.org", "pythonhosted" + r"\.org", "npmjs" + r"\.", "pypi" + r"\.tuna")
    assert offenders("|".join(hosts)) == []


def test_no_file_knows_somebodys_own_folder() -> None:
    assert offenders(r"(?<![\w.])/(home|Users|" + r"work)/[a-z]") == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_has_one_screen_that_leads_in(room: str) -> None:
    readme = HOUSE / room / "README.md"
    lines = readme.read_text("utf-8").splitlines()
    assert lines[0].startswith("# ")
    assert 5 <= len(lines) <= README_LINES


def test_every_room_is_known_here() -> None:
    found = {path.name for path in HOUSE.iterdir() if path.is_dir() and path.name[0] != "_"}
    assert found == set(ROOMS)


def test_no_module_is_a_drawer_for_everything() -> None:
    drawers = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}
    assert [path for path in HOUSE.rglob("*.py") if path.stem in drawers] == []
