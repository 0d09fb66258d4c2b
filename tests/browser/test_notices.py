"""The bell in a real browser: it counts by itself, and the pages fit a narrow phone."""

import pytest
from playwright.sync_api import expect

from accounts.notices.telling import tell
from tests.factories import make_expert

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = {"width": 360, "height": 740}


def told(user, key):
    facts = {
        "who": "Rosa",
        "side": "expert",
        "what": "Temple walk",
        "reason": "",
        "until": "2027-04-03T09:00:00Z",
    }
    tell(user=user, kind="booking.requested", key=key, facts=facts, url="/trips/")


def test_the_bell_counts_by_itself_and_empties_as_notices_are_read(page, sign_in):
    mei = make_expert().user
    sign_in(mei)
    page.clock.install()
    page.goto("/trips/")
    expect(page.locator("#bell .bell-count")).to_have_count(0)
    told(mei, "1")
    page.clock.fast_forward(31_000)
    expect(page.locator("#bell")).to_contain_text("1 new")
    page.locator("#bell").click()
    page.get_by_role("link", name="Rosa would like to book you", exact=True).click()
    expect(page.locator("#bell .bell-count")).to_have_count(0)


@pytest.mark.parametrize("path", ["/notices/", "/account/notices/"])
def test_nothing_sticks_out_of_a_narrow_phone(page, sign_in, path):
    mei = make_expert().user
    told(mei, "1")
    sign_in(mei)
    page.set_viewport_size(PHONE)
    page.goto(path)
    expect(page.locator("#bell")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
