"""The demo's eyes: they find words by their looks, and don't find what isn't there."""

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from yici.rehearsal.demo.eyes import Eyes, NotSeen, Region
from yici.rehearsal.demo.reading import GreyImage, Place, Typeface

FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc")
WORDS = ["下一步", "上一步", "提交申请", "已送达", "已受理", "查办理进度", "高龄津贴申领"]
INKS = st.sampled_from([(20, 246), (255, 60)])
FACE = Typeface((19, 26, 35))


def written(words: str, x_px: int, y_px: int, *, ink: int = 20, paper: int = 246) -> GreyImage:
    image = Image.new("L", (540, 400), paper)
    font = ImageFont.truetype(FONT, 26, index=2)
    ImageDraw.Draw(image).text((x_px, y_px), words, fill=ink, font=font)
    return np.asarray(image)


@settings(max_examples=25)
@given(st.sampled_from(WORDS), st.integers(4, 300), st.integers(0, 340), INKS)
def test_words_are_found_where_they_stand_dark_or_light(
    words: str, x_px: int, y_px: int, ink_on_paper: tuple[int, int]
) -> None:
    ink, paper = ink_on_paper
    place = FACE.find(written(words, x_px, y_px, ink=ink, paper=paper), words)
    assert place is not None
    assert abs(place.x_px - x_px) <= 4
    assert 0 <= place.y_px - y_px <= 26


@settings(max_examples=25)
@given(st.sampled_from(WORDS), st.sampled_from(WORDS))
def test_other_words_are_not_taken_for_them(shown: str, wanted: str) -> None:
    found = FACE.find(written(shown, 40, 40), wanted)
    assert (found is not None) is (shown == wanted)


def test_every_place_is_found_from_the_top_down() -> None:
    picture = np.minimum(written("已送达", 300, 30), written("已送达", 20, 200))
    assert [place.y_px > 150 for place in FACE.find_all(picture, "已送达")] == [False, True]


def test_empty_screen_has_no_words() -> None:
    assert FACE.find(np.zeros((400, 540), np.uint8), "已送达") is None
    assert FACE.find(np.zeros((10, 10), np.uint8), "已送达") is None


class StillScreen:
    """Stands where the framebuffer is: a picture that changes when the test says so."""

    def __init__(self, grey: GreyImage) -> None:
        self.show(grey)

    def show(self, grey: GreyImage) -> None:
        self._pixels = grey.astype(np.uint32) * 0x010101

    def copy(self) -> np.ndarray:
        return self._pixels.copy()


@pytest.fixture
def screen() -> StillScreen:
    return StillScreen(written("已送达", 40, 40))


@pytest.fixture
def eyes(screen: StillScreen, tmp_path: Path) -> Eyes:
    return Eyes(screen, FACE, tmp_path / "album")  # type: ignore[arg-type]  # only copy() is used


def test_what_does_not_appear_is_given_up_with_a_picture_of_what_was_there(
    eyes: Eyes, tmp_path: Path
) -> None:
    began_s = time.monotonic()
    with pytest.raises(NotSeen, match="已受理") as caught:
        eyes.wait_for("已受理", within_s=0.2)
    assert time.monotonic() - began_s < 60
    saved = tmp_path / "album" / "01-not-seen.png"
    assert str(saved) in str(caught.value)
    with Image.open(saved) as picture:
        assert picture.size == (540, 400)


def test_first_of_several_sentences_that_is_there_is_told(eyes: Eyes) -> None:
    words, place = eyes.wait_for_any(("已受理", "已送达"), within_s=0.2)
    assert words == "已送达"
    assert isinstance(place, Place)


def test_sentence_that_stays_is_given_up(eyes: Eyes) -> None:
    with pytest.raises(NotSeen, match="still there"):
        eyes.wait_until_gone("已送达", within_s=0.2)


def test_band_of_the_screen_gives_places_of_the_whole(eyes: Eyes) -> None:
    whole, band = eyes.find("已送达"), eyes.find_in("已送达", Region(20, 400), (26,))
    assert whole is not None
    assert band is not None
    assert whole.centre == band.centre
    assert eyes.find_in("已送达", Region(200, 400), (26,)) is None


def test_box_under_a_label_is_the_white_one(eyes: Eyes, screen: StillScreen) -> None:
    picture = written("开户银行", 40, 40).copy()
    picture[100:160, 40:500] = 120  # the frame
    picture[104:156, 44:496] = 255
    screen.show(picture)
    label = eyes.find("开户银行")
    assert label is not None
    box = eyes.find_box_under(label)
    assert box is not None
    assert 104 <= box[1] < 156
    screen.show(written("开户银行", 40, 40))
    assert eyes.find_box_under(label) is None
