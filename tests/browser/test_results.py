"""The list while a model looks at it, its receipts and the sliders, in a browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from matching.models import MatchRun
from tests.browser.chromium import DESK, faults
from tests.factories import make_expert, make_market, make_trip, make_user
from tests.matching.lists import address, matched, review, swap

pytestmark = pytest.mark.browser
MODEL = {
    "model": "grok-4.3",
    "reasoning": "She knows the stalls.",
    "ratings": {"expertise": {"given": [3], "quote": "every stall", "source": "profile"}},
    "strengths": [{"text": "Local.", "evidence": "born here"}],
    "dropped": [{"what": "strength", "why": "quote_missing", "text": "Won a prize."}],
}


@pytest.fixture
def trip(page: Page, sign_in):
    page.set_viewport_size({"width": DESK, "height": 900})
    market = make_market()
    for name, depth in (("Mei Tanaka", 30), ("Ken Mori", 20)):
        slug = name[:3].lower()
        make_expert(market, name=name, slug=slug, specialties={"street-food": depth})
    traveler = make_user()
    sign_in(traveler)
    return make_trip(market, traveler=traveler, interests=["street-food"])


@pytest.fixture
def run(trip):
    return matched(trip)


def test_the_reviewed_list_comes_by_itself_and_the_focus_stays(page: Page, trip, run):
    page.goto(address("results", trip))
    expect(page.get_by_text("a second look is under way")).to_be_visible()
    link = page.get_by_role("link", name="Why this score – Ken Mori")
    link.focus()
    swap(run, 1, 2)
    review(run, mei=MODEL)
    expect(page.locator("#review")).to_contain_text("Reviewed")
    expect(page.get_by_role("article").first).to_contain_text("Ken Mori")
    expect(link).to_be_focused()
    expect(page.locator("#results-status")).to_contain_text("Ken Mori moved from place 2 to place 1.")


def test_the_focus_goes_to_the_list_where_a_card_has_gone(page: Page, trip, run):
    page.goto(address("results", trip))
    page.get_by_role("link", name="Why this score – Ken Mori").focus()
    run.scores.filter(expert__slug="ken").update(hidden=5, position=None)
    review(run)
    expect(page.locator("#results")).to_be_focused()


def test_the_page_asks_no_more_after_a_while(page: Page, trip, run):
    page.goto(address("results", trip))
    MatchRun.objects.update(finished_at="2026-01-01T00:00:00Z")
    expect(page.locator("#review")).to_contain_text("takes longer than usual")
    expect(page.get_by_role("article")).to_have_count(2)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(2500)
    assert asked == []


def test_sliders_rank_anew_at_once(page: Page, trip, run):
    page.goto(address("weigh", trip))
    slider = page.get_by_label("Trust")
    slider.focus()
    page.keyboard.press("End")
    expect(page.locator("#weight_trust_shown")).to_have_text("100")
    expect(page.locator("#results-status")).to_contain_text("Ranked anew: ")
    expect(page).to_have_url(re.compile("trust=100"))
    expect(slider).to_be_focused()
    page.go_back()
    expect(slider).to_have_value("15")


def test_sliders_need_no_script(browser, live_server, page: Page, trip, run):
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    context.add_cookies(page.context.cookies())
    plain = context.new_page()
    plain.goto(address("weigh", trip))
    plain.get_by_label("Trust").press("End")
    plain.get_by_role("button", name="Rank anew").click()
    expect(plain.get_by_label("Trust")).to_have_value("100")
    expect(plain.get_by_role("article")).to_have_count(2)
    context.close()


def test_receipts_sliders_and_reviews_are_for_everybody(page: Page, trip, run):
    found = {"pending": _faults(page, address("results", trip))}
    review(run, mei=MODEL, ken=MODEL)
    for name in ("results", "weigh"):
        found[name] = _faults(page, address(name, trip))
    found["receipt"] = _faults(page, address("receipt", trip, "mei"))
    page.get_by_role("button", name="Send").click()
    found["error"] = faults(page)
    MatchRun.objects.update(review="failed", review_note="No language model answers at the moment.")
    found["failed"] = _faults(page, address("results", trip))
    assert found == {name: [] for name in found}


def _faults(page: Page, url: str) -> list[str]:
    page.goto(url)
    return faults(page)
