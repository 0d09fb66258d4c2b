from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.dataclasses import UnfoldAction
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from accounts.errors import DomainError
from accounts.staff import ReadOnlyAdmin, StaffAdmin, acting, confirm
from markets import services
from markets.formats import country
from markets.models import ExchangeRate, Market

Status = Market.Status


def _number_of(relation: str, **filters: Any) -> Coalesce:
    """Counted in a query of its own: two joins would multiply each other."""
    related: type[Model] = Market._meta.get_field(relation).related_model  # type: ignore[assignment]
    rows = related._default_manager.filter(market=OuterRef("pk"), **filters).order_by()
    return Coalesce(Subquery(rows.values("market").annotate(number=Count("pk")).values("number")), 0)


@admin.register(Market)
class MarketAdmin(ReadOnlyAdmin):
    """All cities of the world are here; what staff decide is which of them are open."""

    list_display = (
        "name",
        "country",
        "state",
        "expert_count",
        "waiting_count",
        "population",
        "time_zone",
        "currency",
    )
    list_filter = ("status",)
    search_fields = ("name", "country_code", "slug")
    search_help_text = gettext_lazy("Name of a city, or a country’s two letters")
    ordering = ("status", "-population")  # the order of an index: there are 34,000
    show_full_result_count = False
    fields = (
        ("name", "region", "country"),
        ("status", "expert_count", "waiting_count"),
        ("time_zone", "currency", "population"),
        ("latitude", "longitude", "geoname_id", "slug"),
        "also_called",
    )
    readonly_fields = tuple(name for row in fields for name in ((row,) if isinstance(row, str) else row))
    actions_detail = ("activate", "close")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Market]:
        return Market.objects.annotate(
            active_experts=_number_of("experts", status="active"), waiting=_number_of("waitlist")
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Market], search_term: str
    ) -> tuple[QuerySet[Market], bool]:
        found, duplicates = super().get_search_results(request, queryset, search_term)
        return found.order_by(*self.ordering), duplicates

    def has_decide_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("markets.change_market")

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[UnfoldAction]:
        market = self.get_object(request, object_id)
        useful = {Status.RECRUITING: "activate", Status.ACTIVE: "close"}
        buttons = super().get_actions_detail(request, object_id)
        return [button for button in buttons if market and button.path == useful[Status(market.status)]]

    @action(
        description=gettext_lazy("Open this market"),
        url_path="activate",
        icon="rocket_launch",
        variant=ActionVariant.SUCCESS,
        permissions=["decide"],
    )
    def activate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        question = _("The site shows this city among its active markets.")
        return self._set_status(request, object_id, Status.ACTIVE, _("Open this market"), question)

    @action(
        description=gettext_lazy("Go back to looking for experts"),
        url_path="close",
        icon="group_search",
        variant=ActionVariant.WARNING,
        permissions=["decide"],
    )
    def close(self, request: HttpRequest, object_id: str) -> HttpResponse:
        question = _(
            "The site no longer shows this city among its active markets. Its experts keep their profiles."
        )
        return self._set_status(
            request, object_id, Status.RECRUITING, _("Go back to looking for experts"), question
        )

    def _set_status(
        self, request: HttpRequest, object_id: str, to: Status, title: str, question: str
    ) -> HttpResponse:
        market = self.get_object(request, object_id)
        if market is None:
            raise Http404
        if request.method != "POST":
            return confirm(self, request, market, title=title, question=question)
        try:
            market = services.set_status(market=market, to=to, by=acting(request))
        except DomainError as error:
            messages.error(request, str(error))
        else:
            text = _("%(market)s is now “%(status)s”.")
            messages.success(request, text % {"market": market, "status": market.get_status_display()})
        return redirect("admin:markets_market_change", market.pk)

    @display(description=gettext_lazy("country"), ordering="country_code")
    def country(self, market: Market) -> str:
        return country(market.country_code)

    @display(
        description=gettext_lazy("status"),
        ordering="status",
        label={"active": "success", "recruiting": "info"},
    )
    def state(self, market: Market) -> tuple[str, str]:
        return market.status, market.get_status_display()

    @display(description=gettext_lazy("active experts"), ordering="active_experts")
    def expert_count(self, market: Market) -> int:
        return market.active_experts  # type: ignore[attr-defined]  # annotated

    @display(description=gettext_lazy("on the waitlist"), ordering="waiting")
    def waiting_count(self, market: Market) -> int:
        return market.waiting  # type: ignore[attr-defined]  # annotated

    @display(description=gettext_lazy("also called"))
    def also_called(self, market: Market) -> str:
        return ", ".join(market.names.order_by("folded").values_list("folded", flat=True))


@admin.register(ExchangeRate)
class ExchangeRateAdmin(StaffAdmin):
    """Rough rates that staff correct by hand; nothing is charged by them."""

    list_display = ("currency", "per_usd", "as_of")
    search_fields = ("currency",)
    list_per_page = 200

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("markets.add_exchangerate")

    def get_readonly_fields(self, request: HttpRequest, obj: ExchangeRate | None = None) -> tuple[str, ...]:
        return ("currency",) if obj else ()
