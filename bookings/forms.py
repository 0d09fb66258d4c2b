from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.emails import LowerCaseEmailField
from bookings.models import LONGEST_MESSAGE
from travelers.models import Trip


class InquiryForm(forms.Form):
    """`trips`: those the traveler may write about."""

    trip = forms.ModelChoiceField(
        label=_("About which trip"),
        queryset=Trip.objects.none(),
        required=False,
        empty_label=_("No trip in particular"),
    )
    message = forms.CharField(
        label=_("Your message"), max_length=LONGEST_MESSAGE, widget=forms.Textarea(attrs={"rows": 8})
    )

    def __init__(self, *args: Any, trips: QuerySet[Trip], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["trip"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = trips


class WaitlistForm(forms.Form):
    email = LowerCaseEmailField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    # Text, because a number that is no trip is no reason to keep somebody off the list.
    trip = forms.CharField(required=False, widget=forms.HiddenInput)
