"""Facts of a reply, without a database."""

from pathlib import Path

HERE = Path(__file__).parent
OFFERS = [
    {
        "title": "Temple walk at dawn",
        "about": "We meet before the crowds and walk the old path. Tea comes after.",
        "price": "$90 for the group",
        "length": "3 h",
        "group": 6,
        "includes": ["tea", "tickets"],
        "notice": "2 days",
        "policy": "moderate",
    },
    {
        "title": "Market morning",
        "about": "We follow a cook's shopping list and taste at every second stall.",
        "price": "$50 per person",
        "length": "2.5 h",
        "group": 4,
        "includes": [],
        "notice": "1 day",
        "policy": "flexible",
    },
    {
        "title": "A plan for your week",
        "about": "Days in an order that makes sense, with reservations made.",
        "price": "$200 for the group",
        "length": "1 day",
        "group": 8,
        "includes": [],
        "notice": "",
        "policy": "strict",
    },
]
TRIP = {
    "when": "Apr 3 – 9, 2027",
    "adults": 2,
    "children": 1,
    "interests": ["Food markets"],
    "must_haves": "",
    "brief": "",
    "free": ["Apr 3, 2027"],
    "taken": ["Apr 4, 2027"],
}


def facts_of(message="", *, language="en", services=3, trip=TRIP, reviews=(), **fields):
    """As content_assistant.tools.inquiry makes them."""
    from content_assistant import listening
    from content_assistant.prompts.inquiry import Facts
    from content_assistant.tools.reading import shown

    said = shown(message, 2_000)
    given = {
        "language": language,
        "style": "friendly",
        "traveler": "Anna",
        "expert": "Mei Tanaka",
        "city": "Kyoto",
        "profile": "I grew up between two temples and have walked here ever since.",
        "specialties": ["Street food", "Temples and shrines"],
        "languages": ["English", "Japanese"],
        "services": OFFERS[:services],
        "trip": trip,
        "messages": [{"who": "traveler", "text": said}],
        "questions": listening.questions(said),
        "reviews": [shown(review, 300) for review in reviews],
        "wish": "",
        "text_before": "",
    }
    return Facts.model_validate(given | fields)


def findings(text, facts):
    """Of all the tool's checks."""
    from content_assistant.checks import Text
    from content_assistant.tools.inquiry import TOOL

    return [one for check in TOOL.checks for one in check(Text(text, facts.language, facts=facts))]


def blocking(text, facts):
    return {one.rule for one in findings(text, facts) if one.blocks}


def injections():
    lines = (HERE / "injections.txt").read_text(encoding="utf-8").splitlines()
    return [line.replace("\\n", "\n").split("\t") for line in lines if line and not line.startswith("#")]
