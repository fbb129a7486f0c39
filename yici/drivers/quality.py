"""How far a driver can be trusted: its level on the scale, and what the next one asks for.

A rule is met by the test, the benchmark or the list that the driver's descriptor names for it; a
level is reached when its rules and those of every level below are met. What a descriptor names is
a claim: for our own drivers the test suite checks every claim, for a vendor's its own suite does
(`yici.drivers.proving`), and the terminal can only say whose word it is.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from yici.drivers.descriptor import RULES, DriverDescriptor, Level, Rule

MEANINGS: Final[Mapping[Rule, str]] = {
    Rule.CONTRACT_SUITE: "the suite of its kind runs against it",
    Rule.THREE_ERRORS: "whatever the device says gives a value or one of the three errors",
    Rule.DEADLINES: "a silent device holds no call beyond its deadline",
    Rule.STARTS_WITHOUT_DEVICE: "the terminal starts while the device is away",
    Rule.UNPLUGGED_IN_EVERY_STATE: "the plug is pulled before, during and after a call",
    Rule.COMES_BACK: "it works again after the plug, without a restart",
    Rule.WRONG_SETTING_TOLD: "a wrong speed, address or model is told as such",
    Rule.LOGS_ONCE: "one event when it is lost, one when it is back",
    Rule.TWIN: "a virtual device speaks its protocol",
    Rule.VECTORS: "bytes from the standard or the maker, not from our own encoder",
    Rule.SELF_TEST: "it proves of itself what it can without a person",
    Rule.REDACTED_DIAGNOSTICS: "its diagnostics hold nothing of a resident",
    Rule.FAULT_MATRIX: "every fault of its twin, in every state of its use",
    Rule.INDEPENDENT_PEER: "somebody else's implementation was on the other side",
    Rule.KERNEL_DRIVER: "real kernel drivers carried the bytes",
    Rule.MEASURED: "a benchmark measures it against the limit of its line",
    Rule.KNOWN_LIMITS: "the descriptor says what it can't do or was never tried with",
    Rule.TESTED_MODELS: "the descriptor names the real devices that it was tried with",
}

# drivers log nothing: the terminal does it for whichever driver it has
PROVEN_FOR_EVERY_DRIVER: Final[Mapping[Rule, str]] = {
    Rule.LOGS_ONCE: "tests/kiosk/devices/test_worker.py"
    "::test_a_loss_is_logged_once_however_often_sessions_change",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """`level` is None below bronze; `lacks` are the rules between it and `next_level`."""

    level: Level | None
    next_level: Level | None  # None at the top
    lacks: tuple[Rule, ...]


def judge(descriptor: DriverDescriptor) -> Verdict:
    """Where a driver stands if everything that it claims is true."""
    reached: Level | None = None
    for level in Level:
        lacks = tuple(rule for rule in Rule if rule in RULES[level] and not _has(descriptor, rule))
        if lacks:
            return Verdict(reached, level, lacks)
        reached = level
    return Verdict(reached, None, ())


def is_below(level: Level | None, floor: Level | None) -> bool:
    """Whether `level` is worse than `floor`; None is worse than every level."""
    order = [None, *Level]
    return order.index(level) < order.index(floor)


def find_false_proofs(
    descriptor: DriverDescriptor,
    *,
    collected_tests: Collection[str],
    benchmarks: Mapping[str, str],
    sibling_drivers: Collection[str] = (),
) -> tuple[str, ...]:
    """What a descriptor claims and can't show, one sentence each.

    `collected_tests` are node ids as pytest collects them: a proof names one, a parametrised test
    without its brackets, or a class of tests. `benchmarks` are names and sources: one measures a
    driver only if it says the driver's name. Where the kind has other drivers (`sibling_drivers`),
    a test that runs once for each must run for this one: its name is to be found in the brackets.
    """
    return tuple(
        f"{descriptor.kind}.{descriptor.name}: {rule}: {fault}"
        for rule, proof in descriptor.proofs.items()
        if (fault := _find_fault(descriptor, rule, proof, collected_tests, benchmarks))
        or (fault := _find_other_driver(descriptor, proof, collected_tests, sibling_drivers))
    )


def _has(descriptor: DriverDescriptor, rule: Rule) -> bool:
    if rule is Rule.KNOWN_LIMITS:
        return bool(descriptor.known_limits)
    if rule is Rule.TESTED_MODELS:
        return bool(descriptor.tested_models)
    if rule is Rule.TWIN and not descriptor.twin:
        return False
    if rule in PROVEN_FOR_EVERY_DRIVER:
        return True
    return bool(descriptor.proofs.get(rule))


def _find_fault(
    descriptor: DriverDescriptor,
    rule: Rule,
    proof: str,
    collected_tests: Collection[str],
    benchmarks: Mapping[str, str],
) -> str:
    if rule in (Rule.KNOWN_LIMITS, Rule.TESTED_MODELS):
        return "is shown by its list, not by a proof"
    if rule is Rule.TWIN and not descriptor.twin:
        return "the descriptor names no twin"
    if "::" not in proof:
        if rule is not Rule.MEASURED:
            return f"{proof!r} is no test (path::name)"
        return _find_benchmark_fault(descriptor, proof, benchmarks)
    return "" if any(_runs(proof, collected_tests)) else f"no test is collected as {proof}"


def _find_benchmark_fault(
    descriptor: DriverDescriptor, name: str, benchmarks: Mapping[str, str]
) -> str:
    if name not in benchmarks:
        return f"there is no benchmark {name!r}"
    named = re.search(rf"\b{re.escape(descriptor.name)}\b", benchmarks[name])
    return "" if named else f"the benchmark {name!r} doesn't name this driver"


def _find_other_driver(
    descriptor: DriverDescriptor,
    proof: str,
    collected_tests: Collection[str],
    sibling_drivers: Collection[str],
) -> str:
    parameters = [run.removeprefix(proof) for run in _runs(proof, collected_tests)]
    if any(descriptor.name in parameter for parameter in parameters):
        return ""
    others = [name for name in sibling_drivers if any(name in one for one in parameters)]
    return f"{proof} runs for {', '.join(others)}, not for this driver" if others else ""


def _runs(proof: str, collected_tests: Collection[str]) -> Iterator[str]:
    """The collected ids of a test with its parameters, or of a whole class of tests."""
    starts = (f"{proof}[", f"{proof}::")
    return (one for one in collected_tests if one == proof or one.startswith(starts))
