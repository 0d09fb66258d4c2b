"""What `manage.py check` says about the settings for language models: one sentence each, with the remedy."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, register
from django.utils.translation import gettext as _

from llm import routing
from llm.catalogue import Unusable


@register()
def language_models(**_kwargs: Any) -> list[CheckMessage]:
    return [*_routes(), *_tiers(), *_budget()]


def _routes() -> Iterator[CheckMessage]:
    """A missing key is no mistake: other routes serve, or the offline writers. Without any key nothing was meant."""
    named = dict.fromkeys(name for names in settings.LLM_TIERS.values() for name in names)
    resolve: dict[str, Callable[[], object]] = {name: partial(routing.route, name) for name in named}
    if settings.LLM_EMBEDDINGS:
        resolve[settings.LLM_EMBEDDINGS] = routing.for_embeddings
    keyless, wrongs = [], {}  # a file that cannot be read is wrong once, not for every route
    for name, resolved in resolve.items():
        try:
            resolved()
        except routing.KeyMissing:
            keyless.append(name)
        except Unusable as wrong:
            wrongs[str(wrong)] = Error(str(wrong), id="llm.E001")
    yield from wrongs.values()
    if keyless and len(keyless) < len(resolve):
        words = _(
            "Left out, because nobody has given us a key: %(routes)s. `manage.py llm_check` says what to set."
        )
        yield Info(words % {"routes": ", ".join(keyless)}, id="llm.I001")


def _tiers() -> Iterator[CheckMessage]:
    for tier, names in settings.LLM_TIERS.items():
        if not names:
            yield Error(
                _("The tier %(tier)s names no route. Name at least one, or leave the setting out.")
                % {"tier": tier},
                id="llm.E002",
            )


def _budget() -> Iterator[CheckMessage]:
    alert, budget = settings.LLM_BUDGET_ALERT_USD, settings.LLM_BUDGET_USD
    if alert > budget:
        yield Error(
            _(
                "LLM_BUDGET_ALERT_USD=%(alert)d is above LLM_BUDGET_USD=%(budget)d and would never be told. Lower it."
            )
            % {"alert": alert, "budget": budget},
            id="llm.E003",
        )
