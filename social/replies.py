"""What people answer: read from X where our account is connected, else recorded by staff. Whoever says stop is never
written to again.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from accounts.models import User
from markets import folding
from social import moves, phrasing, x_messages
from social.models import Outreach
from social.x_messages import Heard

State = Outreach.State
# X shows messages of so many days.
REACH = timedelta(days=30)
# A word such as "stop" says so where the reply has few words, or where a sentence begins with it.
FEW_WORDS = 4
ANSWERABLE = [State.SENT, State.REPLIED, State.DECLINED]


def says_stop(text: str) -> bool:
    """In any of the languages that we write in, or in English, which everybody uses for it."""
    folded = folding.fold(text)
    tongues = phrasing.tongues().values()
    if any(tongue.stop_phrases.search(folded) for tongue in tongues):
        return True
    words = frozenset().union(*(tongue.stop_words for tongue in tongues))
    said = folded.split()
    if len(said) <= FEW_WORDS and words & set(said):
        return True
    openings = (folding.fold(part).split()[:1] for part in _sentences(text))
    return any(words & set(opening) for opening in openings)


def _sentences(text: str) -> list[str]:
    for mark in "!?。！？\n,;、":
        text = text.replace(mark, ".")
    return text.split(".")


def record(outreach: Outreach, text: str, *, by: User | None) -> Outreach:
    """What was answered. An opt-out takes the place of the reply's own move."""
    if says_stop(text):
        return moves.move(outreach, State.OPTED_OUT, by=by, text=text)
    return moves.move(outreach, State.REPLIED, by=by, text=text)


def read() -> dict[str, list[Heard]]:
    """By handle, oldest first; nobody is asked where nobody can answer. Not in a transaction.

    Whoever was written to can answer for as long as they like, and what they say is read as far back as X shows it.
    """
    first = Outreach.objects.filter(state__in=ANSWERABLE).aggregate(first=Min("sent_at"))["first"]
    by_handle: dict[str, list[Heard]] = defaultdict(list)
    if first:
        since = max(first, timezone.now() - REACH)
        for heard in sorted(x_messages.received(since), key=lambda one: (one.at, one.id)):
            by_handle[heard.handle].append(heard)
    return by_handle


def store(by_handle: dict[str, list[Heard]]) -> int:
    """How many rows changed. The same answers once more change nothing."""
    changed = 0
    found = Outreach.objects.filter(state__in=ANSWERABLE, lead__author__handle__in=list(by_handle))
    for outreach in found.select_related("lead__author").order_by("pk"):
        answers = [
            one.text
            for one in by_handle[outreach.lead.handle]
            if outreach.sent_at and one.at >= outreach.sent_at
        ]
        changed += bool(answers) and _take_in(outreach, answers)
    return changed


@transaction.atomic
def _take_in(outreach: Outreach, answers: Iterable[str]) -> bool:
    outreach = moves.locked(outreach)
    text = "\n".join(answers)[:2000].strip()
    if any(says_stop(one) for one in answers):
        moves.move(outreach, State.OPTED_OUT, by=None, text=text)
    elif outreach.state == State.SENT and text:
        moves.move(outreach, State.REPLIED, by=None, text=text)
    elif outreach.state == State.REPLIED and text != outreach.reply and text.startswith(outreach.reply):
        Outreach.objects.filter(pk=outreach.pk).update(reply=text)  # they wrote more
    else:
        return False
    return True
