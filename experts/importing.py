"""Experts and services from a table that staff send: each row checked as a form would, and an error said per row.

Nothing of a file with an error is stored. A row that is there already is skipped, so the same file sent twice changes
nothing. Experts come in as handed in: reviewers still decide about them.

What the rows name is read before the first of them, and what they add is written after the last: hundreds of rows
take about as many queries as one. The dry run does the same as the act, and is rolled back.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

import structlog
from django.core.exceptions import ValidationError
from django.db import DatabaseError
from django.utils.translation import gettext as _
from import_export import fields, resources, widgets  # type: ignore[import-untyped]
from import_export.results import Result  # type: ignore[import-untyped]

from accounts import audit
from accounts.models import User
from experts import editing, search
from experts.completeness import SHORTEST_BIO
from experts.import_cells import (
    Choice,
    City,
    Currency,
    KnownExpert,
    Languages,
    Lines,
    Looked,
    Specialties,
    Whole,
    Yes,
    check_published,
    check_text,
    text_of,
)
from experts.models import Expert, ExpertLanguage, ExpertSpecialty, Service
from experts.models.services import wrong_length
from markets.currency import rounded

log = structlog.get_logger(__name__)

MOST_ROWS = 500  # one to two seconds of a request
LONGEST_SHOWN = 160  # letters of a cell in the preview


class Found(Result):
    def append_invalid_row(self, number: int, row: Any, validation_error: ValidationError) -> None:
        """With `said`: column, what stands in it, and what is wrong with that."""
        super().append_invalid_row(number, row, validation_error)
        self.invalid_rows[-1].said = [
            (column, _shortened(text_of(row.get(column))), errors)
            for column, errors in validation_error.message_dict.items()
        ]


class Table(resources.ModelResource):
    """What both tables have in common."""

    needed: ClassVar[list[str]]
    key: ClassVar[list[str]]  # the columns that tell a row from others
    published: ClassVar[set[str]]  # the columns that everybody reads
    looked_up: ClassVar[set[str]]  # fields of the model that need no query of their own any more
    WIDGETS_MAP = resources.ModelResource.WIDGETS_MAP | dict.fromkeys(
        ("IntegerField", "PositiveIntegerField", "PositiveSmallIntegerField"), Whole
    )

    @classmethod
    def get_result_class(cls) -> type[Result]:
        return Found

    @classmethod
    def check_shape(cls, dataset: Any) -> list[str]:
        """The names of the columns. ValidationError: some are missing, unknown or there twice, or rows are too many."""
        columns = [str(name or "").strip().lower() for name in dataset.headers or []]
        if len(columns) == 1 and ";" in columns[0]:
            raise ValidationError(_("The columns are parted by semicolons. Save the file with commas."))
        if missing := [name for name in cls.needed if name not in columns]:
            raise ValidationError(_("Columns are missing: %(names)s.") % {"names": ", ".join(missing)})
        named = [name for name in columns if name]  # programs for tables like to add columns without anything
        known = {field.column_name for field in cls().get_import_fields()}
        if unknown := sorted(set(named) - known):
            text = _("Nobody knows these columns: %(names)s. Correct their names or take them out.")
            raise ValidationError(text % {"names": ", ".join(unknown)})
        if twice := sorted({name for name in named if named.count(name) > 1}):
            raise ValidationError(_("Columns are there twice: %(names)s.") % {"names": ", ".join(twice)})
        if len(dataset) > MOST_ROWS:
            raise ValidationError(
                _("A file has at most %(count)s rows; split this one.") % {"count": MOST_ROWS}
            )
        return columns

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        dataset.headers = self.check_shape(dataset)
        self.new: list[Any] = []
        self.seen: set[tuple[str, ...]] = set()
        for field in self.get_import_fields():
            if isinstance(field.widget, Looked):
                field.widget.prepare(set(map(text_of, dataset[field.column_name])))

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        """An empty cell is what was left out: the model's own default."""
        for name, value in list(row.items()):
            if isinstance(value, str):
                row[name] = value.strip()
            if row[name] in {None, ""} and name not in self.needed:
                del row[name]

    def check_first(self, row: Any) -> None:
        """ValidationError: the file holds it twice, and one of the two would be lost."""
        key = tuple(text_of(row.get(name)).lower() for name in self.key)
        if key in self.seen:
            raise ValidationError({self.key[0]: _("This stands in the file twice.")})
        self.seen.add(key)

    def import_field(self, field: Any, instance: Any, row: Any, is_m2m: bool = False, **kwargs: Any) -> None:
        if not isinstance(field.widget, widgets.NumberWidget):  # -5 is no formula there
            check_text(row.get(field.column_name))
        if field.column_name in self.published:
            check_published(row.get(field.column_name))
        try:
            super().import_field(field, instance, row, is_m2m, **kwargs)
        except ArithmeticError:  # so Decimal says that something is no number
            text = _("“%(value)s” is no number.") % {"value": row.get(field.column_name)}
            raise ValueError(text) from None

    def problems(self, instance: Any) -> Iterable[tuple[str, str]]:
        """Columns, and in words what the model's constraints would refuse of them."""
        raise NotImplementedError

    def validate_instance(
        self, instance: Any, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        """By column. What follows from an error that is said already is not said again."""
        errors = dict(import_validation_errors or {})
        try:
            instance.clean_fields(exclude={*errors, *self.looked_up})
        except ValidationError as error:
            errors = error.update_error_dict(errors)
        if errors := errors or dict(self.problems(instance)):
            columns = {str(field.attribute): field.column_name for field in self.fields.values()}
            raise ValidationError({columns.get(str(name), str(name)): said for name, said in errors.items()})

    def skip_row(self, instance: Any, original: Any, row: Any, import_validation_errors: Any = None) -> bool:
        """What is there already stays as it is."""
        return instance.pk is not None and not import_validation_errors

    def save_instance(self, instance: Any, is_create: bool, row: Any, **kwargs: Any) -> None:
        self.new.append(instance)

    def after_import_row(self, row: Any, row_result: Any, **kwargs: Any) -> None:
        if kwargs["dry_run"]:
            row_result.diff = list(self.shown(row_result.instance))

    def shown(self, instance: Any) -> Iterator[str]:
        """What the preview says in each column."""
        for field in self.get_import_fields():
            yield _shortened(field.export(instance))

    def after_import(self, dataset: Any, result: Any, **kwargs: Any) -> None:
        if self.new and not result.has_errors() and not result.has_validation_errors():
            self.store(by=kwargs["user"])

    def store(self, *, by: User) -> None:
        raise NotImplementedError

    def handle_import_error(self, result: Any, error: Any, raise_errors: bool = False) -> None:
        """What no row is to blame for, such as an account that somebody else made meanwhile."""
        if isinstance(error, DatabaseError):
            log.warning("import_refused", table=type(self).__name__, exc_info=error)
            error = ValidationError(_("Something has changed meanwhile. Send the file again."))
        super().handle_import_error(result, error, raise_errors)


class ExpertResource(Table):
    """Columns: email, name, city, headline, bio, prices …; `languages` as “en: C1; ja: native”, `specialties` as
    “street-food: 12; day-hikes: 3”.
    """

    needed = ["email", "name", "city", "headline", "bio", "price_min", "price_max", "currency"]
    needed += ["languages", "specialties"]
    key = ["email"]
    published = {"name", "headline", "bio", "background", "unique_value"}
    looked_up = {"user", "slug", "market"}

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
    languages = fields.Field(column_name="languages", attribute="read_languages", widget=Languages())
    specialties = fields.Field(column_name="specialties", attribute="read_specialties", widget=Specialties())

    class Meta:
        model = Expert
        fields = (
            *("email", "name", "city", "headline", "bio", "background", "unique_value", "years_experience"),
            *("communication_style", "price_min", "price_max", "currency", "group_size_max"),
            *("languages", "specialties"),
        )
        import_id_fields = ("email",)
        use_transactions = True
        use_bulk = True
        skip_diff = True
        store_instance = True

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        emails = {text_of(cell).lower() for cell in dataset["email"]}
        self.users = {user.email: user for user in User.objects.filter(email__in=emails)}
        known = Expert.objects.filter(user__in=self.users.values()).select_related("user", "market")
        known = known.prefetch_related("languages", "specialties__specialty")
        self.known = {expert.user.email: expert for expert in known}

    def get_instance(self, instance_loader: Any, row: Any) -> Expert | None:
        return self.known.get(_email(row))

    def import_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        self.check_first(row)
        if instance.pk:
            _show_parts(instance)
            return
        problems: dict[str, Any] = {}
        try:
            super().import_instance(instance, row, **kwargs)
        except ValidationError as error:
            problems = error.update_error_dict(problems)
        instance.status = Expert.Status.SUBMITTED
        try:
            instance.user = self._user(row)
        except ValidationError as error:
            problems.setdefault("user__email", error)
        if len(text_of(row.get("bio"))) < SHORTEST_BIO:
            text = _("Write at least %(count)s letters.") % {"count": SHORTEST_BIO}
            problems.setdefault("bio", ValidationError(text))
        if problems:
            raise ValidationError(problems)

    def _user(self, row: Any) -> User:
        """The account of this address; a new one has no password until its owner asks for one."""
        email, name = _email(row), text_of(row.get("name"))
        if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email) or len(email) > LONGEST_EMAIL:
            raise ValidationError(_("This is no e-mail address."))
        if not name:
            raise ValidationError(_("The name is missing."))
        if known := self.users.get(email):
            _check_account(known, name)
            return known
        user = User(email=email, name=name[:120])
        user.set_unusable_password()
        return user

    def problems(self, instance: Expert) -> Iterator[tuple[str, str]]:
        if instance.price_min <= 0:
            yield "price_min", _("Name a price above zero.")
        elif instance.price_max < instance.price_min:
            yield "price_max", _("The highest price is not below the lowest, and neither below zero.")

    def store(self, *, by: User) -> None:
        User.objects.bulk_create([expert.user for expert in self.new if not expert.user.pk])
        slugs = editing.free_slugs([(expert.user.name, expert.market) for expert in self.new])
        for expert, slug in zip(self.new, slugs, strict=True):
            expert.slug = slug
        Expert.objects.bulk_create(self.new)
        ExpertLanguage.objects.bulk_create(
            ExpertLanguage(expert=expert, language=code, level=level)
            for expert in self.new
            for code, level in expert.read_languages.items()
        )
        known = self.fields["specialties"].widget.known
        ExpertSpecialty.objects.bulk_create(
            ExpertSpecialty(expert=expert, specialty=known[slug], depth=depth)
            for expert in self.new
            for slug, depth in expert.read_specialties.items()
        )
        audit.record_all(audit.Act("expert.import", expert, by, {}) for expert in self.new)
        search.reindex(expert.pk for expert in self.new)


