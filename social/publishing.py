"""From an idea to a text for a channel, and what each channel takes. Nothing here publishes: a person does."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import audit
from accounts.errors import DomainError, IllegalMove
from accounts.models import User
from markets import folding
from social import ideas, x_length
from social.models import Campaign, Idea, PostDraft
from social.models.content import Channel

State = PostDraft.State
# Between the posts of a thread, on a line of its own.
CUT = "---"


@dataclass(frozen=True)
class Limit:
    """What a channel takes: characters of the whole text and of its first line, hashtags; of a thread its posts."""

    text: int
    first_line: int = 0
    hashtags: int = 0
    posts: int = 0


# https://help.instagram.com (captions), https://developers.tiktok.com (content posting), https://support.google.com/youtube
# (title and description), https://docs.x.com (counting characters; a thread has 25 posts). The blog is our own.
LIMITS = {
    Channel.REEL: Limit(text=2_200, hashtags=30),
    Channel.TIKTOK: Limit(text=2_200),
    Channel.BLOG: Limit(text=20_000, first_line=100),
    Channel.THREAD: Limit(text=20_000, posts=25),
    Channel.SHORT: Limit(text=5_000, first_line=100, hashtags=15),
}
_HASHTAG = re.compile(r"(?<!\w)#\w+")


def problems(channel: str, text: str) -> list[str]:
    """Why the channel would not take this text, each a sentence."""
    if not text.strip():
        return [_("There is no text yet.")]
    return list(_problems(LIMITS[Channel(channel)], text))


def _problems(limit: Limit, text: str) -> Iterator[str]:
    if len(text) > limit.text:
        yield _("The text has %(length)s characters; this channel takes %(most)s.") % {
            "length": len(text),
            "most": limit.text,
        }
    first = text.lstrip().partition("\n")[0].rstrip()
    if limit.first_line and len(first) > limit.first_line:
        yield _("The first line is the title: it has %(length)s characters, of %(most)s at most.") % {
            "length": len(first),
            "most": limit.first_line,
        }
    count = len(_HASHTAG.findall(text))
    if limit.hashtags and count > limit.hashtags:
        yield _("It has %(count)s hashtags; this channel takes %(most)s.") % {
            "count": count,
            "most": limit.hashtags,
        }
    if limit.posts:
        yield from _thread_problems(limit, parts(text))


def _thread_problems(limit: Limit, posts: list[str]) -> Iterator[str]:
    if len(posts) > limit.posts:
        yield _("A thread has %(most)s posts at most; this one has %(count)s.") % {
            "most": limit.posts,
            "count": len(posts),
        }
    for place, post in enumerate(posts, 1):
        length = x_length.length(post)
        if not post:
            yield _("Post %(place)s of the thread is empty.") % {"place": place}
        elif length > x_length.LONGEST:
            yield _("Post %(place)s of the thread counts %(length)s, of %(most)s at most.") % {
                "place": place,
                "length": length,
                "most": x_length.LONGEST,
            }


def parts(text: str) -> list[str]:
    """The posts of a thread."""
    return [part.strip() for part in re.split(rf"^{CUT}\s*$", text, flags=re.MULTILINE)]


def room(channel: str) -> str:
    """What a channel takes, as one sentence for whoever writes."""
    limit = LIMITS[Channel(channel)]
    said = [ngettext("%(most)s character", "%(most)s characters", limit.text) % {"most": limit.text}]
    if limit.first_line:
        said.append(_("title of %(most)s") % {"most": limit.first_line})
    if limit.hashtags:
        said.append(
            ngettext("%(most)s hashtag", "%(most)s hashtags", limit.hashtags) % {"most": limit.hashtags}
        )
    if limit.posts:
        said = [
            _("%(posts)s posts of %(most)s, with “%(cut)s” on a line between them")
            % {"posts": limit.posts, "most": x_length.LONGEST, "cut": CUT}
        ]
    return _("At most: %(limits)s.") % {"limits": ", ".join(said)}


@transaction.atomic
def draft(idea: Idea, channel: str, *, by: User, campaign: Campaign | None = None) -> PostDraft:
    """The idea's own lines as a first text; what is there already is not written over."""
    idea = Idea.objects.select_for_update(of=("self",)).get(pk=idea.pk)
    found = PostDraft.objects.filter(idea=idea, channel=channel).first()
    if found:
        return found
    ideas.use(idea, by=by)
    made = PostDraft.objects.create(
        idea=idea, channel=channel, campaign=campaign, text=compose(idea, channel), edited_by=by
    )
    audit.record(action="post_draft.make", target=made, by=by, channel=channel)
    return made


