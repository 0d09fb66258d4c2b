"""The registry: what there is to be told about."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Delivery, Notice, User
from accounts.notices.facts import Details, Facts
from accounts.personal import ERASED_NAME

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LONGEST_TITLE = 150


@dataclass(frozen=True)
class Words:
    """What a notice says to its reader. Plain text throughout: pages and mails escape it."""

    title: str  # one line: the subject of the mail, and what the list shows
    text: str = ""  # paragraphs, with blank lines between them
    quote: str = ""  # what a person wrote, word for word
    details: Details = field(default_factory=list)
    closing: str = ""
    action: str = ""  # what the link to the notice's page says


@dataclass(frozen=True)
class Kind:
    """`words` is asked in the reader's language and zone, and gets facts of which any may be missing."""

    name: str
    label: "StrOrPromise"
    group: "StrOrPromise"
    words: Callable[[Facts], Words]
    for_experts: bool = True
    for_travelers: bool = True
    for_staff: bool = False  # and for nobody else
    default: str = Delivery.NOW
    unless_read: bool = False  # whoever has read it on the site needs no mail

    def concerns(self, user: User) -> bool:
        """Whether their preferences offer it. Everybody may travel."""
        if self.for_staff:
            return user.is_staff
        return self.for_travelers or bool(getattr(user, "is_expert", False))


KINDS: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    for kind in kinds:
        if kind.name in KINDS:
            raise ImproperlyConfigured(f"Two kinds of notice are called {kind.name}.")
        KINDS[kind.name] = kind


def kind_of(name: str) -> Kind:
    """Of a stored notice: its kind may have been taken out of the code since."""
    return KINDS.get(name) or Kind(name, gettext_lazy("Other"), gettext_lazy("Other"), _unknown)


def words_of(notice: Notice) -> Words:
    """In the active language and the current time zone, with a title that fits a mail's head."""
    facts = Facts(notice.facts)
    if facts["who"] == ERASED_NAME:
        facts["who"] = _(ERASED_NAME)
    words = kind_of(notice.kind).words(facts)
    title = " ".join(words.title.split())[:LONGEST_TITLE] or _("News from Traveloure")
    action = (words.action if notice.url else "") or _("Open it on Traveloure")
    return replace(words, title=title, action=action)


def _unknown(facts: Facts) -> Words:
    return Words(_("Something has changed"), _("Open the page to see what is new."))
