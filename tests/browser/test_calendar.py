"""The calendar's pages on a phone and on a desk."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.chromium import PHONE, faults
from tests.experts.calendar.cases import away, except_, office_hours
from tests.factories import make_expert, make_service

pytestmark = pytest.mark.browser


@pytest.fixture
def expert():
    expert = make_expert(name="Mei Tanaka")
    office_hours(expert)
    make_service(expert)
    today = timezone.localdate()
    away(expert, today + timedelta(days=3), today + timedelta(days=5), "Knee surgery")
    except_(expert, "blocked", today + timedelta(days=6), opens=10, closes=12, note="Parents’ evening")
    expert.calendar_sources.create(
        name="Work", url="https://a.example/", fingerprint="a", state="failed", trouble="refused", left_out=2
    )
    return expert


def addresses(expert):
    day = timezone.localdate() + timedelta(days=6)
    own = ["calendar_month", "calendar_hours", "calendar_exceptions", "calendar_import"]
    return [
        reverse("experts:calendar", args=[expert.slug]),
        reverse("experts:calendar_public_day", args=[expert.slug, day]),
        reverse("experts:calendar_day", args=[day]),
        *[reverse(f"experts:{name}") for name in own],
    ]


def test_no_page_has_a_fault_on_a_phone_or_on_a_desk(page: Page, sign_in, expert):
    sign_in(expert.user)
    for address in addresses(expert):
        page.goto(address)
        assert faults(page) == [], address


def test_a_phone_shows_the_days_of_the_month_that_are_still_to_come(page: Page, expert):
    page.set_viewport_size({"width": PHONE, "height": 900})
    page.goto(addresses(expert)[0])
    assert page.locator(".month-outside:visible, .month-over:visible").count() == 0
    expect(page.locator(".month-today")).to_be_visible()


def test_an_expert_plans_the_week_and_a_traveler_reads_it(page: Page, sign_in, expert):
    sign_in(expert.user)
    page.goto(reverse("experts:calendar_hours"))
    page.get_by_label("Saturday").fill("8-10, 20:00–02:00")
    page.get_by_role("button", name="Save the plan").click()
    expect(page.get_by_text("Your weekly plan is saved.")).to_be_visible()
    page.goto(reverse("experts:calendar", args=[expert.slug]))
    expect(page.get_by_text("8:00 AM – 10:00 AM").first).to_be_visible()
