"""What residents read: complete in both languages, and nothing asked for that isn't there."""

import re
import string
from enum import StrEnum
from itertools import chain

import pytest

from yici.contract.form_rules import Fault
from yici.contract.identifiers import Violation
from yici.drivers.device import DeviceKind
from yici.kiosk.capture.quality import QualityWarning
from yici.kiosk.journeys.hand_in import Refusal
from yici.kiosk.session.capturing import StillFault
from yici.kiosk.session.table import EndKind
from yici.ui.app import QML_ROOT
from yici.ui.strings import Language, table
from yici.ui.view_models.words import Words

CHINESE, ENGLISH = table(Language.CHINESE), table(Language.ENGLISH)
ASKED = re.compile(r'Strings\.(?:text|format)\(\s*"(?P<id>[a-z_.]+)"(?P<joined>\s*\+)?')
HAN = re.compile(r"[\u4e00-\u9fff]")
NAMED_IN_CHINESE = {"bar.language", "keyboard.to_chinese"}  # buttons that lead to Chinese


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_ids() -> None:
    assert CHINESE.keys() == ENGLISH.keys()


def test_texts_are_there_and_have_the_same_placeholders() -> None:
    wrong = [
        string_id
        for string_id, chinese in CHINESE.items()
        if not chinese.strip()
        or not ENGLISH[string_id].strip()
        or placeholders(chinese) != placeholders(ENGLISH[string_id])
    ]
    assert wrong == []


def test_english_is_english() -> None:
    chinese = {string_id for string_id, text in ENGLISH.items() if HAN.search(text)}
    assert chinese == NAMED_IN_CHINESE


def test_every_text_that_a_screen_asks_for_exists() -> None:
    for path in QML_ROOT.rglob("*.qml"):
        for found in ASKED.finditer(path.read_text(encoding="utf-8")):
            if found["joined"]:
                assert any(known.startswith(found["id"]) for known in CHINESE), path.name
            else:
                assert found["id"] in CHINESE, f"{path.name}: {found['id']}"


@pytest.mark.parametrize(
    ("prefix", "codes"),
    [
        ("fault.", Fault),
        ("fault.", Violation),
        ("refusal.", Refusal),
        ("device.", DeviceKind),
        ("capture.warning_", QualityWarning),
        ("capture.fault_", StillFault),
        ("ended.", EndKind),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_every_code_has_a_sentence(prefix: str, codes: type[StrEnum]) -> None:
    assert {f"{prefix}{code.value}" for code in codes} <= CHINESE.keys()


def test_no_text_is_kept_that_nobody_asks_for() -> None:
    package = QML_ROOT.parent
    sources = "\n".join(
        path.read_text(encoding="utf-8")
        for path in chain(package.rglob("*.qml"), package.rglob("*.py"))
    )
    built = {
        found.rstrip("{")
        for found in re.findall(r'f"([a-z_]+\.[a-z_]*\{?)', sources)
        if found.endswith("{")
    }
    unused = [
        string_id
        for string_id in CHINESE
        if f'"{string_id}"' not in sources
        and not any(string_id.startswith(start) for start in built)
        and not any(f'"{string_id[:cut]}" +' in sources for cut in range(4, len(string_id)))
    ]
    assert unused == []


def test_a_sentence_finer_than_ours_falls_back() -> None:
    words = Words(Language.CHINESE)
    assert (
        words.either("device.receipt_printer_on_fire", "device.receipt_printer")
        == (CHINESE["device.receipt_printer"])
    )
    with pytest.raises(KeyError):
        words("no.such_id")


def test_placeholders_are_filled() -> None:
    assert Words(Language.ENGLISH)("guide.days", days=5) == "Within 5 working days"
