"""Who stands at the terminal: the identity read from a card or stated by the person."""

from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class CardKind(StrEnum):
    """The four documents that a SAM reader reads (GA/T 490 and its special layouts)."""

    CITIZEN = "citizen"  # 居民身份证
    RESIDENCE_PERMIT = "residence_permit"  # 港澳台居民居住证, layout J
    PERMANENT_RESIDENCE_2017 = "permanent_residence_2017"  # 外国人永久居留身份证, layout I
    PERMANENT_RESIDENCE_2023 = "permanent_residence_2023"  # the same, layout Y


class Assurance(StrEnum):
    """How the identity was established; the platform decides what each is enough for."""

    CARD = "card"  # read from the chip
    # read from a social-security card's chip, which proves nothing to this reader: as good as typed
    # by somebody who holds the card
    SOCIAL_SECURITY_CARD = "social_security_card"
    TYPED = "typed"  # typed by the person, papers to be shown later


class Sex(StrEnum):
    """GB/T 2261.1."""

    UNKNOWN = "0"
    MALE = "1"
    FEMALE = "2"
    NOT_STATED = "9"


class Identity(BaseModel):
    """One person as the card states it; dates are calendar dates without a zone.

    `valid_to` is None for 长期 (no end). `manual_check` names the fields that hold private-use
    or broken characters, which a clerk has to compare with the card.
    """

    model_config = ConfigDict(frozen=True)

    kind: CardKind = CardKind.CITIZEN
    assurance: Assurance = Assurance.CARD
    name: str
    name_latin: str = ""
    sex: Sex = Sex.NOT_STATED
    nation_code: str = ""  # GB/T 3304, two digits; empty where the card has none
    nationality: str = ""  # GB/T 2659; empty for citizens
    birth_date: date | None = None
    address: str = ""
    newest_address: str = ""  # the chip's later address item, where present
    id_number: str
    issuer: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    manual_check: frozenset[str] = Field(default_factory=frozenset)

    @property
    def current_address(self) -> str:
        """The newest address that the card knows."""
        return self.newest_address or self.address

    def __repr__(self) -> str:
        return f"Identity(kind={self.kind.value}, assurance={self.assurance.value}, …)"

    __str__ = __repr__


def mask_id_number(id_number: str) -> str:
    """First four and last four characters; everything between is hidden."""
    if len(id_number) <= 8:
        return "*" * len(id_number)
    return f"{id_number[:4]}{'*' * (len(id_number) - 8)}{id_number[-4:]}"


def mask_name(name: str) -> str:
    """Keep the first character, and the last of a name longer than two: 张*, 张*丰, 欧**娜."""
    if len(name) <= 1:
        return name
    if len(name) == 2:
        return f"{name[0]}*"
    return f"{name[0]}{'*' * (len(name) - 2)}{name[-1]}"


def mask_mobile(mobile: str) -> str:
    """138****5678."""
    return f"{mobile[:3]}****{mobile[-4:]}" if len(mobile) >= 8 else "*" * len(mobile)
