from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from babel import Locale
from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import fragments
from accounts.compiled import CompiledQuery, Parameter
from accounts.models import validate_time_zone
from accounts.params import row_number
from accounts.widgets import Ready, Select, plain
from experts.filters import CURRENCIES
from experts.models import CommunicationStyle, Specialty
from experts.taxonomy import recognise
from markets.formats import active_locale, language, month
from markets.models import Market
from markets.search import resolve
from travelers.models import MAX_TRIP_DAYS, Trip

MONTHS_AHEAD = 18
YEARS_AHEAD = 3
MAX_INTERESTS = 12
MAX_BUDGET = Decimal(10_000_000)
LANGUAGES = "ar cs da de el en es fi fr he hi hu id it ja ko nl no pl pt ro ru sv sw th tr uk vi zh".split()


class TripForm(forms.ModelForm[Trip]):
    """The brief. The destination is typed; `destination_id` says which of several was meant."""

    destination = forms.CharField(label=gettext_lazy("Destination"), max_length=120)
    # Filled in by scripts, as is the time zone: nobody could see or mend what is wrong there, so that is dropped.
    destination_id = forms.Field(required=False, widget=forms.HiddenInput)
    timing = forms.ChoiceField(
        label=gettext_lazy("Dates"),
        choices=[("fixed", gettext_lazy("I know my dates")), ("flexible", gettext_lazy("I am flexible"))],
        widget=forms.RadioSelect,
        initial="fixed",
    )
    flexible_month = forms.TypedChoiceField(
        label=gettext_lazy("Month"),
        coerce=date.fromisoformat,
        required=False,
        empty_value=None,
        widget=Select,
    )
    days = forms.IntegerField(
        label=gettext_lazy("How many days"), required=False, min_value=1, max_value=MAX_TRIP_DAYS
    )
    interests = forms.MultipleChoiceField(
        label=gettext_lazy("What you are after"), required=False, widget=forms.CheckboxSelectMultiple
    )
    adults = forms.IntegerField(label=gettext_lazy("Adults"), min_value=1, max_value=50, initial=2)
    children = forms.IntegerField(
        label=gettext_lazy("Children"), min_value=0, max_value=50, initial=0, required=False
    )
    budget = forms.DecimalField(
        label=gettext_lazy("Budget for local help, in all"),
        help_text=gettext_lazy(
            "What you would pay experts over the whole trip. Leave it out if you don't know yet."
        ),
        required=False,
        min_value=Decimal(1),
        max_value=MAX_BUDGET,
        max_digits=12,
        decimal_places=2,
    )
    currency = forms.ChoiceField(label=gettext_lazy("Currency"), widget=Select)
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Languages you speak"), required=False, widget=forms.CheckboxSelectMultiple
    )
    time_zone = forms.Field(required=False, widget=forms.HiddenInput(attrs={"data-time-zone": ""}))

    field_order = ["destination", "destination_id", "timing"]

    class Meta:
        model = Trip
        fields = [
            *["start", "end", "flexible_month", "days", "kind", "purpose", "must_haves", "nice_to_haves"],
            *[
                "adults",
                "children",
                "budget",
                "currency",
                "languages",
                "communication_style",
                "time_zone",
                "brief",
            ],
        ]
        widgets = {
            "start": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "end": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "brief": forms.Textarea(attrs={"rows": 6}),
            **dict.fromkeys(["kind", "purpose", "communication_style"], Select),
        }
        help_texts = {
            "must_haves": gettext_lazy(
                "Without these the trip makes no sense, e.g. wheelchair access, street food."
            ),
            "nice_to_haves": gettext_lazy("Pleasant, but no reason to say no."),
        }

    # Several cities have the typed name: the page asks which.
    destination_choices: list[Market]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.destination_choices = []
        for name, choices in (_choices() | changing_choices()).items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices

    def clean_start(self) -> date | None:
        start: date | None = self.cleaned_data["start"]
        # The day must be over everywhere: the last clocks are twelve hours behind UTC.
        if start and start < (timezone.now() - timedelta(hours=12)).date():
            raise forms.ValidationError(_("This day is over. Choose one that is still to come."))
        if start and start > timezone.now().date() + timedelta(days=366 * YEARS_AHEAD):
            raise forms.ValidationError(_("Nobody plans that far ahead. Choose a day within three years."))
        return start

    def clean_destination_id(self) -> int | None:
        return row_number(self.cleaned_data["destination_id"] or "")

    def clean_time_zone(self) -> str:
        name = (self.cleaned_data["time_zone"] or "").strip()
        try:
            validate_time_zone(name)
        except forms.ValidationError:
            return ""
        return str(name)

    def clean_children(self) -> int:
        return self.cleaned_data["children"] or 0

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "destination" in cleaned:
            self._clean_destination(cleaned["destination"], cleaned.get("destination_id"))
        self._clean_interests(cleaned)
        if cleaned.get("timing") == "flexible":
            self._clean_flexible(cleaned)
        else:
            self._clean_fixed(cleaned)
        return cleaned

    def _clean_destination(self, typed: str, chosen: int | None) -> None:
        found = resolve(typed, chosen)
        if isinstance(found, Market):
            self.instance.destination = found
            return
        self.destination_choices = found
        self.add_error(
            "destination",
            _("Several places have this name. Which one?") if found else _("We know no city of this name."),
        )

    def _clean_interests(self, cleaned: dict[str, Any]) -> None:
        """What the words ask for is ticked when the form comes back, and does not count."""
        in_words = {
            slug for name in ("must_haves", "nice_to_haves") for slug in recognise(cleaned.get(name, ""))
        }
        if len(set(cleaned.get("interests", [])) - in_words) > MAX_INTERESTS:
            self.add_error(
                "interests",
                ngettext(
                    "Choose the most important %(count)s.",
                    "Choose the %(count)s most important.",
                    MAX_INTERESTS,
                )
                % {"count": MAX_INTERESTS},
            )

    def _clean_flexible(self, cleaned: dict[str, Any]) -> None:
        cleaned["start"] = cleaned["end"] = None
        for name, missing in (
            ("flexible_month", _("Choose a month.")),
            ("days", _("Say for how many days.")),
        ):
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, missing)
        self._forget_errors("start", "end")

    def _clean_fixed(self, cleaned: dict[str, Any]) -> None:
        cleaned["flexible_month"] = cleaned["days"] = None
        self._forget_errors("flexible_month", "days")
        start, end = cleaned.get("start"), cleaned.get("end")
        for name, missing in (("start", _("Choose the first day.")), ("end", _("Choose the last day."))):
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, missing)
        if start and end and end < start:
            self.add_error("end", _("The last day is before the first."))
        elif start and end and (end - start).days >= MAX_TRIP_DAYS:
            self.add_error("end", _("A trip has at most %(count)s days.") % {"count": MAX_TRIP_DAYS})
        elif start and end:
            cleaned["days"] = (end - start).days + 1

    def _forget_errors(self, *names: str) -> None:
        """What belongs to the other way of saying when is not looked at."""
        for name in names:
            self.errors.pop(name, None)

    def wanted(self) -> dict[Specialty, bool]:
        """The specialties asked for, by box or by words, and whether each is a must."""
        musts = recognise(self.cleaned_data["must_haves"])
        likes = [*self.cleaned_data["interests"], *recognise(self.cleaned_data["nice_to_haves"])]
        slugs = dict.fromkeys(likes, False) | dict.fromkeys(musts, True)
        known = {specialty.slug: specialty for specialty in KNOWN.objects(slugs=list(slugs))}
        return {known[slug]: must for slug, must in slugs.items() if slug in known}


