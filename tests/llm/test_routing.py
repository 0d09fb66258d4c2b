import runpy
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.local.paths import BASE_DIR
from llm import catalogue, routing
from llm.catalogue import Unusable
from llm.routing import Dialect, KeyMissing
from llm.wire import TICKS, Capability, Message, Request

NAMES = {
    "fast": ["xai/grok-4.3", "openai/gpt-6-luna", "anthropic/claude-haiku-5-5", "local/llama"],
    "reasoning": ["xai/grok-4.7", "openai/gpt-6.1-terra", "anthropic/claude-sonnet-5-5", "local/llama"],
}


@pytest.fixture
def keys(settings):
    settings.LLM_KEYS = {"xai": "key-x", "openai": "key-o", "anthropic": "key-a"}
    settings.LLM_LOCAL = {
        "url": "http://localhost:11434/v1/",
        "model": "llama",
        "key": "",
        "context_tokens": 8_000,
        "capabilities": ["temperature", "seed"],
    }
    settings.LLM_TIERS = NAMES
    return settings.LLM_KEYS


@pytest.fixture
def own_file(settings, tmp_path: Path):
    def write(text: str) -> None:
        (tmp_path / "models.toml").write_text(text)
        settings.LLM_MODELS_FILE = str(tmp_path / "models.toml")

    return write


def names(tier: str) -> list[str]:
    return [route.name for route in routing.routes(tier)]


def refusal(name: str) -> str:
    with pytest.raises(Unusable) as caught:
        routing.route(name)
    return str(caught.value)


# Tiers


def test_a_fresh_clone_has_no_route():
    assert (names("fast"), names("reasoning")) == ([], [])


def test_with_all_keys_all_routes_are_tried_in_order(settings, keys):
    assert {tier: names(tier) for tier in NAMES} == NAMES


def test_routes_without_a_key_are_left_out(settings, keys):
    settings.LLM_KEYS = keys | {"xai": "", "anthropic": ""}
    assert names("fast") == ["openai/gpt-6-luna", "local/llama"]


def test_a_route_that_cannot_be_used_leaves_the_others(settings, keys):
    settings.LLM_TIERS = {"fast": ["xai/grok-4-1-fast", "nobody/nothing", "xai/grok-4.3"]}
    assert names("fast") == ["xai/grok-4.3"]


def test_the_default_routes_are_known_and_current(settings):
    settings.LLM_KEYS = {"xai": "key-x", "openai": "key-o", "anthropic": "key-a"}
    assert {tier: names(tier) for tier in NAMES} == settings.LLM_TIERS


def test_a_server_of_ones_own_comes_last(monkeypatch):
    monkeypatch.setenv("LLM_LOCAL_URL", "http://localhost:11434/v1")
    monkeypatch.setenv("LLM_LOCAL_MODEL", "qwen3")
    read = runpy.run_path(str(BASE_DIR / "config/settings.py"))
    assert [names[-1] for names in read["LLM_TIERS"].values()] == ["local/qwen3", "local/qwen3"]


def test_a_server_of_ones_own_serves_a_model(monkeypatch):
    monkeypatch.setenv("LLM_LOCAL_URL", "http://localhost:11434/v1")
    with pytest.raises(
        ImproperlyConfigured, match=r"^LLM_LOCAL_MODEL is not set. Name a model that the server"
    ):
        runpy.run_path(str(BASE_DIR / "config/settings.py"))


# Routes


def test_what_is_known_of_a_route(keys):
    route = routing.route("xai/grok-4.3")
    assert (route.provider.name, route.provider.dialect, route.provider.base_url, route.provider.api_key) == (
        "xai",
        Dialect.RESPONSES,
        "https://api.x.ai/v1",
        "key-x",
    )
    assert (route.model, route.context_tokens, route.free) == ("grok-4.3", 1_000_000, False)
    assert {Capability.X_SEARCH, Capability.REPORTS_COST} < route.capabilities


def test_prices_are_whole_ticks(keys):
    price = routing.route("xai/grok-4.3").price
    assert price is not None
    assert (price.input, price.cached, price.written, price.output) == (12_500, 2_000, 12_500, 25_000)
    assert price.calls == {
        "web_search": TICKS * 5 // 1000,
        "x_post": TICKS * 5 // 1000,
        "x_profile": TICKS // 100,
        "code_execution": TICKS * 5 // 1000,
        "x_search": TICKS // 4,
    }
    assert (price.long_from, price.long and price.long.output) == (200_000, 50_000)


def test_a_local_server_needs_the_environment_alone(keys):
    route = routing.route("local/llama")
    assert (route.provider.base_url, route.provider.dialect, route.provider.api_key) == (
        "http://localhost:11434/v1",
        Dialect.CHAT,
        "",
    )
    assert (route.free, route.price, route.json_by_instruction) == (True, None, True)
    assert route.capabilities == {Capability.TEMPERATURE, Capability.SEED}