class ServiceResource(Table):
    """Columns: expert (their e-mail address), title, description, kind, duration_hours or duration_days, price, …"""

    needed = ["expert", "title", "description", "kind", "price", "currency"]
    key = ["expert", "title"]
    published = {"title", "description", "includes", "unique_aspects", "audience"}
    looked_up = {"expert"}

    expert = fields.Field(column_name="expert", attribute="expert", widget=KnownExpert())
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
        use_transactions = True
        use_bulk = True
        skip_diff = True
        store_instance = True

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        experts = self.fields["expert"].widget.found.values()
        titles = {text_of(cell) for cell in dataset["title"]}
        known = Service.objects.filter(expert__in=experts, title__in=titles).select_related("expert__user")
        self.known = {(service.expert.user.email, service.title): service for service in known}

    def get_instance(self, instance_loader: Any, row: Any) -> Service | None:
        return self.known.get((text_of(row.get("expert")).lower(), text_of(row.get("title"))))

    def import_instance(self, instance: Service, row: Any, **kwargs: Any) -> None:
        self.check_first(row)
        if not instance.pk:
            super().import_instance(instance, row, **kwargs)
            instance.price = rounded(instance.price, instance.currency)

    def problems(self, instance: Service) -> Iterator[tuple[str, str]]:
        if instance.price <= 0:
            yield "price", _("Name a price above zero.")
        if instance.group_size_max < 1:
            yield "group_size_max", _("At least one person can come.")
        yield from wrong_length(instance.duration_hours, instance.duration_days).items()

    def store(self, *, by: User) -> None:
        Service.objects.bulk_create(self.new)
        audit.record_all(
            audit.Act("service.import", service, by, {"title": service.title}) for service in self.new
        )
        search.reindex(service.expert_id for service in self.new)


LONGEST_EMAIL = User._meta.get_field("email").max_length or 0


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1].rstrip()}…"


def _email(row: Any) -> str:
    return text_of(row.get("email")).lower()


def _check_account(known: User, name: str) -> None:
    """ValidationError: nobody becomes an expert by somebody else's row."""
    if known.is_staff or known.is_superuser:
        raise ValidationError(_("This address belongs to staff."))
    if not known.is_active:
        raise ValidationError(_("The account with this address is closed."))
    if known.name.casefold() != name.casefold():
        raise ValidationError(_("Somebody of another name has an account with this address."))


def _show_parts(expert: Any) -> None:
    """What is stored stands in the preview as what is read does."""
    expert.read_languages = {one.language: one.level for one in expert.languages.all()}
    expert.read_specialties = {one.specialty.slug: one.depth for one in expert.specialties.all()}
