"""X search by a model: the provider's server tool reads X, the model tells what it found, its citations prove it.

A post counts only where the answer cites its address. Author and id are read from that address, and the time from the
id itself (X numbers posts by the millisecond), so that a model can make up neither.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from jobs.errors import Permanent, Retryable
from llm import door
from social.models.posts import LONGEST_TEXT
from social.prompts.search import SEARCH, Facts, Told
from social.sources.base import Found, FoundAuthor, FoundPost, Query, SourceOff, count, drop, handle_of

# What one question can cost: five searches of 50 posts each, the text they bring, and the answer, twice for a mending.
MOST_USD = Decimal("1.50")
_STATUS = re.compile(
    r"https?://(?:www\.|mobile\.)?(?:x|twitter)\.com/(\w{1,30})/status(?:es)?/(\d{5,25})(?!\d)"
)
X_EPOCH_MS = 1_288_834_974_657
LONGEST_TOLD = 1000
# X search by a model goes by days: what is some hours old is found as well as what is new.
WINDOW = timedelta(hours=48)


class XSearchByModel:
    name = "model"
    least = MOST_USD

    def search(self, query: Query) -> Found:
        if query.budget < MOST_USD:
            note = _("The day's budget of this market had no room for a search.")
            return Found(complete=False, note=note)
        query = replace(query, since=min(query.since, query.until - WINDOW))
        days = door.XSearch(since=query.since.date(), until=query.until.date())
        facts = Facts(city=query.city, accounts=list(query.accounts), hashtags=list(query.hashtags))
        answer = _ask(replace(SEARCH, tools=(days,)), facts)
        found = Found(cost=answer.cost)
        cited = dict(_cited(citation.url for citation in answer.citations))
        found.posts = list(_checked(answer.output.posts, cited, query, found))
        return found

    def refresh(self, ids: Sequence[str], budget: Decimal) -> Found:
        """A model's memory is no measurement."""
        return Found()


def _ask(prompt: "door.Prompt[Facts, Told]", facts: Facts) -> "door.Answer[Told]":
    try:
        return door.ask(prompt, facts, fresh=True)
    except door.Disabled as error:
        raise SourceOff(_("No language model that can search X is connected.")) from error
    except door.BudgetSpent as error:
        raise Permanent(str(error)) from error
    except door.LLMError as error:
        raise Retryable(str(error)) from error


def _cited(urls: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Ids of posts with the handles of their authors; "" where the address does not say whose it is."""
    for url in urls:
        if match := _STATUS.match(url):
            handle = handle_of(match[1])
            yield match[2], "" if handle == "i" else handle


def _checked(
    told: Iterable[Told.Post], cited: dict[str, str], query: Query, found: Found
) -> Iterator[FoundPost]:
    seen: set[str] = set()
    for one in told:
        match = _STATUS.match(one.url.strip())
        number = match[2] if match else one.url.strip()
        reason = "no_post" if not match else "not_cited" if number not in cited else ""
        at = time_of(number)
        if not reason and (at is None or not query.since <= at <= query.until + timedelta(minutes=5)):
            reason = "out_of_time"
        handle = cited.get(number, "") or handle_of(one.author)
        text = one.text.replace("\0", "").strip()
        if not reason and not (handle and text):
            reason = "no_author_or_text"
        if not reason and number in seen:
            reason = "said_twice"
        if reason or at is None:
            found.drops.append(drop("post", reason, one.url))
            continue
        seen.add(number)
        author = FoundAuthor(handle, followers=count(one.followers))
        yield FoundPost(
            number,
            author,
            text[: min(LONGEST_TOLD, LONGEST_TEXT)],
            at,
            one.language[:8],
            likes=count(one.likes) or 0,
            reposts=count(one.reposts) or 0,
            replies=count(one.replies) or 0,
            views=count(one.views),
        )


def time_of(number: str) -> datetime | None:
    """When X gave out this number; None for one that it never gave."""
    if not number.isdecimal() or int(number) >= 2**63:
        return None
    return datetime.fromtimestamp(((int(number) >> 22) + X_EPOCH_MS) / 1000, tz=UTC)
