"""Texts for channels with their limits, campaigns with their states, and the calendar."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.errors import DomainError, IllegalMove
from social import campaigns, publishing
from social.campaigns import Basis
from social.models import Campaign, Idea, PostDraft
from social.models.content import Channel
from tests.factories import make_market, make_user
from tests.social.rows import make_idea, make_post, make_trend
from tests.social.test_screens import page, shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(db):
    return make_user(is_staff=True)


def make_campaign(market, owner, **fields):
    today = timezone.now().date()
    given = {"name": "Mornings", "brief": "Gardens.", "channel": "reel", "starts_on": today, "ends_on": today}
    return Campaign.objects.create(market=market, owner=owner, **given | fields)


@pytest.mark.parametrize("channel", Channel.values)
def test_every_idea_becomes_a_text_that_its_channel_takes(market, staff, channel):
    idea = make_idea(market, "T" * 160, hook="H" * 300, outline=["P" * 300] * 8)
    made = publishing.draft(idea, channel, by=staff)
    assert publishing.problems(channel, made.text) == []
    assert Idea.objects.get().state == "used"
    made.text = "Written by a person."
    publishing.edit(made, by=staff)
    assert publishing.draft(idea, channel, by=staff).text == "Written by a person."


@pytest.mark.parametrize(
    ("channel", "text", "said"),
    [
        ("reel", "x" * 2201, "2201 characters"),
        ("reel", "#a " * 31, "31 hashtags"),
        ("tiktok", "x" * 2201, "takes 2200"),
        ("blog", "x" * 101, "first line"),
        ("short", "Title\n" + "x" * 5001, "takes 5000"),
        ("thread", "日" * 141, "counts 282"),
        ("thread", "\n---\n".join(["a"] * 26), "25 posts"),
        ("thread", "One\n---\n", "Post 2 of the thread is empty"),
        ("thread", "", "no text"),
    ],
)
def test_a_text_that_is_too_long_is_kept_and_does_not_become_ready(market, staff, channel, text, said):
    draft = PostDraft.objects.create(idea=make_idea(market), channel=channel, text="Short.")
    draft.text = text
    publishing.edit(draft, by=staff)
    with pytest.raises(DomainError, match=said):
        publishing.move(draft, "ready", by=staff)
    assert PostDraft.objects.get().state == "draft"


def test_a_link_in_a_thread_counts_as_x_counts_it():
    assert publishing.problems("thread", "See https://example.com/" + "a" * 300) == []


def test_what_was_published_stays_as_it_was(market, staff):
    draft = publishing.draft(make_idea(market), "reel", by=staff)
    with pytest.raises(IllegalMove):
        publishing.move(draft, "published", by=staff)
    publishing.move(draft, "ready", by=staff)
    draft.text = "x" * 3000
    with pytest.raises(DomainError, match="3000"):
        publishing.edit(draft, by=staff)
    assert publishing.move(draft, "published", by=staff).published_at
    with pytest.raises(DomainError, match="published"):
        publishing.edit(draft, by=staff)


def test_a_campaign_goes_its_way_and_results_come_after_it_began(market, staff):
    campaign = make_campaign(market, staff)
    with pytest.raises(DomainError):
        campaigns.record(campaign, {"views": 5}, by=staff)
    with pytest.raises(IllegalMove):
        campaigns.move(campaign, "done", by=staff)
    campaigns.move(campaign, "running", by=staff)
    campaigns.record(campaign, {"views": 5, "clicks": None, "note": ""}, by=staff)
    assert Campaign.objects.get().results == {"views": 5}
    with pytest.raises(DomainError, match="why"):
        campaigns.move(campaign, "cancelled", by=staff)
    campaigns.move(campaign, "done", by=staff)
    with pytest.raises(DomainError, match="over"):
        campaigns.change(campaign, by=staff)


def test_a_campaign_of_a_moment_is_proposed_without_the_words_of_its_author(market, staff):
    post = make_post(market, text="Fireworks tonight, says everybody", likes=2000)
    moment = market.viral_moments.create(post=post, reason="likes", likes=2000, reposts=3)
    given = campaigns.proposal(Basis(viral=moment), owner=staff)
    assert (given["viral"], given["market"], given["channel"]) == (moment.pk, market.pk, "thread")
    assert "2000 likes" in given["brief"]
    assert not {post.author.handle, "Fireworks"} & set(f"{given['name']} {given['brief']}".split())


def test_create_campaign_stands_at_a_moment_and_fills_the_form_in(reviewer, market):
    post = make_post(market, likes=2000)
    moment = market.viral_moments.create(post=post, reason="likes", likes=2000, reposts=3)
    url = reverse("admin:social_campaign_add", query={"viral": moment.pk})
    assert url in shown(reviewer, page(moment))
    form = reviewer.get(url).context["adminform"].form
    sent = {name: "" if (value := form[name].value()) is None else value for name in form.fields}
    answer = reviewer.post(url, sent)
    assert answer.status_code == 302
    campaign = Campaign.objects.get()
    assert (campaign.viral, campaign.owner, campaign.state) == (moment, reviewer.user, "planned")
    assert "planned the campaign" in shown(reviewer, page(campaign, "history"))


def test_what_a_campaign_stands_on_is_of_the_same_market(reviewer, market):
    elsewhere = make_trend(make_market("Nara"), posts=[])
    url = reverse("admin:social_campaign_add", query={"trend": elsewhere.pk})
    form = reviewer.get(url).context["adminform"].form
    sent = {name: "" if (value := form[name].value()) is None else value for name in form.fields}
    answer = reviewer.post(url, sent | {"market": market.pk, "brief": "Typed by hand."}).content.decode()
    assert "must be of the campaign’s market" in answer
    assert "Typed by hand." in answer
    assert not Campaign.objects.exists()


@pytest.mark.parametrize("kind", ["idea", "trend"])
def test_create_campaign_stands_at_an_idea_and_at_a_trend(reviewer, market, kind):
    made = make_idea(market) if kind == "idea" else make_trend(market, opportunity_reason="Asked for.")
    url = reverse("admin:social_campaign_add", query={kind: made.pk})
    assert url in shown(reviewer, page(made))
    form = reviewer.get(url).context["adminform"].form
    sent = {name: "" if (value := form[name].value()) is None else value for name in form.fields}
    assert reviewer.post(url, sent).status_code == 302
    campaign = Campaign.objects.get()
    assert (getattr(campaign, kind), campaign.name, campaign.market) == (made, str(made), market)
    assert not Idea.objects.exclude(state="used").exists()


def test_what_a_rule_refuses_is_told_beside_what_was_typed(reviewer, market, staff):
    draft = publishing.draft(make_idea(market), "reel", by=staff)
    publishing.move(draft, "ready", by=staff)
    answer = reviewer.post(page(draft), {"text": "y" * 2300, "campaign": ""})
    assert answer.status_code == 200
    assert "2300 characters" in answer.content.decode()
    assert "y" * 2300 in answer.content.decode()
    rejected = make_idea(market, "Rain on stone", state="rejected")
    url = reverse("admin:social_campaign_add")
    form = reviewer.get(url).context["adminform"].form
    sent = {name: "" if (value := form[name].value()) is None else value for name in form.fields}
    sent |= {
        "market": market.pk,
        "name": "Rain",
        "brief": "All of it.",
        "channel": "reel",
        "idea": rejected.pk,
    }
    answer = reviewer.post(url, sent).content.decode()
    assert "All of it." in answer
    assert "Possible: open" in answer
    assert not Campaign.objects.exists()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"starts_on": "2027-03-05", "ends_on": "2027-03-01"}, "ends_on"),
        ({"budget": "-5"}, "budget"),
        ({"currency": "ZZZ"}, "currency"),
    ],
)
def test_what_no_campaign_can_have_is_told_beside_its_field(reviewer, market, fields, field):
    url = reverse("admin:social_campaign_add", query={"idea": make_idea(market).pk})
    form = reviewer.get(url).context["adminform"].form
    sent = {name: "" if (value := form[name].value()) is None else value for name in form.fields}
    answer = reviewer.post(url, sent | fields)
    assert set(answer.context["adminform"].form.errors) == {field}
    assert reviewer.post(url, sent | {"currency": market.currency.lower()}).status_code == 302
    assert Campaign.objects.get().currency == market.currency


def test_what_prevents_publishing_is_told_when_a_text_is_saved(reviewer, market, staff):
    draft = publishing.draft(make_idea(market), "thread", by=staff)
    sent = {"text": "x" * 6000, "campaign": ""}
    assert "Post 1 of the thread counts 6000" in "".join(
        str(one) for one in reviewer.post(page(draft), sent, follow=True).context["messages"]
    )


def test_no_text_is_planned_for_a_time_that_is_over(market, staff):
    draft = publishing.draft(make_idea(market), "thread", by=staff)
    draft.planned_for = timezone.now() - timedelta(hours=1)
    with pytest.raises(DomainError, match="planned time is over"):
        publishing.edit(draft, by=staff)
    PostDraft.objects.update(planned_for=draft.planned_for)
    draft.text = "Planned before, changed now."
    assert publishing.edit(draft, by=staff).text == draft.text


def test_results_without_any_are_refused(market, staff):
    campaign = make_campaign(market, staff, state="running", results={"views": 3})
    with pytest.raises(DomainError, match="at least one"):
        campaigns.record(campaign, {"views": None, "note": ""}, by=staff)


def test_a_moment_is_called_by_its_author_and_the_beginning_of_the_post(market):
    post = make_post(market, text="Fireworks tonight, says everybody. " * 4, likes=2000)
    moment = market.viral_moments.create(post=post, reason="likes", likes=2000, reposts=3)
    assert str(moment).startswith(f"{post.author}: Fireworks tonight, says everybody.")
    assert str(moment).endswith("…")


def test_a_reviewer_takes_an_idea_to_a_published_text(reviewer, analyst, market):
    idea = make_idea(market)
    assert analyst.post(page(idea, "draft"), {"channel": "blog"}).status_code == 403
    reviewer.post(page(idea, "draft"), {"channel": "blog"})
    draft = PostDraft.objects.get()
    html = shown(reviewer, page(draft))
    assert "title of 100" in html
    reviewer.post(page(draft), {"text": "x" * 101, "campaign": ""})
    answer = reviewer.post(page(draft, "ready"))
    assert "first line" in answer.content.decode()
    reviewer.post(page(draft), {"text": "Moss\n\nAt six.", "campaign": ""})
    reviewer.post(page(draft, "ready"))
    reviewer.post(page(draft, "published"))
    draft.refresh_from_db()
    assert (draft.state, draft.edited_by) == ("published", reviewer.user)


def test_results_are_recorded_and_read_in_the_admin(reviewer, market):
    campaign = make_campaign(market, reviewer.user, state="running")
    reviewer.post(page(campaign, "results"), {"views": "1200", "spent": "12.50", "note": "Reels do well."})
    campaign.refresh_from_db()
    assert campaign.results == {"views": 1200, "spent": "12.50", "note": "Reels do well."}
    assert "views: 1200" in shown(reviewer, page(campaign))
    assert reviewer.post(page(campaign, "results"), {"views": "-1"}).status_code == 200


def test_the_calendar_shows_campaigns_on_their_days_and_texts_on_theirs(
    analyst, market, staff, django_assert_num_queries
):
    make_campaign(market, staff, starts_on=date(2027, 2, 27), ends_on=date(2027, 3, 2))
    draft = publishing.draft(make_idea(market), "reel", by=staff)
    PostDraft.objects.update(planned_for=datetime(2027, 3, 31, 23, 30, tzinfo=UTC))
    url = reverse("admin:social_campaign_calendar")
    html = shown(analyst, f"{url}?month=2027-03")
    weeks = analyst.get(f"{url}?month=2027-03").context["weeks"]
    days = {one.day: one for week in weeks for one in week}
    assert html.count("Mornings") == 2  # the week of Monday, March 1 on
    assert days[date(2027, 3, 31)].drafts == [draft]
    assert Campaign.objects.get().name not in shown(analyst, f"{url}?month=2027-04")
    for odd in ("", "x", "2027-13", "9999-12", "0001-01", "2027-02"):
        assert analyst.get(url, {"month": odd}).status_code == 200
