"""Sample views of every screen: for pictures, for tests, for those who design.

The person is synthetic (the number's region 430199 belongs to nobody); items are examples.
"""

from dataclasses import dataclass, field, replace

from yici.kiosk.session.table import State
from yici.kiosk.session.view import (
    CaptureView,
    Category,
    DeviceNotice,
    EndView,
    FieldView,
    FillView,
    FindView,
    GuideMaterial,
    GuideView,
    HomeView,
    IdentifyView,
    ItemCard,
    MaterialRow,
    MaterialsView,
    ProgressView,
    ReviewRow,
    ReviewSection,
    ReviewView,
    ScanView,
    SessionView,
    SubmittedView,
)
from yici.ui.strings import Language
from yici.ui.view_models.snapshot import Furniture


@dataclass(frozen=True, slots=True)
class Sample:
    """One screen in one situation."""

    name: str
    view: SessionView
    furniture: Furniture = field(default_factory=lambda: Furniture(clock="14:05"))


def _card(code: str, name: str, unit: str, days: int, **changes: object) -> ItemCard:
    card = ItemCard(
        code=code,
        name=name,
        unit=unit,
        category="public_service",
        limit_days=days,
        visits=0,
        ways=("immediate", "nearby"),
        can_apply=True,
        illustrative=True,
    )
    return replace(card, **changes)  # type: ignore[arg-type]  # fields of the card, by name


_INSURANCE = _card("YB-001", "城乡居民基本医疗保险参保登记", "浏阳市医疗保障局", 0)
_POPULAR = (
    _INSURANCE,
    _card("RS-001", "社会保险参保证明查询打印", "浏阳市人力资源和社会保障局", 0),
    _card("RS-004", "城乡居民基本养老保险待遇申领", "浏阳市人力资源和社会保障局", 10),
    _card("MZ-001", "高龄津贴申请", "浏阳市民政局", 15),
    _card("ZJ-002", "农村村民住房建设（宅基地）审批", "大围山镇人民政府", 20, can_apply=False),
    _card("GA-003", "居住证申领", "浏阳市公安局", 15),
)
_CATEGORIES = tuple(
    Category(key, label, count)
    for key, label, count in (
        ("licence", "行政许可", 23),
        ("public_service", "公共服务", 38),
        ("confirmation", "行政确认", 12),
        ("payment", "行政给付", 14),
        ("reward", "行政奖励", 4),
        ("other", "其他行政权力", 8),
    )
)

_BASE = SessionView(
    screen=State.HOME,
    language=Language.CHINESE.value,
    hall_name="浏阳市大围山镇便民服务中心",
    hall_phone="0731-83485012",
    hall_hours="周一至周五 8:30–12:00，13:30–17:30",
    step=0,
    step_count=0,
    item_name="",
    can_go_back=False,
    can_end=False,
    warning_seconds_left=None,
    notices=(),
)


def _at(screen: State, **parts: object) -> SessionView:
    return replace(_BASE, **{"screen": screen, "can_go_back": True, "can_end": True, **parts})  # type: ignore[arg-type]  # the view's fields, by name


def _step(screen: State, step: int, **parts: object) -> SessionView:
    named = {"step": step, "step_count": 6, "item_name": "居民医保参保登记", **parts}
    return _at(screen, **named)


def _slip(screen: State, submitted: SubmittedView) -> SessionView:
    return _step(screen, 6, submitted=submitted, can_go_back=False)


_GUIDE = GuideView(
    card=_INSURANCE,
    conditions=("户籍在本市、没有参加职工医保的居民", "持本市居住证的外来人员"),
    steps=("刷身份证", "核对信息，补充联系方式", "拍户口簿", "核对并签名", "取走回执"),
    materials=(
        GuideMaterial("申请人居民身份证", "required", "", "读卡成功即视为核验原件，无需复印件"),
        GuideMaterial("居民户口簿（首页及本人页）", "required", "", "原件，拍照即可"),
        GuideMaterial("出生医学证明", "conditional", "为新生儿参保的", ""),
    ),
    fees=(),
    notices=("集中参保期一般为每年 9 月至 12 月",),
    tips=("新生儿出生 90 天内参保，从出生之日起享受待遇",),
    questions=(("错过集中参保期怎么办？", "可以补缴，待遇等待期按当年公布的规定执行。"),),
    where="大围山镇便民服务中心综合窗口",
    when="周一至周五 8:30–17:30",
    hotline="12345",
)


