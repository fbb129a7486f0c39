"""The example package: installed as a stranger's would be, seen, proven, and read from.

docs/write-a-driver.md takes its code from that package, or it is run here.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from yici.config.load import load_settings

PROJECT = Path(__file__).parents[2]
EXAMPLE = PROJECT / "examples" / "acme-reader"
PAGE = PROJECT / "docs" / "write-a-driver.md"
FENCE = re.compile(r"(?:<!-- (?P<note>[^\n]*) -->\n)?```(?P<language>\w+)\n(?P<code>.*?)```", re.S)
# as the terminal opens it, then as the command line does
USE_IT = """
import sys
from pathlib import Path
from yici.command_line import main
from yici.config.load import load_settings
from yici.drivers.device import DeviceKind
from yici.drivers.registry import get_driver, load_twin
from yici.kiosk.devices.connecting import connect_code_reader

folder = Path(sys.argv[1])
with load_twin(get_driver(DeviceKind.CODE_READER, "acme"))(folder) as twin:
    settings = folder / "terminal.toml"
    settings.write_text(f'[code_reader]\\ndriver = "acme"\\naddress = "{twin.address}"\\n')
    reader = connect_code_reader(load_settings(settings).code_reader)
    print(reader.status().state)
    reader.close()
    twin.act("show_code", "shown to the command line")
    main(["device", "code-reader", "read", "--driver", "acme", "--address", twin.address],
         standalone_mode=False)
"""
YICI = (sys.executable, "-c", "from yici.command_line import main; main()")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with nothing but the example package, as pip puts it there; no network."""
    source = tmp_path_factory.mktemp("source") / "acme-reader"
    shutil.copytree(
        EXAMPLE, source, ignore=shutil.ignore_patterns("__pycache__", "build", "*.egg*")
    )
    target = tmp_path_factory.mktemp("target")
    install = ("install", "--no-deps", "--no-build-isolation", "--no-index", "--quiet")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", *install)
    run(*pip, "--target", str(target), str(source))
    return target


def run(*command: str, path: Path | None = None, directory: Path = PROJECT) -> str:
    """What a command printed; its own words when it fails."""
    environment = dict(os.environ)
    if path is not None:
        environment["PYTHONPATH"] = str(path)
    answer = subprocess.run(
        command,
        cwd=directory,
        env=environment,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


def snippets() -> list[tuple[str, str, str]]:
    """(note, language, code) of every block of code on the page."""
    text = PAGE.read_text("utf-8")
    return [(one["note"] or "", one["language"], one["code"]) for one in FENCE.finditer(text)]


def test_installed_package_is_listed_with_its_makers_word(installed: Path) -> None:
    listed: dict[str, Any] = json.loads(run(*YICI, "drivers", "--json", path=installed))
    (acme,) = [one for one in listed["drivers"] if one["name"] == "acme"]
    assert (acme["kind"], acme["package"]) == ("code_reader", "acme-reader 1.0.0")
    assert "acme-reader 1.0.0" not in {one["package"] for one in listed["broken"]}
    (line,) = [row for row in run(*YICI, "drivers", path=installed).splitlines() if "acme" in row]
    assert f"{acme['level']} (its maker's word)" in line


def test_broken_package_is_listed_and_the_others_still_are(installed: Path, tmp_path: Path) -> None:
    shutil.copytree(installed, tmp_path / "site")
    (tmp_path / "site" / "acme_reader" / "descriptor.py").write_text("import no_such_library\n")
    table = run(*YICI, "drivers", path=tmp_path / "site")
    assert "broken: code_reader.acme of acme-reader 1.0.0: loading" in table
    assert "No module named 'no_such_library'" in table


def test_page_about_our_drivers_does_not_depend_on_what_is_installed(
    installed: Path, tmp_path: Path
) -> None:
    for name, path in (("with", installed), ("without", None)):
        run(*YICI, "drivers", "--markdown", str(tmp_path / name), path=path)
    assert (tmp_path / "with").read_text("utf-8") == (tmp_path / "without").read_text("utf-8")


def test_example_passes_its_own_tests_and_ours(installed: Path, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE / "tests", tmp_path / "tests")
    shutil.copy(EXAMPLE / "pyproject.toml", tmp_path)
    printed = run(sys.executable, "-m", "pytest", path=installed, directory=tmp_path)
    assert " passed" in printed
    assert "skipped" not in printed


def test_terminal_and_command_line_take_it_by_its_name(installed: Path, tmp_path: Path) -> None:
    ready, shown = run(sys.executable, "-c", USE_IT, str(tmp_path), path=installed).splitlines()
    assert ready == "ready"
    assert "shown to the command line" in shown


def test_code_on_the_page_runs_against_the_twin(installed: Path) -> None:
    (code,) = [code for note, _, code in snippets() if note == "run"]
    assert run(sys.executable, "-c", code, path=installed).splitlines() == [
        "SeenCode(content=b'https://example.test/receipt/1', symbology='qr')",
        "disconnected",
    ]


def test_every_other_piece_of_code_on_the_page_is_the_examples(tmp_path: Path) -> None:
    notes = [note for note, _, _ in snippets()]
    assert len(notes) > 8
    for note, _, code in snippets():
        if note.startswith("from "):
            assert code in (PROJECT / note.removeprefix("from ")).read_text("utf-8"), code
        elif note == "toml":
            settings = tmp_path / "terminal.toml"
            settings.write_text(code)
            assert (
                load_settings(settings).code_reader.driver
                == tomllib.loads(code)["code_reader"]["driver"]
            )
        else:
            assert note in ("run", "sh"), f"nobody tests this block: {code}"
