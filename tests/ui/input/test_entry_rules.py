"""What a field of each kind lets in while it is being typed."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from yici.ui.input.candidate_lines import LineMeasures, button_width, fill_lines
from yici.ui.input.entry_rules import (
    InputKind,
    can_begin,
    find_kind,
    find_progress,
    inserted_text,
)


@given(day=st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_every_day_can_be_typed_digit_by_digit(day: date) -> None:
    text = ""
    for digit in f"{day:%Y%m%d}":
        text += inserted_text(InputKind.DATE, text, digit)
        assert can_begin(InputKind.DATE, text)
    assert text == day.isoformat()


@given(text=st.from_regex(r"\A(19|20)\d\d-\d\d-\d\d\Z"))
def test_a_full_date_is_let_in_only_if_there_is_such_a_day(text: str) -> None:
    try:
        exists = date.fromisoformat(text) is not None
    except ValueError:
        exists = False
    assert can_begin(InputKind.DATE, text) == exists


@given(kind=st.sampled_from(InputKind), text=st.text(max_size=24))
def test_what_is_let_in_could_have_been_typed_to_there(kind: InputKind, text: str) -> None:
    if can_begin(kind, text):
        assert all(can_begin(kind, text[:length]) for length in range(len(text)))


def test_x_stands_only_at_the_end_of_an_id_number() -> None:
    assert can_begin(InputKind.ID_NUMBER, "43019919850612001X")
    assert not can_begin(InputKind.ID_NUMBER, "43019919850612X")
    assert not can_begin(InputKind.ID_NUMBER, "4301991985061200123")


def test_codes_have_no_letter_that_looks_like_another() -> None:
    assert can_begin(InputKind.CODE, "0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    assert not any(can_begin(InputKind.CODE, letter) for letter in "ILOU")


def test_unknown_kind_of_field_gets_no_keyboard() -> None:
    assert find_kind(None) is InputKind.NONE
    assert find_kind("rich_text") is InputKind.NONE


def test_progress_counts_digits_not_separators() -> None:
    progress = find_progress(InputKind.DATE, "1985-06")
    assert progress is not None
    assert (progress.typed, progress.total) == (6, 8)
    assert find_progress(InputKind.PINYIN, "长沙") is None


@given(
    texts=st.lists(st.text("字", min_size=1, max_size=30), max_size=60),
    width=st.floats(60, 2000),
)
def test_candidate_lines_keep_order_and_never_overflow(texts: list[str], width: float) -> None:
    measures = LineMeasures(width, character=35, padding=16, gap=11, least=52)
    lines = fill_lines(texts, measures)
    assert [index for line in lines for index in line] == list(range(len(texts)))
    for line in lines:
        widths = [button_width(texts[index], measures) for index in line]
        assert sum(widths) + measures.gap * (len(widths) - 1) <= width + 0.001
        assert min(widths) >= min(measures.least, width)
