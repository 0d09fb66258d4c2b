"""Outreach begins with a lead of high potential: what a partnership may be worth, and three messages to choose from.

Models word, code checks. What does not hold after one repair is replaced by what the writer without a model makes of
the same posts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.errors import DomainError
from accounts.models import User
from jobs.errors import Permanent
from social import asking, consent, moves, phrasing, x_length
from social.models import Lead, Outreach, Post
from social.prompts.outreach import OUTREACH, Facts, Shown, Told, Variant

State = Outreach.State
DUE_IN = timedelta(days=3)
# USD a month: for each thousand followers and percent of engagement, for bookings, for content.
PER_THOUSAND, BOOKINGS, CONTENT = 10, 500, 200
HIGH_VALUE = 1_500
VARIANTS = 3
SHOWN_POSTS = 6
_LONGEST_TRIED = 600


@dataclass(frozen=True)
class Value:
    """Whole USD a month."""

    reach: int
    bookings: int = BOOKINGS
    content: int = CONTENT

    @property
    def total(self) -> int:
        return self.reach + self.bookings + self.content


def value_of(followers: int | None, engagement: Decimal | None) -> Value | None:
    """followers / 1000 × engagement × 10 + 500 + 200, rounded. None where nobody knows how many follow."""
    if followers is None or engagement is None:
        return None
    reach = Decimal(followers) / 1000 * Decimal(engagement) * PER_THOUSAND
    return Value(int(reach.quantize(Decimal(1), ROUND_HALF_UP)))


def begin(leads: Sequence[Lead], now: datetime, *, by: User | None = None) -> list[Outreach]:
    """A task for the social media manager for each, but where one is open or this person is to be left alone. In a
    transaction; constant in queries.
    """
    left_alone = _left_alone(leads, now, by=by)
    rows = [_task(lead, now) for lead in leads if lead.pk not in left_alone]
    # Of two workers with the same lead one has its row. What was written now is this one's.
    Outreach.objects.bulk_create(rows, ignore_conflicts=True)
    mine = Outreach.objects.filter(lead__in=[row.lead for row in rows], created_at=now).order_by("pk")
    begun = list(mine)
    audit.record_all(audit.Act("outreach.identified", row, by, {}) for row in begun)
    return begun


def _task(lead: Lead, now: datetime) -> Outreach:
    value = value_of(lead.followers, lead.engagement)
    urgent = value is not None and value.total >= HIGH_VALUE
    row = Outreach(
        lead=lead,
        due_at=now + DUE_IN,
        priority=Outreach.Priority.HIGH if urgent else Outreach.Priority.NORMAL,
        created_at=now,
        moved_at=now,
    )
    if value:
        row.value, row.value_reach = value.total, value.reach
        row.value_bookings, row.value_content = value.bookings, value.content
    return row


def _left_alone(leads: Sequence[Lead], now: datetime, *, by: User | None) -> set[int]:
    """Those whom `why_not` names a reason for. The system begins with nobody twice: whoever was skipped or declined is
    a person's to take up again.
    """
    begun = Outreach.objects.filter(lead__in=leads)
    if by:
        begun = begun.filter(state__in=moves.OPEN)
    return {
        *consent.refused(leads, now),
        *begun.values_list("lead", flat=True),
        *(lead.pk for lead in leads if lead.expert_id),
    }


def begin_by_hand(lead: Lead, *, by: User) -> Outreach:
    """For a lead that a person wants to write to, whatever its potential. In a transaction."""
    now = timezone.now()
    if why := why_not(lead, now):
        raise DomainError(why)
    begun = begin([lead], now, by=by)
    if not begun:
        raise DomainError(_("Outreach to this person is already open."))
    return begun[0]


def why_not(lead: Lead, now: datetime) -> str:
    """Why nobody writes to this person now, or ""."""
    if why := consent.refusal(lead, now):
        return why
    if lead.expert_id:
        return _("This person is an expert of ours already.")
    if lead.outreaches.filter(state__in=moves.OPEN).exists():
        return _("Outreach to this person is already open.")
    return ""


# Writing


@dataclass
class Written:
    variants: list[str] = field(default_factory=list)
    grounds: list[int] = field(default_factory=list)
    by_model: bool = False
    cost: Decimal = Decimal(0)
    note: str = ""

    def take(self, text: str, post: Post) -> None:
        self.variants.append(text)
        self.grounds.append(post.pk)


def write(outreach: Outreach, *, room: Decimal) -> Written:
    """Three messages that hold. Writes nothing; takes as long as two questions do. Permanent without any post."""
    lead = outreach.lead
    posts = posts_of(lead)
    if not posts:
        raise Permanent(_("No post of this person is stored: there is nothing to write about."))
    language = phrasing.language_of(posts.values())
    facts = _facts(lead, posts, language)
    written = Written()
    problems: list[str] = []
    for _attempt in range(2):
        heard = asking.ask(OUTREACH, facts, room=room - written.cost)
        written.cost += heard.cost
        written.note = written.note or heard.note
        if not heard.by_model:
            break
        problems = _keep(heard, posts, language, written)
        if len(written.variants) >= VARIANTS:
            written.by_model = True
            return written
        facts = facts.model_copy(
            update={
                "problems": problems,
                "tried": [one.text[:_LONGEST_TRIED] for one in heard.output.variants],
            }
        )
    written.by_model = bool(written.variants)
    if problems:
        kept = _("%(count)s of 3 messages of the model held: %(why)s")
        written.note = kept % {"count": len(written.variants), "why": " ".join(problems)}
    _fill_up(written, facts, posts, language)
    if not written.variants:
        raise Permanent(_("No message that holds could be written from the stored posts."))
    return written


def posts_of(lead: Lead) -> dict[str, Post]:
    """By label: the evidence first, then what they wrote last."""
    evidence = list(
        lead.evidence.filter(author=lead.author_id).select_related("author").order_by("-posted_at")
    )
    known = {post.pk for post in evidence}
    latest = Post.objects.filter(author=lead.author_id).exclude(pk__in=known).select_related("author")
    found = [*evidence, *latest.order_by("-posted_at", "-pk")[:SHOWN_POSTS]][:SHOWN_POSTS]
    return {f"P{place}": post for place, post in enumerate(found, start=1)}


def _facts(lead: Lead, posts: dict[str, Post], language: str) -> Facts:
    tongue = phrasing.tongues()[language]
    return Facts(
        city=lead.market.name,
        brand=phrasing.BRAND,
        language=tongue.name,
        longest=x_length.LONGEST,
        offer=tongue.offer,
        posts=[
            Shown(post=label, text=asking.shown(post.text), link=post.url) for label, post in posts.items()
        ],
        tried=[],
        problems=[],
    )


def _keep(heard: asking.Heard[Told], posts: dict[str, Post], language: str, written: Written) -> list[str]:
    """What holds is kept; why the rest does not is told in sentences."""
    wrong: dict[str, None] = {}
    for place, variant in enumerate(heard.output.variants):
        found = _problems(variant, posts, language, written.variants)
        if heard.is_flagged(f"variants.{place}"):
            found.append("filtered")
        if not found and len(written.variants) < VARIANTS:
            written.take(variant.text.strip(), posts[variant.post.strip()])
        wrong |= dict.fromkeys(found)
    return [phrasing.said(one) for one in wrong]


def _problems(variant: Variant, posts: dict[str, Post], language: str, kept: Iterable[str]) -> list[str]:
    text, post = variant.text.strip(), posts.get(variant.post.strip())
    return [
        *phrasing.problems(text, language, post, variant.quote.strip()),
        *(["twice"] if text in kept else []),
    ]


def _fill_up(written: Written, facts: Facts, posts: dict[str, Post], language: str) -> None:
    """From the stored posts alone: post by post, until three hold."""
    assert OUTREACH.offline is not None
    orders: Sequence[Sequence[Shown]] = [facts.posts, *([shown] for shown in facts.posts)]
    for shown in orders:
        told = OUTREACH.offline(facts.model_copy(update={"posts": list(shown)}))
        for variant in told.variants:
            if len(written.variants) >= VARIANTS:
                return
            if not _problems(variant, posts, language, written.variants):
                written.take(variant.text, posts[variant.post])


def store(outreach: Outreach, written: Written) -> None:
    """In a transaction. Where a person wrote or skipped it meanwhile, theirs stands."""
    outreach = moves.locked(outreach)
    if outreach.state != State.IDENTIFIED:
        return
    moves.move(
        outreach,
        State.DRAFTED,
        by=None,
        variants=written.variants,
        grounds=written.grounds,
        grounded_on_id=written.grounds[0],
        origin="model" if written.by_model else "counted",
        note=written.note,
        cost=written.cost,
    )


def give_up(outreach_id: int, note: str) -> None:
    """It stays identified, with the reason; a person can write the message."""
    Outreach.objects.filter(pk=outreach_id, state=State.IDENTIFIED).update(note=note)
