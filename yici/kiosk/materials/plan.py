"""What becomes of each material of an item, for this resident.

The chip's reading stands for the identity card; a conditional material is asked when the
resident says that its condition holds; a deferrable one may be brought later.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from yici.contract.items import Material, Necessity, ServiceItem
from yici.contract.people import Assurance, Identity
from yici.contract.sealing import SealedPart
from yici.contract.submission import MaterialDecision, MaterialEntry

_CARD_MATERIAL = "id_reader"  # the capture way that a chip's reading satisfies
PROXY_MATERIALS = frozenset({"agent_id", "poa"})  # asked only where somebody acts for another


class PlanState(StrEnum):
    """Where one material stands."""

    OPEN = "open"  # to be captured
    OPTIONAL = "optional"  # conditional, and not captured: does not apply unless the person says so
    STORING = "storing"
    MET = "met"


@dataclass(frozen=True, slots=True)
class PlannedMaterial:
    """One material with its state; `part` is the sealed document once it is stored."""

    material: Material
    state: PlanState
    decision: MaterialDecision | None = None
    part: SealedPart | None = None
    page_count: int = 0

    @property
    def is_met(self) -> bool:
        """Nothing more is asked of the resident for this one."""
        return self.state in (PlanState.MET, PlanState.OPTIONAL)

    def storing(self) -> "PlannedMaterial":
        """While its document is being sealed and written."""
        return replace(self, state=PlanState.STORING)

    def captured(self, part: SealedPart, page_count: int) -> "PlannedMaterial":
        """With its document, sealed and on disk."""
        return replace(
            self,
            state=PlanState.MET,
            decision=MaterialDecision.CAPTURED,
            part=part,
            page_count=page_count,
        )

    def reopened(self) -> "PlannedMaterial":
        """As if nothing had been captured."""
        optional = self.material.necessity is Necessity.CONDITIONAL
        state = PlanState.OPTIONAL if optional else PlanState.OPEN
        return PlannedMaterial(self.material, state)

    def entry(self) -> MaterialEntry:
        """How the sealed form tells it."""
        return MaterialEntry(
            key=self.material.key,
            name=self.material.name,
            decision=self.decision or MaterialDecision.NOT_APPLICABLE,
            part_number=self.part.number if self.part else None,
            page_count=self.page_count,
        )


def plan_materials(item: ServiceItem, identity: Identity) -> tuple[PlannedMaterial, ...]:
    """The plan for a person who acts for themselves."""
    return tuple(
        _planned(material, identity)
        for material in item.materials
        if material.key not in PROXY_MATERIALS
    )


def _planned(material: Material, identity: Identity) -> PlannedMaterial:
    read = identity.assurance is Assurance.CARD
    if material.key == "id" and _CARD_MATERIAL in material.capture and read:
        return PlannedMaterial(material, PlanState.MET, MaterialDecision.CARD_READ)
    if material.necessity is Necessity.CONDITIONAL:
        return PlannedMaterial(material, PlanState.OPTIONAL)
    return PlannedMaterial(material, PlanState.OPEN)


def deferred(planned: PlannedMaterial) -> PlannedMaterial:
    """To be brought later. Raises ValueError where the item doesn't allow it."""
    if not planned.material.deferrable:
        raise ValueError(f"{planned.material.key} can't be deferred")
    return replace(planned, state=PlanState.MET, decision=MaterialDecision.DEFERRED)
