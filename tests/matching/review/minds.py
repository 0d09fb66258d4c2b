"""What the model of a review may think: it reads the sections as a model does and answers in the asked shape."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from tests.minds import _readable
from tests.speech import Answer, Asked

SECTION = re.compile(r'<data name="(\w+)">\n(.*?)\n</data>', re.DOTALL)
WORDS = re.compile(r"\S+")


def told(asked: Asked) -> dict[str, Any]:
    """The facts as they arrived."""
    return {name: json.loads(content) for name, content in SECTION.findall("\n".join(asked.texts))}


def opening(text: str, words: int = 6) -> str:
    return " ".join(WORDS.findall(text)[:words])


def passages(record: dict[str, Any]) -> list[str]:
    return [record["profile"], *record["services"], *record["reviews"]]


@dataclass
class Mind:
    """Rates what is usual unless a word of `likes` stands in the record, and quotes where it stands."""

    likes: dict[str, int] = field(default_factory=dict)
    factor: str = "expertise"
    usual: int = 1
    edits: Any = None  # changes the answer before it is sent
    seen: list[dict[str, Any]] = field(default_factory=list)
    model: str = "grok-4.7"

    def __call__(self, asked: Asked) -> Answer:
        facts = told(asked)
        self.seen.append(facts)
        answer: dict[str, Any] = {"ratings": [], "points": [], "paragraphs": []}
        for record in facts["experts"]:
            for part, said in self.about(record, facts).items():
                answer[part] += said
        if self.edits:
            answer = self.edits(answer, facts) or answer
        return Answer(text=json.dumps(answer))

    def about(self, record: dict[str, Any], facts: dict[str, Any]) -> dict[str, Any]:
        rating, quote = self.rated(record)
        label = record["expert"]
        return {
            "ratings": [{"expert": label, "factor": self.factor, "rating": rating, "quote": quote}],
            "points": [
                {
                    "expert": label,
                    "kind": "strength",
                    "text": "They know the old streets well.",
                    "evidence": "F1",
                }
            ],
            "paragraphs": [
                {
                    "expert": label,
                    "text": "You can expect calm walks through the old streets with this expert.",
                }
            ],
        }

    def rated(self, record: dict[str, Any]) -> tuple[int, str]:
        for word, rating in self.likes.items():
            for text in passages(record):
                if word in text:
                    start = max(text.index(word) - 20, 0)
                    return rating, text[start : start + 60].strip()
        return self.usual, opening(record["profile"])


class Obedient(Mind):
    """Does what any text tells it about ratings: gives the expert whose record speaks of a 4 a 4, quoting just that."""

    ORDER = re.compile(
        r"[^.!?\n]*\b(?:4|four|vier|cuatro|top|highest|höchste\w*|máxim\w*|best\w*)\b[^.!?\n]*", re.IGNORECASE
    )

    def rated(self, record: dict[str, Any]) -> tuple[int, str]:
        for text in passages(record):
            if found := self.ORDER.search(_readable(text)):
                return 4, found[0].strip()
        return self.usual, opening(record["profile"])
