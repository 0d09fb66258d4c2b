"""Where sentences stand in a text: lines without their bullets, cut where a sentence ends."""

import re
from collections.abc import Iterator

from content_assistant.checks.tables import fold, words

_LINE = re.compile(r"[^\r\n]+")
_BULLET = re.compile(r"\s*(?:(?:[-–—•*·>]+|\d{1,2}[.)]|\*\*)\s+)*")
_END = re.compile(r"[.!?…]+[\"'”’»)\]*_]*(?=\s|$)|[。！？]+[」』）]*")
_SHORT = re.compile(
    r"\b(?:[A-Za-zÄÖÜ]|dr|mr|mrs|ms|st|jr|prof|nr|ca|approx|etc|e\.g|i\.e|z\. ?b|d\. ?h|u\. ?a|bzw|inkl|evtl|vs|mt"
    r"|sra|srta|mme|núm|jh|jhd|ggf|tel)\.$",
    re.IGNORECASE,
)
_ORDINAL = re.compile(r"(?<!\d)\d{1,2}\.$")
_WORD = re.compile(r"[^\W\d_]+")
_HEADING = re.compile(r"\s*#{1,6}\s|\s*\*\*[^*]+\*\*\s*$|[^.!?…]*:\**\s*$")
_LONGEST_HEADING = 8  # words

Span = tuple[int, int]


def spans(text: str) -> Iterator[Span]:
    """Each is not empty, and neither begins nor ends with a space."""
    for line in _LINE.finditer(text):
        start = line.start()
        bullet = _BULLET.match(text, start, line.end())
        start = bullet.end() if bullet else start
        for end in (*_ends(text, start, line.end()), line.end()):
            if trimmed := _trimmed(text, start, end):
                yield trimmed
            start = end


def _ends(text: str, start: int, stop: int) -> Iterator[int]:
    for found in _END.finditer(text, start, stop):
        rest = text[found.end() : stop].lstrip(" \"'“„«(*_")
        if found[0].startswith((".", "…")) and rest:
            if rest[0].islower():
                continue
            if found[0] == "." and _goes_on(text, max(start, found.end() - 12), found.end(), rest):
                continue
        yield found.end()


def _goes_on(text: str, start: int, end: int, rest: str) -> bool:
    """“Dr. Sato” is no end, nor is “am 3. Mai”; “no more than 4. Write” is one."""
    if _ORDINAL.search(text, start, end):
        word = _WORD.match(rest)
        return word is not None and fold(word[0]) in words("sentences", "after_ordinal")
    return bool(_SHORT.search(text, start, end))


def _trimmed(text: str, start: int, end: int) -> Span | None:
    said = text[start:end]
    start += len(said) - len(said.lstrip())
    end -= len(said) - len(said.rstrip())
    return (start, end) if start < end else None


def is_heading(text: str, span: Span) -> bool:
    """A line of its own that says what follows."""
    first = text.rfind("\n", 0, span[0]) + 1
    last = text.find("\n", span[1])
    line = text[first : last if last >= 0 else len(text)]
    if _HEADING.match(line):
        return True
    bare = line.strip()
    begins_list = line[: span[0] - first].strip() != ""
    return not begins_list and bare[-1:].isalnum() and len(bare.split()) <= _LONGEST_HEADING
