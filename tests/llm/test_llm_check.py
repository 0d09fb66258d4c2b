import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from llm.models import Call
from tests.provider import nobody, point

pytestmark = pytest.mark.django_db


@pytest.fixture
def tiers(settings, provider):
    settings.LLM_TIERS = {
        "fast": ["xai/grok-4.3", "local/llama"],
        "reasoning": ["anthropic/claude-sonnet-5-5"],
    }
    return settings.LLM_TIERS


def told(**options) -> str:
    """Without the milliseconds, which differ each time."""
    out = StringIO()
    call_command("llm_check", stdout=out, **options)
    return re.sub(r"\d+ ms", "N ms", out.getvalue())


def test_it_says_of_each_route_that_it_works_and_what_a_call_costs(provider, tiers):
    provider.say("ready", ticks=12_000_000)
    provider.say("ready")
    provider.say("ready")
    assert (
        told()
        == """
fast
  xai/grok-4.3                     works after N ms, which cost $0.0012; 2000 tokens in and 500 out cost $0.00375
  local/llama                      works after N ms, which cost $0; its calls are free

reasoning
  anthropic/claude-sonnet-5-5      works after N ms, which cost $0.0004; 2000 tokens in and 500 out cost $0.009

embeddings
  none (LLM_EMBEDDINGS is not set)
"""
    )


def test_its_questions_are_booked_like_any_other(provider, tiers):
    told()
    assert list(Call.objects.order_by("pk").values_list("route", "purpose", "state")) == [
        ("xai/grok-4.3", "route_test", "answered"),
        ("local/llama", "route_test", "answered"),
        ("anthropic/claude-sonnet-5-5", "route_test", "answered"),
    ]


def test_a_route_that_fails_says_how(provider, tiers):
    provider.fail(401, code="invalid_api_key")
    assert "xai/grok-4.3                     fails after N ms: xai answered with HTTP status 401." in told()


def test_an_unknown_cost_is_not_called_zero(provider, tiers):
    provider.say("ready", usage=None)
    assert "works after N ms, which cost an unknown amount" in told()


def test_a_tier_without_a_working_route_is_an_error(provider, tiers, settings):
    settings.LLM_KEYS = settings.LLM_KEYS | {"anthropic": ""}
    with pytest.raises(CommandError, match=r"^No route works for: reasoning.$"):
        told()


def test_a_provider_out_of_reach_is_an_error(provider, tiers, settings):
    point(settings, nobody())
    with pytest.raises(CommandError, match=r"^No route works for: fast, reasoning.$"):
        told()


def test_without_any_key_it_says_what_to_set_and_is_content(provider, settings):
    settings.LLM_KEYS, settings.LLM_LOCAL = {}, {"url": ""}
    settings.LLM_TIERS = {"fast": ["xai/grok-4.3"]}
    assert (
        told()
        == """
fast
  xai/grok-4.3                     left out: There is no key for xai. Set XAI_API_KEY.

embeddings
  none (LLM_EMBEDDINGS is not set)

No provider is connected. The offline writers answer, and say so.
"""
    )


def test_nobody_is_asked_where_that_is_not_wanted(provider, tiers, settings):
    settings.LLM_EMBEDDINGS = "openai/text-embedding-3-small"
    assert "xai/grok-4.3                     configured, not asked; 2000 tokens in" in told(no_call=True)
    assert provider.requests == []


def test_settings_that_the_system_checks_refuse_do_not_keep_it_from_running(provider, tiers, settings):
    settings.LLM_TIERS = tiers | {"fast": ["xai/grok-3", "xai/grok-4.3"]}
    sentence = "left out: xai/grok-3 is shut down on 2026-05-15. Use xai/grok-4.3."
    assert sentence in told(no_call=True)
