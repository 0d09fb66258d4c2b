"""The canary: a word that stands in a prompt's instructions and nowhere else. Where it turns up, they have leaked."""

import base64
import hmac

from django.conf import settings
from django.utils.translation import gettext as _

from llm.errors import Failure, FailureKind
from llm.filtering import echoes


def canary(prompt_name: str, version: int) -> str:
    """The same for all calls of one prompt version, in all processes; nobody can guess it."""
    message = f"llm.canary:{prompt_name}:{version}".encode()
    digest = hmac.digest(settings.SECRET_KEY.encode(), message, "sha256")
    return base64.b32encode(digest[:15]).decode().lower()


class Watch:
    """Reads an answer as it is written and never lets a part of the canary through.

    What may be the canary's beginning is held back until it is known to be something else.
    """

    def __init__(self, canary: str) -> None:
        self._forms = echoes.forms(canary) if canary else ()
        self._beginnings = {form[:length] for form in self._forms for length in range(1, len(form))}
        self._longest = max(map(len, self._forms), default=0)
        self._held = ""

    def feed(self, delta: str) -> str:
        """What can be shown now. Raises Failure (leaked) once the canary is complete."""
        text = self._held + delta
        squeezed = echoes.squeeze(text)
        if any(form in squeezed.text for form in self._forms):
            self._held = ""
            raise Failure(FailureKind.LEAKED, _("The answer repeats the instructions."))
        shown = len(text)
        for length in range(min(self._longest, len(squeezed.text)), 0, -1):
            if squeezed.text[-length:] in self._beginnings:
                shown = squeezed.span(len(squeezed.text) - length, len(squeezed.text))[0]
                break
        self._held = text[shown:]
        return text[:shown]

    def end(self) -> str:
        """The rest, once nothing more comes."""
        rest, self._held = self._held, ""
        return rest
