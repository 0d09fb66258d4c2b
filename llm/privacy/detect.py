"""Everything in a text that must not leave the machine, names of people apart."""

from llm.privacy import emails
from llm.privacy.kinds import Find

_DETECTORS = (emails.find,)


def find(text: str) -> list[Find]:
    """In order of place, none overlapping another: what an earlier detector took is no other's.

    `text` is folded (llm.folding.plain).
    """
    taken: list[Find] = []
    for detector in _DETECTORS:
        for found in detector(text):
            if all(found.end <= other.start or other.end <= found.start for other in taken):
                taken.append(found)
    return sorted(taken)