def test_the_address_of_a_provider_can_be_another(settings, keys):
    settings.LLM_BASE_URLS = {"xai": "https://proxy.example/xai/", "openai": ""}
    assert routing.route("xai/grok-4.3").provider.base_url == "https://proxy.example/xai"
    assert routing.route("openai/gpt-6-luna").provider.base_url == "https://api.openai.com/v1"


def test_no_repr_shows_a_key(keys):
    assert "key-x" not in repr(routing.route("xai/grok-4.3")) + repr(routing.routes("fast"))


# A file of one's own

GROQ = """
[providers.groq]
dialect = "chat"
base_url = "https://api.groq.example/v1"
key_variable = "GROQ_KEY"

[models."groq/llama-70b"]
context_tokens = 131_072
max_output_tokens = 32_768
capabilities = ["json_schema", "temperature"]
price = { input = "0.59", output = "0.79" }
"""


def test_another_provider_with_a_key_from_the_environment(own_file, monkeypatch):
    own_file(GROQ)
    monkeypatch.setenv("GROQ_KEY", "key-g")
    route = routing.route("groq/llama-70b")
    assert route.provider.api_key == "key-g"
    assert route.price is not None
    assert (route.price.input, route.price.cached, route.price.output) == (5_900, 5_900, 7_900)


def test_two_servers_of_ones_own(own_file):
    own_file(
        """
        [providers.attic]
        dialect = "chat"
        base_url = "http://10.0.0.7:8000/v1"
        keyless = true
        [models."attic/qwen"]
        context_tokens = 32_768
        max_output_tokens = 8_192
        json_by_instruction = true
        free = true
        [providers.cellar]
        dialect = "chat"
        base_url = "http://10.0.0.8:8000/v1"
        keyless = true
        [models."cellar/mistral"]
        context_tokens = 32_768
        max_output_tokens = 8_192
        free = true
        """
    )
    assert routing.route("attic/qwen").provider.base_url == "http://10.0.0.7:8000/v1"
    assert routing.route("cellar/mistral").free


def test_a_file_changes_what_it_names_and_leaves_the_rest(own_file, keys):
    own_file('[models."xai/grok-4.3"]\nprice = { input = "1", cached = "0.1", output = "2" }')
    route = routing.route("xai/grok-4.3")
    assert route.price is not None
    assert (route.price.input, route.context_tokens) == (10_000, 1_000_000)


# What cannot be used, each in one sentence with the remedy

MODEL = '[models."xai/new"]\ncontext_tokens = 1000\nmax_output_tokens = 100\ncapabilities = []\n'
REFUSED = [
    (
        '[models."xai/new"]\nmax_output_tokens = 1\nfree = true',
        "xai/new needs context_tokens, a whole number. Add it to LLM_MODELS_FILE.",
    ),
    (MODEL, "xai/new has no price: what it costs could not be budgeted. Give its price, or mark it as free."),
    (
        MODEL + 'price = { input = "1,25", output = "2" }',
        "xai/new has the price '1,25', which is no amount in USD. Write it like \"1.25\".",
    ),
    (
        MODEL + 'price = { input = "1" }',
        'xai/new has the price None, which is no amount in USD. Write it like "1.25".',
    ),
    (
        MODEL + 'price = { input = "-1", output = "1" }',
        "xai/new has the price '-1', which is no amount in USD. Write it like \"1.25\".",
    ),
    (
        MODEL.replace("[]", '["telepathy"]') + "free = true",
        "xai/new has the capability 'telepathy', which means nothing. Known are: json_schema, web_search, "
        "web_search_exclude, x_search, code_execution, seed, temperature, reports_cost.",
    ),
    (
        MODEL.replace("[]", '["web_search"]') + 'price = { input = "1", output = "1" }',
        "xai/new has no price for web_search. Give it under tools, or leave that capability out.",
    ),
    (
        MODEL + "free = true\nretires = 2026-01-31",
        "xai/new was shut down on 2026-01-31. Name another model.",
    ),
    (
        MODEL + 'free = true\n[providers.xai]\ndialect = "telnet"',
        "The provider xai has no known dialect. Set it to one of responses, chat, messages.",
    ),
    (
        MODEL + 'free = true\n[providers.xai]\nbase_url = "me:secret@localhost:11434/v1"',
        "The address of xai, 'localhost:11434/v1', does not begin with https:// or http://. Write it out in full.",
    ),
]


@pytest.mark.parametrize(("text", "sentence"), REFUSED)
def test_a_model_described_wrongly_is_refused(own_file, keys, text, sentence):
    own_file(text)
    assert refusal("xai/new") == sentence


def test_a_retired_model_is_refused_with_the_day_and_what_replaced_it(keys):
    assert refusal("xai/grok-4-1-fast") == "xai/grok-4-1-fast is shut down on 2026-05-15. Use xai/grok-4.3."
    assert refusal("xai/grok-4-1-fast-non-reasoning").startswith(
        "xai/grok-4-1-fast-non-reasoning is shut down"
    )


