from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.params import YEARS
from accounts.widgets import Select
from bookings import attachments, offers
from bookings.models import LONGEST_MESSAGE, Inquiry, Offer, Report
from experts.filters import CURRENCIES
from experts.models import CancellationPolicy, Service
from markets import moments
from markets.currency import rounded

OFFER_FIELDS = ("service", "title", "people", "price", "currency", "start", "end", "open_days", "note")
OPEN_DAYS = {1: _("1 day"), 3: _("3 days"), 7: _("7 days"), 14: _("14 days")}
_WALL = "%Y-%m-%dT%H:%M"


def key_of(text: str) -> UUID:
    """The form's key; a new one where it has none."""
    try:
        return UUID(text)
    except ValueError:
        return uuid4()


class FilesInput(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files, as a list."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        given = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(file, initial) for file in given if file]


class MessageForm(forms.Form):
    body = forms.CharField(
        label=_("Your message"),
        max_length=LONGEST_MESSAGE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    attached = FilesField(
        label=_("Files"),
        required=False,
        widget=FilesInput(attrs={"accept": attachments.ACCEPT}),
        help_text=_("Up to five of at most 10 MB each: PDF, JPEG, PNG, WebP or plain text."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and not cleaned.get("body") and not cleaned.get("attached"):
            self.add_error("body", gettext("Write something, or attach a file."))
        return cleaned


class WallTimeField(forms.CharField):
    """What a clock shows, without a zone."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_WALL)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            wall = datetime.strptime(text[:16].replace(" ", "T"), _WALL)
        except ValueError:
            raise forms.ValidationError(gettext("Give a day and a time.")) from None
        if wall.year not in YEARS:
            raise forms.ValidationError(gettext("Give a day and a time."))
        return wall


class OfferForm(forms.Form):
    """Times are by the clock of `zone`, the expert's. `services`: those the expert offers; `currencies`: of the two."""

    service = forms.ModelChoiceField(
        label=_("Service"), queryset=Service.objects.none(), required=False, empty_label=_("Something else")
    )
    title = forms.CharField(
        label=_("What is offered"),
        max_length=200,
        required=False,
        help_text=_("Not needed with a service from the list."),
    )
    people = forms.IntegerField(label=_("People"), min_value=1, max_value=100)
    price = forms.DecimalField(
        label=_("Price in all"), min_value=Decimal("0.01"), max_digits=12, decimal_places=2
    )
    currency = forms.ChoiceField(label=_("Currency"), widget=Select)
    start = WallTimeField(label=_("Begins"))
    end = WallTimeField(
        label=_("Ends"), required=False, help_text=_("A service from the list ends by its own length.")
    )
    open_days = forms.TypedChoiceField(label=_("Open for"), choices=OPEN_DAYS, coerce=int, initial=3)
    note = forms.CharField(
        label=_("A few words"),
        max_length=LONGEST_MESSAGE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(
        self, *args: Any, services: QuerySet[Service], zone: str, currencies: list[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        field = self.fields["service"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = services
        currency = self.fields["currency"]
        assert isinstance(currency, forms.ChoiceField)
        currency.choices = [(code, code) for code in dict.fromkeys([*currencies, *CURRENCIES])]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        service = cleaned.get("service")
        if not (service or cleaned.get("title") or {"service", "title"} & self.errors.keys()):
            self.add_error("title", gettext("Choose a service or say what it is."))
        if cleaned.get("price") and cleaned.get("currency"):  # what is read is what is agreed: whole yen
            cleaned["price"] = rounded(cleaned["price"], cleaned["currency"])
            if not cleaned["price"]:
                self.add_error("price", gettext("Name a price above zero."))
        start = self._instant("start", cleaned.get("start"))
        end = self._instant("end", cleaned.get("end")) or self._end_of(service, start)
        if start and start <= timezone.now():
            self.add_error("start", gettext("This has passed already."))
        elif start and end and end <= start:
            self.add_error("end", gettext("It must end after it begins."))
        if cleaned.get("people") and (why := offers.too_many(service, cleaned["people"])):
            self.add_error("people", why)
        return cleaned | {"start": start, "end": end}

    @property
    def unusual(self) -> str:
        """What whoever sends it should have read before, once it is looked at."""
        people = self.is_bound and self.cleaned_data.get("people")
        return offers.unusual(self.cleaned_data.get("service"), people) if people else ""

    @property
    def mark(self) -> str:
        """Of a group: comes back with the form that was shown with its `unusual`."""
        service = self.cleaned_data["service"]
        return f"{service.pk}-{self.cleaned_data['people']}"

    @property
    def was_seen(self) -> bool:
        return not self.unusual or self.data.get("seen") == self.mark

    def _instant(self, name: str, wall: datetime | None) -> datetime | None:
        found = moments.instant(wall, self.zone) if wall else None
        if wall and not found:
            self.add_error(name, gettext("The clocks are put forward just then: this time does not exist."))
        return found

    def _end_of(self, service: Service | None, start: datetime | None) -> datetime | None:
        if "end" in self.errors or not start:
            return None
        if not service:
            self.add_error("end", gettext("Say when it ends."))
            return None
        if service.duration_hours:
            return start + timedelta(hours=float(service.duration_hours))
        wall = moments.local(start, self.zone).replace(tzinfo=None) + timedelta(
            days=service.duration_days or 1
        )
        return moments.instant(wall, self.zone) or start + timedelta(days=service.duration_days or 1)

    def offer(self, inquiry: Inquiry, key: UUID) -> Offer:
        """Unsaved. Nobody can accept what has begun, so it is open no longer than that."""
        values = self.cleaned_data
        service = values["service"]
        expires = timezone.now() + timedelta(days=values["open_days"])
        return Offer(
            inquiry=inquiry,
            service=service,
            title=service.title[:200] if service else values["title"],
            people=values["people"],
            policy=service.cancellation_policy if service else CancellationPolicy.MODERATE,
            price=values["price"],
            currency=values["currency"],
            start=values["start"],
            end=values["end"],
            time_zone=self.zone,
            expires_at=min(expires, values["start"]),
            key=key,
        )


def answers_of(offer: Offer) -> dict[str, Any]:
    """An offer as the form's answers, to be countered."""
    start, end = (
        moments.local(instant, offer.time_zone).strftime(_WALL) for instant in (offer.start, offer.end)
    )
    names = ("people", "price", "currency", "title")
    return {name: getattr(offer, name) for name in names} | {
        "service": offer.service_id,
        "start": start,
        "end": end,
    }


class ReportForm(forms.Form):
    reason = forms.ChoiceField(label=_("What is wrong"), choices=Report.Reason, widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("What happened"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Only our staff read this."),
    )


class ConfirmForm(forms.Form):
    """A button."""
