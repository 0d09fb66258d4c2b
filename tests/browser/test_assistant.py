"""The six tools in a browser: asked, written while the page is open or reloaded by hand, edited, and put to use.

SHOTS=folder leaves a picture of each page in all four looks.
"""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from content_assistant import drafting
from content_assistant.models import Draft, Version
from tests.browser.chromium import faults
from tests.browser.pictures import shoot
from tests.factories import (
    make_expert,
    make_inquiry,
    make_market,
    make_review,
    make_service,
    make_trip,
    make_user,
)
from tests.worker import run_jobs

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BIO = (
    "I grew up behind the tofu shop of Kitano and learned to bargain before I could read. "
    "My grandmother kept a tea garden in Uji. In 2011 I opened a small kitchen with four seats. "
    "Guests tell me that they remember the silence of the cedar forest most. "
    "I once got lost in Kurama with a family from Lima, and we found the best soba of our lives. "
) * 2


@pytest.fixture
def mei():
    found = make_expert(
        make_market("Kyoto"),
        name="Mei Tanaka",
        headline="Tea and temples without the crowd",
        bio=BIO.strip(),
        years_experience=12,
        specialties={"street-food": 31, "day-hikes": 12},
        languages={"en": 6, "ja": 7},
    )
    make_review(found, text="She knew every stall, and every dog of the quarter.")
    make_service(
        found,
        title="A slow walk",
        description="We walk from Kitano to the river, and eat where the cooks of other places eat.",
        includes=["tea", "three tastings", "a map drawn by hand"],
    )
    return found


@pytest.fixture
def inquiry(mei):
    rosa = make_user("Rosa Olivera")
    trip = make_trip(mei.market, traveler=rosa, interests=["street-food"])
    return make_inquiry(
        mei, rosa, trip=trip, message="Is the walk fit for a child of six? What does it cost?"
    )


@pytest.fixture(params=["with scripts", "without scripts"])
def reader(request, browser, live_server, page: Page, sign_in, mei):
    """Who looks at the pages, and whether they fill in by themselves."""
    sign_in(mei.user)
    if request.param == "with scripts":
        yield page
        return
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    context.add_cookies(page.context.cookies())
    yield context.new_page()
    context.close()


def ask(reader: Page, tool: str, **answers: str) -> Draft:
    """From the card to the page of the draft that waits, and on to the one that is written."""
    reader.goto(reverse("assistant:home"))
    reader.locator(f"a[href='{reverse('assistant:create', args=[tool])}']").click()
    for name, answer in answers.items():
        reader.locator(f"[name={name}]").fill(answer)
    reader.get_by_role("button", name="Write it").click()
    expect(reader.get_by_text("It will be your turn in a moment")).to_be_visible()
    run_jobs()
    if reader.locator("noscript meta").count():  # it is there where scripts are not
        reader.get_by_role("link", name="Refresh").click()
    expect(reader.get_by_role("heading", name="Your text")).to_be_visible()
    return Draft.objects.latest("pk")


def text_of(draft: Draft) -> str:
    newest = drafting.newest_ready(draft)
    assert newest
    return newest.text


def confirm_all(reader: Page) -> None:
    boxes = reader.locator("input[name=sentence]")
    for place in range(boxes.count()):
        boxes.nth(place).check()
    if boxes.count():
        reader.get_by_role("button", name="Confirm what is ticked").click()
        expect(reader.get_by_text("What you confirmed is noted.")).to_be_visible()


def use(reader: Page) -> None:
    confirm_all(reader)
    reader.get_by_role("link", name="Use it").click()
    reader.get_by_role("button", name="Replace it").click()
    expect(reader.get_by_text("The text is in its place.")).to_be_visible()


def test_a_bio_is_written_edited_used_and_taken_back(reader, mei):
    draft = ask(reader, "bio", tie="My grandmother kept a tea garden in Uji.")
    box = reader.get_by_label("Text", exact=True)
    box.fill(box.input_value() + "\n\nCome with an empty stomach.")
    reader.get_by_role("button", name="Save changes").click()
    expect(reader.get_by_text("Your text is saved.")).to_be_visible()
    use(reader)
    mei.refresh_from_db()
    assert mei.bio.endswith("Come with an empty stomach.")
    assert mei.bio == text_of(draft)
    reader.get_by_role("button", name="Take it back").click()
    expect(reader.get_by_text("What stood there before stands there again.")).to_be_visible()
    mei.refresh_from_db()
    assert mei.bio == BIO.strip()


