from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.emails import LowerCaseEmailField
from accounts.widgets import Ready, Select
from bookings.models import LONGEST_MESSAGE
from travelers.models import Trip


class TripField(forms.TypedChoiceField):
    """One of the trips that are offered to it, or none. Django's own would open a cursor in Postgres to list them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, empty_value=None, widget=Select, **kwargs)

    def offer(self, trips: Iterable[Trip]) -> None:
        rows = {str(trip.pk): trip for trip in trips}
        self.choices = Ready(
            [("", _("No trip in particular")), *((key, str(trip)) for key, trip in rows.items())]
        )
        self.coerce = rows.__getitem__


class InquiryForm(forms.Form):
    """`trips`: those the traveler may write about."""

    trip = TripField(label=gettext_lazy("About which trip"))
    message = forms.CharField(
        label=gettext_lazy("Your message"),
        max_length=LONGEST_MESSAGE,
        widget=forms.Textarea(attrs={"rows": 8}),
    )

    def __init__(self, *args: Any, trips: Iterable[Trip], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["trip"]
        assert isinstance(field, TripField)
        field.offer(trips)


class WaitlistForm(forms.Form):
    email = LowerCaseEmailField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    # Text, because a number that is no trip is no reason to keep somebody off the list.
    trip = forms.CharField(required=False, widget=forms.HiddenInput)
