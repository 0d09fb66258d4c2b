from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import F, QuerySet
from django.db.models.expressions import OrderBy
from django.db.models.functions import Cast, NullIf
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.dataclasses import UnfoldAction
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from accounts import audit
from accounts.errors import DomainError
from accounts.params import row_number
from accounts.staff import Listed, ReadOnlyAdmin, StaffAdmin, acting, link_to
from experts import editing, search, services, signals, verification
from experts.admin_forms import DecisionForm, ExpertForm, PricedForm, VerificationForm
from experts.calendar_admin import CALENDAR_INLINES
from experts.import_admin import ImportingAdmin
from experts.importing import ExpertResource, ServiceResource
from experts.models import (
    Expert,
    ExpertLanguage,
    ExpertSpecialty,
    Service,
    Specialty,
    UnavailablePeriod,
    Verification,
)
from markets.formats import money, money_range

Status = Expert.Status
STATUS_COLOURS = {
    Status.DRAFT: "default",
    Status.SUBMITTED: "info",
    Status.ACTIVE: "success",
    Status.PAUSED: "warning",
    Status.SUSPENDED: "danger",
    Status.CLOSED: "default",
}


def _button(
    step: services.Step, label: Any, icon: str, variant: ActionVariant
) -> Callable[..., HttpResponse]:
    """A button of the change page, and the URL of its confirmation page."""

    @action(
        description=label,
        url_path=step.name,
        icon=icon,
        variant=variant,
        permissions=["review"],  # unfold would look up a dotted name in the database at every system check
    )
    def decide(self: "ExpertAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
        return self.decide(request, object_id, step, label)

    button: Callable[..., HttpResponse] = decide
    return button


class SpecialtyInline(Listed):
    model = ExpertSpecialty
    fields = ("specialty", "depth")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ExpertSpecialty]:
        return ExpertSpecialty.objects.select_related("specialty").order_by("-depth", "pk")


class LanguageInline(Listed):
    model = ExpertLanguage
    fields = ("language", "level")
    ordering = ("-level", "language")


class ServiceInline(Listed):
    model = Service
    fields = (
        "title",
        "kind",
        "duration_hours",
        "duration_days",
        "price",
        "currency",
        "group_size_max",
        "is_active",
    )
    show_change_link = True
    ordering = ("price", "pk")


class UnavailableInline(Listed):
    model = UnavailablePeriod
    fields = ("days", "reason")
    ordering = ("days",)


class VerificationInline(Listed):
    model = Verification
    fk_name = "expert"
    fields = ("kind", "checked_at", "checked_by", "note", "withdrawn_at", "withdrawn_by")
    ordering = ("-checked_at", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Verification]:
        return Verification.objects.select_related("checked_by", "withdrawn_by")


