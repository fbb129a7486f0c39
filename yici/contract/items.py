"""Service items: the implementation list's elements that a terminal and a counter need.

A pack is one JSON object a line; unknown keys are kept out, so that an older terminal can
read a newer pack.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, ValidationError

from yici.contract.forms import FormDefinition


class _Element(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Necessity(StrEnum):
    """Whether a material is always asked."""

    REQUIRED = "required"
    CONDITIONAL = "conditional"


class KioskLevel(StrEnum):
    """What a terminal may do for the item."""

    FULL = "full"
    APPLY = "apply"
    APPOINT = "appoint"
    QUERY_PRINT = "query_print"
    GUIDE = "guide"


class OfflineRule(StrEnum):
    """What is possible without a network."""

    QUEUE = "queue"
    BLOCK = "block"
    GUIDE_ONLY = "guide_only"


class Unit(_Element):
    """A responsible unit."""

    key: str
    name: str


class Limit(_Element):
    """A time limit in working days."""

    value: int
    unit: str = "working_day"


class FeeLine(_Element):
    """One charge."""

    name: str
    standard: str
    unit: str
    note: str = ""


class Fee(_Element):
    """Whether and what is charged."""

    charged: bool
    items: tuple[FeeLine, ...] = ()


class Material(_Element):
    """One paper that the item asks for."""

    key: str
    name: str
    necessity: Necessity
    condition: str = ""
    note: str = ""
    capture: tuple[str, ...] = ()
    original_or_copy: str = ""
    e_licence: str | None = None
    data_share: str | None = None
    exempt_if_shared: bool = False
    deferrable: bool = False
    max_pages: int = 3
    sensitive: bool = False


class ScenarioOption(_Element):
    """One answer to a situation question, and the material that it adds."""

    label: str
    adds_material: str | None = None


class Scenario(_Element):
    """A situation question 情形."""

    question: str
    options: tuple[ScenarioOption, ...]


class Faq(_Element):
    """A question that people ask, and its answer."""

    q: str
    a: str


class Kiosk(_Element):
    """What the item allows at a terminal."""

    level: KioskLevel
    offline: OfflineRule
    devices: tuple[str, ...] = ()
    proxy_allowed: bool = False


class Pinyin(_Element):
    """Reading of a name: full and initials, without tones."""

    full: str
    initials: str


class SearchTerms(_Element):
    """Words under which people look for the item."""

    aliases: tuple[str, ...] = ()
    pinyin: Pinyin
    name_pinyin: Pinyin


class Result(_Element):
    """What the resident gets in the end."""

    type: str
    name: str


class ServiceItem(_Element):
    """One service item as published."""

    code: str
    version: int
    state: str
    illustrative: bool = False
    name: str
    short_name: str
    category: str
    category_zh: str
    topics: tuple[str, ...] = ()
    audience: tuple[str, ...] = ()
    responsible_unit: Unit
    statutory_limit: Limit | None = None
    promised_limit: Limit
    visits: int
    fee: Fee
    accept_conditions: tuple[str, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    materials: tuple[Material, ...] = ()
    form: FormDefinition
    guide_steps: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    tips: tuple[str, ...] = ()
    faq: tuple[Faq, ...] = ()
    transact_addr: str = ""
    transact_time: str = ""
    consult_way: str = ""
    supervise_way: str = ""
    four_ways: tuple[str, ...] = ()
    kiosk: Kiosk
    result: Result
    search: SearchTerms
    popularity: int = 0


class BadPack(ValueError):
    """A line of a catalogue pack is no service item; the message names the line."""


def read_pack(lines: Iterable[str]) -> Iterator[ServiceItem]:
    """The items of a pack, one a line. Raises BadPack."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield ServiceItem.model_validate_json(line)
        except ValidationError as error:
            raise BadPack(f"line {number}: {error.error_count()} faults") from error
