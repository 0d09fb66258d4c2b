"""Experts and services from a table that staff send: each row checked as a form would, and an error said per row.

Nothing of a file with an error is stored. A row that is there already is skipped, so the same file sent twice changes
nothing. Experts come in as handed in: reviewers still decide about them.
"""

import re
from decimal import Decimal
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from import_export import fields, resources, widgets  # type: ignore[import-untyped]

from accounts import audit
from accounts.models import User
from experts import editing, search
from experts.completeness import SHORTEST_BIO
from experts.models import Expert, Level, Service, Specialty
from markets import currency
from markets.models import Market
from markets.search import resolve

MOST_ROWS = 2000
LEVELS = {str(level.label).lower(): level.value for level in Level} | {
    name.lower(): Level[name].value for name in Level.names
}


class Choice(widgets.CharWidget):
    """One of the values of a field with choices, whatever its case."""

    def __init__(self, choices: Any) -> None:
        super().__init__()
        self.values = [value for value, _label in choices]

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        text = str(value or "").strip().lower()
        if text and text not in self.values:
            raise ValueError(
                _("“%(value)s” is none of %(choices)s.") % {"value": value, "choices": ", ".join(self.values)}
            )
        return text


class Currency(widgets.CharWidget):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        code = str(value or "").strip().upper()
        if code not in currency.rates():
            raise ValueError(str(currency.UnknownCurrency(code)))
        return code


class City(widgets.Widget):
    """As the forms read it: “Paris, Texas, United States”."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Market:
        found = resolve(str(value or ""))
        if isinstance(found, Market):
            return found
        raise ValueError(
            _("Several places are called “%(value)s”. Add the region or the country.") % {"value": value}
            if found
            else _("We know no city called “%(value)s”.") % {"value": value}
        )

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return str(value) if value else ""


class Yes(widgets.BooleanWidget):
    WORDS = {"1": True, "yes": True, "true": True, "0": False, "no": False, "false": False, "": False}

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> bool:
        try:
            return self.WORDS[str(value if value is not None else "").strip().lower()]
        except KeyError:
            raise ValueError(_("“%(value)s” is neither yes nor no.") % {"value": value}) from None


class Whole(widgets.IntegerWidget):
    """Half a person is not silently none."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> int | None:
        found: int | None = super().clean(value, row, **kwargs)
        if found is not None and Decimal(str(value).strip()) != found:
            raise ValueError(_("“%(value)s” is no whole number.") % {"value": value})
        return found


class KnownExpert(widgets.ForeignKeyWidget):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Expert:
        found = Expert.objects.filter(user__email=value).select_related("user").first()
        if found is None:
            raise ValueError(_("There is no expert with the address “%(value)s”.") % {"value": value})
        return found


