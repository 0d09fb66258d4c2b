"""Each of the six tools asks a model on loopback: what it answers well, and each way in which that goes wrong."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from content_assistant import drafting, examining, tools
from content_assistant.models import Draft, Ruling, Version
from tests.factories import make_expert, make_inquiry, make_review, make_service, make_trip
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db
State, Origin = Version.State, Version.Origin
TOOLS = [tool.value for tool in Draft.Tool]
TEXTS = [tool for tool in TOOLS if tool not in ("itinerary", "seo")]
BIO = (
    "I grew up behind the tofu shop of Kitano and learned to bargain before I could read. My grandmother kept a tea "
    "garden in Uji. In 2011 I opened a kitchen with [SEATS] seats, and a bowl cost $12 at 9:30 am."
)


@pytest.fixture
def expert() -> Any:
    found = make_expert(
        name="Mei Tanaka",
        headline="Tea and temples without the crowd",
        bio=BIO,
        background="Cook in Gion, then keeper of a small tea house; guide for cooks and their families.",
        unique_value="I know who sells the last tofu of the day, and why the cats of Kurama never go hungry.",
        years_experience=12,
        specialties={"street-food": 31, "day-hikes": 12},
        languages={"en": 6, "ja": 7},
    )
    make_review(found, text="She knew every stall, and every dog of the quarter.")
    make_service(
        found, title="A slow walk", description="We walk from Kitano to the river and eat.", includes=["tea"]
    )
    return found


@pytest.fixture
def asked(expert: Any) -> Callable[..., Draft]:
    """A draft of the tool, not yet written."""
    inquiry = make_inquiry(
        expert, trip=make_trip(expert.market), message="What does the walk cost? Is it far?"
    )
    answers: dict[str, dict[str, Any]] = {
        "bio": {
            "moment": "A family from Lima found the best soba of their lives after we got lost in Kurama."
        },
        "service": {"service": expert.services.get()},
        "seo": {},
        "inquiry": {"inquiry": inquiry},
        "itinerary": {"destination": "Kyoto", "days": 2, "theme": "Tea"},
        "translate": {"original": "bio", "languages": ["de"]},
    }

    def ask(tool: str) -> Draft:
        given = {"language": "en"} | answers[tool]
        return drafting.request(expert=expert, by=expert.user, tool=tool, answers=given, key=tool)[0]

    return ask


GERMAN = (
    "Ich bin hinter dem Tofuladen von Kitano aufgewachsen und konnte feilschen, bevor ich lesen konnte. Meine "
    "Großmutter hatte einen Teegarten in Uji. 2011 habe ich eine Küche mit [SEATS] Plätzen eröffnet, und eine Schale "
    "kostete 12 $ um 9:30 Uhr."
)


def good(draft: Draft) -> str:
    """What a model that keeps to its facts might answer: what the offline writer makes of them, or a translation."""
    if draft.tool == Draft.Tool.TRANSLATE:
        return GERMAN
    tool = tools.of(draft.tool)
    prompt = tool.prompt_for(draft)
    assert prompt.offline
    answer = prompt.offline(tool.facts(draft, "", ""))
    return answer if isinstance(answer, str) else answer.model_dump_json()


def written(draft: Draft) -> Version:
    run_jobs()
    version = draft.versions.get()
    version.draft = draft
    return version


@pytest.mark.parametrize("tool", TOOLS)
def test_what_a_model_writes_well_is_ready_and_says_whose_it_is(provider, asked, tool):
    draft = asked(tool)
    provider.say(good(draft), model="grok-4.3")
    version = written(draft)
    assert (version.state, version.origin, version.model) == (State.READY, Origin.MODEL, "grok-4.3")
    assert [one["message"] for one in version.findings] == [], version.text
    assert [one["sentence"] for one in version.claims if not one["source"]] == []
    assert examining.blockers(version.findings, version.claims) == []
    assert len(provider.requests) == 1


@pytest.mark.parametrize("tool", TOOLS)
def test_a_model_that_hangs_leaves_it_to_the_template(provider, asked, settings, tool):
    settings.LLM_TIMEOUTS = {"fast": 0.5, "reasoning": 0.5}
    provider.hang()
    version = written(asked(tool))
    assert (version.state, version.origin) == (State.READY, Origin.OFFLINE)
    assert version.notice == "No language model answers at the moment."


@pytest.mark.parametrize("tool", TOOLS)
def test_a_refusal_is_told_and_nothing_is_made_up(provider, asked, tool):
    provider.say("I would rather not.", stop="refused")
    version = written(asked(tool))
    assert (version.state, version.text) == (State.FAILED, "")
    assert version.error.startswith("The language model gave no usable answer.")


@pytest.mark.parametrize("tool", ["itinerary", "seo"])
def test_half_of_a_structured_answer_is_asked_for_again(provider, asked, tool):
    draft = asked(tool)
    answer = good(draft)
    provider.say(answer[: len(answer) // 2])
    provider.say(answer)
    version = written(draft)
    assert (version.state, version.origin) == (State.READY, Origin.MODEL)
    assert (
        version.text == tools.of(tool).written(tools.of(tool).prompt.output.model_validate_json(answer)).text
    )


@pytest.mark.parametrize("tool", ["itinerary", "seo"])
def test_half_of_a_structured_answer_each_time_is_no_answer(provider, asked, tool):
    draft = asked(tool)
    answer = good(draft)
    for _ in range(6):
        provider.say(answer[: len(answer) // 2])
    version = written(draft)
    assert version.origin != Origin.MODEL
    assert "{" not in version.text


@pytest.mark.parametrize("tool", TEXTS)
def test_a_text_in_another_language_is_mended_once(provider, asked, tool):
    draft = asked(tool)
    provider.say(
        "Je marche avec des voyageurs depuis longtemps, et nous mangeons au bord de la rivière. " * 12
    )
    provider.say(good(draft))
    version = written(draft)
    assert version.text == good(draft)
    assert "language" not in [one["rule"] for one in version.findings]
    assert "language" in json.dumps(provider.requests[1].body)


@pytest.mark.parametrize("tool", TEXTS)
def test_a_text_that_stays_in_another_language_says_so(provider, asked, tool):
    for _ in range(2):
        provider.say(
            "Je marche avec des voyageurs depuis longtemps, et nous mangeons au bord de la rivière. " * 12
        )
    version = written(asked(tool))
    assert "This is in French" in " ".join(one["message"] for one in version.findings)


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(GERMAN.replace("[SEATS]", "vier"), id="placeholder"),
        pytest.param(GERMAN.replace("12 $", "13 $"), id="price"),
        pytest.param(GERMAN.replace("9:30", "19:30"), id="time"),
        pytest.param(GERMAN.replace("2011", "2012"), id="year"),
        pytest.param(f"{GERMAN} Mehr auf https://example.com/mei.", id="link"),
    ],
)
def test_a_translation_that_loses_something_goes_to_our_team_with_what_differs(provider, asked, broken):
    provider.say(broken)
    provider.say(broken)
    version = written(asked("translate"))
    assert version.state == State.HELD
    [verdict] = [one for one in Ruling.objects.get().verdicts if one["reason"] == "held-survivors"]
    assert "“" in verdict["detail"]


@pytest.mark.parametrize("tool", ["bio", "service", "inquiry", "seo"])
def test_a_certificate_nobody_knows_of_waits_for_the_expert(provider, asked, expert, tool):
    draft = asked(tool)
    fabricated = "I am a certified guide of the Kyoto Tourism Board."
    answer = good(draft)
    if tool == "seo":
        parts = json.loads(answer)
        answer = json.dumps(parts | {"bio": f"{parts['bio']} {fabricated}"})
    else:
        answer = f"{answer}\n\n{fabricated}"
    for _ in range(2):
        provider.say(answer)
    version = written(draft)
    claims = [one for one in version.claims if one["sentence"] == fabricated]
    assert [(one["source"], one["confirmed"]) for one in claims] == [("", False)]
    act = drafting.place if tool == "inquiry" else drafting.apply
    with pytest.raises(drafting.Blocked, match="confirm or change"):
        act(draft=draft, by=expert.user, number=1)
