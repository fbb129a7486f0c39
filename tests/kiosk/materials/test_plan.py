"""What becomes of each material: read from the chip, open, optional, deferred, captured."""

from importlib.resources import files

import pytest

from yici.contract.items import Necessity, ServiceItem, read_pack
from yici.contract.people import Assurance, Identity
from yici.contract.sealing import SealedPart
from yici.contract.submission import MaterialDecision
from yici.kiosk.materials.plan import PROXY_MATERIALS, PlanState, deferred, plan_materials

LINES = files("yici.catalogue").joinpath("items.jsonl").read_text("utf-8").splitlines()
ITEMS = {item.code: item for item in read_pack(LINES)}
READ = Identity(name="李样本", id_number="430199196211030029")
TYPED = READ.model_copy(update={"assurance": Assurance.TYPED})
PART = SealedPart(4, b"sealed", "sha256-" + "0" * 64, "application/pdf")


def planned(code: str, identity: Identity = READ) -> dict[str, object]:
    return {p.material.key: p.state for p in plan_materials(ITEMS[code], identity)}


def test_the_chip_stands_for_the_card_and_typing_does_not() -> None:
    assert planned("RS-006") == {"id": PlanState.MET, "bankcard": PlanState.OPEN}
    assert planned("RS-006", TYPED) == {"id": PlanState.OPEN, "bankcard": PlanState.OPEN}


def test_what_depends_on_a_condition_is_left_to_the_resident() -> None:
    assert planned("RS-004")["disabled"] is PlanState.OPTIONAL


@pytest.mark.parametrize("item", ITEMS.values(), ids=ITEMS)
def test_every_plan_of_the_catalogue_can_be_met(item: ServiceItem) -> None:
    plan = plan_materials(item, READ)
    assert not PROXY_MATERIALS & {p.material.key for p in plan}
    for one in plan:
        if one.state is PlanState.OPEN:
            assert one.material.necessity is Necessity.REQUIRED
            assert not one.is_met
        done = one.storing().captured(PART, 2)
        assert done.is_met
        assert done.entry().decision is MaterialDecision.CAPTURED
        assert (done.entry().part_number, done.entry().page_count) == (4, 2)
        assert not one.storing().is_met, "while it is written nothing is promised"


def test_taken_out_again_it_is_as_if_nothing_had_been_captured() -> None:
    (photo,) = [p for p in plan_materials(ITEMS["TY-001"], READ) if p.material.key == "photo"]
    later = deferred(photo)
    assert later.is_met
    assert later.entry().decision is MaterialDecision.DEFERRED
    for changed in (later, photo.captured(PART, 1)):
        assert changed.reopened() == photo


def test_what_may_not_be_brought_later_is_refused() -> None:
    (card,) = [p for p in plan_materials(ITEMS["RS-006"], READ) if p.material.key == "bankcard"]
    with pytest.raises(ValueError, match="bankcard"):
        deferred(card)


def test_optional_and_untouched_does_not_apply() -> None:
    (paper,) = [p for p in plan_materials(ITEMS["RS-004"], READ) if p.material.key == "disabled"]
    assert paper.is_met
    assert paper.entry().decision is MaterialDecision.NOT_APPLICABLE
