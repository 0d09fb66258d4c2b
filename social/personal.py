"""What monitoring holds about a person: accounts/personal.py.

Leads have no account until they join. What was read about them before is found by the expert they became, and erased
by handle (social/erasing.py) like that of anybody who asks.
"""

from django.utils.translation import gettext_lazy as _

from accounts import personal
from accounts.personal import Held
from social import erasing
from social.models import (
    AlertRead,
    Author,
    Campaign,
    Contact,
    Idea,
    IdeaRound,
    Lead,
    LeadSample,
    Outreach,
    Post,
    PostDraft,
    SlackPress,
    SlackUser,
    Trend,
    TrendPost,
    TrendSample,
)


def declare() -> None:
    silence = _("That you are never to be written to by us on a social network, as a number alone.")
    personal.hold(
        "social",
        Held(
            "contacts",
            lambda user: Contact.objects.filter(outreach__lead__expert__user=user),
            personal.nothing,  # goes with the author's rows
            stays=silence,
            without=frozenset({"by"}),
        ),
        Held(
            "outreach",
            lambda user: Outreach.objects.filter(lead__expert__user=user),
            personal.nothing,
            without=frozenset({"claimed_by", "approved_by", "reason"}),
        ),
        Held("lead", lambda user: Lead.objects.filter(expert__user=user), personal.nothing),
        Held("posts", lambda user: Post.objects.filter(author__lead__expert__user=user), personal.nothing),
        Held(
            "author",
            lambda user: Author.objects.filter(lead__expert__user=user),
            erasing.forget,
            stays=silence,
        ),
        Held("alerts_read", lambda user: AlertRead.objects.filter(user=user), personal.delete),
        Held("slack", lambda user: SlackUser.objects.filter(user=user), personal.delete),
    )
    personal.exempt(
        SlackPress, "Which button somebody of the staff used; gone after a week, or with the lead."
    )
    personal.exempt(LeadSample, "Figures of a lead by day; they go with the lead.")
    personal.exempt(Trend, "Who of the staff decided on a trend; the row is the marketplace's own.")
    personal.exempt(TrendPost, "Which posts mention a trend; they go with the post.")
    personal.exempt(TrendSample, "What a trend counted on a day: no person is in it.")
    personal.exempt(Idea, "Leads to staff through its trend alone; the row is the marketplace's own.")
    personal.exempt(IdeaRound, "Who of the staff asked for ideas; the row is the marketplace's own.")
    personal.exempt(PostDraft, "Who of the staff edited a text of ours; the row is the marketplace's own.")
    personal.exempt(Campaign, "Who of the staff answers for a campaign; the row is the marketplace's own.")
