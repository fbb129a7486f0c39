"""What may be shown of a person, and what a log line may not say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yici.contract.people import Identity, mask_id_number, mask_mobile, mask_name


@pytest.mark.parametrize(
    ("name", "masked"), [("张", "张"), ("张三", "张*"), ("张三丰", "张*丰"), ("欧阳娜娜", "欧**娜")]
)
def test_names_keep_their_ends(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@given(number=st.text("0123456789X", max_size=20))
def test_a_masked_number_hides_its_middle(number: str) -> None:
    masked = mask_id_number(number)
    assert len(masked) == len(number)
    assert masked[4:-4] == "*" * len(number[4:-4])
    if len(number) <= 8:
        assert set(masked) <= {"*"}


def test_a_mobile_number_keeps_its_ends() -> None:
    assert mask_mobile("13812345678") == "138****5678"
    assert mask_mobile("1381234") == "*******"


def test_an_identity_in_a_log_line_names_nobody() -> None:
    person = Identity(name="李样本", id_number="430199196211030029", address="测试路1号")
    for text in (repr(person), str(person), f"{person}", f"{[person]}"):
        assert "李样本" not in text
        assert "430199" not in text
        assert "测试路" not in text