def test_every_retired_model_has_a_successor_that_can_be_used(keys):
    for gone in catalogue.load().retired.values():
        assert routing.route(gone["use"])
        assert isinstance(gone["on"], date)


def test_an_unknown_model_is_refused_with_those_that_are_known(keys):
    sentence = refusal("xai/grok-9")
    assert sentence.startswith("xai/grok-9 is not known. Take one of anthropic/claude-haiku-4-5, ")
    assert sentence.endswith(", or describe it in LLM_MODELS_FILE.")


def test_a_missing_key_names_its_variable():
    with pytest.raises(KeyMissing, match=r"^There is no key for xai. Set XAI_API_KEY.$"):
        routing.route("xai/grok-4.3")


@pytest.mark.parametrize("key", ["key\n", "kéy", "two words"])
def test_a_key_that_was_copied_wrongly(settings, key):
    settings.LLM_KEYS = {"xai": key}
    assert refusal("xai/grok-4.3") == "The key for xai has characters that no key has. Copy it again."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[models", "LLM_MODELS_FILE is no valid TOML: "),
        (
            "[modells]",
            "LLM_MODELS_FILE has the table modells, which means nothing. Known are: providers, models, retired.",
        ),
    ],
)
def test_a_file_that_cannot_be_read_as_one(own_file, text, sentence):
    own_file(text)
    assert refusal("xai/grok-4.3").startswith(sentence)


def test_a_file_that_is_not_there(settings, tmp_path):
    settings.LLM_MODELS_FILE = str(tmp_path / "nowhere.toml")
    assert refusal("xai/grok-4.3") == (
        "LLM_MODELS_FILE cannot be read: No such file or directory. Name a readable file."
    )


# Which route fits a request


@dataclass
class Asked:
    """As much of a prompt as routing looks at."""

    name: str = "tests.fitting"
    tier: str = "fast"
    needs: frozenset[Capability] = frozenset()


def request(text: str = "Hello.", most: int = 100, **changes) -> Request:
    return Request("Be brief.", (Message("user", text),), max_output_tokens=most, **changes)


def fitting(*needs: Capability, **changes) -> list[str]:
    return [
        route.name for route in routing.fitting(cast(Any, Asked(needs=frozenset(needs))), request(**changes))
    ]


@pytest.mark.parametrize(
    ("needs", "found"),
    [
        ((), NAMES["fast"]),
        ((Capability.WEB_SEARCH,), NAMES["fast"][:3]),
        (
            (Capability.WEB_SEARCH, Capability.WEB_SEARCH_EXCLUDE),
            ["xai/grok-4.3", "anthropic/claude-haiku-5-5"],
        ),
        ((Capability.X_SEARCH,), ["xai/grok-4.3"]),
        ((Capability.CODE_EXECUTION,), ["xai/grok-4.3", "openai/gpt-6-luna"]),
        ((Capability.TEMPERATURE,), ["xai/grok-4.3", "local/llama"]),
        ((Capability.SEED,), ["local/llama"]),
        ((Capability.SEED, Capability.X_SEARCH), []),
    ],
)
def test_a_route_is_refused_for_what_it_lacks(keys, needs, found):
    assert fitting(*needs) == found


def test_a_schema_needs_a_route_that_holds_to_it_or_may_be_told_it(keys, own_file):
    assert fitting(schema={"type": "object"}) == NAMES["fast"]
    own_file('[models."local/llama"]\njson_by_instruction = false')
    assert fitting(schema={"type": "object"}) == NAMES["fast"][:3]


def test_question_and_answer_must_fit_the_context(keys):
    """The local one takes 8,000 tokens, and 100 are for the answer."""
    assert fitting(text="x" * (8_000 - 100 - len("Be brief."))) == NAMES["fast"]
    assert fitting(text="x" * (8_000 - 100 - len("Be brief.") + 1)) == NAMES["fast"][:3]


def test_an_answer_may_be_longer_than_a_route_writes(keys):
    assert fitting(most=64_001) == NAMES["fast"][:3]
    assert fitting(most=128_001) == []


def test_why_no_route_fits_is_logged_in_words(keys, settings, caplog):
    settings.LLM_TIERS = {"fast": ["local/llama"]}
    assert fitting(Capability.WEB_SEARCH) == []
    told = caplog.records[-1].msg
    assert isinstance(told, dict)
    assert (told["event"], told["prompt"]) == ("llm_no_route_fits", "tests.fitting")
    assert told["lacks"] == {"local/llama": "It cannot do: web_search."}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"most": 9_000}, "It writes at most 8000 tokens, 9000 are asked for."),
        ({"text": "x" * 9_000}, "Question and answer may have 9109 tokens, it takes 8000."),
    ],
)
def test_what_is_lacking_is_said_in_words(keys, changes, words):
    assert routing.lacking(routing.route("local/llama"), frozenset(), request(**changes)) == words
