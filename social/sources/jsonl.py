"""JSON Lines: a post a line, as docs/social.md describes. For trials, and for what somebody exported elsewhere."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from django.utils.translation import gettext as _
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from social.models.posts import LONGEST_TEXT
from social.sources.base import (
    MOST_COUNT,
    Found,
    FoundAuthor,
    FoundPost,
    Query,
    SourceOff,
    concerns,
    drop,
    handle_of,
)

Count = Annotated[int, Field(ge=0, le=MOST_COUNT)]
LONGEST_LINE = 20_000


class Line(BaseModel):
    """The form of a line. Unknown names are an error, so that a misspelt one is not silently left out."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    author: str
    text: str = Field(min_length=1, max_length=LONGEST_TEXT)
    created_at: AwareDatetime
    language: str = Field("", max_length=8)
    likes: Count = 0
    reposts: Count = 0
    replies: Count = 0
    views: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    measured_at: AwareDatetime | None = None  # one post may have a line for each time it was measured
    author_name: str = Field("", max_length=120)
    author_bio: str = Field("", max_length=1000)
    followers: Count | None = None
    following: Count | None = None
    author_since: date | None = None


class FileSource:
    name = "file"
    least = Decimal(0)

    def __init__(self, path: str) -> None:
        self.path = path

    def search(self, query: Query) -> Found:
        found = self._read()
        found.posts = [
            post for post in found.posts if query.since <= post.at < query.until and concerns(post, query)
        ]
        return found

    def refresh(self, ids: Sequence[str], budget: Decimal) -> Found:
        wanted = set(ids)
        return Found([post for post in self._read().posts if post.id in wanted], asked=ids)

    def _read(self) -> Found:
        try:
            with Path(self.path).open(encoding="utf-8") as lines:
                return read(lines)
        except (OSError, UnicodeDecodeError) as error:
            raise SourceOff(_("The file of posts cannot be read: %(why)s") % {"why": error}) from error


def read(lines: Iterable[str]) -> Found:
    """The posts of these lines; lines that are none are told in `drops`, with their number."""
    found = Found()
    for number, line in enumerate(lines, 1):
        if line.strip():
            found.posts.extend(_post(number, line, found))
    return found


def _post(number: int, text: str, found: Found) -> Iterator[FoundPost]:
    try:
        if len(text) > LONGEST_LINE or "\\u0000" in text:
            raise ValueError(_("too long, or with a null byte"))
        line = Line.model_validate_json(text)
        handle = handle_of(line.author)
        if not handle:
            raise ValueError(_("the author is no handle"))
    except ValueError as error:
        found.drops.append(drop("line", _said(error), f"{number}: {text.strip()}"))
        return
    author = FoundAuthor(
        handle, line.author_name, line.author_bio, line.followers, line.following, line.author_since
    )
    yield FoundPost(
        id=line.id,
        author=author,
        text=line.text,
        at=line.created_at,
        language=line.language,
        likes=line.likes,
        reposts=line.reposts,
        replies=line.replies,
        views=line.views,
        measured_at=line.measured_at,
    )


def _said(error: ValueError) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    return "; ".join(
        f"{'.'.join(map(str, one['loc'])) or 'line'}: {one['msg']}"
        for one in error.errors(include_input=False)
    )[:300]
