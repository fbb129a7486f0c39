"""What the slip says around its facts, in Chinese and in English."""

from dataclasses import dataclass
from enum import StrEnum


class SlipLanguage(StrEnum):
    """The language of a slip; the facts on it stay as they are registered."""

    CHINESE = "zh_CN"
    ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class SlipWords:
    """One language's words; `{…}` is filled in."""

    title: str
    copy: str
    item: str
    applicant: str
    time: str
    slip_code: str
    stored: str
    stored_detail: str
    delivered: str
    delivered_detail: str
    next: str
    next_when_stored: tuple[str, ...]
    next_when_delivered: tuple[str, ...]
    scan: str
    hotline: str
    time_format: str
    key_width_mm: float


WORDS = {
    SlipLanguage.CHINESE: SlipWords(
        title="提交回执",
        copy="副本 · 第 {number} 份",
        item="事项",
        applicant="申请人",
        time="时间",
        slip_code="回执码",
        stored="已存好·尚未送达",
        stored_detail="这张回执不是受理凭证",
        delivered="已送达",
        delivered_detail="办件编号 {case_number}",
        next="接下来",
        next_when_stored=(
            "您的材料已加密存好，连上网后自动送出，不用再来。",
            "送达后会有办件编号，办理时限从送达后算起。",
            "请保管好这张回执，凭回执码在这台终端查询。",
        ),
        next_when_delivered=(
            "办理部门会告诉您是否受理。",
            "如需补充材料，会一次告诉您补什么。",
            "请保管好这张回执，凭回执码在这台终端查询。",
        ),
        scan="放到终端摄像头下，可查办理进度",
        hotline="咨询电话 {hotline}",
        time_format="%Y年%m月%d日 %H:%M",
        key_width_mm=15.0,
    ),
    SlipLanguage.ENGLISH: SlipWords(
        title="Submission slip",
        copy="COPY · No. {number}",
        item="Service",
        applicant="Applicant",
        time="Time",
        slip_code="Slip code",
        stored="Stored · not yet delivered",
        stored_detail="This slip is not proof of acceptance",
        delivered="Delivered",
        delivered_detail="Case number {case_number}",
        next="What happens next",
        next_when_stored=(
            "Your papers are stored encrypted and go out by themselves once the network is back. "
            "You need not come again.",
            "You get a case number on delivery. Time limits start to run then.",
            "Keep this slip. Its code shows your progress here.",
        ),
        next_when_delivered=(
            "The office will tell you whether it accepts the case.",
            "If anything is missing, you are told everything at once.",
            "Keep this slip. Its code shows your progress here.",
        ),
        scan="Lay it under the terminal's camera",
        hotline="Questions? Call {hotline}",
        time_format="%Y-%m-%d %H:%M",
        key_width_mm=21.0,
    ),
}
