"""One log for web, worker and beat: readable in development, one JSON object a line in production.

django-structlog binds the request id and hands it to Celery. Secrets are masked in one place.
"""

import re
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

MASK = "***"
SECRET_KEY = re.compile(
    r"password|passwd|secret|token(?!s)|api_?key|authorization|cookie|csrf|session|otp|recovery",
    re.IGNORECASE,
)
SECRETS_IN_TEXT = [
    (re.compile(r"([?&][^=&\s]+=)[^&\s\"')]+"), r"\1" + MASK),  # query strings
    (
        re.compile(r"(://[^:/@\s]*:)\S+@"),
        r"\1" + MASK + "@",
    ),  # the password in a URL, which may hold an @ itself
    (re.compile(r"((?:password|secret|token|session(?:id)?)=)[^\s&;,\"')]+", re.IGNORECASE), r"\1" + MASK),
    (re.compile(r"(bearer )\S+", re.IGNORECASE), r"\1" + MASK),
    (re.compile(r"(/(?:reset/key|confirm-email)/)[^/\s]+"), r"\1" + MASK),  # links sent by mail
]


def logging_config(*, json: bool, level: str) -> dict[str, Any]:
    """The value of settings.LOGGING; configures structlog on the way, so that both write alike."""
    steps: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso" if json else "%H:%M:%S", utc=json),
        structlog.processors.StackInfoRenderer(),
        # Text, not a structure: the structured form writes out the local variables, secrets among them.
        structlog.processors.format_exc_info,
        mask_secrets,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *steps,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": steps,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_renderers(json)],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # django_structlog says the same with the request id
            "django.request": {"level": "CRITICAL"},
            "django.server": {"level": "WARNING"},
            "celery.app.trace": {"level": "CRITICAL"},
            "celery.beat": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
        },
    }


def mask_secrets(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    return {key: _masked(key, value) for key, value in event.items()}


def _masked(key: str, value: Any) -> Any:
    if key.startswith("_"):  # structlog's own
        return value
    if SECRET_KEY.search(key) and value:
        return MASK
    if isinstance(value, str):
        for pattern, replacement in SECRETS_IN_TEXT:
            value = pattern.sub(replacement, value)
        return value
    if isinstance(value, Mapping):
        return {name: _masked(str(name), item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked("", item) for item in value]
    if value is None or isinstance(value, int | float):
        return value
    return _masked(key, str(value))  # a request, an error: as it would be written, before it is


def _renderers(json: bool) -> list[Processor]:
    if json:
        return [structlog.processors.JSONRenderer(default=str)]
    return [_shorten, structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0, sort_keys=False)]


def _shorten(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """One person, one machine: whose request it was goes without saying, and a few letters tell requests apart."""
    for key in ("logger", "ip", "user_agent"):
        event.pop(key, None)
    if "request_id" in event:
        event["request_id"] = event["request_id"][:8]
    return event
