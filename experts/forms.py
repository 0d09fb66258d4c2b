from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import contacts, fragments
from accounts.compiled import CompiledQuery, Parameter
from accounts.params import row_number
from accounts.widgets import Ready, Select, plain
from experts.completeness import SHORTEST_BIO
from experts.editing import SEPARATOR
from experts.models import (
    CommunicationStyle,
    Expert,
    ExpertLanguage,
    ExpertSpecialty,
    Level,
    Photo,
    Service,
    Specialty,
)
from experts.models.services import wrong_length
from markets import currency
from markets.currency import rounded
from markets.formats import language
from markets.models import Market
from markets.search import resolve

# Languages that travelers ask for and those of the cities we know: no more than people can look through.
LANGUAGES = (
    "af am ar az bg bn bs ca cs cy da de el en es et eu fa fi fil fr ga gl gu he hi hr hu hy id is it ja ka kk km kn "
    "ko lo lt lv mk ml mn mr ms mt my nb ne nl pa pl pt qu ro ru rw si sk sl so sq sr sv sw ta te th tr uk ur uz vi wo "
    "xh yo zh zu"
).split()
LANGUAGE_ROWS = 6
SPECIALTY_ROWS = 10
MOST_INCLUDED = 20
LONGEST_INCLUDED = 140
SERVICE_TEXTS = ("title", "description", "included", "unique_aspects", "audience")


class AboutForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Your name, as travelers see it"),
        max_length=120,
        min_length=2,
        strip=True,
        validators=[contacts.refuse],
    )
    headline = forms.CharField(
        label=gettext_lazy("Headline"),
        max_length=140,
        validators=[contacts.refuse],
        help_text=gettext_lazy("One line that says what you do, such as “Street food and small workshops”."),
    )
    bio = forms.CharField(
        label=gettext_lazy("About you"),
        max_length=5000,
        min_length=SHORTEST_BIO,
        validators=[contacts.refuse],
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy("At least 120 letters. What is a day with you like?"),
    )
    background = forms.CharField(
        label=gettext_lazy("Where your knowledge comes from"),
        max_length=2000,
        required=False,
        validators=[contacts.refuse],
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    unique_value = forms.CharField(
        label=gettext_lazy("What makes you special"),
        max_length=1000,
        required=False,
        validators=[contacts.refuse],
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    years_experience = forms.IntegerField(
        label=gettext_lazy("Years of experience"), min_value=0, max_value=80
    )
    communication_style = forms.ChoiceField(
        label=gettext_lazy("How you like to talk"), choices=CommunicationStyle, widget=Select
    )


class CityForm(forms.Form):
    """The city is typed; `destination_id` says which of several was meant."""

    destination = forms.CharField(label=gettext_lazy("The city you know"), max_length=120)
    # Filled in by a script: nobody could mend what is wrong there, so that is dropped.
    destination_id = forms.Field(required=False, widget=forms.HiddenInput)
    destination_choices: list[Market] = []
    market: Market | None = None

    def clean_destination_id(self) -> int | None:
        return row_number(self.cleaned_data["destination_id"] or "")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "destination" in cleaned:
            found = resolve(cleaned["destination"], cleaned.get("destination_id"))
            if isinstance(found, Market):
                self.market = found
            else:
                self.destination_choices = found
                text = _("Several places have this name. Which one?") if found else ""
                self.add_error("destination", text or _("We know no city of this name."))
        return cleaned


class Pairs(forms.Form):
    """Rows of two controls, a choice and what belongs to it. `given` fills them; rows without a choice do not count.

    All that is given has a row: what a table brought in more of is not lost when the form is saved.
    """

    first = second = ""  # what the names of the controls begin with

    def add_pairs(
        self,
        rows: int,
        first: forms.Field,
        second: forms.Field,
        given: Mapping[Any, Any],
        otherwise: Any = None,
    ) -> None:
        """Each field stands in every row, the second one with `otherwise` where nothing was given."""
        filled = [*given.items()]
        filled += [("", otherwise)] * (rows - len(filled))
        for number, (choice, value) in enumerate(filled):
            names = f"{self.first}_{number}", f"{self.second}_{number}"
            self.fields |= zip(names, (first, second), strict=True)
            self.initial = {**self.initial, names[0]: choice, names[1]: value}

    def pairs_of(self, first: str, second: str) -> dict[str, Any]:
        chosen = [
            (value, self.cleaned_data.get(name.replace(first, second, 1)))
            for name, value in self.cleaned_data.items()
            if name.startswith(f"{first}_") and value
        ]
        for value, times in Counter(value for value, _other in chosen).items():
            if times > 1:
                self.add_error(self._last(first, value), _("This is chosen twice."))
        return dict(chosen)

    def _last(self, first: str, value: str) -> str:
        names = [name for name in self.fields if name.startswith(f"{first}_")]
        return [name for name in names if self.cleaned_data.get(name) == value][-1]

    def bound_pairs(self, first: str, second: str) -> list[tuple[BoundField, BoundField]]:
        names = [name for name in self.fields if name.startswith(f"{first}_")]
        return [(self[name], self[name.replace(first, second, 1)]) for name in names]


class LanguagesForm(Pairs):
    def __init__(self, *args: Any, languages: Mapping[str, int] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.first, self.second = "language", "level"
        self.add_pairs(
            LANGUAGE_ROWS,
            forms.ChoiceField(label=_("Language"), choices=_languages(), required=False, widget=Select),
            forms.TypedChoiceField(
                label=_("How well"),
                choices=_levels(),
                coerce=int,
                required=False,
                empty_value=None,
                widget=Select,
            ),
            languages or {},
            otherwise=Level.B2.value,
        )

    @property
    def language_rows(self) -> list[tuple[BoundField, BoundField]]:
        return self.bound_pairs("language", "level")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        spoken = self.pairs_of("language", "level")
        cleaned["languages"] = {code: level or Level.B2.value for code, level in spoken.items()}
        if not cleaned["languages"] and "language_0" not in self.errors:
            self.add_error("language_0", _("Name at least one language you work in."))
        return cleaned


class SpecialtiesForm(Pairs):
    def __init__(self, *args: Any, specialties: Mapping[str, int] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.first, self.second = "specialty", "depth"
        known = fragments.kept("expert specialties", "", _specialties)
        self.add_pairs(
            SPECIALTY_ROWS,
            forms.ChoiceField(label=_("What you know"), choices=known, required=False, widget=Select),
            forms.IntegerField(
                label=_("Trips of this kind so far"), min_value=1, max_value=10_000, required=False
            ),
            specialties or {},
        )

    @property
    def specialty_rows(self) -> list[tuple[BoundField, BoundField]]:
        return self.bound_pairs("specialty", "depth")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        chosen = self.pairs_of("specialty", "depth")
        cleaned["specialties"] = {slug: depth or 1 for slug, depth in chosen.items()}
        if not chosen and "specialty_0" not in self.errors:
            self.add_error("specialty_0", _("Name at least one thing you know well."))
        return cleaned


class CurrencyMixin(forms.Form):
    currency = forms.ChoiceField(label=gettext_lazy("Currency"), widget=Select)

    def offer_currencies(self) -> None:
        """One without a rate would break every ranking of the market."""
        field = self.fields["currency"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = fragments.kept("currencies", "", _currencies)


class PricesForm(CurrencyMixin):
    price_min = forms.DecimalField(
        label=gettext_lazy("Lowest price per person and day"),
        min_value=Decimal("0.01"),
        max_digits=10,
        decimal_places=2,
    )
    price_max = forms.DecimalField(
        label=gettext_lazy("Highest price per person and day"),
        min_value=Decimal("0.01"),
        max_digits=10,
        decimal_places=2,
    )
    group_size_max = forms.IntegerField(
        label=gettext_lazy("Largest group you take"), min_value=1, max_value=500
    )

    field_order = ["price_min", "price_max", "currency", "group_size_max"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_currencies()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        low, high = cleaned.get("price_min"), cleaned.get("price_max")
        if low and high and high < low:
            self.add_error("price_max", _("This is lower than your lowest price."))
        return cleaned


class PlaceForm(CityForm, LanguagesForm):
    pass


class SearchForm(forms.Form):
    """What search engines are told."""

    search_description = forms.CharField(
        label=gettext_lazy("Line for search engines"),
        max_length=160,
        required=False,
        validators=[contacts.refuse],
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Stands below the link to your profile. Left empty, it is your headline."),
    )
    search_words = forms.CharField(
        label=gettext_lazy("Search words"),
        max_length=1300,
        required=False,
        validators=[contacts.refuse],
        help_text=gettext_lazy("What travelers type to find somebody like you, with commas between."),
    )

    def clean_search_description(self) -> str:
        return " ".join(self.cleaned_data["search_description"].split())

    def clean_search_words(self) -> str:
        words = (" ".join(word.split()) for word in self.cleaned_data["search_words"].split(","))
        return SEPARATOR.join(dict.fromkeys(filter(None, words)))


class ProfileForm(AboutForm, SearchForm, LanguagesForm, SpecialtiesForm, PricesForm):
    """All that an expert changes about the profile, but the pictures and the services."""

    accepting_clients = forms.BooleanField(label=gettext_lazy("I take new clients"), required=False)

    @property
    def changing_choices(self) -> list[list[Any]]:
        """What the database says can be chosen."""
        return [list(self[name].field.choices) for name in ("specialty_0", "currency")]  # type: ignore[attr-defined]


class ServiceForm(forms.ModelForm[Service], CurrencyMixin):
    """Of the duration, hours or days, one is given; what it includes stands one on a line."""

    form_key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    included = forms.CharField(
        label=gettext_lazy("What it includes"),
        help_text=gettext_lazy("One thing on each line."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    class Meta:
        model = Service
        fields = [
            *["title", "description", "kind", "duration_hours", "duration_days", "price", "price_unit"],
            *["currency", "group_size_max", "shared", "unique_aspects", "audience", "instant"],
            *["notice_hours", "cutoff", "buffer_minutes", "daily_cap", "cancellation_policy"],
        ]
        widgets = {
            "description": forms.Textarea(attrs={"rows": 6}),
            "unique_aspects": forms.Textarea(attrs={"rows": 3}),
            "cutoff": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            **dict.fromkeys(["kind", "price_unit", "cancellation_policy"], Select),
        }
        help_texts = {
            "duration_hours": gettext_lazy("For something within one day."),
            "duration_days": gettext_lazy("For something over whole days."),
            "daily_cap": gettext_lazy("Leave it out for no limit."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_currencies()
        kinds = self.fields["kind"]
        assert isinstance(kinds, forms.ChoiceField)
        kinds.choices = _kinds()
        self.fields["group_size_max"].widget.attrs["min"] = 1
        for name in SERVICE_TEXTS:
            self.fields[name].validators.append(contacts.refuse)
        self.initial.setdefault("included", "\n".join(self.instance.includes))

    def clean_included(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["included"].splitlines() if line.strip()]
        if len(lines) > MOST_INCLUDED:
            raise forms.ValidationError(_("Name at most %(count)s things.") % {"count": MOST_INCLUDED})
        if any(len(line) > LONGEST_INCLUDED for line in lines):
            raise forms.ValidationError(
                _("A line has at most %(count)s letters.") % {"count": LONGEST_INCLUDED}
            )
        return lines

    def clean_group_size_max(self) -> int:
        size: int = self.cleaned_data["group_size_max"]
        if size < 1:
            raise forms.ValidationError(_("At least one person can come."))
        return size

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "currency" in cleaned and "price" in cleaned:  # what is read is what is paid: whole yen
            cleaned["price"] = rounded(cleaned["price"], cleaned["currency"])
            if cleaned["price"] <= 0:
                self.add_error("price", _("Name a price above zero."))
        hours, days = cleaned.get("duration_hours"), cleaned.get("duration_days")
        if {"duration_hours", "duration_days"}.isdisjoint(self.errors):
            for name, said in wrong_length(hours, days).items():
                self.add_error(name, said)
        return cleaned

    def save(self, commit: bool = True) -> Service:
        self.instance.includes = self.cleaned_data["included"]
        return super().save(commit)


class PortraitForm(forms.Form):
    picture = forms.FileField(
        label=gettext_lazy("A photo of you"),
        help_text=gettext_lazy("JPEG, PNG or WebP, at most 12 MB and 25 megapixels."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )


class CaptionForm(forms.Form):
    caption = forms.CharField(
        label=gettext_lazy("What it shows"),
        max_length=Photo._meta.get_field("caption").max_length,
        validators=[contacts.refuse],
        help_text=gettext_lazy("One line; screen readers say it too."),
    )


class GalleryForm(CaptionForm, PortraitForm):
    field_order = ["picture", "caption"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["picture"].label = _("A photo of what you do")


class PauseForm(forms.Form):
    until = forms.DateField(
        label=gettext_lazy("Open again on"),
        required=False,
        help_text=gettext_lazy(
            "Your profile opens by itself that morning. Without a day you open it yourself."
        ),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


def _currencies() -> Ready:
    return Ready((code, code) for code in sorted(currency.rates()))


@fragments.by_language
def _kinds() -> Ready:
    return Ready([("", _("Choose one")), *plain(Service.Kind)])


@fragments.by_language
def _levels() -> Ready:
    return Ready(plain(Level))


@fragments.by_language
def _languages() -> Ready:
    named = sorted(((code, language(code)) for code in LANGUAGES), key=lambda pair: pair[1])
    return Ready([("", "–"), *named])


def _specialties() -> Ready:
    rows = Specialty.objects.values_list("slug", "name", "group_name")
    return Ready([("", "–"), *((slug, f"{_(group)}: {_(name)}") for slug, name, group in rows)])


SPOKEN: CompiledQuery[Any] = CompiledQuery(
    lambda: (
        ExpertLanguage.objects.filter(expert=Parameter("expert"))
        .order_by("-level", "language")
        .values_list("language", "level")
    )
)
KNOWN: CompiledQuery[Any] = CompiledQuery(
    lambda: (
        ExpertSpecialty.objects.filter(expert=Parameter("expert"))
        .order_by("-depth", "pk")
        .values_list("specialty__slug", "depth")
    )
)


def levels(expert: Expert) -> dict[str, int]:
    """By the language's code, the best first."""
    return dict(SPOKEN.rows(expert=expert.pk))


def depths(expert: Expert) -> dict[str, int]:
    """How often by the specialty's slug, the most first."""
    return dict(KNOWN.rows(expert=expert.pk))


def about(expert: Expert) -> dict[str, Any]:
    """What AboutForm shows of somebody who is an expert already."""
    names = [name for name in AboutForm.base_fields if name != "name"]
    return {name: getattr(expert, name) for name in names} | {"name": expert.user.name}


def for_search(expert: Expert) -> dict[str, Any]:
    return {name: getattr(expert, name) for name in SearchForm.base_fields}


def prices(expert: Expert) -> dict[str, Any]:
    """What PricesForm shows; prices that were never named are left empty."""
    named = {"price_min": expert.price_min, "price_max": expert.price_max} if expert.price_min else {}
    return named | {"currency": expert.currency, "group_size_max": expert.group_size_max}
