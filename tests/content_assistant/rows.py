"""An expert with all that the tools read, and a draft of each tool with two texts that were written from it."""

from datetime import timedelta

from django.utils import timezone

from content_assistant.models import Draft, Version
from tests.factories import (
    make_expert,
    make_inquiry,
    make_market,
    make_message,
    make_review,
    make_service,
    make_trip,
)

PARAMS = {
    "itinerary": {"destination": "Kyoto", "days": 2},
    "translate": {"original": "bio", "languages": ["de"]},
}
TOOLS = ("bio", "service", "itinerary", "inquiry", "translate", "seo")


def make_rows(expert, traveler):
    """By tool its draft; `translate-service` and `translate-itinerary` beside that of the bio."""
    make_service(expert)
    make_review(expert, traveler, text="She knew every moss.")
    trip = make_trip(expert.market, traveler=traveler)
    thread = make_inquiry(expert, traveler, trip=trip, message="a letter to Mei")
    make_message(thread, "expert", "Thank you!")
    make_message(thread, "traveler", "How much is it?")
    about = {"service": {"service": expert.services.first()}, "inquiry": {"inquiry": thread}}
    drafts = {tool: make_draft(expert, tool, **about.get(tool, {})) for tool in TOOLS}
    drafts["translate-service"] = make_draft(expert, "translate", **about["service"])
    drafts["translate-itinerary"] = make_draft(expert, "translate", source=drafts["itinerary"])
    return drafts


def make_draft(expert, tool, **about):
    params = PARAMS.get(tool, {})
    key = f"{tool}-{'-'.join(sorted(about))}"
    draft = Draft.objects.create(expert=expert, tool=tool, language="de", params=params, key=key, **about)
    for number in (1, 2):
        make_version(draft, number)
    return draft


def make_version(draft, number):
    claim = {"sentence": "Since 1994.", "what": ["year"], "source": "", "url": "", "confirmed": False}
    return Version.objects.create(
        draft=draft,
        number=number,
        state="ready",
        origin="model",
        text=f"# Kyoto\n\nNumber {number}. Since 1994.",
        claims=[claim],
        facts="of then",
        finished_at=timezone.now() - timedelta(minutes=1),
    )


def make_writer(market=None):
    return make_expert(
        market or make_market("Kyoto"),
        specialties={"gardens": 30, "crafts": 4},
        languages={"ja": 7, "en": 6},
    )
