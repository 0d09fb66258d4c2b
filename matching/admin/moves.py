"""The buttons of algorithm versions: each a page that shows what will happen and asks why, then one call."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise
from unfold.decorators import action
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextareaWidget

from accounts.errors import DomainError
from accounts.models import User
from accounts.staff import acting
from matching import fitting, versions
from matching.admin import fitted
from matching.models import AlgorithmVersion

if TYPE_CHECKING:
    from matching.admin.versions import AlgorithmVersionAdmin

Status = AlgorithmVersion.Status


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("It stays with the version, with your name."),
        max_length=2000,
        widget=UnfoldAdminTextareaWidget({"rows": 4}),
    )


class AgreedForm(ReasonForm):
    """With the name that the page showed: if another would be meant by now, nothing happens."""

    agreed = forms.CharField(widget=forms.HiddenInput)


class ShareForm(ReasonForm):
    share = forms.IntegerField(
        label=gettext_lazy("Share of trips in percent"),
        help_text=gettext_lazy("On so many trips its list is mixed with the active one. 0: on none."),
        min_value=0,
        max_value=100,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    field_order = ("share", "reason")


@dataclass(frozen=True)
class Step:
    """A move of a version, as a button."""

    path: str
    label: StrOrPromise
    to: str
    told: StrOrPromise  # what will happen
    icon: str
    variant: ActionVariant
    asks_share: bool = False
    keeps_status: bool = False

    def is_open(self, version: AlgorithmVersion) -> bool:
        return version.status == self.to if self.keeps_status else self.to in versions.moves(version)

    def form(self, request: HttpRequest, version: AlgorithmVersion) -> ReasonForm:
        if self.asks_share:
            return ShareForm(request.POST or None, initial={"share": version.share})
        return ReasonForm(request.POST or None)


INTO_SHADOW = Step(
    "into-shadow",
    gettext_lazy("Put into the shadow"),
    Status.SHADOW,
    gettext_lazy(
        "Of a share of the trips, travelers see its list mixed with that of the active version, and what they book "
        "tells which is better. The same trips stay with it for as long as the share stands."
    ),
    "experiment",
    ActionVariant.PRIMARY,
    asks_share=True,
)
CHANGE_SHARE = Step(
    "change-share",
    gettext_lazy("Change the share"),
    Status.SHADOW,
    gettext_lazy(
        "From now on its list is mixed with the active one on so many trips. Lists that exist stay as they are."
    ),
    "percent",
    ActionVariant.DEFAULT,
    asks_share=True,
    keeps_status=True,
)
ACTIVATE = Step(
    "activate",
    gettext_lazy("Activate"),
    Status.ACTIVE,
    gettext_lazy(
        "Every match from now on is weighed with it, and the version that is active now retires. "
        "One step takes it back."
    ),
    "check_circle",
    ActionVariant.SUCCESS,
)
TO_DRAFT = Step(
    "back-to-draft",
    gettext_lazy("Back to draft"),
    Status.DRAFT,
    gettext_lazy("It shares no traffic any more and can be put into the shadow again later."),
    "undo",
    ActionVariant.WARNING,
)
RETIRE = Step(
    "retire",
    gettext_lazy("Retire"),
    Status.RETIRED,
    gettext_lazy("It shares no traffic any more. Matches that were weighed with it keep it."),
    "archive",
    ActionVariant.DANGER,
)
STEPS = {step.path: step for step in (INTO_SHADOW, CHANGE_SHARE, ACTIVATE, TO_DRAFT, RETIRE)}


def button(step: Step) -> Callable[..., HttpResponse]:
    """A button of a version's page, and the URL of its confirmation page."""

    @action(
        description=step.label,
        url_path=step.path,
        icon=step.icon,
        variant=step.variant,
        permissions=["decide"],
    )
    def press(self: "AlgorithmVersionAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
        return take(self, request, object_id, step)

    pressed: Callable[..., HttpResponse] = press
    return pressed


def take(screen: "AlgorithmVersionAdmin", request: HttpRequest, object_id: str, step: Step) -> HttpResponse:
    if not screen.has_view_permission(request):
        raise PermissionDenied
    version = screen.get_object(request, object_id)
    if version is None:
        raise Http404
    form = step.form(request, version)

    def act(by: User, reason: str) -> AlgorithmVersion:
        share = form.cleaned_data.get("share")
        return versions.move(version=version, to=step.to, by=by, reason=reason, share=share)

    context = {
        "title": step.label,
        "told": step.told,
        "version": version,
        "open": step.is_open(version),
        "weights": fitted.weights(version, AlgorithmVersion.objects.active()),
        "gates": fitted.gates(version),
    }
    return _ask(screen, request, form, act, context)


def fit_new_weights(screen: "AlgorithmVersionAdmin", request: HttpRequest) -> HttpResponse:
    form = AgreedForm(request.POST or None, initial={"agreed": fitting.next_name()})

    def act(by: User, reason: str) -> AlgorithmVersion:
        return fitting.ask_for_fit(by=by, reason=reason, name=form.cleaned_data["agreed"])

    told = _(
        "A worker fits weights to what travelers were shown and booked, and holds them against every gate. They become "
        "the draft %(name)s: nothing changes for travelers before somebody activates it."
    )
    context = {"title": _("Fit new weights"), "told": told % {"name": form["agreed"].value()}, "open": True}
    return _ask(screen, request, form, act, context)


def roll_back(screen: "AlgorithmVersionAdmin", request: HttpRequest) -> HttpResponse:
    last, active = versions.previous(), AlgorithmVersion.objects.active()
    form = AgreedForm(request.POST or None, initial={"agreed": last.name if last else ""})

    def act(by: User, reason: str) -> AlgorithmVersion:
        return versions.roll_back(by=by, reason=reason, to=form.cleaned_data["agreed"])

    context = {"title": _("Roll back"), "told": _("No other version was active before."), "open": bool(last)}
    if last:
        told = _(
            "%(last)s becomes active again and %(active)s retires. Every match from now on is weighed so."
        )
        context |= {
            "told": told % {"last": last.name, "active": active.name},
            "weights": fitted.weights(last, active),
        }
    return _ask(screen, request, form, act, context)


def _ask(
    screen: "AlgorithmVersionAdmin",
    request: HttpRequest,
    form: ReasonForm,
    act: Callable[[User, str], AlgorithmVersion],
    context: dict[str, Any],
) -> HttpResponse:
    """The page, and on POST the act. A rule that says no is a message, and what was written stays."""
    version: AlgorithmVersion | None = context.get("version")
    if request.method == "POST" and form.is_valid():
        try:
            version = act(acting(request), form.cleaned_data["reason"])
        except DomainError as error:
            messages.error(request, str(error))
        else:
            said = _("%(name)s is now “%(status)s”.")
            messages.success(request, said % {"name": version, "status": version.get_status_display()})
            return redirect("admin:matching_algorithmversion_change", version.pk)
    context = {
        **screen.admin_site.each_context(request),
        "opts": screen.opts,
        "subtitle": str(version or ""),
        "original": version,
        "form": form,
        **context,
    }
    request.current_app = screen.admin_site.name
    return render(request, "matching/admin/decide_version.html", context)
