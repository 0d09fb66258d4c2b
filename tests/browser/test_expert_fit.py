"""The expert's page in a browser: it fills itself in, and keeps the rules of accessibility in every state."""

from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from matching import runs, services
from tests.browser.chromium import faults
from tests.factories import make_expert, make_market, make_trip
from tests.worker import run_jobs

pytestmark = pytest.mark.browser


@pytest.fixture
def mei():
    kyoto = make_market("Kyoto")
    for n in range(6):
        make_expert(kyoto, name=f"Other {n}", specialties={"street-food": 5})
    mei = make_expert(kyoto, response_hours=30, price_min=Decimal(110))
    for adults in (2, 9):
        trip = make_trip(kyoto, adults=adults, interests=["street-food"])
        run = services.request_match(trip)
        run.trip = trip
        runs.store(run, runs.compute(run))
    return mei


def test_the_report_comes_by_itself_and_can_be_answered(page: Page, sign_in, mei):
    sign_in(mei.user)
    page.goto("/expert/fit/")
    expect(page.get_by_text("Your report is being worked out")).to_be_visible()
    run_jobs()
    expect(page.get_by_role("heading", name="What would move you up")).to_be_visible()
    expect(page.locator("#fit-status")).to_have_text("Your report is there.")
    assert faults(page) == []
    page.get_by_role("link", name="Say what is wrong").first.click()
    page.get_by_role("button", name="Send").click()
    assert faults(page) == []
    page.get_by_role("radio", name="Trust").check()
    page.get_by_label("What is wrong with it").fill("I was verified in May.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("status").first).to_contain_text("Thank you")