def test_a_service_is_described(reader, mei):
    draft = ask(reader, "service")
    use(reader)
    assert mei.services.get().description == text_of(draft)


def test_search_texts_are_put_into_the_profile(reader, mei):
    draft = ask(reader, "seo")
    expect(reader.get_by_role("heading", name="Keywords")).to_be_visible()
    use(reader)
    mei.refresh_from_db()
    assert mei.bio == text_of(draft)


def test_a_reply_goes_into_the_box_of_the_conversation_and_is_not_sent(reader, mei, inquiry):
    reader.goto(f"{reverse('assistant:create', args=['inquiry'])}?inquiry={inquiry.pk}")
    before = inquiry.messages.count()
    draft = ask(reader, "inquiry")
    confirm_all(reader)
    reader.get_by_role("link", name="Put it into the conversation").click()
    reader.get_by_role("button", name="Put it into the box").click()
    expect(reader.get_by_text("Nothing is sent until you send it.")).to_be_visible()
    written = text_of(draft)
    assert reader.locator("textarea[name=body]").input_value().replace("\r\n", "\n") == written
    assert inquiry.messages.count() == before


def test_an_itinerary_is_filled_in_for_a_client(reader, mei):
    draft = ask(reader, "itinerary", days="2", theme="Tea")
    reader.get_by_role("link", name="Read it as an itinerary").click()
    reader.get_by_label("Client name").fill("Rosa")
    reader.get_by_role("button", name="Fill in").click()
    expect(reader.get_by_text("Prepared for Rosa")).to_be_visible()
    assert "[CLIENT NAME]" in text_of(draft)


def test_a_translation_says_that_it_needs_a_model(reader, mei):
    reader.goto(reverse("assistant:create", args=["translate"]))
    for language in ("German", "French"):
        reader.get_by_label(language, exact=True).check()
    reader.get_by_role("button", name="Write it").click()
    run_jobs()
    reader.goto(reverse("assistant:home"))
    assert Draft.objects.filter(tool="translate", versions__state=Version.State.READY).count() == 2
    reader.locator(".rows").get_by_role("link", name="Translation").first.click()
    expect(reader.get_by_text("This is not translated: a translation needs a language model")).to_be_visible()
    expect(reader.get_by_role("heading", name="The original as it stands now")).to_be_visible()


def test_all_of_its_pages_are_sound(page: Page, sign_in, mei, inquiry):
    sign_in(mei.user)
    answers = {
        "bio": {"language": "en"},
        "service": {"language": "en", "service": mei.services.get()},
        "seo": {"language": "en"},
        "inquiry": {"inquiry": inquiry, "language": "en"},
        "itinerary": {"destination": "Kyoto", "days": 2, "theme": "Tea"},
        "translate": {"original": "bio", "languages": ["de"]},
    }
    drafts = {
        tool: drafting.request(expert=mei, by=mei.user, tool=tool, answers=given, key=tool)[0]
        for tool, given in answers.items()
    }
    run_jobs()
    bio = drafts["bio"]
    text = text_of(bio)
    drafting.save(draft=bio, by=mei.user, text=f"{text}\n\nCome hungry.", number=1)
    waiting = drafting.request(expert=mei, by=mei.user, tool="bio", answers={"language": "de"}, key="w")[0]
    pages = {"home": reverse("assistant:home"), "token": reverse("assistant:token")}
    pages |= {f"new-{tool}": reverse("assistant:create", args=[tool]) for tool in answers}
    pages |= {f"draft-{tool}": reverse("assistant:draft", args=[one.pk]) for tool, one in drafts.items()}
    pages |= {
        f"use-{tool}": reverse("assistant:use", args=[drafts[tool].pk]) for tool in ("bio", "inquiry", "seo")
    }
    pages |= {
        "compare": reverse("assistant:compare", args=[bio.pk]),
        "itinerary": reverse("assistant:itinerary", args=[drafts["itinerary"].pk]),
        "waiting": reverse("assistant:draft", args=[waiting.pk]),
    }
    found = []
    for name, url in pages.items():
        response = page.goto(url)
        assert response
        assert response.status == 200, (name, url)
        shoot(page, f"assistant-{name}")
        found += [f"{name}: {fault}" for fault in faults(page)]
    assert not found, "\n".join(found)
