"""What experts are told of texts that our team has looked at. Facts: `tool` (what kind of text) and `reason`."""

from functools import partial
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.notices.facts import Facts
from accounts.notices.kinds import Kind, Words, register
from content_assistant.models import Draft, Ruling

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

GROUP = gettext_lazy("Content assistant")
LONGEST_REASON = 500
SAID: dict[str, tuple["StrOrPromise", "StrOrPromise", "StrOrPromise"]] = {
    Ruling.Decision.APPROVED: (
        gettext_lazy("A draft of yours is approved"),
        gettext_lazy("Your draft is ready: %(what)s"),
        gettext_lazy("Our team has looked at it, and you can use it. Nothing is public before you say so."),
    ),
    Ruling.Decision.EDITED: (
        gettext_lazy("A draft of yours is edited and approved"),
        gettext_lazy("Your draft is edited and ready: %(what)s"),
        gettext_lazy("Our team has changed it, and you can use it. Nothing is public before you say so."),
    ),
    Ruling.Decision.REJECTED: (
        gettext_lazy("A draft of yours is not approved"),
        gettext_lazy("Your draft is not approved: %(what)s"),
        gettext_lazy("Our team has looked at it, and it can’t be used. You can have another one written."),
    ),
}


def _words(title: "StrOrPromise", text: "StrOrPromise", facts: Facts) -> Words:
    what = dict(Draft.Tool.choices).get(str(facts["tool"]), _("a text"))
    reason = str(facts["reason"]).strip()[:LONGEST_REASON]
    said = "\n\n".join([str(text), _("The reason:")]) if reason else str(text)
    return Words(str(title) % {"what": what}, said, reason, action=_("Open the draft"))


register(
    *(
        Kind(f"draft.{decision}", label, GROUP, partial(_words, title, text), for_travelers=False)
        for decision, (label, title, text) in SAID.items()
    )
)
