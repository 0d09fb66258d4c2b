from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from experts import services
from experts.models import Expert, Verification
from markets import currency


class DecisionForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("The expert reads this in a mail. Say what has to change."),
        max_length=2000,
        widget=UnfoldAdminTextareaWidget({"rows": 5}),
    )

    def __init__(self, *args: Any, step: services.Step, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not step.needs_reason:
            del self.fields["reason"]


class PricedForm(forms.ModelForm[Any]):
    def clean_currency(self) -> str:
        """One without a rate would break every ranking of the market."""
        code = str(self.cleaned_data["currency"]).upper()
        if code not in currency.rates():
            raise forms.ValidationError(str(currency.UnknownCurrency(code)))
        return code


class ExpertForm(PricedForm):
    def clean(self) -> dict[str, Any]:
        """Django leaves out the constraint that says so: it reads the status, which is no field here."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("price_min") == 0 and self.instance.status != Expert.Status.DRAFT:
            raise forms.ValidationError(_("Only a draft may have no price."))
        return cleaned


class VerificationForm(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("What was checked"), choices=Verification.Kind, widget=UnfoldAdminSelectWidget
    )
    note = forms.CharField(
        label=gettext_lazy("How it was checked"),
        help_text=gettext_lazy("Only staff read this. Name no numbers of documents."),
        max_length=500,
        widget=UnfoldAdminTextareaWidget({"rows": 3}),
    )
