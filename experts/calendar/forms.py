from datetime import date, timedelta
from typing import Any

from babel.dates import get_day_names
from django import forms
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import DomainError
from experts.calendar import hours
from experts.calendar.fetching import MOST_BYTES
from experts.calendar.models import CalendarException
from experts.calendar.troubles import WORDS, Trouble
from markets.formats import active_locale

MOST_DAYS = 366
YEARS_AHEAD = 3


def _weekday(number: int) -> str:
    return str(get_day_names("wide", locale=active_locale())[number])


weekday_name = lazy(_weekday, str)


def _parsed(text: str) -> list[hours.Minutes]:
    try:
        return hours.parse(text)
    except DomainError as error:
        raise forms.ValidationError(str(error)) from error


class WeeklyHoursForm(forms.Form):
    """One line a weekday. `hours` is the whole plan after validation."""

    hours: list[tuple[int, int, int]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(7):
            self.fields[f"day{number}"] = forms.CharField(
                label=weekday_name(number),
                max_length=300,
                required=False,
                widget=forms.TextInput(attrs={"placeholder": "09:00–12:00, 14:00–18:00"}),
            )

    @classmethod
    def first_answers(cls, plan: list[tuple[int, int, int]]) -> dict[str, str]:
        return {
            f"day{number}": hours.write(
                (opens, closes) for weekday, opens, closes in plan if weekday == number
            )
            for number in range(7)
        }

    def clean(self) -> dict[str, Any]:
        self.hours = []
        for number in range(7):
            try:
                periods = _parsed(self.cleaned_data.get(f"day{number}", ""))
            except forms.ValidationError as error:
                self.add_error(f"day{number}", error)
                continue
            self.hours += [(number, opens, closes) for opens, closes in periods]
        overlapping = hours.overlapping_day(self.hours)
        if overlapping is not None and not self.errors:
            self.add_error(
                f"day{overlapping}", _("These hours run into each other, or into those of the next day.")
            )
        return self.cleaned_data


def _day_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class ExceptionForm(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("On these days I am"),
        choices=[
            (CalendarException.Kind.BLOCKED, gettext_lazy("blocked")),
            (CalendarException.Kind.FREE, gettext_lazy("free as well")),
        ],
        widget=forms.RadioSelect,
        initial=CalendarException.Kind.BLOCKED,
    )
    first = forms.DateField(label=gettext_lazy("First day"), widget=_day_input())
    last = forms.DateField(
        label=gettext_lazy("Last day"),
        required=False,
        widget=_day_input(),
        help_text=gettext_lazy("Empty: that day alone."),
    )
    hours = forms.CharField(
        label=gettext_lazy("Hours of each day"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"placeholder": "14:00–18:00"}),
        help_text=gettext_lazy("One period, on your own clock. Empty: the whole day."),
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=140,
        help_text=gettext_lazy("Only you read it."),
    )

    def clean_first(self) -> date:
        return _sensible(self.cleaned_data["first"])

    def clean_last(self) -> date | None:
        last = self.cleaned_data["last"]
        return _sensible(last) if last else None

    def clean_hours(self) -> tuple[int, int] | None:
        periods = _parsed(self.cleaned_data["hours"])
        if len(periods) > 1:
            raise forms.ValidationError(_("One period at a time: add the second as another exception."))
        return periods[0] if periods else None

    def clean(self) -> dict[str, Any]:
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first and last and last < first:
            self.add_error("last", _("The last day is before the first."))
        elif first and last and (last - first).days >= MOST_DAYS:
            self.add_error("last", _("That is more than a year. Pause your profile instead."))
        self.cleaned_data["last"] = last or first
        return self.cleaned_data


def _sensible(day: date) -> date:
    today = timezone.now().date()
    if day < today - timedelta(days=1):
        raise forms.ValidationError(_("This day is over."))
    check_within_plans(day)
    return day


def check_within_plans(day: date) -> None:
    """ValidationError: nobody plans so far ahead."""
    if day > timezone.now().date() + timedelta(days=366 * YEARS_AHEAD):
        raise forms.ValidationError(_("That is too far ahead. Choose a day within three years."))


class ImportForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=80, help_text=gettext_lazy("Only you read it.")
    )
    url = forms.CharField(
        label=gettext_lazy("Address of the calendar"),
        required=False,
        max_length=2000,
        widget=forms.URLInput(attrs={"placeholder": "https://", "autocomplete": "off"}),
        help_text=gettext_lazy("Its secret address in iCal format. We read it every three hours."),
    )
    file = forms.FileField(
        label=gettext_lazy("Or a file"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".ics,text/calendar"}),
        help_text=gettext_lazy("An .ics file of up to 2 MB."),
    )

    def clean_url(self) -> str:
        return str(self.cleaned_data["url"]).strip()

    def clean_file(self) -> str:
        """The file's text."""
        file = self.cleaned_data["file"]
        if not file:
            return ""
        if file.size > MOST_BYTES:
            raise forms.ValidationError(str(WORDS[Trouble.TOO_BIG]))
        text = file.read().decode("utf-8-sig", errors="replace").replace("\0", "")
        if "BEGIN:VCALENDAR" not in text.upper():
            raise forms.ValidationError(_("This is no iCalendar file."))
        return str(text)

    def clean(self) -> dict[str, Any]:
        if not self.errors and bool(self.cleaned_data.get("url")) == bool(self.cleaned_data.get("file")):
            self.add_error("url", _("Give an address or a file: one of the two."))
        return self.cleaned_data
