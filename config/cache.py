from typing import Any, TypeVar

import structlog
from django.core.cache.backends import redis
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)
Answer = TypeVar("Answer")


class RedisCache(redis.RedisCache):
    """Django's own, and an empty one while Redis is away: nothing that is kept here is worth a page that fails.

    What rests on `add` then lets go through. That is the guard against a code of a second factor that is used twice
    in its thirty seconds; without it no staff could sign in to see what is wrong.
    """

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        try:
            return super().get(key, default, version)
        except RedisError as error:
            return _away(error, default)

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        try:
            super().set(key, value, timeout, version)
        except RedisError as error:
            _away(error, None)

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        try:
            return bool(super().add(key, value, timeout, version))
        except RedisError as error:
            return _away(error, True)


def _away(error: RedisError, answer: Answer) -> Answer:
    log.warning("cache_away", error=str(error))
    return answer
