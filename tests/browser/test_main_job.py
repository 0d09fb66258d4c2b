"""The main job, as a new visitor does it, and every page against the rules of accessibility."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from bookings.models import Inquiry
from experts.models import Expert
from matching import runs, services
from tests.browser.chromium import faults
from tests.factories import make_expert, make_market, make_review, make_service, make_trip, make_user
from tests.worker import run_jobs
from travelers.models import Trip

pytestmark = pytest.mark.browser
PASSWORD = "correct horse battery"


@pytest.fixture
def kyoto():
    market = make_market("Kyoto")
    mei = make_expert(
        market,
        name="Mei Tanaka",
        slug="mei-tanaka",
        specialties={"street-food": 30, "city-history": 12},
        bio="I grew up behind Nishiki market and know every stall.",
        price_min=Decimal(60),
        price_max=Decimal(140),
        verified=True,
    )
    make_service(mei)
    for _ in range(3):
        make_review(mei, rating=5, text="Mei knows every stall of the market.")
    make_expert(market, name="Ken Mori", slug="ken-mori", specialties={"museums": 4})
    return market


@pytest.fixture
def matched(kyoto):
    trip = make_trip(kyoto, interests=["street-food"], traveler=make_user(email="ada@example.com"))
    run = services.request_match(trip)
    run.trip = trip
    runs.store(run, runs.compute(run))
    return trip


def sign_in(page: Page) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill("ada@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name="My trips").first).to_be_visible()


def describe_trip(page: Page) -> None:
    first = timezone.localdate() + timedelta(days=30)
    page.get_by_label("First day").fill(first.isoformat())
    page.get_by_label("Last day").fill((first + timedelta(days=3)).isoformat())
    page.get_by_label("Kind of trip").select_option("food")
    page.get_by_label("What you need most").select_option("guide")
    page.get_by_text("Street food", exact=True).click()
    page.get_by_label("Budget for local help, in all").fill("900")
    page.get_by_label("Your trip in your own words").fill("Which stalls of the Nishiki market should we try?")
    page.get_by_role("button", name="Find my experts").click()


def test_from_the_home_page_to_an_inquiry(page: Page, kyoto):
    page.goto("/")
    search = page.get_by_role("combobox").first
    search.fill("kyo")
    page.get_by_role("option").first.click()
    expect(search).to_have_value("Kyoto, Japan")
    search.press("Enter")
    describe_trip(page)

    expect(page.get_by_text("Reading what every expert in Kyoto knows")).to_be_visible()
    run_jobs()
    top = page.get_by_role("article").first
    expect(top).to_contain_text("Mei Tanaka")
    expect(top).to_contain_text("Your top match")
    expect(top).to_contain_text("Street food")

    top.get_by_role("link", name="Write – Mei Tanaka").click()
    page.get_by_role("link", name="Make an account").click()
    page.get_by_label("Your name").fill("Ada Traveler")
    page.get_by_label("Email").fill("ada@example.com")
    page.get_by_label("Password").first.fill(PASSWORD)
    page.get_by_role("button", name="Make my account").click()
    page.get_by_label("Your message").fill("Are you free in spring?")
    page.get_by_role("button", name="Send the inquiry").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Mei Tanaka has your message")
    inquiry = Inquiry.objects.get()
    assert (inquiry.expert.slug, inquiry.messages.get().body) == ("mei-tanaka", "Are you free in spring?")
    assert inquiry.trip == Trip.objects.get(traveler=inquiry.traveler)


def test_an_expert_who_pauses_while_somebody_writes_costs_nobody_their_words(page: Page, matched):
    sign_in(page)
    page.goto(f"/experts/mei-tanaka/inquire/?trip={matched.pk}")
    page.get_by_label("Your message").fill("Are you free in spring?")
    Expert.objects.update(status=Expert.Status.PAUSED)
    page.get_by_role("button", name="Send the inquiry").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mei Tanaka takes no new clients at present")
    expect(page.get_by_label("Your message")).to_have_value("Are you free in spring?")
    assert faults(page) == []
    page.goto("/trips/")
    expect(page.get_by_text("0 experts")).to_be_visible()


def test_the_main_job_needs_no_script(browser, live_server, kyoto):
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.locator("input[name=destination]").first.fill("Kyoto")
    page.locator("form:has(input[name=destination]) button").first.click()
    describe_trip(page)
    run_jobs()
    page.get_by_role("link", name="Refresh").click()
    expect(page.get_by_role("article").first).to_contain_text("Mei Tanaka")
    context.close()


def test_no_page_breaks_a_rule_of_accessibility_or_the_frame(page: Page, matched):
    visitors = ("/", "/trips/new/", "/experts/mei-tanaka/", "/no-such-page/")
    found = {f"visitor {url}": _faults(page, url) for url in visitors}
    sign_in(page)
    for url in (
        "/",
        "/trips/",
        "/trips/new/",
        f"/trips/{matched.pk}/",
        f"/trips/{matched.pk}/experts/",
        "/experts/mei-tanaka/",
        f"/experts/mei-tanaka/inquire/?trip={matched.pk}",
        f"/waitlist/{matched.destination_id}/",
    ):
        found[url] = _faults(page, url)
    assert found == {url: [] for url in found}


def _faults(page: Page, url: str) -> list[str]:
    page.goto(url)
    return faults(page)
