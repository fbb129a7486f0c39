"""What residents read, by id, in Chinese and English; the same ids name the spoken prompts."""

import tomllib
from enum import StrEnum
from functools import cache
from importlib.resources import files


class Language(StrEnum):
    """The languages that are complete."""

    CHINESE = "zh_CN"
    ENGLISH = "en"


@cache
def table(language: Language) -> dict[str, str]:
    """Every text of a language by id (`group.name`); placeholders are {name}."""
    source = files(__name__).joinpath(f"{language.value}.toml").read_text(encoding="utf-8")
    groups = tomllib.loads(source)
    return {
        f"{group}.{name}": text for group, texts in groups.items() for name, text in texts.items()
    }
