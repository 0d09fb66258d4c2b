from django.apps import apps
from django.contrib import admin
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RangeDateTimeFilter
from unfold.decorators import display

from accounts.staff import ReadOnlyAdmin, link_to, list_of
from markets.formats import day_range, language, money, month
from travelers.models import TravelerProfile, Trip, TripInterest


class InterestInline(TabularInline):
    model = TripInterest
    fields = ("specialty", "must")
    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm("travelers.view_trip")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    has_change_permission = has_delete_permission = has_add_permission

    def get_queryset(self, request: HttpRequest) -> QuerySet[TripInterest]:
        return TripInterest.objects.select_related("specialty").order_by("-must", "specialty__position")


@admin.register(Trip)
class TripAdmin(ReadOnlyAdmin):
    list_display = (
        "destination",
        "traveler_link",
        "when",
        "days",
        "people",
        "money",
        "kind",
        "run_link",
        "created_at",
    )
    list_filter = (
        "kind",
        "purpose",
        ("destination", AutocompleteSelectFilter),
        ("created_at", RangeDateTimeFilter),
    )
    list_filter_submit = True
    search_fields = ("destination__name", "traveler__email", "traveler__name")
    ordering = ("-pk",)
    inlines = (InterestInline,)
    fields = (
        ("destination", "traveler_link", "run_link"),
        ("when", "days", "people"),
        ("money", "currency"),
        ("kind", "purpose"),
        ("must_haves", "nice_to_haves"),
        ("spoken", "communication_style", "time_zone"),
        "brief",
        ("created_at", "updated_at"),
    )
    readonly_fields = tuple(name for row in fields for name in ((row,) if isinstance(row, str) else row))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Trip]:
        return Trip.objects.with_names().annotate(run_count=Count("runs")).order_by("-pk")

    @display(description=gettext_lazy("traveler"), ordering="traveler__email")
    def traveler_link(self, trip: Trip) -> str:
        return link_to(trip.traveler) if trip.traveler else _("not signed in")

    @display(description=gettext_lazy("when"), ordering="start")
    def when(self, trip: Trip) -> str:
        if trip.start and trip.end:
            return day_range(trip.start, trip.end)
        return month(trip.flexible_month) if trip.flexible_month else ""

    @display(description=gettext_lazy("people"), ordering="adults")
    def people(self, trip: Trip) -> int:
        return trip.people

    @display(description=gettext_lazy("budget"), ordering="budget", empty_value="–")
    def money(self, trip: Trip) -> str:
        return money(trip.budget, trip.currency)

    @display(description=gettext_lazy("languages"))
    def spoken(self, trip: Trip) -> str:
        return ", ".join(language(code) for code in trip.languages)

    @display(description=gettext_lazy("match runs"), ordering="run_count")
    def run_link(self, trip: Trip) -> str:
        # By name: matching stands on a higher floor.
        runs = apps.get_model("matching.MatchRun")
        count = str(trip.run_count)  # type: ignore[attr-defined]  # annotated
        return list_of(runs, count, trip__id__exact=trip.pk)


@admin.register(TravelerProfile)
class TravelerProfileAdmin(ReadOnlyAdmin):
    list_display = ("user", "travel_style", "group_kind", "experience", "communication_style")
    list_filter = ("travel_style", "group_kind", "experience")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name")
    ordering = ("-pk",)
    fields = (
        "user_link",
        "wishes",
        ("travel_style", "group_kind", "experience"),
        ("budget_min", "budget_max", "currency"),
        ("spoken", "communication_style"),
        ("dietary_needs", "accessibility_needs"),
    )
    readonly_fields = tuple(name for row in fields for name in ((row,) if isinstance(row, str) else row))

    @display(description=gettext_lazy("traveler"), ordering="user__email")
    def user_link(self, profile: TravelerProfile) -> str:
        return link_to(profile.user)

    @display(description=gettext_lazy("interests"))
    def wishes(self, profile: TravelerProfile) -> str:
        return ", ".join(str(interest) for interest in profile.interests.all())

    @display(description=gettext_lazy("languages"))
    def spoken(self, profile: TravelerProfile) -> str:
        return ", ".join(language(code) for code in profile.languages)
