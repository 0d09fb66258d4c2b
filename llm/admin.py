from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from accounts.staff import ReadOnlyAdmin, acting, link_to
from llm import admission, cache, circuit, reports, routing, switches, tasks
from llm.models import Call, CallText, Disclosure, Switch
from llm.wire import TICKS, usd

DAYS = 14
STATE_COLOURS = {
    Call.State.RUNNING: "info",
    Call.State.ANSWERED: "success",
    Call.State.FAILED: "danger",
    Call.State.ABANDONED: "warning",
}


def dollars(ticks: int | None) -> str:
    return "–" if ticks is None else f"{usd(ticks):.4f}"


@admin.register(Call)
class CallAdmin(ReadOnlyAdmin):
    list_display = (
        "started_at",
        "prompt",
        "coloured_state",
        "source",
        "route",
        "outcome",
        "cost",
        "duration_ms",
        "user_link",
    )
    list_filter = (
        "state",
        "source",
        "purpose",
        "outcome",
        "route",
        "usage_state",
        ("started_at", RangeDateTimeFilter),
    )
    list_filter_submit = True
    list_select_related = ("user",)
    search_fields = ("prompt", "request_id", "provider_request_id", "user__email")
    paginator = InfinitePaginator
    show_full_result_count = False
    ordering = ("-started_at", "-pk")
    fields = (
        ("prompt", "prompt_version", "purpose", "attempt"),
        ("user_link", "allowance", "request_id"),
        ("source", "route", "model", "provider_request_id"),
        ("state", "outcome", "error"),
        ("started_at", "finished_at", "duration_ms"),
        ("cost", "computed", "reported", "charged"),
        ("usage_state", "input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens"),
        ("tool_units", "raw_usage"),
    )
    readonly_fields = tuple(name for row in fields for name in row)
    change_list_template = "llm/admin/calls.html"
    change_form_outer_after_template = "llm/admin/text.html"

    def get_urls(self) -> list[URLPattern]:
        views = {
            "overview": self.overview,
            "test-route": self.test_route,
            "close-circuit": self.close_circuit,
            "switch": self.switch,
            "forget": self.forget_cache,
        }
        own = [
            path(f"{name}/", self.admin_site.admin_view(view), name=f"llm_call_{name.replace('-', '_')}")
            for name, view in views.items()
        ]
        return [*own, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """With what was said, for those who may read it, and the other attempts of the same question."""
        call = self.get_object(request, object_id)
        context: dict[str, Any] = {"may_read": request.user.has_perm("llm.view_calltext")}
        if call:
            context["others"] = (
                Call.objects.filter(ask_id=call.ask_id).exclude(pk=call.pk).order_by("attempt")
            )
            if context["may_read"]:
                context["said"] = CallText.objects.filter(pk=call.pk).first()
        response: HttpResponse = super().change_view(
            request, object_id, form_url, context | (extra_context or {})
        )
        return response

    def overview(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("Language models"),
            "opts": self.opts,
            "days": DAYS,
            "budget": reports.cents(settings.LLM_BUDGET_USD * TICKS),
            "may_test": request.user.has_perm("llm.test_route"),
            "may_switch": request.user.has_perm("llm.change_switch"),
            **_books(),
            "health": reports.health(DAYS),
            "charts": [
                (_("By day"), reports.by_day(DAYS)),
                (_("By purpose"), reports.by("purpose", DAYS)),
                (_("By route"), reports.by("route", DAYS)),
                (_("By user"), reports.by("user__email", DAYS)),
            ],
            "routes": _routes(),
            "purposes": _purposes(),
        }
        request.current_app = self.admin_site.name
        return render(request, "llm/admin/overview.html", context)

    def test_route(self, request: HttpRequest) -> HttpResponse:
        _require(request, "llm.test_route")
        route = _chosen(request, "route", [route.name for route in routing.in_use()])
        tasks.test_route.enqueue(unique_key=route, route=route, user_id=acting(request).pk)
        messages.info(request, _("%(route)s is being asked; its answer appears here.") % {"route": route})
        return redirect("admin:llm_call_overview")

    def close_circuit(self, request: HttpRequest) -> HttpResponse:
        _require(request, "llm.test_route")
        route = _chosen(request, "route", [route.name for route in routing.in_use()])
        circuit.reset(route)
        messages.success(request, _("%(route)s is tried again at once.") % {"route": route})
        return redirect("admin:llm_call_overview")

    def switch(self, request: HttpRequest) -> HttpResponse:
        _require(request, "llm.change_switch")
        purpose = _chosen(request, "purpose", settings.LLM_PURPOSES)
        on = request.POST.get("on") == "1"
        switches.turn(purpose, on=on, by=acting(request), reason=request.POST.get("reason", "")[:200])
        told = _("%(purpose)s asks models again.") if on else _("%(purpose)s asks no models any more.")
        messages.success(request, told % {"purpose": purpose})
        return redirect("admin:llm_call_overview")

    def forget_cache(self, request: HttpRequest) -> HttpResponse:
        _require(request, "llm.change_switch")
        purpose = _chosen(request, "purpose", settings.LLM_PURPOSES)
        if cache.forget(purpose):
            messages.success(request, _("Kept answers of %(purpose)s are forgotten.") % {"purpose": purpose})
        else:
            messages.error(request, _("Redis does not answer: nothing was forgotten."))
        return redirect("admin:llm_call_overview")

    @display(description=gettext_lazy("state"), ordering="state", label=STATE_COLOURS)
    def coloured_state(self, call: Call) -> tuple[str, str]:
        return call.state, call.get_state_display()

    @display(description=gettext_lazy("asked by"))
    def user_link(self, call: Call) -> str:
        return link_to(call.user) if call.user else _("the system")

    @display(description=gettext_lazy("cost, USD"), ordering="charged_ticks")
    def cost(self, call: Call) -> str:
        return _("unknown") if call.cost is None else f"{call.cost:.4f}"

    @display(description=gettext_lazy("cost computed"))
    def computed(self, call: Call) -> str:
        return dollars(call.computed_ticks)

    @display(description=gettext_lazy("cost reported"))
    def reported(self, call: Call) -> str:
        return dollars(call.reported_ticks)

    @display(description=gettext_lazy("charged to the budget"))
    def charged(self, call: Call) -> str:
        return dollars(call.charged_ticks)


@admin.register(Disclosure)
class DisclosureAdmin(ReadOnlyAdmin):
    list_display = ("at", "user_link", "purpose", "provider", "details", "call_link")
    list_filter = ("purpose", "provider", ("at", RangeDateTimeFilter))
    list_filter_submit = True
    list_select_related = ("user", "call")
    search_fields = ("user__email",)
    paginator = InfinitePaginator
    show_full_result_count = False
    ordering = ("-at", "-pk")
    fields = (("at", "user_link"), ("purpose", "provider"), ("details", "call_link"))
    readonly_fields = tuple(name for row in fields for name in row)

    @display(description=gettext_lazy("whose data"))
    def user_link(self, disclosure: Disclosure) -> str:
        return link_to(disclosure.user)

    @display(description=gettext_lazy("call"))
    def call_link(self, disclosure: Disclosure) -> str:
        return link_to(disclosure.call)

    @display(description=gettext_lazy("details replaced"))
    def details(self, disclosure: Disclosure) -> str:
        return ", ".join(f"{kind} × {count}" for kind, count in sorted(disclosure.replaced.items())) or "–"


def _require(request: HttpRequest, permission: str) -> None:
    if request.method != "POST" or not request.user.has_perm(permission):
        raise PermissionDenied


def _chosen(request: HttpRequest, field: str, known: Any) -> str:
    value = request.POST.get(field, "")
    if value not in known:
        raise PermissionDenied
    return value


def _books() -> dict[str, Any]:
    try:
        books = admission.today()
    except admission.Unavailable:
        return {"books": None}
    return {
        "books": {
            "spent": reports.cents(books.spent),
            "reserved": reports.cents(books.reserved),
            "in_flight": books.in_flight,
        },
        "budget_share": reports.budget_share(books.spent + books.reserved),
    }


def _routes() -> list[dict[str, Any]]:
    routes = routing.in_use()
    probes = reports.last_probes([route.name for route in routes])
    states = {state.name: state for state in circuit.states()}
    return [
        {"route": route, "probe": probes.get(route.name), "circuit": states.get(route.name)}
        for route in routes
    ]


def _purposes() -> list[dict[str, Any]]:
    rows = {switch.purpose: switch for switch in Switch.objects.all()}
    return [
        {
            "name": name,
            "minutes": seconds // 60,
            "switch": rows.get(name),
            "on": name not in rows or rows[name].enabled,
        }
        for name, seconds in settings.LLM_PURPOSES.items()
    ]
