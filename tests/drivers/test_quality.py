"""The scale: what a level asks for, that every claim can be shown, and that no driver drops."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yici.drivers.descriptor import RULES, DriverDescriptor, Level, Rule
from yici.drivers.device import DeviceKind
from yici.drivers.proving.claims import false_claims
from yici.drivers.quality import PROVEN_FOR_EVERY_DRIVER, find_false_proofs, is_below, judge
from yici.drivers.registry import drivers, installed_drivers
from yici.kiosk.cli.drivers import as_markdown

PROJECT = Path(__file__).parents[2]
LEVELS = Path(__file__).with_name("levels.toml")
PROOF = "tests/drivers/test_x.py::test_y"
BARE = DriverDescriptor(
    name="x",
    kind=DeviceKind.SCANNER,
    title_zh="示例",
    title_en="Example",
    connect="a.b:connect",
    address_example="x",
)


def with_rules(rules: frozenset[Rule]) -> DriverDescriptor:
    """A descriptor that claims exactly these."""
    return replace(
        BARE,
        twin="a.b:twin" if Rule.TWIN in rules else "",
        proofs=dict.fromkeys(rules - {Rule.KNOWN_LIMITS, Rule.TESTED_MODELS}, PROOF),
        known_limits=("one",) if Rule.KNOWN_LIMITS in rules else (),
        tested_models=("Maker Model",) if Rule.TESTED_MODELS in rules else (),
    )


def rules_up_to(level: Level) -> frozenset[Rule]:
    return frozenset(rule for below in Level if not is_below(level, below) for rule in RULES[below])


@given(rules=st.frozensets(st.sampled_from(Rule)))
def test_level_is_the_highest_whose_rules_are_all_met(rules: frozenset[Rule]) -> None:
    verdict = judge(with_rules(rules))
    rules |= set(PROVEN_FOR_EVERY_DRIVER)
    reached = [level for level in Level if rules_up_to(level) <= rules]
    assert verdict.level == (reached[-1] if reached else None)
    if verdict.next_level is not None:
        assert set(verdict.lacks) == rules_up_to(verdict.next_level) - rules


def test_every_rule_belongs_to_exactly_one_level() -> None:
    assert sorted(rule for rules in RULES.values() for rule in rules) == sorted(Rule)


def test_no_driver_is_platinum_without_a_real_device() -> None:
    everything = with_rules(frozenset(Rule))
    assert judge(everything).level is Level.PLATINUM
    verdict = judge(replace(everything, tested_models=()))
    assert (verdict.level, verdict.lacks) == (Level.GOLD, (Rule.TESTED_MODELS,))


def test_named_twin_proof_counts_only_with_a_twin() -> None:
    assert Rule.TWIN in judge(replace(with_rules(frozenset(Rule)), twin="")).lacks


@pytest.mark.parametrize(
    ("rule", "proof", "fault"),
    [
        (Rule.DEADLINES, PROOF, ""),
        (Rule.DEADLINES, f"{PROOF}[x]", ""),
        (Rule.DEADLINES, "tests/drivers/test_x.py::TestZ", ""),
        (Rule.DEADLINES, "tests/drivers/test_x.py::Test", "no test is collected"),
        (Rule.DEADLINES, f"{PROOF}[z]", "no test is collected"),
        (Rule.DEADLINES, "tests/drivers/test_x.py::test_gone", "no test is collected"),
        (Rule.DEADLINES, "card", "is no test"),
        (Rule.MEASURED, "card", ""),
        (Rule.MEASURED, "cart", "there is no benchmark 'cart'"),
        (Rule.MEASURED, "other", "the benchmark 'other' doesn't name this driver"),
        (Rule.TWIN, PROOF, "names no twin"),
        (Rule.TESTED_MODELS, PROOF, "is shown by its list"),
    ],
)
def test_claim_that_cannot_be_shown_is_a_sentence(rule: Rule, proof: str, fault: str) -> None:
    found = find_false_proofs(
        replace(BARE, proofs={rule: proof}),
        collected_tests={
            f"{PROOF}[x]",
            f"{PROOF}[x-2]",
            "tests/drivers/test_x.py::TestZ::test_y",
        },
        benchmarks={"card": "from a.x import connect", "other": "from a.xy import connect"},
    )
    assert bool(found) == bool(fault)
    assert fault in "".join(found)


def test_proof_that_runs_for_another_driver_of_the_kind_only_is_false() -> None:
    claim = replace(BARE, proofs={Rule.DEADLINES: PROOF})
    found = find_false_proofs(
        claim, collected_tests={f"{PROOF}[other]"}, benchmarks={}, sibling_drivers={"other"}
    )
    assert "runs for other, not for this driver" in found[0]
    both = {f"{PROOF}[other]", f"{PROOF}[x]"}
    assert not find_false_proofs(
        claim, collected_tests=both, benchmarks={}, sibling_drivers={"other"}
    )


def test_proof_that_is_skipped_or_expected_to_fail_is_false(tmp_path: Path) -> None:
    (tmp_path / "test_x.py").write_text(
        "import pytest\n"
        "@pytest.mark.skip(reason='later')\n"
        "def test_skipped() -> None: ...\n"
        "@pytest.mark.xfail(strict=True)\n"
        "def test_failing() -> None: assert 0\n"
        "class TestX:\n"
        "    def test_good(self) -> None: ...\n"
    )
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    claims = replace(
        BARE,
        proofs={
            Rule.DEADLINES: "test_x.py::test_skipped",
            Rule.COMES_BACK: "test_x.py::test_failing",
            Rule.THREE_ERRORS: "test_x.py::TestX::test_good",
            Rule.LOGS_ONCE: "test_gone.py::test_gone",
        },
    )
    found = false_claims([claims], project=tmp_path, scratch=tmp_path)
    assert {sentence.split(": ")[1] for sentence in found} == {
        Rule.DEADLINES,
        Rule.COMES_BACK,
        Rule.LOGS_ONCE,
    }


def test_benchmark_that_nobody_runs_measures_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "benchmarks"
    folder.mkdir()
    (folder / "lines.py").write_text("from a.x import connect")
    claims = replace(BARE, proofs={Rule.MEASURED: "lines"})
    assert not false_claims([claims], project=tmp_path, scratch=tmp_path)
    (folder / "__main__.py").write_text('NAMES = ("card",)')
    assert false_claims([claims], project=tmp_path, scratch=tmp_path)
    (folder / "__main__.py").write_text('NAMES = ("card", "lines")')
    assert not false_claims([claims], project=tmp_path, scratch=tmp_path)


def test_every_claim_of_our_drivers_can_be_shown(tmp_path: Path) -> None:
    assert false_claims(drivers(), project=PROJECT, scratch=tmp_path) == ()


def test_what_is_proven_for_every_driver_can_be_shown(tmp_path: Path) -> None:
    claims = replace(BARE, proofs=PROVEN_FOR_EVERY_DRIVER)
    assert false_claims([claims], project=PROJECT, scratch=tmp_path) == ()


def test_no_driver_drops_below_its_recorded_level() -> None:
    recorded = tomllib.loads(LEVELS.read_text("utf-8"))
    now = {(found.kind.value, found.name): judge(found).level for found in drivers()}
    for kind, levels in recorded.items():
        for name, text in levels.items():
            assert (kind, name) in now, f"{kind}.{name} is recorded in levels.toml and gone"
            floor = None if text == "none" else Level(text)
            level = now[kind, name]
            assert not is_below(level, floor), f"{kind}.{name} was {floor} and is {level}"
    unrecorded = {f"{kind}.{name}" for kind, name in now if name not in recorded.get(kind, {})}
    assert not unrecorded, "record their levels in levels.toml"


def test_page_about_the_drivers_is_fresh() -> None:
    page = PROJECT / "docs" / "drivers.md"
    assert page.read_text("utf-8") == as_markdown(installed_drivers()), (
        "run: yici drivers --markdown docs/drivers.md"
    )
