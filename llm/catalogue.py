"""What is known of providers and models: models.toml, the operator's own file over it, and the local server."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _

from llm import tables

OURS = Path(__file__).with_name("models.toml")
TABLES = ("providers", "models", "retired")


class Unusable(ValueError):
    """Why a route cannot be used, with the remedy, in a sentence."""


class Catalogue(NamedTuple):
    """Tables as they stand in the files: providers by name, models and retired models by "provider/model"."""

    providers: Mapping[str, Mapping[str, Any]]
    models: Mapping[str, Mapping[str, Any]]
    retired: Mapping[str, Mapping[str, Any]]


def load() -> Catalogue:
    """Raises Unusable."""
    layers = [_read(OURS), _local()]
    if settings.LLM_MODELS_FILE:
        layers.append(_read(Path(settings.LLM_MODELS_FILE).expanduser()))
    tables = {name: _merged([layer.get(name, {}) for layer in layers]) for name in TABLES}
    for name, url in settings.LLM_BASE_URLS.items():
        if url and name in tables["providers"]:
            tables["providers"][name] |= {"base_url": url}
    return Catalogue(**tables)


def _read(path: Path) -> dict[str, Any]:
    try:
        data = tables.load(path)
    except OSError as error:
        raise Unusable(
            _("LLM_MODELS_FILE cannot be read: %(why)s. Name a readable file.") % {"why": error.strerror}
        ) from error
    except ValueError as error:
        raise Unusable(_("LLM_MODELS_FILE is no valid TOML: %(why)s.") % {"why": error}) from error
    if strange := data.keys() - set(TABLES):
        raise Unusable(
            _("LLM_MODELS_FILE has the table %(name)s, which means nothing. Known are: %(known)s.")
            % {"name": min(strange), "known": ", ".join(TABLES)}
        )
    return data


def _merged(layers: list[Mapping[str, Mapping[str, Any]]]) -> dict[str, dict[str, Any]]:
    """Later layers win, field by field: a file may change the price of a model and leave the rest."""
    merged: dict[str, dict[str, Any]] = {}
    for layer in layers:
        for name, fields in layer.items():
            merged[name] = {**merged.get(name, {}), **fields}
    return merged


def _local() -> dict[str, Any]:
    """A server that speaks like OpenAI, such as Ollama or vLLM, named by the environment alone. It costs nothing."""
    local = settings.LLM_LOCAL
    if not local["url"]:
        return {}
    model = {
        "context_tokens": local["context_tokens"],
        "max_output_tokens": local["context_tokens"],
        "capabilities": local["capabilities"],
        "json_by_instruction": True,
        "free": True,
    }
    provider = {"dialect": "chat", "base_url": local["url"], "key": local["key"], "keyless": not local["key"]}
    return {"providers": {"local": provider}, "models": {f"local/{local['model']}": model}}
