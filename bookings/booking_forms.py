from collections.abc import Iterable
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.params import YEARS
from bookings.forms import TripField
from bookings.models import Dispute
from experts.calendar.forms import check_within_plans
from experts.models import Service
from markets import moments
from travelers.models import Trip


def new_key() -> str:
    return uuid4().hex


class DayField(forms.DateField):
    """A day that calendars reach: they go on from it by weeks, and end with the year 9999."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value and value.year not in YEARS:
            raise forms.ValidationError(_("Write a day like 2027-04-30."))
        if value:
            check_within_plans(value)


class SlotForm(forms.Form):
    """When, with how many, and for which trip; whole days need no time of day."""

    day = DayField(label=_("Day"))
    time = forms.TimeField(
        label=_("Starts at"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), initial=time(9)
    )
    people = forms.IntegerField(label=_("People"), min_value=1, initial=1)
    trip = TripField(label=_("For which trip"))

    def __init__(self, *args: Any, service: Service, trips: Iterable[Trip], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["trip"]
        assert isinstance(field, TripField)
        field.offer(trips)
        self.fields["people"].widget.attrs["max"] = service.group_size_max
        self.fields["day"].initial = timezone.localdate() + timedelta(days=14)
        zone = service.expert.time_zone
        if service.duration_days:
            self.fields["day"].label = _("First day")
            del self.fields["time"]
        else:
            self.fields["time"].help_text = moments.zone_name(zone)


class AgreeForm(SlotForm):
    """With what the page promised: whoever presses the button agrees to exactly that."""

    key = forms.CharField(max_length=200, widget=forms.HiddenInput)
    price = forms.DecimalField(max_digits=12, decimal_places=2, widget=forms.HiddenInput)
    currency = forms.CharField(max_length=3, widget=forms.HiddenInput)
    policy = forms.CharField(max_length=8, widget=forms.HiddenInput)
    instant = forms.BooleanField(required=False, widget=forms.HiddenInput)


class MoveForm(forms.Form):
    to = forms.CharField(max_length=10)
    reason = forms.CharField(max_length=1000, required=False)
    refund = forms.DecimalField(max_digits=12, decimal_places=2, required=False, min_value=Decimal(0))


class ProposalForm(forms.Form):
    """Another start; it lasts as long as before."""

    day = DayField(label=_("New day"))
    time = forms.TimeField(
        label=_("New start"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), required=False
    )
    reason = forms.CharField(
        label=_("Why"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    key = forms.CharField(max_length=200, widget=forms.HiddenInput)

    def __init__(self, *args: Any, whole_days: bool, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if whole_days:
            del self.fields["time"]
        else:
            self.fields["time"].required = True
            self.fields["time"].help_text = moments.zone_name(zone)


class DisputeForm(forms.Form):
    reason = forms.ChoiceField(label=_("What it is about"), choices=Dispute.Reason, widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("What happened, and what should follow"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 7}),
        help_text=_("Our team and the other side read this."),
    )
