"""What a text costs that leaves (scrub) and one that comes back (check), in CPU milliseconds per 1,000 characters.

Ordinary travel texts in six languages at three lengths, and the worst of the texts made to be slow, at two lengths:
what grows faster than the text shows between them. `python -m bench texts`.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path

from llm.filtering import check
from llm.privacy import Scrubber
from llm.prompt import Audience

TESTS = Path(__file__).resolve().parent.parent / "tests" / "llm"
PEOPLE = ["Anna Lind", "José Núñez", "山田 太郎"]
INSTRUCTIONS = "You explain to a traveler in two short paragraphs why the expert fits the trip. " * 12
CANARY = "w7kqzp3mxv5tdh2ncr6bgyaf"


def ordinary(name: str) -> str:
    lines = [line for line in (TESTS / name).read_text().splitlines() if line and not line.startswith("# ")]
    return " ".join(lines)


def scrub(text: str) -> None:
    Scrubber(PEOPLE).scrub(text)


def check_public(text: str) -> None:
    check(text, audience=Audience.PUBLIC, canary=CANARY, instructions=INSTRUCTIONS)


def check_sources(text: str) -> None:
    check(text, audience=Audience.PUBLIC, canary=CANARY, instructions=INSTRUCTIONS, sources=[ENGLISH])


def milliseconds(work: Callable[[str], None], text: str, runs: int = 15) -> float:
    """Per 1,000 characters, the best of some runs: the machine may be busy with other things."""
    best = float("inf")
    for _ in range(runs):
        begun = time.thread_time()
        work(text)
        best = min(best, time.thread_time() - begun)
    return round(best * 1e6 / len(text), 3)


def measure() -> dict[str, float | str]:
    results: dict[str, float | str] = {}
    for name, work in WORK.items():
        for size in (1000, 4000, 16000):
            results[f"{name} English {size}"] = milliseconds(work, (ENGLISH * 60)[:size])
            results[f"{name} six languages {size}"] = milliseconds(work, (MIXED * 3)[:size])
        worst = max((milliseconds(work, (unit * 16000)[:16000], 3), unit) for unit in HOSTILE)
        results[f"{name} worst"] = (
            f"{worst[0]} at 16000, {milliseconds(work, (worst[1] * 4000)[:4000], 3)} at 4000: {worst[1]!r}"
        )
    return results


ENGLISH = (
    "We would like a relaxed trip to Lisbon with our two kids in May 2026, about 150 EUR a day: old town, good food, "
    "little walking. We love tiles, trams and music, and would be glad about a garden near the hotel, since the small "
    "one is 4. "
)
MIXED = ordinary("filter_clean.txt")
WORK = {"scrub": scrub, "check": check_public, "check with sources": check_sources}
HOSTILE = (
    "a¦A¦1¦1 ¦1-¦1.¦12:¦@¦a@¦a@b.¦a.¦a-at-¦(at)¦ at a dot ¦+1 ¦00 ¦0171 2345678 ¦[¦[EMAIL_1]¦<¦A<¦a:b:¦DE12 ¦"
    "4111 1111 1111 1111 ¦SSN a ¦passport no ¦1 A ¦1 A Street ¦Calle A 1 ¦東京都渋谷区1¦Anna ¦Anna Lind ¦1\u200b¦é¦ß¦"
    "a*a ¦f*¦a b ¦fuck ¦f u c k ¦a1b2 ¦www.¦http://¦x.com ¦a.de¦whatsapp ¦insta: ¦one ¦!¦AA ¦AAAA ¦$¦100% ¦cheap ¦"
    "best tour ever ¦abc abc ¦twelve ¦twelve years ¦12 years ¦1,000¦the oldest "
).split("¦")

if __name__ == "__main__":
    print(json.dumps(measure()))
