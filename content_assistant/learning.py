"""How far experts change what was written for them, kept with the draft: what a prompt version is judged by.

Words are compared, not letters: an expert who changes a word has made one change.
"""

import re
from datetime import datetime
from typing import Any

import numpy as np

from content_assistant.models import Draft, Version
from content_assistant.tools import of

# Where a sentence ends, in scripts with and without spaces.
_END = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])|\n+")
# Scripts that write no spaces: each sign counts.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")

AS_IS, EDITED, DISCARDED = "as_is", "edited", "discarded"


def words(text: str) -> list[str]:
    return _WORD.findall(text)


def count(text: str) -> int:
    """As people count: two signs of a script without spaces make about a word."""
    unspaced = len(_UNSPACED.findall(text))
    return len(words(text)) - unspaced + (unspaced + 1) // 2


def sentences(text: str) -> list[str]:
    return [found for part in _END.split(text) if (found := part.strip())]


def edit_distance(before: str, after: str) -> int:
    """The fewest words that have to be put in, taken out or exchanged."""
    one, two = words(before), words(after)
    numbers = {word: number for number, word in enumerate({*one, *two})}
    target = np.array([numbers[word] for word in two], dtype=np.int64)
    steps = np.arange(len(two) + 1)
    row = steps.copy()
    for taken, word in enumerate(one, start=1):
        changed = np.minimum(row[1:] + 1, row[:-1] + (target != numbers[word]))
        # What is put in costs one a word from any place to the left.
        row = np.minimum.accumulate(np.concatenate(([taken], changed)) - steps) + steps
    return int(row[-1])


def outcome(draft: Draft, version: Version, now: datetime) -> dict[str, Any]:
    """What is kept when `version` is put to use."""
    first = written_for(version)
    if first is None:
        return {}
    distance = edit_distance(first.text, version.text)
    said = sentences(first.text)
    kept = [sentence for sentence in said if sentence in version.text]
    return _of(draft, first) | {
        "kind": EDITED if distance else AS_IS,
        "version": version.number,
        "distance": distance,
        "words": len(words(first.text)),
        "kept": len(kept),
        "sentences": len(said),
        "minutes_saved": minutes_saved(of(draft.tool).minutes, first, now),
    }


def discarded(draft: Draft, version: Version | None) -> dict[str, Any]:
    first = version and written_for(version)
    return _of(draft, first) | {"kind": DISCARDED} if first else {"kind": DISCARDED}


def minutes_saved(baseline: int, first: Version, now: datetime) -> int:
    """Against writing it by hand. All the time since it was there counts as work on it, so it is never too much."""
    worked = (now - (first.finished_at or now)).total_seconds() / 60
    return max(baseline - round(worked), 0)


def written_for(version: Version) -> Version | None:
    """The last text that a model or a template wrote, from which this one came."""
    made = [Version.Origin.MODEL, Version.Origin.OFFLINE]
    earlier = version.draft.versions.filter(number__lte=version.number, origin__in=made)
    return earlier.exclude(text="").order_by("-number").first()


def _of(draft: Draft, first: Version) -> dict[str, Any]:
    spent = draft.versions.values_list("cost", flat=True)
    return {
        "prompt_version": first.prompt_version,
        "origin": first.origin,
        "model": first.model,
        "cost": str(sum(spent)),
    }
