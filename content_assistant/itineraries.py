"""An itinerary: days, their parts and what there is to choose from, and the same as Markdown, both ways.

An expert edits the Markdown, so it can be read back whatever language it is in: headings of the second order are days,
those of the third their parts (known by name, else by place), a line with a dash is a choice, its bold beginning the
title, and italics at its end say what somebody should still check. Fields such as [HOTEL] are filled in for one client
at a time; the itinerary stays as it is.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field

_FILE = Path(__file__).with_name("itineraries.toml")
MOST_DAYS = 21
PARTS = ("morning", "afternoon", "evening", "eat", "notes", "instead")
BLOCKS = PARTS[:3]
PLACEHOLDER = re.compile(r"\[([A-ZÀ-ÖØ-ÞŒẞ][A-ZÀ-ÖØ-ÞŒẞ0-9 _/&-]{1,48})\]")
# That walking distances are told, in the languages that experts write most.
_DISTANCE = re.compile(
    r"\d+(?:[.,]\d+)? ?(?:-|–)? ?"
    r"(?:minutes?|mins?|minuten|minutos|km|kilomet\w+|miles?|m|metres?|meters?|meter|分|徒歩)(?!\w)"
    r"|\b(?:walking distance|around the corner|next door|steps away|fußläufig|gehminuten|um die ecke|à pied|a pie)\b"
    r"|徒歩",
    re.IGNORECASE,
)
_OPTION = re.compile(
    r"[-*•] +(?:\*\*(?P<title>.+?)\*\*[.:]?)?(?:[ ]*[—–:-]+)? *(?P<note>.*?)(?: *\*\((?P<check>[^*]+)\)\*)?"
    r"(?: *<(?P<source>https?://[^>\s]+)>)?\s*$"
)

Check = Literal["opening", "distance"]


class Option(BaseModel):
    """One thing to do, eat or know. It rests on a service of the expert's, on a page, or on nothing yet."""

    title: str = Field(description="what, in a few words")
    note: str = Field(description="a sentence or two about it")
    service: str = Field(default="", description="the title of the expert's service that it is, else empty")
    source: str = Field(default="", description="the address of the page it rests on, else empty")
    check: list[Check] = Field(default_factory=list, description="what somebody should look up first")


class Day(BaseModel):
    title: str
    morning: list[Option]
    afternoon: list[Option]
    evening: list[Option]
    eat: list[Option]
    notes: list[Option] = Field(description="insider knowledge and customs")
    instead: list[Option] = Field(description="alternatives, the interest as title")

    def parts(self) -> Iterator[tuple[str, list[Option]]]:
        yield from ((name, getattr(self, name)) for name in PARTS)

    def options(self) -> Iterator[Option]:
        for _name, options in self.parts():
            yield from options


class Itinerary(BaseModel):
    title: str
    summary: str
    days: list[Day]
    language: str = Field(default="en", description="the code of the language it is written in")

    def options(self) -> Iterator[Option]:
        for day in self.days:
            yield from day.options()


@cache
def _words() -> Mapping[str, Any]:
    import tomllib  # noqa: PLC0415  # needed by few processes

    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def labels(language: str) -> Mapping[str, str]:
    """How the parts are headed in that language; in English where nobody has translated them."""
    known: Mapping[str, str] = _words().get(language.partition("-")[0], _words()["en"])
    return known


def marked(itinerary: Itinerary) -> Itinerary:
    """With “check” at all that rests on nothing: whoever plans should look up opening days and distances first."""
    return _changed(itinerary, _marked)


def _marked(option: Option, part: str) -> Option:
    if option.service or option.source or part in ("notes", "instead"):
        needed: set[str] = set()
    else:
        needed = {"opening"}
    if not option.source and _DISTANCE.search(f"{option.title} {option.note}"):
        needed.add("distance")
    return option.model_copy(update={"check": sorted(needed.union(option.check), reverse=True)})


def _changed(itinerary: Itinerary, change: Callable[[Option, str], Option]) -> Itinerary:
    days = [
        day.model_copy(
            update={name: [change(option, name) for option in options] for name, options in day.parts()}
        )
        for day in itinerary.days
    ]
    return itinerary.model_copy(update={"days": days})


# Markdown, there and back


def markdown(itinerary: Itinerary) -> str:
    said = labels(itinerary.language)
    lines = [f"# {_line(itinerary.title)}", "", _paragraph(itinerary.summary)]
    for number, day in enumerate(itinerary.days, start=1):
        lines += ["", f"## {said['day']} {number}: {_line(day.title)}"]
        for name, options in day.parts():
            if options:
                lines += ["", f"### {said[name]}", *(_bullet(option, said) for option in options)]
    return "\n".join(lines).strip() + "\n"


def _bullet(option: Option, said: Mapping[str, str]) -> str:
    parts = [f"- **{_line(option.title)}**"]
    if option.note:
        parts.append(f"– {_line(option.note)}")
    if option.check:
        parts.append(f"*({checks(option, said)})*")
    if option.source:
        parts.append(f"<{option.source}>")
    return " ".join(parts)


def checks(option: Option, said: Mapping[str, str]) -> str:
    """“check: opening days, walking distance”"""
    return f"{said['check']}: {', '.join(said[name] for name in option.check)}" if option.check else ""