def _field(key: str, label: str, type_: str, **changes: object) -> FieldView:
    entry = FieldView(
        key=key,
        label=label,
        type=type_,
        value="",
        values=(),
        choices=(),
        input_kind="pinyin",
        required=True,
        editable=True,
        source="user",
        sensitive=False,
        help="",
        unit="",
        max_length=60,
        fault="",
    )
    return replace(entry, **changes)  # type: ignore[arg-type]  # fields of the question, by name


_PERSON_PAGE = FillView(
    page_index=0,
    page_count=2,
    title="申请人信息",
    fields=(
        _field("name", "姓名", "text", value="张示例", editable=False, source="id_card"),
        _field(
            "id_number",
            "公民身份号码",
            "id_number",
            value="430199198506120012",
            editable=False,
            source="id_card",
            sensitive=True,
        ),
        _field(
            "sex",
            "性别",
            "code",
            value="1",
            choices=(("1", "男"), ("2", "女")),
            editable=False,
        ),
        _field(
            "mobile",
            "手机号码",
            "mobile",
            value="1380000123",
            input_kind="mobile",
            required=False,
            help="没有手机可不填，结果改为现场或村级代办员通知",
            fault="wrong_length",
        ),
        _field("current_address", "现居住地址", "address", value="大围山镇中岳村"),
    ),
)
_MATTER_PAGE = FillView(
    page_index=1,
    page_count=2,
    title="参保信息",
    fields=(
        _field(
            "scheme",
            "参保对象",
            "enum",
            value="居民",
            choices=tuple((text, text) for text in ("居民", "学生儿童", "新生儿", "特困人员")),
        ),
        _field(
            "reasons",
            "需要的凭证",
            "multi_enum",
            values=("缴费凭证",),
            choices=tuple((text, text) for text in ("缴费凭证", "参保证明")),
            fault="missing",
        ),
        _field("year", "缴费年度", "year", value="2027", input_kind="number", unit="年"),
    ),
)


def _material(key: str, name: str, state: str, **changes: object) -> MaterialRow:
    row = MaterialRow(
        key=key,
        name=name,
        condition="",
        note="",
        state=state,
        page_count=0,
        max_pages=3,
        deferrable=False,
        optional=False,
    )
    return replace(row, **changes)  # type: ignore[arg-type]  # fields of the row, by name


_ROWS = (
    _material("id", "申请人居民身份证", "card_read", note="已读卡，无需复印件"),
    _material("hukou", "居民户口簿（首页及本人页）", "open", note="原件", deferrable=True),
    _material("photo", "一寸照片", "captured", page_count=1),
    _material("birth", "出生医学证明", "optional", condition="为新生儿参保的", optional=True),
)
_CAPTURE = CaptureView(
    key="hukou",
    name="居民户口簿（首页及本人页）",
    phase="live",
    page_number=1,
    max_pages=3,
    kept_pages=0,
    page_found=True,
    warnings=(),
    camera_state="ready",
    picture_serial=1,
)
_SCAN = ScanView(
    key="hukou",
    name="居民户口簿（首页及本人页）",
    phase="ready",
    sources=("feeder", "flatbed"),
    kept_pages=0,
    max_pages=3,
    warnings=(),
    scanner_state="",
    picture_serial=0,
)
_OUTLINE = [[0.24, 0.12], [0.77, 0.16], [0.73, 0.9], [0.2, 0.86]]
_REVIEW = ReviewView(
    sections=(
        ReviewSection(
            "identity",
            "",
            (
                ReviewRow("姓名", "张示例", sensitive=True),
                ReviewRow("公民身份号码", "430199198506120012", sensitive=True),
            ),
        ),
        ReviewSection(
            "applicant",
            "联系方式",
            (
                ReviewRow("手机号码", "13800001234", sensitive=True),
                ReviewRow("现居住地址", "湖南省浏阳市大围山镇中岳村示例组 1 号", sensitive=True),
            ),
        ),
        ReviewSection(
            "matter",
            "参保信息",
            (
                ReviewRow("参保对象", "居民", sensitive=False),
                ReviewRow("缴费年度", "2027 年", sensitive=False),
            ),
        ),
        ReviewSection(
            "materials",
            "",
            (
                ReviewRow("申请人居民身份证", "card_read", sensitive=False),
                ReviewRow("居民户口簿（首页及本人页）", "captured", sensitive=False),
            ),
        ),
    ),
    signature_needed=True,
    signed=False,
    busy=False,
)
_SUBMITTED = SubmittedView(
    slip_code="7K3M-QX2-P9D",
    item_name=_INSURANCE.name,
    print_phase="printed",
    printer_state="ready",
    delivered=False,
    case_number="",
    copy_number=0,
)
_HOME = HomeView(popular=_POPULAR, item_count=99)
_FIND = FindView(query="", category="", categories=_CATEGORIES, results=())
_SIGNING = Furniture(clock="14:05", signing=True)
_KNOWN = IdentifyView(phase="known", name="张示例", masked_number="4301**********0012")


