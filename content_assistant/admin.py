"""The staff's screens of the content assistant: texts that were held back, and what becomes of drafts."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import F, OrderBy
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.dataclasses import UnfoldAction
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.errors import DomainError
from accounts.staff import ReadOnlyAdmin, acting, case, confirm, link_to
from content_assistant import ruling as moves
from content_assistant.analytics_page import page
from content_assistant.checks import quoted
from content_assistant.models import Ruling
from llm import door

COLOURS = {
    "": "warning",
    Ruling.Decision.APPROVED: "success",
    Ruling.Decision.EDITED: "info",
    Ruling.Decision.REJECTED: "danger",
}
REASONS = {
    door.Reason.PROFANITY: gettext_lazy("bad language"),
    door.Reason.SLUR: gettext_lazy("a slur"),
    door.Reason.CONTACT: gettext_lazy("contact details"),
    door.Reason.LINK: gettext_lazy("a link"),
    door.Reason.SPAM: gettext_lazy("advertising"),
    door.Reason.LEAK: gettext_lazy("our instructions"),
}
Move = Callable[..., Ruling]


class ApproveForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Note"),
        help_text=gettext_lazy("The expert reads it. It may stay empty."),
        required=False,
        max_length=moves.LONGEST_REASON,
        widget=UnfoldAdminTextareaWidget({"rows": 3}),
    )


class RejectForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("The expert reads it, in a notice and beside the draft."),
        max_length=moves.LONGEST_REASON,
        widget=UnfoldAdminTextareaWidget({"rows": 4}),
    )


class EditForm(RejectForm):
    text = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=moves.LONGEST_TEXT,
        strip=False,
        widget=UnfoldAdminTextareaWidget({"rows": 18}),
    )
    field_order = ("text", "reason")


def _decision(name: str, label: Any, icon: str, variant: ActionVariant) -> Callable[..., HttpResponse]:
    """A button of the change page, and the URL of its page."""

    @action(description=label, url_path=name, icon=icon, variant=variant, permissions=["decide"])
    def decide(self: "RulingAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
        return self.decide(request, object_id, name, label)

    button: Callable[..., HttpResponse] = decide
    return button


@admin.register(Ruling)
class RulingAdmin(ReadOnlyAdmin):
    list_display = ("age", "kind", "expert_link", "machine", "taken_by", "human", "decided_at")
    list_filter = ("decision", "version__draft__tool", ("held_at", RangeDateTimeFilter))
    list_filter_submit = True
    list_select_related = ("version__draft__expert__user", "claimed_by", "decided_by")
    search_fields = (
        "version__draft__expert__user__name",
        "version__draft__expert__user__email",
        "version__text",
    )
    fields: Any = (
        ("kind", "expert_link", "age"),
        ("held_at", "taken_by"),
        "found",
        "text",
        ("decided", "decided_by", "decided_at"),
        "reason",
    )
    readonly_fields: Any = (
        *("kind", "expert_link", "age", "held_at", "taken_by", "found", "text"),
        *("decided", "decided_by", "decided_at", "reason"),
    )
    actions_detail = ("claim", "release", "approve", "edit", "reject")
    change_list_template = "content_assistant/admin/ruling_list.html"

    approve = _decision("approve", gettext_lazy("Approve"), "check_circle", ActionVariant.SUCCESS)
    edit = _decision("edit", gettext_lazy("Edit and approve"), "edit", ActionVariant.WARNING)
    reject = _decision("reject", gettext_lazy("Reject"), "block", ActionVariant.DANGER)

    def get_urls(self) -> list[URLPattern]:
        shown = self.admin_site.admin_view(self.analytics)
        return [path("analytics/", shown, name="content_assistant_ruling_analytics"), *super().get_urls()]

    def get_ordering(self, request: HttpRequest) -> list[OrderBy]:
        """What waits for a person, whatever waits longest first; then what was decided last."""
        return [F("decided_at").desc(nulls_first=True), F("held_at").asc(), F("pk").asc()]

    def has_decide_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm("content_assistant.decide_ruling")

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[UnfoldAction]:
        """Only what this person can do with it now."""
        ruling = self.get_object(request, object_id)
        open_now = _open_to(ruling, request) if ruling else set()
        return [one for one in super().get_actions_detail(request, object_id) if one.path in open_now]

    @action(description=gettext_lazy("Take"), url_path="claim", icon="front_hand", permissions=["decide"])
    def claim(self, request: HttpRequest, object_id: str) -> HttpResponse:
        question = _("Nobody else can decide about it for half an hour, or until you put it back.")
        return self._ask(request, object_id, moves.claim, _("Take"), question)

    @action(description=gettext_lazy("Put back"), url_path="release", icon="undo", permissions=["decide"])
    def release(self, request: HttpRequest, object_id: str) -> HttpResponse:
        question = _("Somebody else can decide about it then.")
        return self._ask(request, object_id, moves.release, _("Put back"), question)

    def decide(self, request: HttpRequest, object_id: str, name: str, label: str) -> HttpResponse:
        """What was held and why, and the decision on POST."""
        ruling = self._theirs(request, object_id)
        form = self._form(request, ruling, name)
        if request.method == "POST" and form.is_valid() and self._decided(request, ruling, name, form):
            return redirect("admin:content_assistant_ruling_change", ruling.pk)
        return case(
            self,
            request,
            ruling,
            "content_assistant/admin/decide_ruling.html",
            title=label,
            label=label,
            open=name in _open_to(ruling, request),
            danger=name == "reject",
            form=form,
            ruling=ruling,
            holder=moves.holder(ruling),
            kind=self.kind(ruling),
            text=marked(ruling),
            verdicts=list(_lines(ruling)),
            age=self.age(ruling),
        )

    def _form(self, request: HttpRequest, ruling: Ruling, name: str) -> forms.Form:
        data = request.POST if request.method == "POST" else None
        if name == "edit":
            return EditForm(data, initial={"text": ruling.version.text})
        return ApproveForm(data) if name == "approve" else RejectForm(data)

    def _decided(self, request: HttpRequest, ruling: Ruling, name: str, form: forms.Form) -> bool:
        made: dict[str, Move] = {"approve": moves.approve, "edit": moves.edit, "reject": moves.reject}
        try:
            decided = made[name](ruling=ruling, by=acting(request), **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, str(error))
            return False
        said = _("The text is now “%(decision)s”. The expert is told.")
        messages.success(request, said % {"decision": decided.get_decision_display()})
        return True

    def _ask(
        self, request: HttpRequest, object_id: str, move: Move, title: str, question: str
    ) -> HttpResponse:
        ruling = self._theirs(request, object_id)
        if request.method != "POST":
            return confirm(self, request, ruling, title=title, question=question)
        try:
            move(ruling=ruling, by=acting(request))
        except DomainError as error:
            messages.error(request, str(error))
        return redirect("admin:content_assistant_ruling_change", ruling.pk)

    def _theirs(self, request: HttpRequest, object_id: str) -> Ruling:
        """Nobody decides about their own text."""
        ruling: Ruling = self.row(
            request, object_id, lambda ruling: moves.may_decide(ruling, acting(request))
        )
        return ruling

    def analytics(self, request: HttpRequest) -> HttpResponse:
        return page(self, request)

    @display(description=gettext_lazy("waiting for"), ordering="held_at")
    def age(self, ruling: Ruling) -> str:
        """How long a person took, once one has decided."""
        until: datetime | None = ruling.decided_at
        return timesince(ruling.held_at, until, depth=1)

    @display(description=gettext_lazy("text for"), ordering="version__draft__tool")
    def kind(self, ruling: Ruling) -> str:
        return ruling.version.draft.get_tool_display()

    @display(description=gettext_lazy("expert"), ordering="version__draft__expert__user__name")
    def expert_link(self, ruling: Ruling) -> str:
        return link_to(ruling.version.draft.expert)

    @display(description=gettext_lazy("the machine says"))
    def machine(self, ruling: Ruling) -> str:
        return ", ".join(dict.fromkeys(reason for reason, _span, _detail in _lines(ruling)))

    @display(description=gettext_lazy("taken by"), ordering="claimed_by__name", empty_value="–")
    def taken_by(self, ruling: Ruling) -> str | None:
        holder = moves.holder(ruling)
        return holder.name if holder else None

    @display(description=gettext_lazy("our team says"), ordering="decision", label=COLOURS)
    def human(self, ruling: Ruling) -> tuple[str, str]:
        return ruling.decision, self.decided(ruling)

    @display(description=gettext_lazy("our team says"))
    def decided(self, ruling: Ruling) -> str:
        return str(ruling.get_decision_display() or _("waiting"))

    @display(description=gettext_lazy("the machine says"))
    def found(self, ruling: Ruling) -> SafeString:
        return format_html_join("", "<p><b>{}</b>: {} {}</p>", _lines(ruling))

    @display(description=gettext_lazy("text"))
    def text(self, ruling: Ruling) -> SafeString:
        return format_html('<div class="staff-text staff-prewrapped">{}</div>', marked(ruling))


def _open_to(ruling: Ruling, request: HttpRequest) -> set[str]:
    """The buttons that lead on from where it is."""
    user, holder = acting(request), moves.holder(ruling)
    if ruling.decision or not moves.may_decide(ruling, user) or (holder and holder != user):
        return set()
    decisions = {"approve", "reject"} | ({"edit"} if moves.can_edit(ruling) else set())
    return decisions | ({"release"} if holder else {"claim"})


def _lines(ruling: Ruling) -> Iterable[tuple[str, str, str]]:
    """Reason, what stands there, and what exactly is wrong with it."""
    named = {reason.value: str(label) for reason, label in REASONS.items()}
    for verdict in ruling.verdicts:
        reason = str(verdict.get("reason", ""))
        span = str(verdict.get("span") or "")
        yield (
            named.get(reason, reason),
            quoted(span) if span else "",
            str(verdict.get("detail") or ""),
        )


def marked(ruling: Ruling) -> SafeString:
    """The text with what was found in it."""
    text, spans = ruling.version.text, sorted(_places(ruling))
    pieces, rest = [], 0
    for start, end in spans:
        if start >= rest:
            pieces += [(text[rest:start], text[start:end])]
            rest = end
    return format_html("{}{}", format_html_join("", "{}<mark>{}</mark>", pieces), text[rest:])


def _places(ruling: Ruling) -> Iterable[tuple[int, int]]:
    """Offsets are of the text as it came; where something else stands there now, the words are looked for."""
    text = ruling.version.text
    for verdict in ruling.verdicts:
        span, start = str(verdict.get("span") or ""), verdict.get("start")
        if not span:
            continue
        at = start if isinstance(start, int) and text[start : start + len(span)] == span else text.find(span)
        if at >= 0:
            yield at, at + len(span)
