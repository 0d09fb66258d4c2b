"""A bio, a service or an itinerary in another language. Several languages are as many drafts."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from content_assistant import listening
from content_assistant.checks import Source, survivors
from content_assistant.models import Draft, Version
from content_assistant.prompts.translate import TRANSLATE, Facts, Kind
from content_assistant.tools import languages
from content_assistant.tools.base import Tool, Written, register
from experts.models import Expert

KINDS: dict[str, Kind] = {
    Draft.Tool.BIO: "bio",
    Draft.Tool.SERVICE: "service description",
    Draft.Tool.ITINERARY: "itinerary",
}
MOST_LANGUAGES = 8
_LINKS = r" (?:de|da|do|dos|das|del|della|di|du|des|la|le|el|al|no|von|van)"
_CAPITAL = r"[A-ZÀ-Þ][\w’'-]+"
_MENTION = re.compile(rf"(?<!\w){_CAPITAL}(?:(?:{_LINKS}){{1,2}} {_CAPITAL})+")


class TranslateForm(forms.Form):
    """After cleaning, `service` or `source` is the row that `original` names, or neither for the bio."""

    original = forms.ChoiceField(label=_("What to translate"))
    languages = forms.MultipleChoiceField(label=_("Into"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, expert: Expert, **more: Any) -> None:
        super().__init__(*args, **more)
        self.expert = expert
        original, into = self.fields["original"], self.fields["languages"]
        assert isinstance(original, forms.ChoiceField)
        assert isinstance(into, forms.MultipleChoiceField)
        original.choices = [("bio", _("the bio of your profile")), *_services(expert), *_drafts(expert)]
        into.choices = languages.choices()

    def clean_languages(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["languages"]
        if len(chosen) > MOST_LANGUAGES:
            raise ValidationError(
                _("Choose at most %(most)s languages at once."), params={"most": MOST_LANGUAGES}
            )
        return chosen

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        kind, _sign, pk = cleaned.get("original", "").partition("-")
        cleaned["service"] = self.expert.services.get(pk=pk) if kind == "service" else None
        cleaned["source"] = self.expert.drafts.get(pk=pk) if kind == "draft" else None
        return cleaned


def _services(expert: Expert) -> list[tuple[str, str]]:
    return [
        (f"service-{one.pk}", one.title) for one in expert.services.filter(is_active=True).order_by("title")
    ]


def _drafts(expert: Expert) -> list[tuple[str, str]]:
    found = Draft.objects.filter(expert=expert, tool__in=KINDS, versions__state=Version.State.READY)
    drafts = found.exclude(state=Draft.State.DISCARDED).distinct().order_by("-pk")[:50]
    return [(f"draft-{one.pk}", f"{one.get_tool_display()} {one.pk}") for one in drafts]


def original_of(draft: Draft) -> tuple[str, Kind]:
    """What is translated as it stands now, and the kind of text it is."""
    if draft.source:
        newest = draft.source.versions.filter(state=Version.State.READY).order_by("-number").first()
        return (newest.text if newest else ""), KINDS[Draft.Tool(draft.source.tool)]
    if draft.service:
        return draft.service.description, KINDS[Draft.Tool.SERVICE]
    return draft.expert.bio, KINDS[Draft.Tool.BIO]


def facts(draft: Draft, wish: str, text_before: str) -> Facts:
    """The text goes as it is: a translation leaves nothing out, and what it asks for is translated too."""
    text, kind = original_of(draft)
    otherwise = draft.source.language if draft.source else draft.expert.user.language
    language = listening.language_of(text, otherwise=otherwise.partition("-")[0])
    return Facts(
        language=draft.language,
        original_language=language,
        kind=kind,
        text=text,
        names=names_in(text, language, draft.expert),
        wish=wish,
        text_before=text_before,
    )


def names_in(text: str, language: str, expert: Expert) -> list[str]:
    """What keeps its name: the expert, and what has a particle in its name, such as Campo de Ourique.

    “Old Town” is rightly translated, so two capitals alone are no name; nor are they in German, where nouns have one.
    """
    own = [word for word in (expert.name, *expert.name.split()) if len(word) > 2 and word in text]
    joined = [] if language == "de" else _MENTION.findall(text)
    return list(dict.fromkeys([*own, *joined]))


def sources(draft: Draft) -> tuple[Source, ...]:
    text, _kind = original_of(draft)
    return (Source("profile", gettext("the original"), text),)


TOOL = register(
    Tool(
        name=Draft.Tool.TRANSLATE,
        label=_("Translation"),
        line=_("A bio, a service or an itinerary in other languages, several at once."),
        seconds=20,
        words=None,
        form=TranslateForm,
        prompt=TRANSLATE,
        facts=facts,
        sources=sources,
        checks=(survivors.language, survivors.untranslated, survivors.survivors, survivors.formatting),
        written=Written,
        minutes=40,
    )
)
