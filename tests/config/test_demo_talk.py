"""What the demo's social data is made of: believable, consistent, and by the same code as real posts."""

import pytest
from django.db.models import Sum
from django.utils import timezone

from accounts import audit
from config.demo import loading, talk
from jobs.models import Job
from markets import cities
from social import outreach, partnership, phrasing
from social.models import (
    Campaign,
    Contact,
    Idea,
    Lead,
    Outreach,
    Post,
    PostDraft,
    Run,
    Trend,
    TrendSample,
    ViralMoment,
)
from tests.config.test_load_demo import WORLD
from tests.factories import make_expert, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def talked(settings):
    """Without the rest of the demo, which takes long."""
    from config.demo import material

    ours = {material.cities()[key].geoname_id: key for key in ("kyoto", "lisbon", "mexico-city", "hanoi")}
    cities.load(city for city in WORLD if city["geonameid"] in ours)
    demo = loading.Demo("1", timezone.localdate(), loading.open_markets(dict.fromkeys(ours.values(), 1)), {})
    for market in demo.markets.values():
        make_expert(market)
    talk.load(demo.rng("talk"), demo.markets, make_user(is_staff=True, is_superuser=True), timezone.now())


@pytest.mark.usefixtures("talked")
def test_there_is_something_to_see_in_every_state_and_on_every_page():
    now = timezone.now()
    assert set(Outreach.objects.values_list("state", flat=True)) == set(Outreach.State.values)
    assert Outreach.objects.values("lead").distinct().count() == Outreach.objects.count() == 12
    assert ViralMoment.objects.count() == 3
    assert Trend.objects.approved(now).count() == 6
    assert Trend.objects.standing().filter(state="found").exists()
    assert all(trend.mentions >= 3 and trend.samples.count() > 4 for trend in Trend.objects.all())
    assert min(Lead.objects.filter(fit="high").values_list("posts_counted", flat=True)) >= 3
    assert Contact.objects.filter(kind="message").count() == 5
    assert Contact.objects.filter(kind="opt_out").count() == 1
    assert Idea.objects.filter(posts__isnull=False).distinct().count() == Idea.objects.count() > 12
    assert (PostDraft.objects.count(), Campaign.objects.count()) == (3, 3)


@pytest.mark.usefixtures("talked")
def test_moments_rounds_and_bars_differ():
    moments = ViralMoment.objects.all()
    assert len({(one.likes, one.views) for one in moments}) == len({one.found_at for one in moments}) == 3
    found = Run.objects.aggregate(viral=Sum("viral"), trends=Sum("trends"), leads=Sum("leads"))
    assert (found["viral"], found["leads"]) == (3, Lead.objects.count())
    assert found["trends"]
    firsts = [trend.samples.earliest("day").mentions - trend.mentions for trend in Trend.objects.all()]
    assert min(firsts) < 0 < max(firsts)


@pytest.mark.usefixtures("talked")
def test_nothing_lies_in_the_future_and_nobody_is_written_to():
    now = timezone.now()
    assert not Post.objects.filter(posted_at__gt=now).exists()
    assert not TrendSample.objects.filter(day__gt=now.date()).exists()
    assert not Outreach.objects.filter(sent_at__gt=now).exists()
    assert not Job.objects.filter(kind__contains="send").exists()
    assert not Outreach.objects.exclude(send_after=None).exists()
    assert not any("{" in text for text in Post.objects.values_list("text", flat=True))


@pytest.mark.usefixtures("talked")
def test_every_message_is_one_that_our_rules_let_out():
    for row in Outreach.objects.exclude(state="identified"):
        posts = Post.objects.in_bulk(row.grounds)
        assert len(set(row.variants)) == 3
        for text, key in zip(row.variants, row.grounds, strict=True):
            assert phrasing.problems(text, "en", posts[key], phrasing.quote_of(posts[key].text, 40)) == []
        assert not row.text or phrasing.problems_of_any(row.text) == []


@pytest.mark.usefixtures("talked")
def test_each_row_has_what_its_moves_write_and_a_history():
    rows = {row.state: row for row in Outreach.objects.select_related("lead__expert")}
    assert rows["converted"].lead.expert
    assert partnership.returns([rows["converted"]], timezone.now())[0].estimate
    assert all(rows[state].reason for state in ("skipped", "declined"))
    assert all(
        rows[state].reply and rows[state].replied_at for state in ("replied", "converted", "opted_out")
    )
    assert rows["opted_out"].lead.opted_out_at
    for row in Outreach.objects.all():
        value = outreach.value_of(row.lead.followers, row.lead.engagement)
        assert value
        assert (row.value, row.priority == "high") == (value.total, value.total >= outreach.HIGH_VALUE)
        events = list(audit.history(row).order_by("at"))
        assert [one.action for one in events[-1:]] == [f"outreach.{row.state}"]
        assert (events[0].at, events[-1].at) == (row.created_at, row.moved_at)
    assert Lead.objects.filter(fit="medium", high_potential=False).exists()
