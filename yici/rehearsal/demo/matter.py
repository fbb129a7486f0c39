"""The matter that the demo hands in, and how a resident does it on the screen."""

from collections.abc import Callable
from dataclasses import dataclass

from yici.contract.people import mask_name
from yici.rehearsal.demo.desk_api import DeskApi
from yici.rehearsal.demo.resident import Resident


@dataclass(frozen=True, slots=True)
class Typed:
    """An answer typed on the screen's keyboard: `keys` pressed, then `chosen` touched.

    The resident finds it by its `label`; the platform stores it as `field`.
    """

    field: str
    label: str
    keys: str
    chosen: str = ""

    @property
    def answer(self) -> str:
        return self.chosen or self.keys


@dataclass(frozen=True, slots=True)
class Matter:
    """One synthetic person with one service item; words as they stand on the screen."""

    item_name: str
    persona: str
    person_name: str
    choice_field: str
    choice: str
    typed: tuple[Typed, ...]
    material: str
    paper: str

    @property
    def answers(self) -> dict[str, str]:
        """What the platform should have received, by field."""
        return {self.choice_field: self.choice} | {each.field: each.answer for each in self.typed}


# an invented account number (issuer range 990000 is not assigned) with a right check digit
OLD_AGE_ALLOWANCE = Matter(
    item_name="高龄津贴申领",
    persona="P03",
    person_name="王测",
    choice_field="age_band",
    choice="80-89周岁",
    typed=(
        Typed("bank_name", "开户银行", "nongcunyinhang", "农村银行"),
        Typed("bank_account", "银行账号", "9900000000000028"),
        Typed("division", "所属乡镇", "baijiazhen", "柏加镇"),
    ),
    material="本人银行账户",
    paper="bank_card_copy",
)


def apply(resident: Resident, desk: DeskApi, matter: Matter, keep: Callable[[str], object]) -> None:
    """From the first screen to the one that says where the submission is. Raises NotSeen."""
    resident.sees("home.title")
    keep("home")
    resident.touches_words(matter.item_name)
    resident.sees("guide.materials")
    resident.eyes.settle()
    keep("guide")
    resident.touches("guide.begin")
    _identify(resident, desk, matter, keep)
    _fill(resident, matter, keep)
    _bring_paper(resident, desk, matter, keep)
    resident.sees("review.title")
    resident.eyes.settle()
    keep("review")
    resident.touches("review.next")
    resident.sees("sign.title")
    resident.signs()
    keep("signed")
    resident.touches("sign.submit")


def _identify(
    resident: Resident, desk: DeskApi, matter: Matter, keep: Callable[[str], object]
) -> None:
    resident.sees("identify.waiting")
    resident.eyes.settle()
    keep("identify")
    desk.put_card(matter.persona)
    resident.sees("confirm.title")
    resident.eyes.wait_for(mask_name(matter.person_name), 20)
    keep("confirm")
    desk.take_card()
    resident.touches("confirm.me")


def _fill(resident: Resident, matter: Matter, keep: Callable[[str], object]) -> None:
    resident.sees("form.known")
    resident.eyes.settle()
    keep("form-person")
    resident.touches("action.next")
    resident.eyes.wait_for(matter.choice, 20)
    resident.chooses(matter.choice)
    for typed in matter.typed:
        resident.types_into(typed.label, typed.keys, candidate=typed.chosen)
    resident.eyes.settle()
    keep("form-matter")
    resident.touches("action.next")


def _bring_paper(
    resident: Resident, desk: DeskApi, matter: Matter, keep: Callable[[str], object]
) -> None:
    resident.sees("materials.title")
    resident.eyes.settle()
    keep("materials")
    resident.touches_words(matter.material)
    resident.sees("capture.lead")
    desk.lay_paper(matter.paper)
    resident.sees("capture.found")
    keep("capture")
    resident.touches("capture.shoot")
    resident.sees("capture.keep")
    resident.eyes.settle()
    keep("captured")
    resident.touches("capture.keep")
    desk.take_paper()
    resident.sees("materials.title")
    resident.eyes.settle()
    keep("materials-met")
    resident.touches("materials.next")
