"""Rows that lead on by buttons: each asks once more, with a form where something has to be said."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.dataclasses import UnfoldAction
from unfold.decorators import action
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.errors import DomainError
from accounts.models import User
from accounts.staff import StaffAdmin, acting, case


class Sure(forms.Form):
    """Nothing to say but yes."""


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why"), max_length=300, widget=UnfoldAdminTextareaWidget({"rows": 3})
    )


def button(path: str, label: Any, icon: str, variant: ActionVariant) -> Callable[..., HttpResponse]:
    """A button of the change page, and the URL of the page that asks once more."""

    @action(description=label, url_path=path, icon=icon, variant=variant, permissions=["decide"])
    def step(self: "StepsAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
        return self.step(request, object_id, path, label)

    pressed: Callable[..., HttpResponse] = step
    return pressed


class StepsAdmin(StaffAdmin):
    """`decides` is the permission of all buttons. What a step does is `take`, which calls the one function for it."""

    decides = ""

    def open_steps(self, row: Any) -> set[str]:
        """Paths of the buttons that lead on from where the row stands."""
        raise NotImplementedError

    def form_of(self, row: Any, path: str, data: Any) -> forms.Form:
        return Sure(data)

    def take(self, row: Any, path: str, data: dict[str, Any], by: User) -> models.Model:
        """Do it; the row whose page comes next. DomainError: a rule says no."""
        raise NotImplementedError

    def says(self, row: Any, path: str) -> str:
        """What the button will do, in a sentence."""
        return ""

    def about(self, row: Any) -> Iterable[tuple[str, object]]:
        return ()

    def has_decide_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm(self.decides)

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[UnfoldAction]:
        row = self.get_object(request, object_id)
        able = self.open_steps(row) if row else set()
        return [one for one in super().get_actions_detail(request, object_id) if one.path in able]

    def step(self, request: HttpRequest, object_id: str, path: str, label: str) -> HttpResponse:
        """Ask, and do it on POST."""
        row = self.row(request, object_id, lambda _row: self.has_decide_permission(request))
        form = self.form_of(row, path, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                shown = self.take(row, path, form.cleaned_data, acting(request))
            except DomainError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, _("“%(row)s”: done.") % {"row": shown})
                return redirect(f"admin:{shown._meta.app_label}_{shown._meta.model_name}_change", shown.pk)
        return case(
            self,
            request,
            row,
            "social/admin/step.html",
            title=label,
            label=label,
            form=form,
            about=list(self.about(row)),
            says=self.says(row, path),
            open=path in self.open_steps(row),
        )