def compose(idea: Idea, channel: str) -> str:
    """Within the channel's limits, from what the idea says and nothing else."""
    tag = "#" + "".join(word.capitalize() for word in folding.fold(idea.market.name).split())
    if channel == Channel.THREAD:
        return f"\n{CUT}\n".join(
            _cut_to_x(one) for one in [f"{idea.title}\n\n{idea.hook}", *idea.outline, tag]
        )
    limit = LIMITS[Channel(channel)]
    title = _shorter(idea.title, limit.first_line)
    if channel == Channel.BLOG:
        body = "\n\n".join(f"## {point}" for point in idea.outline)
        return f"{title}\n\n{idea.hook}\n\n{body}"
    points = "\n".join(f"– {point}" for point in idea.outline)
    opening = f"{title}\n\n{idea.hook}" if limit.first_line else idea.hook
    room_left = limit.text - len(tag) - 2
    whole = _shorter(f"{opening}\n\n{points}", room_left)
    return f"{whole}\n\n{tag}"


def _shorter(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def _cut_to_x(text: str) -> str:
    while x_length.length(text) > x_length.LONGEST:
        text = f"{text[: max(len(text) - 10, 1)].rstrip('… ')}…"
    return text


@transaction.atomic
def edit(post: PostDraft, *, by: User) -> PostDraft:
    """Its text, day and campaign as they are on the row given. Whatever its length: only what fits becomes ready."""
    now = check(post)
    now.text, now.planned_for, now.campaign, now.edited_by = (
        post.text.replace("\0", ""),
        post.planned_for,
        post.campaign,
        by,
    )
    now.save(update_fields=["text", "planned_for", "campaign", "edited_by"])
    audit.record(action="post_draft.edit", target=now, by=by)
    return now


def check(post: PostDraft) -> PostDraft:
    """DomainError for an edit that must not be. In a transaction: the stored row is locked and returned."""
    now = _locked(post)
    if now.state == State.PUBLISHED:
        raise DomainError(_("This was published: it stays as it was."))
    if now.state == State.READY and (found := problems(now.channel, post.text)):
        raise DomainError(" ".join(found))
    if post.planned_for and post.planned_for != now.planned_for and post.planned_for < timezone.now():
        raise DomainError(_("The planned time is over: choose a later one."))
    if post.campaign and post.campaign.market_id != now.idea.market_id:
        raise DomainError(_("The campaign is of another market."))
    return now


@transaction.atomic
def move(post: PostDraft, to: str, *, by: User) -> PostDraft:
    """Ready, back to a draft, or published by a person elsewhere."""
    post = _locked(post)
    if to not in PostDraft.MOVES[post.state]:
        raise IllegalMove.of(post, to)
    if to != State.DRAFT and (found := problems(post.channel, post.text)):
        raise DomainError(" ".join(found))
    before, post.state = post.state, to
    post.published_at = timezone.now() if to == State.PUBLISHED else None
    post.save(update_fields=["state", "published_at"])
    audit.record(action=f"post_draft.{to}", target=post, by=by, before=before, after=to)
    return post


def _locked(post: PostDraft) -> PostDraft:
    return PostDraft.objects.select_for_update(of=("self",)).select_related("idea__market").get(pk=post.pk)
