"""The typeface on paper, Noto Sans CJK SC, and what to do about characters that it lacks."""

import subprocess
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

FAMILY = "Noto Sans CJK SC"
_DIRECTORIES = (
    Path("/usr/share/fonts/opentype/noto"),  # Debian's fonts-noto-cjk
    Path("/usr/share/fonts/truetype/noto"),
    Path("/usr/local/share/fonts"),
)
_MAX_FACES = 20
_NOT_A_CHARACTER = "\U0010ffff"  # in no font: shows what a font draws for "I have none"


class Weight(StrEnum):
    """How strong the strokes are."""

    REGULAR = "Regular"
    BOLD = "Bold"


class FontMissingError(Exception):
    """The package with the typeface is not installed; the message says which."""


@lru_cache(maxsize=64)
def get_font(weight: Weight, size_px: int) -> ImageFont.FreeTypeFont:
    """The receipt's typeface; raises FontMissingError."""
    path, face = _find_face(weight)
    return ImageFont.truetype(str(path), size_px, index=face)


@lru_cache(maxsize=4096)
def find_font_for(character: str, weight: Weight, size_px: int) -> ImageFont.FreeTypeFont | None:
    """A font that has `character`: the receipt's own, else any installed one, else None."""
    own = get_font(weight, size_px)
    if has_glyph(own, character):
        return own
    for path, face in _installed_fonts_with(character):
        font = ImageFont.truetype(path, size_px, index=face)
        if has_glyph(font, character):
            return font
    return None


def has_glyph(font: ImageFont.FreeTypeFont, character: str) -> bool:
    """Whether `font` draws more for `character` than its sign for a missing one."""
    if character.isspace():
        return True
    return bytes(font.getmask(character)) != bytes(font.getmask(_NOT_A_CHARACTER))


@lru_cache(maxsize=2)
def _find_face(weight: Weight) -> tuple[Path, int]:
    for path in _candidates(weight):
        for face in range(_MAX_FACES):
            try:
                family, _ = ImageFont.truetype(str(path), 16, index=face).getname()
            except OSError:  # the collection has no more faces
                break
            if family == FAMILY:
                return path, face
    raise FontMissingError(
        f"the typeface {FAMILY} {weight.value} is not installed: install the package fonts-noto-cjk"
    )


def _candidates(weight: Weight) -> Iterator[Path]:
    for directory in _DIRECTORIES:
        path = directory / f"NotoSansCJK-{weight.value}.ttc"
        if path.exists():
            yield path
    for name, _ in _ask_fontconfig(f"{FAMILY}:style={weight.value}"):
        yield Path(name)


def _installed_fonts_with(character: str) -> list[tuple[str, int]]:
    return _ask_fontconfig(f":charset={ord(character):x}")


def _ask_fontconfig(pattern: str) -> list[tuple[str, int]]:
    """File and face of the best match; nothing where fontconfig isn't installed."""
    try:
        answer = subprocess.run(
            ["fc-match", "--format=%{file}\t%{index}", pattern],
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    name, _, face = answer.partition("\t")
    return [(name, int(face))] if name and face.isdigit() else []
