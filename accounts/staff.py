"""What the admin screens of all apps share."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.contrib import admin
from django.contrib.admin.exceptions import NotRegistered
from django.contrib.admin.models import LogEntry
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.fields import UnfoldAdminReadonlyField

from accounts import audit
from accounts.models import User

HISTORY_PAGE = 100
# Whose page is being drawn. A column of a list is asked for its row and is told nothing of the request.
_request: ContextVar[HttpRequest | None] = ContextVar("admin_request", default=None)


@dataclass(frozen=True)
class Line:
    """One line of a History page, wherever it was noted."""

    at: datetime
    who: User | None
    what: str
    detail: dict[str, Any]

    @property
    def facts(self) -> dict[str, str]:
        """The detail as it is read: a change as “before → after”, nothing that is empty."""
        rest = {name: _said(value) for name, value in self.detail.items() if name not in {"before", "after"}}
        if "before" in self.detail:
            rest = {_("change"): f"{_said(self.detail['before'])} → {_said(self.detail['after'])}"} | rest
        return {name: text for name, text in rest.items() if text}


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_said(item)}" for name, item in value.items())
    if isinstance(value, list):
        return " + ".join(map(str, value)) or "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)


class StaffAdmin(ModelAdmin):
    """Rows come and go through the site's own rules: the admin neither adds nor deletes them."""

    list_per_page = 50
    list_filter_sheet = False
    compressed_fields = False
    warn_unsaved_form = True
    object_history_template = "admin/history.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        if "%00" in request.META["QUERY_STRING"]:  # Postgres takes no null byte, nor has anything one
            raise IncorrectLookupParameters
        return super().get_changelist_instance(request)

    def row(
        self, request: HttpRequest, object_id: str, may: Callable[[Any], bool] = lambda _row: True
    ) -> Any:
        """What a button is about, for whoever may open its page and, as `may` says, press the button.

        Raises Http404 and PermissionDenied.
        """
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        if not (self.has_view_permission(request, row) and may(row)):
            raise PermissionDenied
        return row

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Edits made in the admin and the audit trail, as one list, newest first."""

        def page() -> Page[Line]:
            lines = sorted(self.history_lines(unquote(object_id)), key=lambda line: line.at, reverse=True)
            return Paginator(lines, HISTORY_PAGE).get_page(request.GET.get("p"))

        # Lazy: Django looks the row up and checks the permission first.
        context = {"lines": SimpleLazyObject(page)} | (extra_context or {})
        response: HttpResponse = super().history_view(request, object_id, context)
        return response

    def history_lines(self, object_id: str) -> Iterator[Line]:
        edits = LogEntry.objects.filter(
            object_id=object_id, content_type=ContentType.objects.get_for_model(self.model)
        ).select_related("user")
        for edit in edits:
            yield Line(edit.action_time, edit.user, edit.get_change_message(), {})
        if object_id.isdecimal():  # the trail knows rows by number
            for event in audit.history(self.model(pk=object_id)):
                yield Line(event.at, event.actor, event.said, event.detail)


class ReadOnlyAdmin(StaffAdmin):
    warn_unsaved_form = False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class Listed(TabularInline):
    """Rows that belong to a page's row, to read. Who may see that row may see them."""

    extra = 0
    tab = True

    def get_formset(self, request: HttpRequest, obj: models.Model | None = None, **kwargs: Any) -> Any:
        # Inlines are made anew for each request.
        self.show_change_link &= may_see(request, self.model)
        return super().get_formset(request, obj, **kwargs)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        parent = self.parent_model._meta
        return request.user.has_perm(f"{parent.app_label}.view_{parent.model_name}")

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


def acting(request: HttpRequest) -> User:
    """The user of an admin view: nobody gets that far without signing in."""
    assert isinstance(request.user, User)
    return request.user


def confirm(
    screen: StaffAdmin, request: HttpRequest, obj: models.Model, *, title: str, question: str
) -> HttpResponse:
    """Ask before an act: the button posts to the same URL."""
    context = {
        **screen.admin_site.each_context(request),
        "title": title,
        "subtitle": str(obj),
        "opts": screen.opts,
        "original": obj,
        "question": question,
    }
    request.current_app = screen.admin_site.name
    return render(request, "admin/confirm.html", context)


def case(
    screen: StaffAdmin, request: HttpRequest, obj: models.Model, template: str, **context: Any
) -> HttpResponse:
    """A row once more with what happened to it, and the form of a decision: the button posts to the same URL."""
    shown = {
        **screen.admin_site.each_context(request),
        "subtitle": str(obj),
        "opts": screen.opts,
        "original": obj,
        "events": audit.history(obj)[:20],
        **context,
    }
    request.current_app = screen.admin_site.name
    return render(request, template, shown)


@contextmanager
def read_by(request: HttpRequest) -> Iterator[None]:
    """Links that are drawn meanwhile lead where the user of this request may go."""
    token = _request.set(request)
    try:
        yield
    finally:
        _request.reset(token)


def may_see(request: HttpRequest, model: type[models.Model]) -> bool:
    """The list of these rows and the page of each."""
    try:
        return bool(admin.site.get_model_admin(model).has_view_permission(request))
    except NotRegistered:
        return False


def reader_may(permission: str) -> bool:
    """Nobody may anything where no page is drawn."""
    request = _request.get()
    return request is not None and request.user.has_perm(permission)


def reader_may_see(model: type[models.Model]) -> bool:
    request = _request.get()
    return request is not None and may_see(request, model)


def reader_may_follow(url: str) -> bool:
    """An address that was noted earlier: of a row, or of a list with its filters."""
    try:
        view = resolve(urlsplit(url).path).func
    except Resolver404:
        return False
    screen = getattr(view, "model_admin", None)  # Django hangs it on the views of its own
    return screen is None or reader_may_see(screen.model)


def link_to(obj: models.Model | None, text: object = None) -> SafeString | str:
    """A link to the row's page in the admin; for who may not open it, and where there is none, the words alone."""
    if obj is None:
        return "–"
    model, said = obj._meta.model, str(text or obj)
    if not reader_may_see(model):
        return said
    url = reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change", args=[obj.pk])
    return format_html('<a href="{}" class="staff-link">{}</a>', url, said)


def list_of(model: type[models.Model], text: str, **filters: object) -> SafeString | str:
    """A link to the rows of another list that belong to this one, or the words alone."""
    if not reader_may_see(model):
        return text
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist", query=filters)
    return format_html('<a href="{}" class="staff-link">{}</a>', url, text)


def _foreign_row(_field: Any, _remote_field: Any, row: models.Model) -> SafeString | str:
    return link_to(row)


_contents = UnfoldAdminReadonlyField.contents


def _contents_once(field: UnfoldAdminReadonlyField) -> SafeString:
    """Unfold's template asks for it five times, and some of ours ask the database."""
    if not hasattr(field, "said"):
        field.said = _contents(field)
    said: SafeString = field.said
    return said


# Rows that are a field of the page's row are drawn by unfold, as links whoever reads.
UnfoldAdminReadonlyField.get_admin_url = _foreign_row
UnfoldAdminReadonlyField.contents = _contents_once