def _line(text: str) -> str:
    """Nothing in it begins a line or ends what is bold."""
    return " ".join(text.replace("**", "").split())


def _paragraph(text: str) -> str:
    return "\n\n".join(_line(one).lstrip("#-*• ") for one in text.split("\n\n") if one.strip())


def parse(text: str, language: str) -> Itinerary:
    """What the Markdown says, however it was edited: a line that is no part of it is read as a choice without title."""
    return _read(text).itinerary(language)


def unread(text: str) -> list[str]:
    """Lines of which one can only guess what they are: each is kept, the heading or the choice where it stands."""
    return _read(text).guessed


def _read(text: str) -> "_Reader":
    reader = _Reader()
    for line in text.splitlines():
        reader.read(line)
    return reader


class _Reader:
    def __init__(self) -> None:
        self.guessed: list[str] = []
        self.title = ""
        self.summary: list[str] = []
        self.days: list[tuple[str, dict[str, list[Option]]]] = []
        self.part = ""

    def read(self, given: str) -> None:
        line = given.strip()
        level = len(line) - len(line.lstrip("#"))
        heading = line.lstrip("#").strip()
        if level == 1 and not self.days:
            self.title = heading
        elif level in (1, 2):
            self.days.append((_day_title(heading), {name: [] for name in PARTS}))
            self.part = ""
        elif level >= 3 and self.days:
            self.part = self._part(heading)
        elif not self.days:
            self.summary.append(line)
        elif line and not self._goes_on(given):
            self._take(line)

    def _part(self, heading: str) -> str:
        known = {said[name].casefold(): name for said in _words().values() for name in PARTS}
        following = PARTS.index(self.part) + 1 if self.part else 0
        if heading.casefold() not in known:
            self.guessed.append(heading)
        return known.get(heading.casefold(), PARTS[min(following, len(PARTS) - 1)])

    def _take(self, line: str) -> None:
        option = _option(line)
        if not (option.title and self.part):
            self.guessed.append(line)
        self.days[-1][1][self.part or "notes"].append(option)

    def _goes_on(self, line: str) -> bool:
        """An indented line that begins no choice belongs to the one before it."""
        options = self.days[-1][1][self.part or "notes"]
        if not options or not line.startswith("  ") or _OPTION.fullmatch(line.strip()):
            return False
        last = options[-1]
        options[-1] = last.model_copy(update={"note": f"{last.note} {line.strip()}".strip()})
        return True

    def itinerary(self, language: str) -> Itinerary:
        days = [Day(title=title, **parts) for title, parts in self.days]
        summary = "\n".join(self.summary).strip()
        return Itinerary(title=self.title, summary=summary, days=days, language=language)


def _day_title(heading: str) -> str:
    """“Day 3: Old town” is about the old town, and “Day 3” about nothing yet."""
    numbered = re.fullmatch(r"\D{0,12}\d{1,2}\D{0,3}?(?:[:：.–-] *(.*))?", heading)
    return numbered[1] or "" if numbered else heading


def _option(line: str) -> Option:
    found = _OPTION.fullmatch(line)
    if not found:
        return Option(title="", note=line)
    return Option(
        title=found["title"] or "",
        note=found["note"],
        source=found["source"] or "",
        check=_checks_in(found["check"] or ""),
    )


def _checks_in(said: str) -> list[Check]:
    """Of a mark in another language than ours one only knows that it is one."""
    found: list[Check] = [
        name
        for name in ("opening", "distance")
        if any(words[name].casefold() in said.casefold() for words in _words().values())
    ]
    return found or (["opening"] if said else [])


def of(text: str, data: Mapping[str, Any], language: str) -> Itinerary:
    """A version's: as it is stored where the text still says that, else as the text says it.

    Which of the expert's services a choice is does not stand in the text: it is known by its title.
    """
    if "days" not in data:
        return parse(text, language)
    stored = Itinerary.model_validate(data)
    if markdown(stored).strip() == text.strip():
        return stored
    services = {_line(option.title): option.service for option in stored.options()}

    def name(option: Option, _part: str) -> Option:
        return option.model_copy(update={"service": services.get(option.title, "")})

    return _changed(parse(text, stored.language), name)


# Fields


def placeholders(texts: Iterable[str]) -> list[str]:
    """Their names, each once, in the order in which they come."""
    return list(dict.fromkeys(name for text in texts for name in PLACEHOLDER.findall(text)))


def texts(itinerary: Itinerary) -> Iterator[str]:
    yield itinerary.title
    yield itinerary.summary
    for day in itinerary.days:
        yield day.title
        for option in day.options():
            yield option.title
            yield option.note


def filled(itinerary: Itinerary, values: Mapping[str, str]) -> Itinerary:
    """For one client. What was left empty stays a field; what was put in is read for no further fields."""

    def put(text: str) -> str:
        return PLACEHOLDER.sub(lambda found: " ".join(values.get(found[1], "").split()) or found[0], text)

    def put_all(option: Option, _part: str) -> Option:
        return option.model_copy(update={"title": put(option.title), "note": put(option.note)})

    changed = _changed(itinerary, put_all)
    days = [day.model_copy(update={"title": put(day.title)}) for day in changed.days]
    return changed.model_copy(
        update={"title": put(changed.title), "summary": put(changed.summary), "days": days}
    )