@admin.register(Expert)
class ExpertAdmin(ImportingAdmin):
    form = ExpertForm
    resource_classes = [ExpertResource]
    list_display = (
        "who",
        "market",
        "state",
        "waiting",
        "stars",
        "reviews",
        "bookings",
        "price",
        "verified",
    )
    list_filter = ("status", "verified", "accepting_clients", ("market", AutocompleteSelectFilter))
    list_filter_submit = True
    search_fields = ("user__name", "user__email", "headline", "slug")
    actions = ("approve_selected",)
    actions_detail = ("approve", "send_back", "resume", "reinstate", "pause", "suspend", "verify")
    inlines = (
        VerificationInline,
        SpecialtyInline,
        LanguageInline,
        ServiceInline,
        UnavailableInline,
        *CALENDAR_INLINES,
    )
    readonly_fields = (
        "account",
        "market",
        "status",
        "status_reason",
        "waiting",
        "paused_until",
        "active_since",
        "created_at",
        "verified",
        "stars",
        "review_count",
        "recent_review_count",
        "completed_bookings",
        "repeat_clients",
        "works",
        "texts",
    )
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("account", "market"),
                    ("status", "waiting", "active_since", "created_at"),
                    ("verified", "paused_until"),
                    "status_reason",
                )
            },
        ),
        (
            gettext_lazy("Profile"),
            {
                "fields": ("headline", "bio", "background", "unique_value", *editing.SEARCH),
                "classes": ("tab",),
            },
        ),
        (
            gettext_lazy("Practice"),
            {
                "fields": (
                    ("years_experience", "communication_style"),
                    ("price_min", "price_max", "currency"),
                    ("response_hours", "group_size_max"),
                    "accepting_clients",
                ),
                "classes": ("tab",),
            },
        ),
        (
            gettext_lazy("Numbers"),
            {
                "fields": (
                    ("stars", "review_count", "recent_review_count"),
                    ("completed_bookings", "repeat_clients"),
                    ("works", "texts"),
                ),
                "classes": ("tab",),
            },
        ),
    )

    approve = _button(services.APPROVE, gettext_lazy("Approve"), "check_circle", ActionVariant.SUCCESS)
    send_back = _button(services.RETURN, gettext_lazy("Return with a reason"), "undo", ActionVariant.WARNING)
    resume = _button(services.RESUME, gettext_lazy("Resume"), "play_arrow", ActionVariant.SUCCESS)
    reinstate = _button(services.REINSTATE, gettext_lazy("Reinstate"), "check_circle", ActionVariant.SUCCESS)
    pause = _button(services.PAUSE, gettext_lazy("Pause"), "pause", ActionVariant.DEFAULT)
    suspend = _button(services.SUSPEND, gettext_lazy("Suspend"), "block", ActionVariant.DANGER)

    def view_on_site(self, expert: Expert) -> str | None:
        return expert.get_absolute_url() if Expert.objects.public().contains(expert) else None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Expert]:
        mean = Cast("rating_sum", models.FloatField()) / NullIf(F("review_count"), 0)
        return services.with_waiting(Expert.objects.select_related("user", "market")).annotate(
            rating_mean=mean
        )

    def get_ordering(self, request: HttpRequest) -> list[OrderBy]:
        """Who has waited longest for an answer comes first."""
        return [F("waiting_since").asc(nulls_last=True), F("created_at").desc()]

    def has_review_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("experts.review_expert")

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[UnfoldAction]:
        """Only the steps that lead on from where the expert is."""
        expert = self.get_object(request, object_id)
        steps = {step.name: step for step in services.STEPS}

        def leads_on(button: UnfoldAction) -> bool:
            if expert is None:
                return False
            if button.path == "verify":
                return expert.user_id != acting(request).pk
            step = steps[button.path]
            return step.is_open(expert) and step.is_allowed(expert, acting(request))

        return [button for button in super().get_actions_detail(request, object_id) if leads_on(button)]

    @action(
        description=gettext_lazy("Verification"),
        url_path="verify",
        icon="verified_user",
        permissions=["review"],
    )
    def verify(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What has been checked, a form for one thing more, and a button to take each back."""
        expert = self.row(request, object_id, lambda expert: expert.user_id != acting(request).pk)
        withdrawn = request.POST.get("withdraw", "")
        form = VerificationForm(request.POST if request.method == "POST" and not withdrawn else None)
        if request.method == "POST" and (withdrawn or form.is_valid()):
            return self._verify(request, expert, form, withdrawn)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Verification"),
            "subtitle": expert.name,
            "opts": self.opts,
            "original": expert,
            "expert": expert,
            "form": form,
            "marks": expert.verifications.standing().select_related("checked_by").order_by("pk"),
        }
        request.current_app = self.admin_site.name
        return render(request, "experts/admin/verify.html", context)

    def _verify(
        self, request: HttpRequest, expert: Expert, form: VerificationForm, withdrawn: str
    ) -> HttpResponse:
        by = acting(request)
        try:
            if withdrawn:
                mark = get_object_or_404(expert.verifications, pk=row_number(withdrawn) or 0)
                reason = request.POST.get("reason", "")
                verification.withdraw(verification=mark, by=by, reason=reason)
            else:
                verification.mark(expert=expert, by=by, **form.cleaned_data)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The verification of %(name)s is noted.") % {"name": expert.name})
        return redirect("admin:experts_expert_verify", expert.pk)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        search.reindex([form.instance.pk])

    def decide(self, request: HttpRequest, object_id: str, step: services.Step, label: str) -> HttpResponse:
        """The whole case once more, and the step on POST."""
        expert = self.row(request, object_id, lambda expert: step.is_allowed(expert, acting(request)))
        form = DecisionForm(request.POST or None, step=step)
        if request.method == "POST" and (not form.fields or form.is_valid()):
            return self._take(request, expert, step, form)
        context = {
            **self.admin_site.each_context(request),
            "title": label,
            "subtitle": expert.name,
            "opts": self.opts,
            "step": step,
            "label": label,
            "open": step.is_open(expert),
            "form": form,
            "original": expert,
            "expert": Expert.objects.for_profile().with_languages().get(pk=expert.pk),
            "waiting": self.waiting(expert),
            "standing": _standing(expert) if step is services.SUSPEND else [],
            "events": audit.history(expert)[:20],
        }
        request.current_app = self.admin_site.name
        return render(request, "experts/admin/decide.html", context)

    def _take(
        self, request: HttpRequest, expert: Expert, step: services.Step, form: DecisionForm
    ) -> HttpResponse:
        was_waiting = expert.status == Status.SUBMITTED
        reason = form.cleaned_data["reason"] if step.needs_reason else ""
        try:
            moved = services.move(expert=expert, step=step, by=acting(request), reason=reason)
        except DomainError as error:
            messages.error(request, f"{expert.name}: {error}")
            was_waiting = False
        else:
            text = _("%(name)s is now “%(status)s”.")
            messages.success(request, text % {"name": expert.name, "status": moved.get_status_display()})
        if was_waiting:
            return redirect(queue_url())
        return redirect("admin:experts_expert_change", expert.pk)

    @admin.action(description=gettext_lazy("Approve the selected applications"), permissions=["review"])
    def approve_selected(self, request: HttpRequest, queryset: QuerySet[Expert]) -> None:
        for expert in queryset:
            try:
                services.approve(expert=expert, by=acting(request))
            except DomainError as error:
                messages.error(request, f"{expert.name}: {error}")
            except PermissionDenied:
                messages.error(
                    request, _("%(name)s: you can’t decide about yourself.") % {"name": expert.name}
                )
            else:
                messages.success(request, _("%(name)s is approved.") % {"name": expert.name})

    @display(description=gettext_lazy("expert"), ordering="user__name", header=True)
    def who(self, expert: Expert) -> list[str]:
        return [expert.name, expert.headline]

    @display(description=gettext_lazy("account"))
    def account(self, expert: Expert) -> str:
        return link_to(expert.user)

    @display(description=gettext_lazy("status"), ordering="status", label=STATUS_COLOURS)
    def state(self, expert: Expert) -> tuple[str, str]:
        return expert.status, expert.get_status_display()

    @display(description=gettext_lazy("waiting for"), ordering="waiting_since", empty_value="–")
    def waiting(self, expert: Expert) -> str | None:
        since = getattr(expert, "waiting_since", None)
        return timesince(since, depth=1) if since else None

    @display(description=gettext_lazy("rating"), ordering="rating_mean", empty_value="–")
    def stars(self, expert: Expert) -> str | None:
        return None if expert.rating is None else f"{expert.rating:.1f}"

    @display(description=gettext_lazy("reviews"), ordering="review_count")
    def reviews(self, expert: Expert) -> int:
        return expert.review_count

    @display(description=gettext_lazy("bookings"), ordering="completed_bookings")
    def bookings(self, expert: Expert) -> int:
        return expert.completed_bookings

    @display(description=gettext_lazy("price a day"), ordering="price_min")
    def price(self, expert: Expert) -> str:
        return money_range(expert.price_min, expert.price_max, expert.currency)


def _standing(expert: Expert) -> list[str]:
    lines = [of(expert) for of in signals.standing]
    return [line for line in lines if line]


def queue_url() -> str:
    """The applications that wait."""
    return reverse("admin:experts_expert_changelist", query={"status__exact": Status.SUBMITTED})


@admin.register(Service)
class ServiceAdmin(ImportingAdmin):
    form = PricedForm
    resource_classes = [ServiceResource]
    list_display = (
        "title",
        "expert_link",
        "kind",
        "price_shown",
        "length",
        "group_size_max",
        "is_active",
    )
    list_filter = ("kind", "is_active")
    list_select_related = ("expert__user",)
    search_fields = ("title", "expert__user__name")
    ordering = ("-pk",)
    readonly_fields = ("expert_link",)
    fields = (
        "expert_link",
        "title",
        "description",
        "kind",
        ("duration_hours", "duration_days"),
        ("group_size_max", "shared"),
        ("price", "price_unit", "currency"),
        "includes",
        "unique_aspects",
        "audience",
        ("instant", "cancellation_policy"),
        ("notice_hours", "cutoff"),
        ("buffer_minutes", "daily_cap"),
        "is_active",
    )

    def save_model(self, request: HttpRequest, obj: Service, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        search.reindex([obj.expert_id])

    @display(description=gettext_lazy("expert"), ordering="expert__user__name")
    def expert_link(self, service: Service) -> str:
        return link_to(service.expert)

    @display(description=gettext_lazy("price"), ordering="price")
    def price_shown(self, service: Service) -> str:
        return money(service.price, service.currency)


@admin.register(Specialty)
class SpecialtyAdmin(StaffAdmin):
    list_display = ("name", "group_name", "slug", "position")
    list_filter = ("group_name",)
    search_fields = ("name", "group_name")
    readonly_fields = ("slug", "group")
    list_per_page = 100


@admin.register(UnavailablePeriod)
class UnavailablePeriodAdmin(ReadOnlyAdmin):
    list_display = ("days", "expert_link", "reason")
    list_select_related = ("expert__user",)
    search_fields = ("expert__user__name", "reason")
    ordering = ("-pk",)
    fields = ("expert_link", "days", "reason")
    readonly_fields = fields

    @display(description=gettext_lazy("expert"), ordering="expert__user__name")
    def expert_link(self, period: UnavailablePeriod) -> str:
        return link_to(period.expert)
