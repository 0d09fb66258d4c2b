from collections.abc import Mapping
from itertools import groupby
from typing import Any

from django import forms
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
        labels = {"language": _("Language of e-mails"), "time_zone": _("Your time zone")}
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
        for kind in self.kinds:
            self.fields[PREFIX + kind.name] = forms.ChoiceField(
                choices=Delivery.choices, required=False, label=kind.label
            )

    def clean_time_zone(self) -> str:
        name = str(self.cleaned_data["time_zone"]).strip()
        validate_time_zone(name)
        return name

    def wanted(self) -> dict[str, str]:
        """By kind, as far as it was answered."""
        answers = {kind.name: self.cleaned_data[PREFIX + kind.name] for kind in self.kinds}
        return {kind: delivery for kind, delivery in answers.items() if delivery}

    def groups(self) -> list[tuple[str, list[tuple[str, str, str]]]]:
        """For the page: heading, then field name, label and what is chosen of each kind."""
        by_group = groupby(sorted(self.kinds, key=_group), _group)
        return [(group, [self._row(kind) for kind in kinds]) for group, kinds in by_group]

    def _row(self, kind: Kind) -> tuple[str, str, str]:
        name = PREFIX + kind.name
        return name, str(kind.label), self.data.get(name) or self.chosen[kind.name]


def _group(kind: Kind) -> str:
    return str(kind.group)
