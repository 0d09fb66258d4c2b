"""Campaigns: planned from an idea, a trend or a viral moment, run by their owner, and measured by what is recorded."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from accounts import audit
from accounts.errors import DomainError
from accounts.models import User
from markets.currency import rates
from markets.models import Market
from social import ideas, moving
from social.models import Campaign, Idea, Trend, ViralMoment
from social.models.content import Channel

State = Campaign.State
DAYS, DAYS_OF_A_MOMENT = 14, 2
LONGEST_NAME, LONGEST_BRIEF, LONGEST_AUDIENCE = 160, 4000, 300


@dataclass(frozen=True)
class Basis:
    """What a campaign comes from: at most one of them is set by whoever presses *create campaign*."""

    idea: Idea | None = None
    trend: Trend | None = None
    viral: ViralMoment | None = None


def proposal(basis: Basis, *, owner: User) -> dict[str, Any]:
    """The form's first values, from stored facts; a person changes what they like."""
    today = timezone.now().date()
    given: dict[str, Any] = {"owner": owner.pk, "starts_on": today, "ends_on": today + timedelta(DAYS - 1)}
    if idea := basis.idea:
        lines = [idea.hook, "", *(f"– {point}" for point in idea.outline)]
        given |= _of(idea.market, idea.title, "\n".join(lines)) | {
            "idea": idea.pk,
            "trend": idea.trend_id,
            "channel": idea.channel,
        }
    elif trend := basis.trend:
        lines = [trend.opportunity_reason, *(f"{one['text']}: {one['help']}" for one in trend.pain_points)]
        given |= _of(trend.market, trend.topic, "\n".join(filter(None, lines))) | {"trend": trend.pk}
    elif moment := basis.viral:
        given |= _of_moment(moment) | {"ends_on": today + timedelta(DAYS_OF_A_MOMENT - 1)}
    return given


def _of(market: Any, name: str, brief: str) -> dict[str, Any]:
    return {
        "market": market.pk,
        "name": Truncator(name).chars(LONGEST_NAME),
        "brief": brief[:LONGEST_BRIEF],
        "audience": _("People who plan a trip to %(city)s") % {"city": market.name},
        "channel": Channel.REEL,
    }


def _of_moment(moment: ViralMoment) -> dict[str, Any]:
    """Without the author's words: the campaign leads to them while they are stored, and no longer."""
    name = _("Answer to what %(city)s talks about") % {"city": moment.market.name}
    brief = _("Many people see a post about %(city)s just now: %(likes)s likes, %(reposts)s reposts.") % {
        "city": moment.market.name,
        "likes": moment.likes,
        "reposts": moment.reposts,
    }
    return _of(moment.market, name, brief) | {"viral": moment.pk, "channel": Channel.THREAD}


def is_known_currency(code: str) -> bool:
    """One that we have a rate for, or that prices of a market are in."""
    return code in rates() or Market.objects.filter(currency=code).exists()


@transaction.atomic
def plan(campaign: Campaign, *, by: User) -> Campaign:
    """A new one; an idea that it stands on is used from now on."""
    check(campaign)
    campaign.save(force_insert=True)
    if campaign.idea:
        ideas.use(campaign.idea, by=by)
    audit.record(action="campaign.plan", target=campaign, by=by, name=campaign.name)
    return campaign


@transaction.atomic
def change(campaign: Campaign, *, by: User) -> Campaign:
    """What was edited in the form, its state aside."""
    now = check(campaign)
    campaign.state, campaign.results = now.state, now.results
    campaign.save()
    audit.record(action="campaign.change", target=campaign, by=by)
    return campaign


def check(campaign: Campaign) -> Campaign:
    """DomainError for what must not be planned or changed so. In a transaction: the stored row, where there is one,
    is locked and returned, and says the same when it is saved.
    """
    now = Campaign.objects.select_for_update(of=("self",)).filter(pk=campaign.pk).first()
    if now and now.state in {State.DONE, State.CANCELLED}:
        raise DomainError(_("This campaign is over: record results, but leave the plan as it was."))
    for basis in (campaign.idea, campaign.trend, campaign.viral):
        if basis and basis.market_id != campaign.market_id:
            raise DomainError(_("Idea, trend and viral moment must be of the campaign’s market."))
    if campaign.idea and not now:
        ideas.check_usable(campaign.idea)
    return now or campaign


def move(campaign: Campaign, to: str, *, by: User, reason: str = "") -> Campaign:
    """Start, finish, or cancel with a reason: the only way its state changes."""
    return moving.move(campaign, to, by=by, reason=reason, asks_why=State.CANCELLED)


# What people count elsewhere and write down here. Unknown is left out, never zero.
RESULTS = ("views", "clicks", "inquiries", "bookings")


@transaction.atomic
def record(campaign: Campaign, results: Mapping[str, Any], *, by: User) -> Campaign:
    """Numbers of a campaign that has begun; `spent` in its currency, `note` in words."""
    campaign = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
    if campaign.state == State.PLANNED:
        raise DomainError(_("There are no results before it has begun."))
    before = campaign.results
    known = {name: value for name, value in results.items() if value not in (None, "")}
    if not known:
        raise DomainError(_("Fill in at least one of the results."))
    campaign.results = {name: str(value) if name == "spent" else value for name, value in known.items()}
    campaign.save(update_fields=["results"])
    audit.record(action="campaign.results", target=campaign, by=by, before=before, after=campaign.results)
    return campaign