class Lines(widgets.Widget):
    """Parts between semicolons."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> list[str]:
        return [part.strip() for part in str(value or "").split(";") if part.strip()]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "; ".join(value or [])


class Table(resources.ModelResource):
    """What both tables have in common."""

    needed: ClassVar[list[str]]
    key: ClassVar[list[str]]  # the columns that tell a row from others
    WIDGETS_MAP = resources.ModelResource.WIDGETS_MAP | dict.fromkeys(
        ("IntegerField", "PositiveIntegerField", "PositiveSmallIntegerField"), Whole
    )

    @classmethod
    def help(cls) -> str:
        """For the page: all columns, the needed ones first."""
        others = [name for name in cls._meta.fields if name not in cls.needed]
        names = {"needed": ", ".join(cls.needed), "others": ", ".join(others)}
        return _("Columns that are needed: %(needed)s. Others: %(others)s.") % names

    @classmethod
    def check_shape(cls, dataset: Any) -> list[str]:
        """The names of the columns. ValidationError: some are missing, or there are too many rows."""
        columns = [str(name or "").strip().lower() for name in dataset.headers or []]
        if len(columns) == 1 and ";" in columns[0]:
            raise ValidationError(_("The columns are parted by semicolons. Save the file with commas."))
        if missing := [name for name in cls.needed if name not in columns]:
            raise ValidationError(_("Columns are missing: %(names)s.") % {"names": ", ".join(missing)})
        if len(dataset) > MOST_ROWS:
            raise ValidationError(
                _("A file has at most %(count)s rows; split this one.") % {"count": MOST_ROWS}
            )
        return columns

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        dataset.headers = self.check_shape(dataset)
        self.touched: set[int] = set()
        self.seen: set[tuple[str, ...]] = set()

    def check_first(self, row: Any) -> None:
        """ValidationError: the file holds it twice, and one of the two would be lost."""
        key = tuple(str(row.get(name) or "").strip().lower() for name in self.key)
        if key in self.seen:
            raise ValidationError({self.key[0]: _("This stands in the file twice.")})
        self.seen.add(key)

    def import_field(self, field: Any, instance: Any, row: Any, is_m2m: bool = False, **kwargs: Any) -> None:
        try:
            super().import_field(field, instance, row, is_m2m, **kwargs)
        except ArithmeticError:  # so Decimal says that something is no number
            text = _("“%(value)s” is no number.") % {"value": row.get(field.column_name)}
            raise ValueError(text) from None

    def validate_instance(
        self, instance: Any, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        """What follows from an error that is said already is not said again."""
        errors = dict(import_validation_errors or {})
        follow = {"user", "slug", "market", "expert"} if errors else set()
        try:
            instance.full_clean(exclude={*errors, *follow}, validate_constraints=not errors)
        except ValidationError as error:
            errors = error.update_error_dict(errors)
        if errors:
            raise ValidationError(errors)

    def skip_row(self, instance: Any, original: Any, row: Any, import_validation_errors: Any = None) -> bool:
        """What is there already stays as it is."""
        return original.pk is not None and not import_validation_errors

    def after_import(self, dataset: Any, result: Any, **kwargs: Any) -> None:
        if self.touched:
            search.reindex(self.touched)


class ExpertResource(Table):
    """Columns: email, name, city, headline, bio, prices …; `languages` as “en: C1; ja: native”, `specialties` as
    “street-food: 12; day-hikes: 3”.
    """

    needed = ["email", "name", "city", "headline", "bio", "price_min", "price_max", "currency"]
    needed += ["languages", "specialties"]
    key = ["email"]

    email = fields.Field(column_name="email", attribute="user__email", readonly=True)
    name = fields.Field(column_name="name", attribute="user__name", readonly=True)
    city = fields.Field(column_name="city", attribute="market", widget=City())
    communication_style = fields.Field(
        column_name="communication_style",
        attribute="communication_style",
        widget=Choice(Expert._meta.get_field("communication_style").flatchoices),
        default=Expert._meta.get_field("communication_style").default,
    )
    currency = fields.Field(column_name="currency", attribute="currency", widget=Currency())

    class Meta:
        model = Expert
        fields = (
            *("email", "name", "city", "headline", "bio", "background", "unique_value", "years_experience"),
            *("communication_style", "price_min", "price_max", "currency", "group_size_max"),
        )
        import_id_fields = ("email",)
        clean_model_instances = True
        use_transactions = True

    @classmethod
    def help(cls) -> str:
        return " ".join(
            [
                super().help(),
                _(
                    "Languages like “en: C1; ja: native”, specialties with trips like “street-food: 12; day-hikes: 3”."
                ),
            ]
        )

    def get_instance(self, instance_loader: Any, row: Any) -> Expert | None:
        return Expert.objects.filter(user__email=_email(row)).first()

    def import_instance(self, instance: Expert, row: Any, **kwargs: Any) -> None:
        self.check_first(row)
        if instance.pk:
            return
        problems: dict[str, Any] = {}
        try:
            super().import_instance(instance, row, **kwargs)
        except ValidationError as error:
            problems |= error.update_error_dict({})
        instance.status = Expert.Status.SUBMITTED
        for name, read in (("email", self._user), ("languages", _languages), ("specialties", _specialties)):
            try:
                setattr(instance, f"_read_{name}", read(row))
            except ValidationError as error:
                problems[name] = error
        if len(str(row.get("bio") or "").strip()) < SHORTEST_BIO:
            text = _("Write at least %(count)s letters.") % {"count": SHORTEST_BIO}
            problems.setdefault("bio", ValidationError(text))
        if problems:
            raise ValidationError(problems)
        instance.user = instance._read_email  # type: ignore[attr-defined]
        instance.slug = editing.free_slug(instance.user.name, instance.market)

    def _user(self, row: Any) -> User:
        """The account of this address; a new one has no password until its owner asks for one."""
        email, name = _email(row), str(row.get("name") or "").strip()
        if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email):
            raise ValidationError(_("This is no e-mail address."))
        if not name:
            raise ValidationError(_("The name is missing."))
        known = User.objects.filter(email=email).first()
        if known and known.is_staff:
            raise ValidationError(_("This address belongs to staff."))
        if known and known.name.casefold() != name.casefold():
            raise ValidationError(_("Somebody of another name has an account with this address."))
        return known or User.objects.create_user(email, name=name[:120])

    def after_save_instance(self, instance: Expert, row: Any, **kwargs: Any) -> None:
        editing.set_languages(instance, instance._read_languages)  # type: ignore[attr-defined]
        editing.set_specialties(instance, instance._read_specialties)  # type: ignore[attr-defined]
        audit.record(action="expert.import", target=instance, by=kwargs.get("user"))
        self.touched.add(instance.pk)


class ServiceResource(Table):
    """Columns: expert (their e-mail address), title, description, kind, duration_hours or duration_days, price, …"""

    needed = ["expert", "title", "description", "kind", "price", "currency"]
    key = ["expert", "title"]

    @classmethod
    def help(cls) -> str:
        kinds = ", ".join(value for value, _label in Service.Kind.choices)
        return " ".join(
            [
                super().help(),
                _("One of duration_hours and duration_days."),
                _("Kinds: %(kinds)s.") % {"kinds": kinds},
                _("Parts of “includes” are parted by semicolons."),
            ]
        )

    expert = fields.Field(column_name="expert", attribute="expert", widget=KnownExpert(Expert, "user__email"))
    kind = fields.Field(column_name="kind", attribute="kind", widget=Choice(Service.Kind.choices))
    price_unit = fields.Field(
        column_name="price_unit",
        attribute="price_unit",
        widget=Choice(Service.PriceUnit.choices),
        default=Service.PriceUnit.GROUP,
    )
    currency = fields.Field(column_name="currency", attribute="currency", widget=Currency())
    shared = fields.Field(column_name="shared", attribute="shared", widget=Yes(), default=False)
    instant = fields.Field(column_name="instant", attribute="instant", widget=Yes(), default=False)
    includes = fields.Field(column_name="includes", attribute="includes", widget=Lines(), default=list)
    cancellation_policy = fields.Field(
        column_name="cancellation_policy",
        attribute="cancellation_policy",
        widget=Choice(Service._meta.get_field("cancellation_policy").flatchoices),
        default=Service._meta.get_field("cancellation_policy").default,
    )

    class Meta:
        model = Service
        fields = (
            *("expert", "title", "description", "kind", "duration_hours", "duration_days", "price"),
            *("price_unit", "currency", "group_size_max", "shared", "includes", "unique_aspects", "audience"),
            *("instant", "notice_hours", "cutoff", "buffer_minutes", "daily_cap", "cancellation_policy"),
        )
        import_id_fields = ("expert", "title")
        clean_model_instances = True
        use_transactions = True

    def get_instance(self, instance_loader: Any, row: Any) -> Service | None:
        email, title = str(row.get("expert") or "").strip().lower(), str(row.get("title") or "").strip()
        return Service.objects.filter(expert__user__email=email, title=title).first()

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        row["expert"] = str(row.get("expert") or "").strip().lower()
        # An empty cell is what was left out: the model's own default.
        for name in [name for name, value in row.items() if value in {None, ""} and name != "expert"]:
            if name not in self.needed:
                del row[name]

    def import_instance(self, instance: Service, row: Any, **kwargs: Any) -> None:
        self.check_first(row)
        if not instance.pk:
            super().import_instance(instance, row, **kwargs)

    def after_save_instance(self, instance: Service, row: Any, **kwargs: Any) -> None:
        audit.record(action="service.import", target=instance, by=kwargs.get("user"), title=instance.title)
        self.touched.add(instance.expert_id)


def _email(row: Any) -> str:
    return str(row.get("email") or "").strip().lower()


def _pairs(text: Any) -> dict[str, str]:
    """“a: 1; b: 2”, in small letters."""
    parts = [part.partition(":") for part in str(text or "").lower().split(";") if part.strip()]
    return {name.strip(): value.strip() for name, _colon, value in parts}


def _languages(row: Any) -> dict[str, int]:
    found = _pairs(row.get("languages"))
    if not found:
        raise ValidationError(_("Name at least one language, such as “en: C1”."))
    for code, level in found.items():
        if not re.fullmatch(r"[a-z]{2,3}", code) or level not in LEVELS:
            raise ValidationError(
                _("“%(text)s” is no language with its level.") % {"text": f"{code}: {level}"}
            )
    return {code: LEVELS[level] for code, level in found.items()}


def _specialties(row: Any) -> dict[str, int]:
    found = _pairs(row.get("specialties"))
    if not found:
        raise ValidationError(_("Name at least one specialty, such as “street-food: 12”."))
    known = set(Specialty.objects.filter(slug__in=found).values_list("slug", flat=True))
    for slug, depth in found.items():
        if slug not in known:
            raise ValidationError(_("We know no specialty “%(slug)s”.") % {"slug": slug})
        if depth and not (depth.isdecimal() and 1 <= int(depth[:6]) <= 10_000):
            raise ValidationError(_("“%(depth)s” is no number of trips.") % {"depth": depth})
    return {slug: int(depth or 1) for slug, depth in found.items()}
