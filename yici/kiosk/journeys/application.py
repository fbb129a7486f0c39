"""One resident's application as it grows: item, identity, answers, materials, signature.

No screen, no device, no disk: the session drives it, and so does `yici submit`.
"""

from datetime import date, datetime

from yici.contract.digests import digest_of
from yici.contract.form_rules import (
    NOT_ANSWERED_HERE,
    Answer,
    FieldFault,
    clean,
    find_fault,
    find_faults,
)
from yici.contract.forms import FieldType, FormField, FormGroup, is_visible, visible_fields
from yici.contract.items import KioskLevel, OfflineRule, ServiceItem
from yici.contract.people import Identity
from yici.contract.sealing import SealedPart, SubmissionSealer
from yici.contract.submission import (
    Channel,
    MaterialDecision,
    SignatureEntry,
    SubmissionForm,
)
from yici.contract.submission_ids import new_id, new_slip_code
from yici.kiosk.forms.prefill import is_from_card, prefill
from yici.kiosk.materials.plan import PlannedMaterial, deferred, plan_materials

FACTS = {"proxy": False}  # acting for somebody else is handled by staff


def can_apply_here(item: ServiceItem) -> bool:
    """Whether a terminal takes this item: its level, its rule, and questions we can ask."""
    takes = item.kiosk.level in (KioskLevel.FULL, KioskLevel.APPLY)
    askable = all(f.type is not FieldType.TABLE for f in visible_fields(item.form, FACTS))
    return takes and item.kiosk.offline is OfflineRule.QUEUE and askable


class Application:
    """Made when the form is opened, and with it the id that every retry repeats."""

    def __init__(
        self, item: ServiceItem, identity: Identity, *, suite_id: str, opened_at: datetime
    ) -> None:
        self.item = item
        self.identity = identity
        self.opened_at = opened_at
        self.submission_id = new_id()
        self.slip_code = new_slip_code()
        self.sealer = SubmissionSealer(suite_id, self.submission_id)
        self.answers: dict[str, Answer] = prefill(item.form, identity, FACTS)
        self.materials: tuple[PlannedMaterial, ...] = plan_materials(item, identity)
        self._apply_defaults()

    def _apply_defaults(self) -> None:
        for field in visible_fields(self.item.form, FACTS):
            if field.default is not None and field.key not in self.answers:
                self.answers[field.key] = str(field.default)

    # --- the form

    @property
    def pages(self) -> tuple[FormGroup, ...]:
        """The groups that ask something here, one a page."""
        return tuple(
            group for group in self.item.form.groups if is_visible(group, FACTS) and _asked(group)
        )

    @property
    def signature_needed(self) -> bool:
        """Whether the form asks for a signature."""
        fields = visible_fields(self.item.form, FACTS)
        return any(field.type is FieldType.SIGNATURE for field in fields)

    def asked_fields(self, page: FormGroup) -> tuple[FormField, ...]:
        """The questions of one page."""
        return _asked(page)

    def is_from_card(self, key: str) -> bool:
        """Whether the chip answers this question, so that it is shown and not asked."""
        return is_from_card(self.identity, key, self.answers.get(key))

    def answer(self, key: str, value: Answer) -> None:
        """Take an answer; what the chip says can't be overwritten. Unknown keys raise KeyError."""
        field = self._field(key)
        if self.is_from_card(key):
            return
        cleaned = clean(field, _as_asked(field, value))
        if cleaned:
            self.answers[key] = cleaned
        else:
            self.answers.pop(key, None)

    def page_faults(self, page: FormGroup, today: date) -> tuple[FieldFault, ...]:
        """The faults of one page."""
        return tuple(
            FieldFault(field.key, fault)
            for field in _asked(page)
            if (fault := find_fault(field, self.answers.get(field.key), today=today))
        )

    def faults(self, today: date) -> tuple[FieldFault, ...]:
        """The faults of the whole form."""
        return find_faults(self.item.form, self.answers, FACTS, today=today)

    def _field(self, key: str) -> FormField:
        for field in visible_fields(self.item.form, FACTS):
            if field.key == key:
                return field
        raise KeyError(key)

    # --- the materials

    @property
    def materials_met(self) -> bool:
        """Whether nothing more has to be captured."""
        return all(planned.is_met for planned in self.materials)

    @property
    def has_materials(self) -> bool:
        """Whether there is anything to capture, or to decide about, on the materials page."""
        return any(p.decision is not MaterialDecision.CARD_READ for p in self.materials)

    def planned(self, key: str) -> PlannedMaterial:
        """Raises KeyError."""
        for planned in self.materials:
            if planned.material.key == key:
                return planned
        raise KeyError(key)

    def attach(self, key: str, part: SealedPart, page_count: int) -> None:
        """The document of a material, after its sealed part is safe on disk."""
        self._replace(key, self.planned(key).captured(part, page_count))

    def reopen(self, key: str) -> None:
        """Forget the document of a material."""
        self._replace(key, self.planned(key).reopened())

    def defer(self, key: str) -> None:
        """To be brought later. Raises ValueError where the item doesn't allow it."""
        self._replace(key, deferred(self.planned(key)))

    def mark_storing(self, key: str) -> None:
        """While its document is being sealed and written."""
        self._replace(key, self.planned(key).storing())

    def _replace(self, key: str, changed: PlannedMaterial) -> None:
        self.materials = tuple(
            changed if planned.material.key == key else planned for planned in self.materials
        )

    # --- the end

    def shown_digest(self) -> str:
        """What the signature is bound to: identity, answers and materials as they stand."""
        form = self.form(
            language="", submitted_at=self.opened_at, signature=None, channel=Channel.SCREEN
        )
        return digest_of(form.to_bytes())

    def form(
        self,
        *,
        language: str,
        submitted_at: datetime,
        signature: SignatureEntry | None,
        channel: Channel,
    ) -> SubmissionForm:
        """The finished form, ready to be sealed."""
        return SubmissionForm(
            submission_id=self.submission_id,
            item_code=self.item.code,
            item_version=self.item.version,
            opened_at=self.opened_at,
            submitted_at=submitted_at,
            language=language,
            channel=channel,
            slip_code=self.slip_code,
            identity=self.identity,
            answers=dict(self.answers),
            materials=tuple(planned.entry() for planned in self.materials),
            signature=signature,
        )

    def parts(self, signature: SealedPart | None) -> tuple[SealedPart, ...]:
        """Every sealed part in use, by number; pages taken again are not among them."""
        used = [planned.part for planned in self.materials if planned.part]
        used += [signature] if signature else []
        return tuple(sorted(used, key=lambda part: part.number))


def _as_asked(field: FormField, value: Answer) -> Answer:
    """Several texts for a question with several answers, one text for every other."""
    if field.type is FieldType.MULTI_ENUM:
        return value if isinstance(value, list) else [value]
    return value if isinstance(value, str) else "".join(value[:1])


def _asked(group: FormGroup) -> tuple[FormField, ...]:
    return tuple(field for field in group.fields if field.type not in NOT_ANSWERED_HERE)
