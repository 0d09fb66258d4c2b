"""The queue of messages to leads in a browser: evidence beside the decision, and each of the three buttons.

SHOTS=folder leaves a picture of each page in all four looks.
"""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from social.models import Outreach, SocialSettings
from tests.admin.conftest import in_role
from tests.browser.chromium import DESK, faults
from tests.browser.pictures import shoot
from tests.factories import make_market
from tests.social.rows import make_lead, make_outreach, make_post

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TEXTS = ["Hello from the moss.", "Good morning from us.", "Dear neighbour."]


@pytest.fixture
def rows():
    rules = SocialSettings.load()
    rules.quiet_from = rules.quiet_until = 0
    rules.save()
    kyoto = make_market("Kyoto")
    made = []
    for handle in ("aiko_walks", "ken_cooks", "mina_gardens"):
        post = make_post(kyoto, text=f"Moss at six, by {handle}.", likes=1234)
        lead = make_lead(kyoto, post.author)
        lead.evidence.add(post)
        made.append(make_outreach(lead, state="drafted", variants=TEXTS))
    return made


@pytest.fixture
def queue(page: Page, sign_in, rows) -> Page:
    page.set_viewport_size({"width": DESK, "height": 900})
    sign_in(in_role("Social media manager").user)
    page.goto(reverse("admin:social_outreach_changelist"))
    return page


def opened(queue: Page, row: Outreach, button: str) -> None:
    queue.goto(reverse("admin:social_outreach_change", args=[row.pk]))
    expect(queue.get_by_text("Moss at six").first).to_be_visible()
    queue.get_by_role("link", name=button, exact=True).first.click()


def state(row: Outreach) -> str:
    return Outreach.objects.get(pk=row.pk).state


def test_a_message_is_approved_another_reworded_and_one_skipped_with_a_reason(queue, rows):
    approved, reworded, skipped = rows
    opened(queue, approved, "Approve and send")
    expect(queue.get_by_text("Moss at six").first).to_be_visible()
    queue.get_by_role("button", name="Approve and send").click()
    expect(queue.get_by_text("Approved. Now send it by hand.")).to_be_visible()
    assert state(approved) == "approved"

    opened(queue, reworded, "Customise")
    queue.locator("textarea[name=text]").fill("Dear keeper of the moss.")
    queue.get_by_role("button", name="Customise").click()
    queue.wait_for_load_state()
    assert (state(reworded), Outreach.objects.get(pk=reworded.pk).text) == (
        "customised",
        "Dear keeper of the moss.",
    )

    opened(queue, skipped, "Skip")
    queue.get_by_role("button", name="Skip").click()
    assert state(skipped) == "drafted"  # a reason is missing
    queue.locator("[name=reason]").fill("Sells tours.")
    queue.get_by_role("button", name="Skip").click()
    queue.wait_for_load_state()
    assert state(skipped) == "skipped"


def test_the_queue_and_its_decisions_are_sound(queue, rows):
    pages = {"queue": reverse("admin:social_outreach_changelist")}
    pages |= {
        name: reverse(f"admin:social_outreach_{name}", args=[rows[0].pk])
        for name in ("change", "approve", "customise", "skip")
    }
    found = []
    for name, url in pages.items():
        response = queue.goto(url)
        assert response
        assert response.status == 200, name
        shoot(queue, f"outreach-{name}")
        found += [f"{name}: {fault}" for fault in faults(queue)]
    assert not found, "\n".join(found)
