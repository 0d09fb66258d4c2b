"""What a draft was written from, as one short digest: when it differs, the draft is stale."""

import hashlib
import json

from django.utils import translation

from content_assistant.models import Draft, Version
from content_assistant.tools import Tool, of


def digest(draft: Draft, tool: Tool | None = None) -> str:
    """Of the facts as they are now, whatever is wished for. In the expert's language, so that no reader changes it."""
    with translation.override(draft.expert.user.language):
        facts = (tool or of(draft.tool)).facts(draft, "", "")
    text = json.dumps(facts.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def are_stale(draft: Draft, version: Version) -> bool:
    return bool(version.facts) and version.facts != digest(draft)
