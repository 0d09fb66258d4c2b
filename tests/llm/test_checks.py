"""What `manage.py check` says about the settings for language models."""

import subprocess
import sys

import pytest
from django.conf import settings as base
from django.core.checks import run_checks

from llm import checks


def said() -> list[tuple[str | None, str]]:
    return [(message.id, message.msg) for message in checks.language_models()]


@pytest.fixture
def all_keys(settings):
    settings.LLM_KEYS = {"xai": "key-x", "openai": "key-o", "anthropic": "key-a"}


def test_nothing_is_wrong_when_all_is_set(all_keys):
    assert said() == []


def test_missing_keys_are_no_mistake(settings, all_keys):
    settings.LLM_KEYS = {"xai": "key-x"}
    settings.LLM_TIERS = {"fast": ["xai/grok-4.3", "openai/gpt-6-luna"], "reasoning": ["openai/gpt-6-luna"]}
    assert said() == [
        (
            "llm.I001",
            "Left out, because nobody has given us a key: openai/gpt-6-luna. `manage.py llm_check` says what to set.",
        )
    ]


def test_a_fresh_clone_has_nothing_to_say():
    assert checks.language_models() == []


@pytest.mark.parametrize(
    ("changes", "identifier", "sentence"),
    [
        (
            {"LLM_TIERS": {"fast": ["xai/grok-3"]}},
            "llm.E001",
            "xai/grok-3 is shut down on 2026-05-15. Use xai/grok-4.3.",
        ),
        (
            {"LLM_BASE_URLS": {"xai": "api.x.ai/v1"}, "LLM_TIERS": {"fast": ["xai/grok-4.3"]}},
            "llm.E001",
            "The address of xai, 'api.x.ai/v1', does not begin with https:// or http://. Write it out in full.",
        ),
        (
            {"LLM_EMBEDDINGS": "anthropic/claude-haiku-5-5"},
            "llm.E001",
            "anthropic/claude-haiku-5-5 makes no vectors. Let LLM_EMBEDDINGS name a route that speaks like OpenAI.",
        ),
        (
            {"LLM_TIERS": {"fast": []}},
            "llm.E002",
            "The tier fast names no route. Name at least one, or leave the setting out.",
        ),
        (
            {"LLM_BUDGET_USD": 100, "LLM_BUDGET_ALERT_USD": 101},
            "llm.E003",
            "LLM_BUDGET_ALERT_USD=101 is above LLM_BUDGET_USD=100 and would never be told. Lower it.",
        ),
    ],
)
def test_what_cannot_work_is_said_in_one_sentence(settings, all_keys, changes, identifier, sentence):
    for name, value in changes.items():
        setattr(settings, name, value)
    assert said() == [(identifier, sentence)]


def test_a_file_that_cannot_be_read_is_wrong_once(settings, tmp_path):
    settings.LLM_MODELS_FILE = str(tmp_path / "nowhere.toml")
    assert said() == [
        ("llm.E001", "LLM_MODELS_FILE cannot be read: No such file or directory. Name a readable file.")
    ]


def test_django_runs_them(settings):
    settings.LLM_TIERS = {"fast": []}
    assert "llm.E002" in [message.id for message in run_checks()]


def test_checking_loads_no_client():
    """Every command runs the checks, and the clients take seconds."""
    script = (
        "import os, sys, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings'; django.setup();"
        "from llm import checks; os.environ.clear(); checks.language_models();"
        "print([name for name in ('openai', 'anthropic', 'httpx2') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=base.BASE_DIR, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
