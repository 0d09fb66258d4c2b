from collections.abc import Mapping
from itertools import groupby
from typing import Any

from django import forms
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.models import Delivery, User, validate_time_zone
from accounts.notices.choices import deliveries
from accounts.notices.kinds import KINDS, Kind

PREFIX = "kind-"


class MarkForm(forms.Form):
    """What a list's buttons say: this one is read, or all up to the newest that was shown."""

    notice = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    upto = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)


class PreferencesForm(forms.ModelForm):
    """Language, zone, and one choice per kind that concerns the reader."""

    class Meta:
        model = User
        fields = ("language", "time_zone")
        labels = {"language": _("Language"), "time_zone": _("Your time zone")}
        help_texts = {
            "language": "",
            "time_zone": _(
                "Times in notices are told by its clock, and the daily e-mail comes at 8 in the morning."
            ),
        }
        widgets = {"time_zone": forms.TextInput(attrs={"list": "zones", "autocomplete": "off"})}

    def __init__(self, data: Mapping[str, Any] | None, *, user: User) -> None:
        super().__init__(data, instance=user)
        self.kinds = [kind for kind in KINDS.values() if kind.concerns(user)]
        self.chosen = deliveries(user)
        if data is not None:  # there to check answers: the page draws them by itself
            self.fields |= {PREFIX + kind.name: _field(kind) for kind in self.kinds}

    def clean_time_zone(self) -> str:
        name = str(self.cleaned_data["time_zone"]).strip()
        validate_time_zone(name)
        return name

    def wanted(self) -> dict[str, str]:
        """By kind, as far as it was answered."""
        answers = {kind.name: self.cleaned_data[PREFIX + kind.name] for kind in self.kinds}
        return {kind: delivery for kind, delivery in answers.items() if delivery}

    def groups(self) -> list[tuple[str, list[tuple[str, str, SafeString]]]]:
        """For the page: heading, then field name, label and options of each kind."""
        options = {chosen: _options(chosen) for chosen in Delivery.values}
        by_group = groupby(sorted(self.kinds, key=_group), _group)
        return [(group, [self._row(kind, options) for kind in kinds]) for group, kinds in by_group]

    def _row(self, kind: Kind, options: dict[str, SafeString]) -> tuple[str, str, SafeString]:
        name = PREFIX + kind.name
        answer = self.data.get(name)
        return name, str(kind.label), options[answer if answer in options else self.chosen[kind.name]]


def _field(kind: Kind) -> forms.ChoiceField:
    return forms.ChoiceField(choices=Delivery.choices, required=False, label=kind.label)


def _options(chosen: str) -> SafeString:
    marked = (
        (value, SafeString(" selected" if value == chosen else ""), text) for value, text in Delivery.choices
    )
    return format_html_join("", '<option value="{}"{}>{}</option>', marked)


def _group(kind: Kind) -> str:
    return str(kind.group)
