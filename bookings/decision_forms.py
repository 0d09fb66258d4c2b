"""What staff fill in to decide: reports and disputes are upheld or dismissed, with a reason that people read."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from markets.formats import money


class DecisionForm(forms.Form):
    to = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=[("", "–"), ("upheld", gettext_lazy("Uphold")), ("dismissed", gettext_lazy("Dismiss"))],
        widget=UnfoldAdminSelectWidget,
    )


class ReportDecisionForm(DecisionForm):
    outcome = forms.CharField(
        label=gettext_lazy("What is decided, and why"),
        help_text=gettext_lazy("Whoever reported reads this in a mail. The other side does not."),
        max_length=500,
        widget=UnfoldAdminTextareaWidget({"rows": 5}),
    )


class DisputeDecisionForm(DecisionForm):
    outcome = forms.CharField(
        label=gettext_lazy("What is decided, and why"),
        help_text=gettext_lazy("Traveler and expert read this, on the booking’s page and by mail."),
        max_length=2000,
        widget=UnfoldAdminTextareaWidget({"rows": 6}),
    )
    refund = forms.DecimalField(
        label=gettext_lazy("Further refund"),
        max_digits=12,
        decimal_places=2,
        min_value=Decimal(0),
        initial=Decimal(0),
        required=False,
        widget=UnfoldAdminDecimalFieldWidget,
    )

    def __init__(
        self, *args: Any, most: Decimal, currency: str, cancels: bool = False, **kwargs: Any
    ) -> None:
        """`cancels`: with all of it the booking is cancelled."""
        super().__init__(*args, **kwargs)
        said = _("At most %(amount)s, on top of what came back before.") % {"amount": money(most, currency)}
        if cancels:
            said += " " + _("With all of it, the booking is cancelled.")
        self.fields["refund"].help_text = said

    def clean_refund(self) -> Decimal:
        return self.cleaned_data["refund"] or Decimal(0)
