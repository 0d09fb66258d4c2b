"""What staff press in the admin, pressed in a real browser under the strict policy. The `page` fixture fails on any
breach of it and on any error of a script.
"""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from experts.models import Expert
from tests.admin.rows import make_rows
from tests.factories import make_expert, make_market

pytestmark = pytest.mark.browser


def address(model, page, *args, **query):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args, query=query)


def test_the_sidebar_folds_and_stays_folded(staff):
    staff.goto("/admin/")
    sidebar = staff.locator("#nav-sidebar-apps")
    fold = staff.get_by_role("button", name="Sidebar")
    expect(sidebar).to_be_visible()
    fold.click()
    expect(sidebar).to_be_hidden()
    staff.reload()
    expect(sidebar).to_be_hidden()
    fold.click()
    expect(sidebar).to_be_visible()


def test_the_theme_is_chosen_and_kept(staff):
    staff.goto("/admin/")
    staff.get_by_text("Root Admin").click()
    staff.get_by_text("Dark", exact=True).click()
    expect(staff.locator("html")).to_have_class("dark")
    staff.reload()
    expect(staff.locator("html")).to_have_class("dark")


def test_signing_out_leads_to_the_home_page(staff):
    staff.goto("/admin/")
    staff.get_by_role("button", name="Root Admin").click()
    staff.get_by_role("button", name="Log out").click()
    expect(staff).to_have_url(re.compile(r":\d+/$"))
    expect(staff.get_by_role("link", name="Sign in").first).to_be_visible()


def test_experts_are_filtered_by_a_market_that_is_searched(staff):
    lisbon = make_expert(make_market("Lisbon"), name="Ana Reis")
    make_expert(make_market("Kyoto"), name="Mei Tanaka")
    staff.goto(address(Expert, "changelist"))
    staff.get_by_text("Filters").first.click()
    staff.locator(".select2-selection").first.click()
    staff.locator(".select2-search__field").last.fill("lisb")
    staff.locator(".select2-results__option", has_text="Lisbon").click()
    staff.get_by_role("button", name="Apply").click()
    staff.wait_for_url(f"**market__id__exact={lisbon.market_id}*")
    expect(staff.get_by_text("Ana Reis")).to_be_visible()
    expect(staff.get_by_text("Mei Tanaka")).to_have_count(0)


def test_a_date_is_picked_from_the_calendar(staff):
    make_rows()
    staff.goto(reverse("admin:accounts_auditevent_changelist"))
    staff.get_by_text("Filters").first.click()
    staff.locator(".date-icon").first.click()
    staff.locator(".calendarbox:visible").get_by_text("Today").click()
    staff.get_by_role("button", name="Apply").click()
    staff.wait_for_url(re.compile(r"at_from_0=\d{4}-\d\d-\d\d"))


def test_applications_are_approved_from_the_list(staff):
    expert = make_expert(name="Mei Tanaka", status=Expert.Status.SUBMITTED)
    staff.goto(address(Expert, "changelist"))
    staff.get_by_text("To review").click()
    staff.locator("input.action-select").check()
    staff.locator("select[name=action]").select_option("approve_selected")
    staff.get_by_role("button", name="Run").click()
    expect(staff.get_by_text("Mei Tanaka is approved.")).to_be_visible()
    expert.refresh_from_db()
    assert expert.status == Expert.Status.ACTIVE


def test_an_application_is_returned_with_a_reason_on_a_phone(staff):
    expert = make_expert(name="Mei Tanaka", status=Expert.Status.SUBMITTED)
    staff.set_viewport_size({"width": 360, "height": 800})
    staff.goto(address(Expert, "change", expert.pk))
    staff.get_by_role("button", name="More").click()
    staff.get_by_role("link", name="Return with a reason").click()
    staff.get_by_label("Reason").fill("Describe two of your walks.")
    staff.get_by_role("button", name="Return with a reason").click()
    expect(staff.get_by_text("Mei Tanaka is now “draft”.")).to_be_visible()


def test_tabs_show_their_parts_and_texts_are_saved(staff):
    expert = make_expert(status=Expert.Status.ACTIVE)
    staff.goto(address(Expert, "change", expert.pk))
    price = staff.locator("[name=price_min]")
    expect(price).to_be_hidden()
    staff.get_by_text("Practice", exact=True).click()
    price.fill("85")
    staff.get_by_role("button", name="Save", exact=True).click()
    expect(staff.get_by_text("was changed successfully")).to_be_visible()
    expert.refresh_from_db()
    assert expert.price_min == 85