def samples() -> tuple[Sample, ...]:
    """Every screen, in the situations that look different."""
    return (
        Sample("home", replace(_BASE, home=_HOME)),
        Sample(
            "home_printer_out",
            replace(_BASE, home=_HOME, notices=(DeviceNotice("receipt_printer", "paper_out"),)),
        ),
        Sample("find", _at(State.FIND, find=_FIND)),
        Sample(
            "find_results", _at(State.FIND, find=replace(_FIND, query="yibao", results=_POPULAR))
        ),
        Sample("find_nothing", _at(State.FIND, find=replace(_FIND, query="飞船"))),
        Sample("guide", _step(State.GUIDE, 1, guide=_GUIDE)),
        Sample(
            "guide_printer_out",
            _step(
                State.GUIDE,
                1,
                guide=_GUIDE,
                notices=(DeviceNotice("receipt_printer", "paper_out"),),
            ),
        ),
        Sample(
            "guide_counter", _step(State.GUIDE, 1, guide=replace(_GUIDE, cannot_apply="at_counter"))
        ),
        Sample("identify", _step(State.IDENTIFY, 2, identify=IdentifyView(phase="waiting"))),
        Sample(
            "identify_failed",
            _step(
                State.IDENTIFY,
                2,
                identify=IdentifyView(phase="read_failed", social_security_card="absent"),
            ),
        ),
        Sample(
            "identify_typed",
            _step(
                State.IDENTIFY,
                2,
                identify=IdentifyView(
                    phase="typing",
                    typed_name="张示例",
                    typed_number="430199198506120013",
                    number_fault="wrong_check_character",
                ),
            ),
        ),
        Sample("identity_confirm", _step(State.IDENTIFY, 2, identify=_KNOWN)),
        Sample(
            "identity_expired",
            _step(State.IDENTIFY, 2, identify=replace(_KNOWN, expired=True)),
        ),
        Sample("form_person", _step(State.FILL, 3, fill=_PERSON_PAGE)),
        Sample("form_matter", _step(State.FILL, 3, fill=_MATTER_PAGE)),
        Sample(
            "materials",
            _step(
                State.MATERIALS,
                4,
                materials=MaterialsView(_ROWS, None, all_met=False, can_scan=True),
            ),
        ),
        Sample(
            "capture",
            _step(State.MATERIALS, 4, materials=MaterialsView(_ROWS, _CAPTURE, all_met=False)),
            Furniture(clock="14:05", page_outline=_OUTLINE),
        ),
        Sample(
            "capture_check",
            _step(
                State.MATERIALS,
                4,
                materials=MaterialsView(
                    _ROWS,
                    replace(_CAPTURE, phase="check", warnings=("glare",)),
                    all_met=False,
                ),
            ),
        ),
        Sample(
            "capture_no_page",
            _step(
                State.MATERIALS,
                4,
                materials=MaterialsView(
                    _ROWS,
                    replace(_CAPTURE, page_found=False, fault="no_page"),
                    all_met=False,
                ),
            ),
        ),
        Sample(
            "capture_unavailable",
            _step(
                State.MATERIALS,
                4,
                materials=MaterialsView(
                    _ROWS,
                    replace(_CAPTURE, phase="unavailable", picture_serial=0, page_found=False),
                    all_met=False,
                ),
            ),
        ),
        Sample(
            "scan",
            _step(
                State.MATERIALS,
                4,
                materials=MaterialsView(_ROWS, None, all_met=False, can_scan=True, scan=_SCAN),
            ),
        ),
        Sample(
            "scan_running",
            _step(
                State.MATERIALS,
                4,
                materials=MaterialsView(
                    _ROWS,
                    None,
                    all_met=False,
                    can_scan=True,
                    scan=replace(_SCAN, phase="scanning", kept_pages=1, picture_serial=1),
                ),
            ),
        ),
        Sample(
            "scan_check",
            _step(
                State.MATERIALS,
                4,
                materials=MaterialsView(
                    _ROWS,
                    None,
                    all_met=False,
                    can_scan=True,
                    scan=replace(_SCAN, phase="check", kept_pages=2, picture_serial=2),
                ),
            ),
        ),
        Sample(
            "scan_feeder_empty",
            _step(
                State.MATERIALS,
                4,
                materials=MaterialsView(
                    _ROWS,
                    None,
                    all_met=False,
                    can_scan=True,
                    scan=replace(_SCAN, fault="feeder_empty"),
                ),
            ),
        ),
        Sample(
            "scan_unavailable",
            _step(
                State.MATERIALS,
                4,
                materials=MaterialsView(
                    _ROWS,
                    None,
                    all_met=False,
                    can_scan=True,
                    scan=replace(
                        _SCAN, phase="unavailable", scanner_state="disconnected", sources=()
                    ),
                ),
            ),
        ),
        Sample("review", _step(State.REVIEW, 5, review=_REVIEW)),
        Sample("sign", _step(State.REVIEW, 5, review=_REVIEW), _SIGNING),
        Sample(
            "sign_missing",
            _step(State.REVIEW, 5, review=replace(_REVIEW, fault="not_signed")),
            _SIGNING,
        ),
        Sample("sealing", _step(State.SEALING, 5, can_end=False, can_go_back=False)),
        Sample(
            "submitted_printing",
            _slip(State.SUBMITTED, replace(_SUBMITTED, print_phase="printing")),
        ),
        Sample("submitted", _slip(State.SLIP, _SUBMITTED)),
        Sample(
            "submitted_delivered",
            _slip(
                State.SLIP,
                replace(_SUBMITTED, delivered=True, case_number="430181-2026-000123"),
            ),
        ),
        Sample(
            "submitted_card_left",
            _slip(State.SLIP, replace(_SUBMITTED, card_still_there=True)),
        ),
        Sample("submitted_ask", _slip(State.SLIP, replace(_SUBMITTED, print_phase="ask"))),
        Sample(
            "submitted_failed",
            _slip(
                State.SLIP,
                replace(_SUBMITTED, print_phase="failed", printer_state="paper_out"),
            ),
        ),
        Sample("progress", _at(State.PROGRESS, progress=ProgressView(code=""))),
        Sample(
            "progress_wrong",
            _at(State.PROGRESS, progress=ProgressView(code="7K3M-QX2-P9E", result="bad_code")),
        ),
        Sample(
            "progress_found",
            _at(
                State.PROGRESS,
                progress=ProgressView(
                    code="7K3M-QX2-P9D",
                    result="accepted",
                    item_name=_INSURANCE.name,
                    case_number="430181-2026-000123",
                    changed_at="11 月 25 日 14:05",
                ),
            ),
        ),
        Sample(
            "idle",
            replace(_step(State.FILL, 3, fill=_PERSON_PAGE), warning_seconds_left=38),
        ),
        Sample(
            "staff",
            _step(State.FILL, 3, fill=_MATTER_PAGE),
            Furniture(clock="14:05", staff_sheet=True),
        ),
        Sample(
            "farewell",
            _at(
                State.FAREWELL,
                can_go_back=False,
                can_end=False,
                end=EndView("idle", card_may_lie_there=False),
            ),
        ),
        Sample(
            "ended",
            _at(
                State.ENDED,
                can_go_back=False,
                can_end=False,
                end=EndView("finished", card_may_lie_there=True),
            ),
        ),
    )
