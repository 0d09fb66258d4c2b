"""Staff with a keyboard, a screen reader, weak eyes or a phone: every screen of the admin against the axe rules, as it
opens and with its menus and sheets open. The `page` fixture also fails on any breach of the content security policy.
"""

import re

import pytest
from django.contrib import admin
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import AuditEvent
from experts.models import Expert
from tests.admin.rows import make_rows
from tests.browser.chromium import DESK, PHONE, Look, faults

pytestmark = pytest.mark.browser
PARTS = 4  # tests run in parallel
DESKS: list[Look] = [("light", DESK), ("dark", DESK)]
PHONES: list[Look] = [("light", PHONE), ("dark", PHONE)]


def address(model, name, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


def screens():
    """Every page of the admin that opens; of indexes, histories and our own forms, where only words differ, a few."""
    yield from map(
        reverse, ("admin:password_change", "admin:password_change_done", "admin:llm_call_overview")
    )
    yield reverse("admin:matching_matchrun_analytics")
    yield reverse("admin:matching_matchrun_analytics") + "?from=2026-02-02&to=2026-01-01&market=nowhere"
    yield from map(reverse, ("admin:accounts_user_add", "admin:markets_exchangerate_add"))
    yield reverse("admin:app_list", args=["experts"])
    for model in admin.site._registry:
        yield address(model, "changelist")
        yield address(model, "change", model._default_manager.latest("pk").pk)
    expert = Expert.objects.latest("pk")
    yield from (address(Expert, page, expert.pk) for page in ("history", "approve", "send_back"))
    yield reverse("admin:markets_market_close", args=[expert.market_id])
    yield reverse("admin:accounts_user_remove_second_factor", args=[expert.user_id])


@pytest.mark.parametrize("part", range(PARTS))
def test_every_screen_is_for_everybody(staff: Page, part):
    make_rows()
    found = {}
    for path in list(screens())[part::PARTS]:
        answer = staff.goto(path)
        assert answer is not None
        assert answer.status == (400 if "nowhere" in path else 200), path
        expect(staff.locator("h1")).to_be_visible()
        found[path] = faults(staff, apart_from="#nav-sidebar")
    assert found == {path: [] for path in found}


def test_so_are_the_overview_and_the_menus_beside_every_screen(staff):
    staff.goto(reverse("admin:index"))
    staff.get_by_role("button", name="Root Admin").click()
    found = {"desk": faults(staff, DESKS)}
    staff.set_viewport_size({"width": PHONE, "height": 800})
    staff.get_by_role("button", name="Sidebar").click()
    assert found | {"phone": faults(staff, PHONES)} == {"desk": [], "phone": []}


def test_so_is_a_list_with_its_actions_its_order_and_its_filters(staff):
    make_rows()
    found = {}
    staff.goto(address(Expert, "changelist") + "?o=3.-1")
    staff.locator("input.action-select").check()
    found["actions"] = faults(staff, DESKS)
    found["actions on a phone"] = faults(staff, PHONES)
    staff.goto(address(Expert, "changelist") + "?q=nobody-of-this-name")
    found["nothing found"] = faults(staff)
    staff.get_by_role("button", name="Filters").click()
    found["filters"] = faults(staff, DESKS)
    assert found == {state: [] for state in found}


def test_so_are_the_calendar_and_the_clock(staff):
    make_rows()
    found = {}
    for chooser in ("Choose a Date", "Choose a Time"):
        staff.goto(address(AuditEvent, "changelist"))
        staff.get_by_role("button", name="Filters").click()
        staff.get_by_role("link", name=chooser).first.click()
        expect(staff.get_by_role("dialog")).to_be_visible()
        found[chooser] = faults(staff, DESKS, apart_from="#nav-sidebar")
    assert found == {chooser: [] for chooser in found}


def test_so_is_each_tab_of_a_form(staff):
    make_rows()
    staff.goto(address(Expert, "change", Expert.objects.latest("pk").pk))
    found = {}
    for tab in ("Practice", "Numbers"):
        staff.get_by_role("button", name=tab).click()
        found[tab] = faults(staff, apart_from="#nav-sidebar")
    for tab in staff.get_by_role("navigation", name="Views").get_by_role("link").all()[1:]:
        staff.set_viewport_size({"width": DESK, "height": 900})
        tab.click()
        found[tab.inner_text()] = faults(staff, apart_from="#nav-sidebar")
    assert found == {tab: [] for tab in found}
    assert len(found) > 2


def test_so_are_forms_with_mistakes_and_their_messages(staff):
    make_rows()
    staff.goto(reverse("admin:accounts_user_add"))
    staff.get_by_role("button", name="Save", exact=True).click()
    found = {"a form": faults(staff)}
    staff.goto(address(Expert, "send_back", Expert.objects.latest("pk").pk))
    staff.get_by_role("button", name="Return with a reason").click()
    found["a decision"] = faults(staff)
    staff.goto(address(Expert, "change", 987654321))
    found["a row that is gone"] = faults(staff)
    assert found == {form: [] for form in found}


def test_menus_and_tabs_are_used_with_the_keyboard_and_tell_their_state(staff):
    make_rows()
    staff.goto(address(Expert, "change", Expert.objects.latest("pk").pk))
    sidebar = staff.get_by_role("button", name="Sidebar")
    expect(sidebar).to_have_attribute("aria-expanded", "true")
    sidebar.press("Enter")
    expect(sidebar).to_have_attribute("aria-expanded", "false")
    sidebar.press("Space")
    expect(staff.get_by_role("link", name="Experts").first).to_have_attribute("aria-current", "page")
    person = staff.get_by_role("button", name="Root Admin")
    person.press("Enter")
    expect(person).to_have_attribute("aria-expanded", "true")
    dark = staff.get_by_role("button", name="Dark")
    dark.press("Space")
    expect(dark).to_have_attribute("aria-pressed", "true")
    tab = staff.get_by_role("button", name="Practice")
    tab.press("Enter")
    expect(tab).to_have_attribute("aria-current", "true")
    expect(staff.get_by_role("button", name="Profile")).not_to_have_attribute("aria-current", "true")


def test_the_first_key_leads_past_the_sidebar(staff):
    staff.goto(reverse("admin:index"))
    staff.keyboard.press("Tab")
    expect(staff.get_by_role("link", name="Skip to the content")).to_be_focused()
    staff.keyboard.press("Enter")
    staff.keyboard.press("Tab")
    expect(staff.locator("#content :focus")).to_have_count(1)


def test_no_icon_is_read_out(staff):
    make_rows()
    staff.goto(address(Expert, "change", Expert.objects.latest("pk").pk))
    said = staff.locator("body").aria_snapshot()
    # A reader says a button's name, not what is inside.
    said = re.sub(r'(button "[^"]+"[^:\n]*):.*', r"\1", said)
    icons = {icon.strip() for icon in staff.locator(".material-symbols-outlined").all_text_contents()}
    assert {"dock_to_right", "check_circle"} < icons
    assert [icon for icon in icons if "_" in icon and icon in said] == []
