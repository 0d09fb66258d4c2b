"""What the demo's social data is made of: believable, consistent, and by the same code as real posts."""

import pytest
from django.utils import timezone

from config.demo import loading, talk
from jobs.models import Job
from markets import cities
from social.models import (
    Campaign,
    Contact,
    Idea,
    Lead,
    Outreach,
    Post,
    PostDraft,
    Trend,
    TrendSample,
    ViralMoment,
)
from tests.config.test_load_demo import WORLD
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def talked(settings):
    """Without the rest of the demo, which takes long."""
    from config.demo import material

    ours = {material.cities()[key].geoname_id: key for key in ("kyoto", "lisbon", "mexico-city", "hanoi")}
    cities.load(city for city in WORLD if city["geonameid"] in ours)
    demo = loading.Demo("1", timezone.localdate(), loading.open_markets(dict.fromkeys(ours.values(), 1)), {})
    talk.load(demo.rng("talk"), demo.markets, make_user(is_staff=True), timezone.now())


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
def test_nothing_lies_in_the_future_and_nobody_is_written_to():
    now = timezone.now()
    assert not Post.objects.filter(posted_at__gt=now).exists()
    assert not TrendSample.objects.filter(day__gt=now.date()).exists()
    assert not Outreach.objects.filter(sent_at__gt=now).exists()
    assert not Job.objects.filter(kind__contains="send").exists()
    assert not any("{" in text for text in Post.objects.values_list("text", flat=True))
