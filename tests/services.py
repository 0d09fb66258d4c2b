"""The servers of a test session. The controller of pytest-xdist starts one Postgres, in which each worker makes a
database of its own; each worker starts a Redis of its own, so that it may empty it.
"""

import os
from contextlib import ExitStack

import redis

from config.local import postgres, redis_server
from config.local.services import throwaway

# What a developer may have set for `make run` must not change the tests.
IGNORED = (
    "TRAVELOURE_ENV TRAVELOURE_LOCAL_DIR DEBUG LOG_LEVEL MAINTENANCE PORT SITE_URL CACHE_URL SECRET_KEY "
    "ALLOWED_HOSTS TRUSTED_PROXIES BEHIND_PROXY EMAIL_HOST STAFF_SECOND_FACTOR XAI_API_KEY OPENAI_API_KEY "
    "ANTHROPIC_API_KEY LLM_FAST LLM_REASONING LLM_EMBEDDINGS LLM_MODELS_FILE LLM_LOCAL_URL LLM_LOCAL_MODEL "
    "LLM_LOCAL_KEY LLM_LOCAL_CONTEXT LLM_LOCAL_CAPABILITIES LLM_XAI_URL LLM_OPENAI_URL LLM_ANTHROPIC_URL "
    "MEDIA_ROOT LLM_IN_FLIGHT LLM_BUDGET_USD LLM_BUDGET_ALERT_USD LLM_KEEP_TEXTS_DAYS LLM_KEEP_CALLS_DAYS "
    "SOCIAL_SOURCE SOCIAL_X_TOKEN SOCIAL_X_URL SOCIAL_X_KEY SOCIAL_X_KEY_SECRET SOCIAL_X_ACCESS "
    "SOCIAL_X_ACCESS_SECRET SOCIAL_X_POST_USD SOCIAL_FILE SOCIAL_SLACK_TOKEN SOCIAL_SLACK_URL SOCIAL_SLACK_SECRET "
    "SOCIAL_SLACK_CHANNEL "
    "SOCIAL_SLACK_WEBHOOK_SOCIAL SOCIAL_SLACK_WEBHOOK_PARTNERSHIPS SOCIAL_SLACK_WEBHOOK_CONTENT "
    "SOCIAL_SLACK_CHANNEL_SOCIAL SOCIAL_SLACK_CHANNEL_PARTNERSHIPS SOCIAL_SLACK_CHANNEL_CONTENT"
).split()


def start(stack: ExitStack) -> redis.Redis:
    """Start what this process has to, and name it in the environment that Django's settings read. Returns its Redis."""
    for name in IGNORED:
        os.environ.pop(name, None)
    if "PYTEST_XDIST_WORKER" not in os.environ:
        os.environ["DATABASE_URL"] = stack.enter_context(throwaway([postgres])).database_url()
    os.environ["REDIS_URL"] = stack.enter_context(throwaway([redis_server])).redis_url
    return redis.Redis.from_url(os.environ["REDIS_URL"])
