from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from content_assistant.drafting import LONGEST_TEXT
from content_assistant.tools import Tool
from experts.models import Expert


def form_of(
    tool: Tool, expert: Expert, data: Any = None, initial: Mapping[str, Any] | None = None
) -> forms.Form:
    """Tools' forms know whose they are, so that only what is the expert's own can be chosen."""
    known: Any = tool.form
    form: forms.Form = known(_as_posted(data), expert=expert, initial=dict(initial or {}))
    return form


def _as_posted(data: Any) -> Any:
    """Answers of a program come as JSON: several of one name are a list there."""
    if data is None or isinstance(data, QueryDict):
        return data
    posted = QueryDict(mutable=True)
    for name, value in data.items():
        posted.setlist(str(name), [str(one) for one in value] if isinstance(value, list) else [str(value)])
    return posted


class NumberForm(forms.Form):
    """`number`: the version that the page has shown."""

    number = forms.IntegerField(min_value=0, max_value=30_000, widget=forms.HiddenInput)


class TextForm(NumberForm):
    text = forms.CharField(
        label=_("Text"), max_length=LONGEST_TEXT, strip=True, widget=forms.Textarea(attrs={"rows": 16})
    )


class WishForm(NumberForm):
    wish = forms.CharField(
        label=_("What should be different?"),
        max_length=300,
        required=False,
        help_text=_("For example: shorter, more about food. Left empty, it is written anew."),
    )
