"""How a driver introduces itself: name, kind, the way in, and what is proven about it.

A driver, ours or a vendor's, is known by one `DriverDescriptor`: ours as `DRIVER` in the driver's
`descriptor.py`, a vendor's behind an entry point (see `registry.py`). Nothing else of the driver
is imported before it is connected, so `descriptor.py` imports nothing but this module and `device`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from yici.drivers.device import DeviceKind


class Level(StrEnum):
    """How far a driver can be trusted, lowest first."""

    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"
    PLATINUM = "platinum"


class Rule(StrEnum):
    """What has to be proven; `RULES` says for which level."""

    CONTRACT_SUITE = "contract_suite"  # the kind's own suite runs against it
    THREE_ERRORS = "three_errors"  # any bytes give a value or one of the three errors
    DEADLINES = "deadlines"  # a silent device never holds a call beyond its deadline
    STARTS_WITHOUT_DEVICE = "starts_without_device"
    UNPLUGGED_IN_EVERY_STATE = "unplugged_in_every_state"
    COMES_BACK = "comes_back"  # works again after the plug, without a restart
    WRONG_SETTING_TOLD = "wrong_setting_told"
    LOGS_ONCE = "logs_once"  # one event when lost, one when back
    TWIN = "twin"
    VECTORS = "vectors"  # bytes from the standard or the maker, not from our own encoder
    SELF_TEST = "self_test"
    REDACTED_DIAGNOSTICS = "redacted_diagnostics"
    FAULT_MATRIX = "fault_matrix"
    INDEPENDENT_PEER = "independent_peer"  # somebody else's implementation on the other side
    KERNEL_DRIVER = "kernel_driver"  # real kernel drivers carried the bytes
    MEASURED = "measured"  # against the limit of its line
    KNOWN_LIMITS = "known_limits"
    TESTED_MODELS = "tested_models"  # real devices, by name


RULES: Mapping[Level, frozenset[Rule]] = {
    Level.BRONZE: frozenset(
        {Rule.CONTRACT_SUITE, Rule.THREE_ERRORS, Rule.DEADLINES, Rule.STARTS_WITHOUT_DEVICE}
    ),
    Level.SILVER: frozenset(
        {
            Rule.UNPLUGGED_IN_EVERY_STATE,
            Rule.COMES_BACK,
            Rule.WRONG_SETTING_TOLD,
            Rule.LOGS_ONCE,
            Rule.KNOWN_LIMITS,
        }
    ),
    Level.GOLD: frozenset(
        {
            Rule.TWIN,
            Rule.VECTORS,
            Rule.SELF_TEST,
            Rule.REDACTED_DIAGNOSTICS,
            Rule.FAULT_MATRIX,
            Rule.MEASURED,
        }
    ),
    Level.PLATINUM: frozenset({Rule.INDEPENDENT_PEER, Rule.KERNEL_DRIVER, Rule.TESTED_MODELS}),
}


@dataclass(frozen=True, slots=True)
class DriverDescriptor:
    """One driver.

    `connect` and `twin` are `module:attribute`, imported on first use. `connect(address)` opens
    the device with its usual settings and takes its kind's other ones as keywords; it raises
    ValueError for an address that can't be one, and doesn't need the device to be there.
    `twin(directory)` makes the driver's twin, plugged in, with what it keeps in `directory`; its
    `address` is one that `connect` takes.

    `proofs` names for a rule the test that shows it (`tests/…/test_x.py::test_y`) or, for MEASURED,
    the benchmark; KNOWN_LIMITS and TESTED_MODELS are met by the two lists.
    """

    name: str
    kind: DeviceKind
    title_zh: str
    title_en: str
    connect: str
    address_example: str
    twin: str = ""
    proofs: Mapping[Rule, str] = field(default_factory=dict)
    known_limits: tuple[str, ...] = ()
    tested_models: tuple[str, ...] = ()
