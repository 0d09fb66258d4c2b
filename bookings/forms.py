from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.emails import LowerCaseEmailField
from bookings.models import Inquiry
from travelers.models import Trip


class InquiryForm(forms.ModelForm[Inquiry]):
    """`trips`: those the traveler may write about."""

    class Meta:
        model = Inquiry
        fields = ["trip", "message"]
        widgets = {"message": forms.Textarea(attrs={"rows": 8})}
        labels = {"trip": _("About which trip"), "message": _("Your message")}

    def __init__(self, *args: Any, trips: QuerySet[Trip], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["trip"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = trips
        field.empty_label = _("No trip in particular")
        field.required = False


class WaitlistForm(forms.Form):
    email = LowerCaseEmailField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    # Text, because a number that is no trip is no reason to keep somebody off the list.
    trip = forms.CharField(required=False, widget=forms.HiddenInput)
