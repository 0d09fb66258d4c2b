"""What people answer: read from X where our account is connected, else recorded by staff. Whoever says stop is never
written to again.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Min, Q
from django.utils import timezone

from accounts.models import User
from markets import folding
from social import consent, moves, phrasing, x_messages
from social.models import Outreach
from social.x_messages import Received

State = Outreach.State
# X shows messages of so many days.
REACH = timedelta(days=30)
_MARKS = re.compile(r"[.!?,;。！？、\n]")
ANSWERABLE = [State.SENT, State.REPLIED, State.DECLINED]


def says_stop(text: str) -> bool:
    """In any of the languages that we write in, or in English, which everybody uses for it.

    A phrase says so wherever it stands; a word such as "stop" where a sentence, or a part of one, holds nothing else
    but what is said around it.
    """
    folded = folding.fold(text)
    tongues = phrasing.tongues().values()
    if any(tongue.stop_phrases.search(folded) for tongue in tongues):
        return True
    stop = frozenset().union(*(tongue.stop_words for tongue in tongues))
    around = frozenset().union(*(tongue.around_stop for tongue in tongues))
    parts = (set(folding.fold(part).split()) for part in _MARKS.split(text))
    return any(part & stop and part <= stop | around for part in parts)


def record(outreach: Outreach, text: str, *, by: User | None) -> Outreach:
    """What was answered. An opt-out takes the place of the reply's own move."""
    if says_stop(text):
        return moves.move(outreach, State.OPTED_OUT, by=by, text=text)
    return moves.move(outreach, State.REPLIED, by=by, text=text)


def read() -> list[Received]:
    """Oldest first; nobody is asked where nobody can answer. Not in a transaction.

    Whoever was written to can answer for as long as they like, and what they say is read as far back as X shows it.
    """
    first = Outreach.objects.filter(state__in=ANSWERABLE).aggregate(first=Min("sent_at"))["first"]
    if first is None:
        return []
    since = max(first, timezone.now() - REACH)
    return sorted(x_messages.received(since), key=lambda one: (one.at, one.id))


def store(received: Iterable[Received]) -> int:
    """How many rows changed. The same answers once more change nothing.

    Whoever X sent it to is known by X's number, others by their handle of today.
    """
    by_sender, by_handle = defaultdict(list), defaultdict(list)
    for one in received:
        by_sender[one.sender].append(one)
        by_handle[one.handle].append(one)
    changed = 0
    theirs = Q(recipient__in=list(by_sender)) | Q(recipient="", lead__author__handle__in=list(by_handle))
    found = Outreach.objects.filter(theirs, state__in=ANSWERABLE)
    for outreach in found.select_related("lead__author").order_by("pk"):
        known = by_sender[outreach.recipient] if outreach.recipient else by_handle[outreach.lead.handle]
        answers = [one for one in known if outreach.sent_at and one.at >= outreach.sent_at]
        changed += bool(answers) and _take_in(outreach, answers)
    return changed


@transaction.atomic
def _take_in(outreach: Outreach, answers: Sequence[Received]) -> bool:
    outreach = moves.locked(outreach)
    text = "\n".join(one.text for one in answers)[:2000].strip()
    if any(says_stop(one.text) for one in answers):
        moves.move(outreach, State.OPTED_OUT, by=None, text=text)
        for handle in {one.handle for one in answers} - {outreach.lead.handle, ""}:
            consent.opt_out(handle, by=None, now=timezone.now())  # what they call themselves now
    elif outreach.state == State.SENT and text:
        moves.move(outreach, State.REPLIED, by=None, text=text)
    elif outreach.state == State.REPLIED and text != outreach.reply and text.startswith(outreach.reply):
        Outreach.objects.filter(pk=outreach.pk).update(reply=text)  # they wrote more
    else:
        return False
    return True
