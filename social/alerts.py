"""What staff should hear of becomes a row, once for each key. Delivering it is another part's: it hears
`signals.alerts_raised`, or reads the rows that wait.
"""

from collections.abc import Iterable, Sequence
from uuid import uuid4

from django.urls import reverse

from social.models import Alert, Idea, IdeaRound, Lead, Post, ViralMoment
from social.signals import alerts_raised


def raise_all(alerts: Sequence[Alert]) -> list[Alert]:
    """In the transaction of what they tell of. Returns those that are new."""
    keys, batch = [alert.key for alert in alerts], uuid4()
    told = set(Alert.objects.filter(key__in=keys).values_list("key", flat=True))
    fresh = sorted((alert for alert in alerts if alert.key not in told), key=lambda alert: alert.key)
    for alert in fresh:
        alert.batch = batch
    Alert.objects.bulk_create(fresh, ignore_conflicts=True)
    new = list(Alert.objects.filter(batch=batch).order_by("pk")) if fresh else []
    if new:
        alerts_raised.send(Alert, alerts=new)
    return new


def tell_viral(moments: Iterable[ViralMoment]) -> list[Alert]:
    return raise_all(
        [
            Alert(
                key=f"viral-{moment.post.external_id}",
                kind=Alert.Kind.SOCIAL,
                event="viral",
                market=moment.market,
                facts={
                    "handle": moment.post.author.handle,
                    "text": moment.post.text[:280],
                    "why": moment.reason,
                    "views": moment.views,
                    "likes": moment.likes,
                    "reposts": moment.reposts,
                    "link": moment.post.url,
                    "told": moment.post.source == Post.Source.MODEL,
                },
                url=reverse("admin:social_viralmoment_change", args=[moment.pk]),
            )
            for moment in moments
        ]
    )


def tell_high_potential(leads: Iterable[Lead]) -> list[Alert]:
    return raise_all(
        [
            Alert(
                key=f"lead-{lead.pk}",
                kind=Alert.Kind.PARTNERSHIP,
                event="high_potential",
                market=lead.market,
                facts={
                    "handle": lead.handle,
                    "followers": lead.followers,
                    "engagement": None if lead.engagement is None else str(lead.engagement),
                    "why": lead.why,
                },
                url=reverse("admin:social_lead_change", args=[lead.pk]),
            )
            for lead in leads
        ]
    )


def tell_ideas(round_: IdeaRound, made: Sequence[Idea]) -> list[Alert]:
    """One for all of a round."""
    return raise_all(
        [
            Alert(
                key=f"ideas-{round_.pk}",
                kind=Alert.Kind.CONTENT,
                event="ideas",
                market=round_.market,
                facts={"count": len(made), "titles": [idea.title for idea in made[:3]]},
                url=reverse("admin:social_idea_changelist", query={"market__id__exact": round_.market_id}),
            )
        ]
    )