KNOWN: CompiledQuery[Specialty] = CompiledQuery(
    lambda: Specialty.objects.filter(slug__any_of=Parameter("slugs"))
)


@fragments.by_language
def _choices() -> dict[str, Ready]:
    """By the field's name, in the reader's language; as plain text, which is cheap to keep and to escape."""
    languages = sorted(((code, language(code)) for code in LANGUAGES), key=lambda pair: pair[1])
    choices: dict[str, list[tuple[str, Any]]] = {
        "kind": [("", _("Choose one")), *plain(Trip.Kind)],
        "purpose": [("", _("Choose one")), *plain(Trip.Purpose)],
        "communication_style": [("", _("No preference")), *plain(CommunicationStyle)],
        "languages": languages,
        "currency": [(code, f"{code} · {_currency_name(code)}") for code in CURRENCIES],
    }
    return {name: Ready(pairs) for name, pairs in choices.items()}


def changing_choices() -> dict[str, Ready]:
    """Those that rows of the database or the calendar change."""
    return fragments.kept("trip choices", first_month(), _changing_choices)


def _changing_choices() -> dict[str, Ready]:
    return {"interests": Ready(_specialties()), "flexible_month": Ready([("", "—"), *_months()])}


def _specialties() -> list[tuple[str, list[tuple[str, str]]]]:
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for slug, name, group in Specialty.objects.values_list("slug", "name", "group_name"):
        groups[_(group)].append((slug, _(name)))
    return list(groups.items())


def first_month() -> date:
    return timezone.now().date().replace(day=1)


def _months() -> list[tuple[str, str]]:
    first, found = first_month(), []
    for _step in range(MONTHS_AHEAD):
        found.append((first.isoformat(), month(first)))
        first = (first + timedelta(days=32)).replace(day=1)
    return found


def _currency_name(code: str) -> str:
    locale: Locale = active_locale()
    return locale.currencies.get(code, code)
