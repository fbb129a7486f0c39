"""The console's words in Chinese and English, one table a language with the same keys."""

import tomllib
from enum import StrEnum
from functools import cache
from importlib.resources import files


class Language(StrEnum):
    """Languages of the console."""

    CHINESE = "zh"
    ENGLISH = "en"


@cache
def strings(language: Language) -> dict[str, str]:
    """Key → text with {placeholders}."""
    resource = files("yici.unified_platform.console").joinpath(f"strings/{language.value}.toml")
    found: dict[str, str] = tomllib.loads(resource.read_text("utf-8"))
    return found


def find_language(text: str | None) -> Language | None:
    """From a cookie or an address."""
    return next((language for language in Language if language.value == text), None)


def say(language: Language, key: str, **values: object) -> str:
    """The text of a key. Raises KeyError for a key that is not in the table."""
    text = strings(language)[key]
    return text.format(**values) if values else text
