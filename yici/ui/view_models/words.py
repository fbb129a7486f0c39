"""Sentences of the chosen language, by string id."""

from dataclasses import dataclass

from yici.ui.strings import Language, table

Plain = dict[str, object]  # what crosses into QML: text, numbers, booleans, lists and maps


@dataclass(frozen=True, slots=True)
class Words:
    """`words("guide.fee", amount="10")` gives the sentence; an unknown id raises KeyError."""

    language: Language

    def __call__(self, string_id: str, **values: object) -> str:
        text = table(self.language)[string_id]
        return text.format(**values) if values else text

    def either(self, string_id: str, otherwise: str) -> str:
        """The sentence of an id that may not exist, for codes finer than our sentences."""
        texts = table(self.language)
        return texts.get(string_id) or texts[otherwise]
