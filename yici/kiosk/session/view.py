"""What a screen shows, as frozen plain values: texts, numbers, codes; no objects to call.

Codes (states, faults, reasons) are looked up in the string tables by the screens; texts from
the catalogue and from the resident are passed through as they are.
"""

from dataclasses import dataclass

from yici.kiosk.session.table import State


@dataclass(frozen=True, slots=True)
class ItemCard:
    """A service item in a list."""

    code: str
    name: str
    unit: str
    category: str
    limit_days: int
    visits: int
    ways: tuple[str, ...]  # of the four ways 四办
    can_apply: bool
    illustrative: bool


@dataclass(frozen=True, slots=True)
class Category:
    """A category with the number of items in it."""

    key: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class DeviceNotice:
    """A device that does not work, or needs attention."""

    kind: str  # DeviceKind
    state: str  # DeviceState


@dataclass(frozen=True, slots=True)
class HomeView:
    """The attract screen: what one can do, and the state of the machine."""

    popular: tuple[ItemCard, ...]
    item_count: int
    cannot_submit: str = ""  # "", not_enrolled, no_catalogue, disk_full


@dataclass(frozen=True, slots=True)
class FindView:
    """Search results, or the items of a category."""

    query: str
    category: str
    categories: tuple[Category, ...]
    results: tuple[ItemCard, ...]


@dataclass(frozen=True, slots=True)
class GuideMaterial:
    """A material in the guide; `decision` is what can be said of it already."""

    name: str
    necessity: str
    condition: str
    note: str


@dataclass(frozen=True, slots=True)
class GuideView:
    """The guide of one item. `cannot_apply`: "", at_counter, not_enrolled, disk_full."""

    card: ItemCard
    conditions: tuple[str, ...]
    steps: tuple[str, ...]
    materials: tuple[GuideMaterial, ...]
    fees: tuple[tuple[str, str], ...]
    notices: tuple[str, ...]
    tips: tuple[str, ...]
    questions: tuple[tuple[str, str], ...]
    where: str
    when: str
    hotline: str
    cannot_apply: str = ""


@dataclass(frozen=True, slots=True)
class IdentifyView:
    """`phase`: waiting, read_failed, reader_unavailable, typing, known.

    `social_security_card`: empty without a reader for it; absent, not_this_kind, protected,
    read_failed, unavailable.
    """

    phase: str
    reader_state: str = ""
    social_security_card: str = ""
    name: str = ""
    masked_number: str = ""
    expired: bool = False
    manual_check: bool = False
    typed_name: str = ""
    typed_number: str = ""
    name_fault: str = ""
    number_fault: str = ""


@dataclass(frozen=True, slots=True)
class FieldView:
    """One question with its answer. `source` is "id_card" while the card's value stands."""

    key: str
    label: str
    type: str
    value: str
    values: tuple[str, ...]  # MULTI_ENUM only
    choices: tuple[tuple[str, str], ...]
    input_kind: str  # pinyin, number, id_number, mobile, code, date, latin, none
    required: bool
    editable: bool
    source: str
    sensitive: bool
    help: str
    unit: str
    max_length: int
    fault: str


@dataclass(frozen=True, slots=True)
class FillView:
    """One page of the form."""

    page_index: int
    page_count: int
    title: str
    fields: tuple[FieldView, ...]


@dataclass(frozen=True, slots=True)
class MaterialRow:
    """`state`: card_read, captured, deferred, not_applicable, open, storing."""

    key: str
    name: str
    condition: str
    note: str
    state: str
    page_count: int
    max_pages: int
    deferrable: bool
    optional: bool


@dataclass(frozen=True, slots=True)
class CaptureView:
    """`phase`: starting, live, taking, check, unavailable. The picture itself is pulled."""

    key: str
    name: str
    phase: str
    page_number: int
    max_pages: int
    kept_pages: int
    page_found: bool
    warnings: tuple[str, ...]
    camera_state: str
    picture_serial: int
    fault: str = ""


@dataclass(frozen=True, slots=True)
class ScanView:
    """`phase`: starting, ready, scanning, check, unavailable. The newest page is pulled.

    `fault`: feeder_empty, too_many_pages, broke_off (then `scanner_state` says why).
    """

    key: str
    name: str
    phase: str
    sources: tuple[str, ...]
    kept_pages: int
    max_pages: int
    warnings: tuple[str, ...]
    scanner_state: str
    picture_serial: int
    fault: str = ""


@dataclass(frozen=True, slots=True)
class MaterialsView:
    """The list of materials, and the camera or the scanner while it takes one."""

    rows: tuple[MaterialRow, ...]
    capture: CaptureView | None
    all_met: bool
    fault: str = ""  # why the last document was not stored: disk_full, storage
    scan: ScanView | None = None
    can_scan: bool = False


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One stated fact."""

    label: str
    value: str
    sensitive: bool


@dataclass(frozen=True, slots=True)
class ReviewSection:
    """A titled block of the review page; an empty title means identity or materials."""

    key: str
    title: str
    rows: tuple[ReviewRow, ...]


@dataclass(frozen=True, slots=True)
class ReviewView:
    """Everything on one page. `fault`: "", not_signed, disk_full, storage, not_enrolled."""

    sections: tuple[ReviewSection, ...]
    signature_needed: bool
    signed: bool
    busy: bool
    fault: str = ""


@dataclass(frozen=True, slots=True)
class SubmittedView:
    """`print_phase`: printing, printed, ask, failed, no_printer.

    `card_still_there`: the reader has just said so; False also where it can't tell.
    """

    slip_code: str
    item_name: str
    print_phase: str
    printer_state: str
    delivered: bool
    case_number: str
    copy_number: int
    card_still_there: bool = False


@dataclass(frozen=True, slots=True)
class ProgressView:
    """`result`: "", bad_code, not_found, storage; stored, delivered, accepted, refused, rejected.

    A code that was changed has no result.
    """

    code: str
    result: str = ""
    item_name: str = ""
    case_number: str = ""
    note: str = ""
    changed_at: str = ""
    scan_ways: tuple[str, ...] = ()  # camera, reader: a slip may be held under it instead


@dataclass(frozen=True, slots=True)
class EndView:
    """The last page. `card_may_lie_there`: one was read, and isn't known to have been taken."""

    kind: str
    card_may_lie_there: bool


@dataclass(frozen=True, slots=True)
class SessionView:
    """One snapshot of the session; exactly the sub-view of its screen is set."""

    screen: State
    language: str
    hall_name: str
    hall_phone: str
    hall_hours: str
    step: int
    step_count: int
    item_name: str
    can_go_back: bool
    can_end: bool
    warning_seconds_left: int | None
    notices: tuple[DeviceNotice, ...]
    mark: str = ""  # stands on every screen; empty in service
    home: HomeView | None = None
    find: FindView | None = None
    guide: GuideView | None = None
    identify: IdentifyView | None = None
    fill: FillView | None = None
    materials: MaterialsView | None = None
    review: ReviewView | None = None
    submitted: SubmittedView | None = None
    progress: ProgressView | None = None
    end: EndView | None = None
