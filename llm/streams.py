"""Texts that a page reads while they are written: the pieces are in Redis, the finished text is in Postgres.

A name can be opened again, which begins its text anew; each opening has an epoch, so that nobody takes up a new text
where they left the old one, and a writer that lost its name changes nothing. Redis may lose pieces: what is read then
has a gap until the text is finished, for the finished text is always read as a whole.
"""

import re
import time
from contextlib import suppress
from datetime import timedelta
from typing import Any, NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from llm import redis
from llm.errors import Failure, FailureKind
from llm.models import StreamedText

State = StreamedText.State

# Pieces are sent at most this often: nobody reads faster …
PIECE_SECONDS = 0.05
# … and while there are none to send, a cancellation is looked for this often.
LOOK_SECONDS = 0.5
KEPT_SECONDS = 3600
# More than the longest question can send in its three minutes.
MOST_PIECES = 4000
START = "0"
AFTER = re.compile(r"(\d{1,20})\.(\d{1,18}-\d{1,18})", re.ASCII)


class Page(NamedTuple):
    """What is new. Read on after `id`; where `restarted`, drop what was read before. `error` is for the page."""

    text: str
    id: str
    state: StreamedText.State
    restarted: bool
    error: str = ""


class Writer:
    """Writes one opening of a text, from one thread."""

    def __init__(self, row: StreamedText) -> None:
        self._row = row
        self._pieces: list[str] = []
        self._sent_at = float("-inf")

    def delta(self, text: str) -> None:
        """More of the text, or none. Raises Failure (cancelled) soon after the page wants no more."""
        if text:
            self._pieces.append(text)
        pause = PIECE_SECONDS if self._pieces else LOOK_SECONDS
        if time.monotonic() - self._sent_at >= pause:
            self._send()

    def restart(self) -> None:
        """The text begins anew: readers drop what they have."""
        self._pieces.clear()
        with suppress(redis.Away):
            redis.cache().run_all(self._adding("MAXLEN", 1, "*", "restart", 1))

    def finish(self, text: str) -> None:
        self._end(state=State.DONE, text=text.replace("\0", ""))

    def fail(self, sentence: str) -> None:
        """Readers drop what they have and are told why."""
        self._end(state=State.FAILED, error=sentence[:300])

    def _send(self) -> None:
        self._sent_at = time.monotonic()
        text = "".join(self._pieces).encode(errors="replace")  # half an emoji may end a piece
        commands = self._adding("MAXLEN", "~", MOST_PIECES, "*", "text", text) if text else []
        try:
            *_added, cancelled = redis.cache().run_all([*commands, ("EXISTS", _key(self._row, "cancelled"))])
        except redis.Away:
            return  # the pieces go with the next
        self._pieces.clear()
        if cancelled:
            raise Failure(FailureKind.CANCELLED, "The page wants no more of it.")

    def _adding(self, *entry: str | bytes | int) -> list[tuple[str | bytes | int, ...]]:
        key = _key(self._row, "pieces")
        return [("XADD", key, *entry), ("EXPIRE", key, KEPT_SECONDS)]

    def _end(self, **fields: Any) -> None:
        """Unless it was opened anew. One given up as abandoned is finished all the same."""
        mine = StreamedText.objects.filter(pk=self._row.pk, started_at=self._row.started_at)
        mine.update(**{"text": "", "error": "", "finished_at": Now(), **fields})


def open(name: str, user: User | None) -> Writer:
    """Begin the text of this name anew. A name belongs to one user for good: IntegrityError for another's."""
    fresh = {"state": State.OPEN, "text": "", "error": "", "started_at": timezone.now(), "finished_at": None}
    row, _new = StreamedText.objects.update_or_create(name=name, user=user, defaults=fresh)
    return Writer(row)


def read(name: str, user: User | AnonymousUser, after: str = START) -> Page | None:
    """What was written since `after`, the id of an earlier page. None: this user has no such text."""
    if (row := _of(name, user)) is None:
        return None
    if row.state == State.OPEN:
        return _written_so_far(row, after)
    end = f"{_epoch(row)}.end"
    if after == end:
        return Page("", end, State(row.state), restarted=False, error=_error(row))
    return Page(row.text, end, State(row.state), restarted=True, error=_error(row))


def cancel(name: str, user: User | AnonymousUser) -> bool:
    """Ask the writer to stop. False: there is nothing to stop, or Redis is away."""
    row = _of(name, user)
    if row is None or row.state != State.OPEN:
        return False
    try:
        redis.cache().run("SET", _key(row, "cancelled"), 1, "EX", KEPT_SECONDS)
    except redis.Away:
        return False
    return True


def abandon(*, older_than: float) -> int:
    """Mark failed what has been open for so many seconds: its writer is dead. Returns how many those were."""
    late = StreamedText.objects.filter(state=State.OPEN, started_at__lt=Now() - timedelta(seconds=older_than))
    return late.update(state=State.FAILED, finished_at=Now())


def _of(name: str, user: User | AnonymousUser) -> StreamedText | None:
    if user.pk is None:
        return None
    return StreamedText.objects.filter(name=name, user_id=user.pk).first()


def _written_so_far(row: StreamedText, after: str) -> Page:
    known = AFTER.fullmatch(after)
    goes_on = known is not None and known[1] == _epoch(row)
    last = known[2] if known and goes_on else "0-0"
    text, restarted = "", not goes_on
    for entry_id, (field, value) in _entries(row, last):
        last = entry_id.decode()
        if field == b"restart":
            text, restarted = "", True
        else:
            text += value.decode()
    return Page(text, f"{_epoch(row)}.{last}", State.OPEN, restarted)


def _entries(row: StreamedText, after: str) -> list[tuple[bytes, tuple[bytes, bytes]]]:
    try:
        found = redis.cache().run("XREAD", "STREAMS", _key(row, "pieces"), after)
    except redis.Away:
        return []
    return found[0][1] if found else []


def _error(row: StreamedText) -> str:
    if row.state == State.FAILED:
        return row.error or _("Writing this text was broken off. Please try again.")
    return ""


def _epoch(row: StreamedText) -> str:
    return str(round(row.started_at.timestamp() * 1_000_000))


def _key(row: StreamedText, part: str) -> str:
    return f"traveloure:{{llm-text-{row.pk}-{_epoch(row)}}}:{part}"
