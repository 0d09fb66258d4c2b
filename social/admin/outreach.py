"""The queue of messages: evidence beside the decision, the same function behind every button."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import display_for_value
from django.db.models import Case, Q, QuerySet, When, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.dataclasses import UnfoldAction
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from accounts.errors import DomainError
from accounts.models import User
from accounts.staff import ReadOnlyAdmin, acting, case, confirm, link_to
from markets import moments
from markets.formats import money
from social import moves, partnership, replies, sending, x_length, x_messages
from social.admin import outreach_forms as drafts
from social.admin import shown
from social.models import Contact, Outreach

State = Outreach.State
STATE_COLOURS = {
    State.IDENTIFIED: "default",
    State.DRAFTED: "warning",
    State.CUSTOMISED: "warning",
    State.APPROVED: "info",
    State.SENT: "info",
    State.REPLIED: "success",
    State.CONVERTED: "success",
    State.SKIPPED: "default",
    State.DECLINED: "danger",
    State.OPTED_OUT: "danger",
}
EVIDENCE = "lead__evidence__author"
PRIORITY_COLOURS = {"high": "danger", "normal": "default"}


@dataclass(frozen=True)
class Act:
    """A button: what it asks, what it does, and when it is there."""

    label: Any
    icon: str
    do: Callable[[Outreach, User, forms.Form | None], object]
    is_open: Callable[[Outreach, User], bool]
    form: type[drafts.DecisionForm] | None = None
    variant: ActionVariant = ActionVariant.DEFAULT
    question: Any = ""
    danger: bool = False


def _to(state: str, *given: str) -> Callable[[Outreach, User, forms.Form | None], object]:
    """A move with these fields of the form."""

    def do(outreach: Outreach, by: User, form: forms.Form | None) -> object:
        cleaned = form.cleaned_data if form else {}
        values = {name: cleaned[name] for name in given}
        return moves.move(outreach, state, by=by, via="admin", seen=cleaned.get("seen", ""), **values)

    return do


def _can(state: str) -> Callable[[Outreach, User], bool]:
    return lambda outreach, user: state in moves.allowed(outreach, user)


def _waits(outreach: Outreach) -> bool:
    """Approved, and nobody but a person brings it on its way."""
    return outreach.state == State.APPROVED and outreach.send_after is None


def _is_in_hand(outreach: Outreach) -> bool:
    return _waits(outreach) and sending.is_handed_over(outreach, timezone.now())


def _convert(outreach: Outreach, by: User, form: forms.Form | None) -> object:
    assert isinstance(form, drafts.ConvertForm)
    return moves.move(outreach, State.CONVERTED, by=by, via="admin", expert=form.expert)


def _reply(outreach: Outreach, by: User, form: forms.Form | None) -> object:
    assert form
    return replies.record(outreach, form.cleaned_data["text"], by=by)


def _what_approving_means() -> str:
    if x_messages.is_connected():
        return _("You answer for this message. It is sent as soon as the sending rules allow.")
    return _("You answer for this message. Send it by hand afterwards.")


ACTS = {
    "approve": Act(
        gettext_lazy("Approve and send"),
        "send",
        _to(State.APPROVED, "text"),
        lambda outreach, user: _can(State.APPROVED)(outreach, user) and bool(outreach.texts),
        drafts.ApproveForm,
        ActionVariant.SUCCESS,
        lazy(_what_approving_means, str)(),
    ),
    "customise": Act(
        gettext_lazy("Customise"),
        "edit",
        _to(State.CUSTOMISED, "text"),
        lambda outreach, user: _can(State.CUSTOMISED)(outreach, user) and not moves.is_taken(outreach),
        drafts.CustomiseForm,
        ActionVariant.PRIMARY,
    ),
    "skip": Act(
        gettext_lazy("Skip"),
        "block",
        _to(State.SKIPPED, "reason"),
        lambda outreach, user: _can(State.SKIPPED)(outreach, user) and not moves.is_taken(outreach),
        drafts.ReasonForm,
        ActionVariant.DANGER,
        danger=True,
    ),
    "claim": Act(
        gettext_lazy("Claim"),
        "back_hand",
        lambda outreach, by, form: moves.claim(outreach, by=by),
        lambda outreach, user: outreach.state in moves.OPEN and outreach.claimed_by is None,
        question=gettext_lazy("Nobody else decides about it until you release it."),
    ),
    "take-over": Act(
        gettext_lazy("Take over"),
        "swap_horiz",
        lambda outreach, by, form: moves.claim(outreach, by=by, take_over=True),
        lambda outreach, user: outreach.state in moves.OPEN and outreach.claimed_by not in {None, user},
        question=gettext_lazy("Somebody else has claimed it. Talk to them first."),
    ),
    "release": Act(
        gettext_lazy("Release"),
        "undo",
        lambda outreach, by, form: moves.release(outreach, by=by),
        lambda outreach, user: outreach.claimed_by == user,
        question=gettext_lazy("Everybody may decide about it again."),
    ),
    "by-hand": Act(
        gettext_lazy("Send by hand"),
        "open_in_new",
        lambda outreach, by, form: sending.take_by_hand(outreach, by=by),
        lambda outreach, user: _waits(outreach) and sending.may_be_handed_over(outreach, timezone.now()),
        question=gettext_lazy(
            "If the sending rules allow it now, you see the text and a link to X. Then say whether it was sent."
        ),
    ),
    "try-again": Act(
        gettext_lazy("Let X send it"),
        "refresh",
        lambda outreach, by, form: sending.try_again(outreach, by=by),
        lambda outreach, user: (
            _waits(outreach) and x_messages.is_connected() and not moves.is_taken(outreach)
        ),
        question=gettext_lazy("X is asked once more."),
    ),
    "sent": Act(
        gettext_lazy("Mark as sent"),
        "done",
        lambda outreach, by, form: sending.mark_as_sent(outreach, by=by),
        lambda outreach, user: _waits(outreach) and moves.is_taken(outreach),
        variant=ActionVariant.SUCCESS,
        question=gettext_lazy("You have seen in X that the message is there."),
    ),
    "not-sent": Act(
        gettext_lazy("It was not sent"),
        "close",
        lambda outreach, by, form: sending.was_not_sent(outreach, by=by),
        lambda outreach, user: _waits(outreach) and moves.is_taken(outreach),
        question=gettext_lazy("You have looked in X, and the message is not there. It can be sent again."),
    ),
    "record-reply": Act(
        gettext_lazy("Record a reply"),
        "reply",
        _reply,
        _can(State.REPLIED),
        drafts.ReplyForm,
        ActionVariant.PRIMARY,
    ),
    "convert": Act(
        gettext_lazy("They applied"),
        "how_to_reg",
        _convert,
        _can(State.CONVERTED),
        drafts.ConvertForm,
        ActionVariant.SUCCESS,
    ),
    "decline": Act(
        gettext_lazy("They declined"),
        "thumb_down",
        _to(State.DECLINED, "reason"),
        _can(State.DECLINED),
        drafts.ReasonForm,
    ),
    "opt-out": Act(
        gettext_lazy("Opt out"),
        "do_not_disturb_on",
        _to(State.OPTED_OUT),
        _can(State.OPTED_OUT),
        variant=ActionVariant.DANGER,
        question=gettext_lazy("None of us will ever write to this person again, in any market."),
        danger=True,
    ),
}


def _is_able(path: str, outreach: Outreach, user: User) -> bool:
    """What somebody else has claimed can be taken over, and nothing more."""
    is_free = outreach.claimed_by in {None, user} or path == "take-over"
    return is_free and ACTS[path].is_open(outreach, user)


def _button(path: str) -> Callable[..., HttpResponse]:
    """A button of the change page, and the URL of its own page."""
    act = ACTS[path]

    @action(description=act.label, url_path=path, icon=act.icon, variant=act.variant, permissions=["decide"])
    def decide(self: "OutreachAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
        return self.decide(request, object_id, path)

    button: Callable[..., HttpResponse] = decide
    return button


class WhoseFilter(admin.SimpleListFilter):
    title = gettext_lazy("task")
    parameter_name = "task"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("mine", gettext_lazy("mine")),
            ("unclaimed", gettext_lazy("unclaimed")),
            ("overdue", gettext_lazy("overdue")),
            ("waiting", gettext_lazy("to decide")),
            ("by_hand", gettext_lazy("to send by hand")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Outreach]) -> QuerySet[Outreach]:
        to_decide = Q(state__in=moves.TO_DECIDE)
        chosen = {
            "mine": Q(claimed_by=acting(request), state__in=moves.OPEN),
            "unclaimed": Q(claimed_by=None) & to_decide,
            "overdue": Q(due_at__lt=timezone.now()) & to_decide,
            "waiting": to_decide,
            "by_hand": moves.BY_HAND,
        }
        return queryset.filter(chosen.get(self.value() or "", Q()))


@admin.register(Outreach)
class OutreachAdmin(ReadOnlyAdmin):
    list_display = (
        "profile",
        "market_link",
        "coloured_state",
        "coloured_priority",
        "worth",
        "due",
        "claimed_by",
        "opening",
    )
    list_filter = (WhoseFilter, "state", "priority", ("lead__market", AutocompleteSelectFilter))
    list_filter_submit = True
    list_select_related = ("lead__author", "lead__market", "claimed_by")
    search_fields = ("lead__author__handle", "lead__author__name", "lead__market__name", "text")
    # What waits for a decision comes first, then what waits for a hand, the most pressing at the top.
    ordering = (
        Case(When(state__in=moves.TO_DECIDE, then=0), When(moves.BY_HAND, then=1), default=2),
        "priority",
        "due_at",
        "pk",
    )
    fields = (
        ("profile", "lead_link", "market_link"),
        ("state", "priority", "due_at"),
        ("claimed_by", "approved_by", "approved_at"),
        ("texts", "proof"),
        ("followers", "value_parts"),
        ("origin", "note"),
        "to_hand_over",
        "send_state",
        "reason",
        ("sent_at", "replied_at", "converted_at"),
        "reply",
        "came_of_it",
    )
    readonly_fields = tuple(name for row in fields for name in ((row,) if isinstance(row, str) else row))
    actions = ("approve_chosen", "claim_chosen", "skip_chosen")
    actions_detail = tuple(path.replace("-", "_") for path in ACTS)
    approve = _button("approve")
    customise = _button("customise")
    skip = _button("skip")
    claim = _button("claim")
    take_over = _button("take-over")
    release = _button("release")
    by_hand = _button("by-hand")
    try_again = _button("try-again")
    sent = _button("sent")
    not_sent = _button("not-sent")
    record_reply = _button("record-reply")
    convert = _button("convert")
    decline = _button("decline")
    opt_out = _button("opt-out")

    def get_fields(self, request: HttpRequest, obj: Outreach | None = None) -> Any:
        """What somebody has in hand comes first."""
        if obj is None or not _is_in_hand(obj):
            return self.fields
        return ("to_hand_over", *(row for row in self.fields if row != "to_hand_over"))

    def has_decide_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm(moves.PERMISSION)

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[UnfoldAction]:
        """Only what can be done about it now, by this person."""
        outreach = self.get_object(request, object_id)
        if outreach is None:
            return []
        user = acting(request)
        return [
            one
            for one in super().get_actions_detail(request, object_id)
            if _is_able(one.path, outreach, user)
        ]

    def decide(self, request: HttpRequest, object_id: str, path: str) -> HttpResponse:
        """Ask, with the evidence beside it, and do it on POST."""
        act = ACTS[path]
        outreach = self.row(request, object_id, lambda _row: self.has_decide_permission(request))
        form = act.form(request.POST or None, outreach=outreach) if act.form else None
        if request.method == "POST" and (form is None or form.is_valid()):
            try:
                act.do(outreach, acting(request), form)
            except DomainError as error:
                messages.error(request, str(error))
                return redirect("admin:social_outreach_change", outreach.pk)
            return self._done(request, Outreach.objects.get(pk=outreach.pk), path)
        if form is None:
            return confirm(self, request, outreach, title=act.label, question=act.question)
        return case(
            self,
            request,
            outreach,
            "social/admin/decide.html",
            title=act.label,
            label=act.label,
            form=form,
            question=act.question,
            danger=act.danger,
            open=act.is_open(outreach, acting(request)),
            outreach=outreach,
            proof=self.proof(outreach),
            worth=self.value_parts(outreach),
            profile=shown.profile(outreach.lead.author),
        )

    def _done(self, request: HttpRequest, outreach: Outreach, path: str) -> HttpResponse:
        """What came of it, and the page where it goes on."""
        if path == "approve" and _waits(outreach):
            messages.success(request, _("Approved. Now send it by hand."))
            return redirect("admin:social_outreach_by_hand", outreach.pk)
        if outreach.state == State.OPTED_OUT:  # a reply may have said so
            messages.success(request, _("Nobody writes to this person any more."))
        else:
            messages.success(request, _("Done: “%(act)s”.") % {"act": ACTS[path].label})
        return redirect("admin:social_outreach_change", outreach.pk)

    # Several at once

    @action(description=gettext_lazy("Approve and send the first message"), permissions=["decide"])
    def approve_chosen(self, request: HttpRequest, queryset: QuerySet[Outreach]) -> HttpResponse | None:
        """Shows each text whole first; what has changed since is refused."""

        def approve(row: Outreach, by: User, read: drafts.Read) -> object:
            return moves.move(
                row, State.APPROVED, by=by, text=read.text_of(row), seen=read.state, via="admin"
            )

        return self._many(request, queryset, "approve", None, approve)

    @action(description=gettext_lazy("Claim"), permissions=["decide"])
    def claim_chosen(self, request: HttpRequest, queryset: QuerySet[Outreach]) -> None:
        self._each(request, queryset, lambda row, by: moves.claim(row, by=by))

    @action(description=gettext_lazy("Skip"), permissions=["decide"])
    def skip_chosen(self, request: HttpRequest, queryset: QuerySet[Outreach]) -> HttpResponse | None:
        """Asks for the reason first: one for all of them."""
        form = drafts.SkipManyForm(request.POST if "reason" in request.POST else None)

        def skip(row: Outreach, by: User, read: drafts.Read) -> object:
            reason = form.cleaned_data["reason"]
            return moves.move(row, State.SKIPPED, by=by, reason=reason, seen=read.state, via="admin")

        return self._many(request, queryset, "skip", form, skip)

    def _many(
        self,
        request: HttpRequest,
        queryset: QuerySet[Outreach],
        path: str,
        form: forms.Form | None,
        do: Callable[[Outreach, User, drafts.Read], object],
    ) -> HttpResponse | None:
        """Ask once more about all of them, and do it to those that are as the page showed them."""
        read = drafts.read(request.POST.getlist("read"))
        if read and (form is None or form.is_valid()):
            self._each(request, queryset, lambda row, by: do(row, by, read.get(row.pk, drafts.UNREAD)))
            return None
        rows = list(queryset.select_related("lead__author", "claimed_by", "grounded_on__author"))
        able = [row for row in rows if _is_able(path, row, acting(request))]
        prefetch_related_objects(able, EVIDENCE)
        context = {
            **self.admin_site.each_context(request),
            "title": ACTS[path].label,
            "opts": self.opts,
            "rows": [(row, drafts.mark_of(row), self.proof(row)) for row in able],
            "left_out": [row for row in rows if row not in able],
            "action": f"{path}_chosen",
            "form": form,
        }
        request.current_app = self.admin_site.name
        return render(request, "social/admin/many.html", context)

    def _each(
        self, request: HttpRequest, queryset: Iterable[Outreach], do: Callable[[Outreach, User], object]
    ) -> None:
        """By the same function as the button; one that says no holds up no other."""
        done = 0
        for row in queryset:
            try:
                do(row, acting(request))
            except DomainError as error:
                messages.warning(request, f"{row.lead}: {error}")
            else:
                done += 1
        said = ngettext("%(count)s row changed.", "%(count)s rows changed.", done)
        messages.success(request, said % {"count": done})

    # What is shown

    @display(description=gettext_lazy("handle"), ordering="lead__author__handle")
    def profile(self, row: Outreach) -> SafeString | str:
        return str(row.lead.author)

    @display(description=gettext_lazy("lead"))
    def lead_link(self, row: Outreach) -> str:
        return link_to(row.lead)

    @display(description=gettext_lazy("market"), ordering="lead__market__name")
    def market_link(self, row: Outreach) -> str:
        return link_to(row.lead.market)

    @display(description=gettext_lazy("state"), ordering="state", label=STATE_COLOURS)
    def coloured_state(self, row: Outreach) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @display(description=gettext_lazy("priority"), ordering="priority", label=PRIORITY_COLOURS)
    def coloured_priority(self, row: Outreach) -> tuple[str, str]:
        return row.priority, row.get_priority_display()

    @display(description=gettext_lazy("value a month"), ordering="value")
    def worth(self, row: Outreach) -> str:
        return _("unknown") if row.value is None else money(row.value, "USD")

    @display(description=gettext_lazy("due"), ordering="due_at")
    def due(self, row: Outreach) -> SafeString | str:
        at = display_for_value(row.due_at, "–")
        if row.due_at >= timezone.now() or row.state not in moves.TO_DECIDE:
            return at
        return format_html('{}<br><b class="staff-bad">{}</b>', at, _("overdue"))

    @display(description=gettext_lazy("message"))
    def opening(self, row: Outreach) -> str:
        return Truncator(next(iter(row.texts), "")).chars(80) or "–"

    @display(description=gettext_lazy("followers"))
    def followers(self, row: Outreach) -> str:
        return shown.known(row.lead.followers)

    @display(description=gettext_lazy("value a month"))
    def value_parts(self, row: Outreach) -> str:
        if row.value is None:
            return _("No value: nobody knows how many people follow them.")
        return _("%(sum)s: %(reach)s by reach, %(bookings)s by bookings, %(content)s by content") % {
            "sum": money(row.value, "USD"),
            "reach": money(row.value_reach or 0, "USD"),
            "bookings": money(row.value_bookings or 0, "USD"),
            "content": money(row.value_content or 0, "USD"),
        }

    @display(description=gettext_lazy("messages"))
    def texts(self, row: Outreach) -> SafeString | str:
        """Once one is approved, that one alone: nobody sends another by mistake."""
        note = _("approved") if row.approved_at else ""
        lines = (
            (text, " · ".join(filter(None, [f"{x_length.length(text)} / {x_length.LONGEST}", note])))
            for text in ([row.text] if row.approved_at else row.texts)
        )
        return shown.paragraphs("{}<br><small>{}</small>", lines) or "–"

    @display(description=gettext_lazy("evidence"))
    def proof(self, row: Outreach) -> SafeString:
        """What the messages stand on first, then what made this person a lead."""
        prefetch_related_objects([row], EVIDENCE)  # unless it is there already
        newest = sorted(row.lead.evidence.all(), key=lambda post: (post.posted_at, -post.pk), reverse=True)
        found = {post.pk: post for post in newest}
        if row.grounded_on:
            found = {row.grounded_on.pk: row.grounded_on} | found
        return shown.posts(found.values())

    @display(description=gettext_lazy("to send by hand"))
    def to_hand_over(self, row: Outreach) -> SafeString | str:
        """Text and link appear once the rules have been asked: what is read here may leave."""
        if not _is_in_hand(row):
            return "–"
        link = format_html(shown.OUT, row.lead.author.url, _("Open in X"))
        return format_html("<p>{}</p><p>{}</p>", row.text, link)

    @display(description=gettext_lazy("sending"))
    def send_state(self, row: Outreach) -> str:
        if row.state != State.APPROVED:
            return "–"
        if row.send_after is None and not row.send_note:
            if moves.is_taken(row) and not sending.is_handed_over(row, timezone.now()):
                return _("Somebody took it to send it by hand, and has not said whether it was sent.")
            return _("A person sends it.")
        when = f"{moments.moment(row.send_after, 'UTC')} (UTC)" if row.send_after else ""
        return " ".join(filter(None, [row.send_note, when]))

    @display(description=gettext_lazy("return on the partnership"))
    def came_of_it(self, row: Outreach) -> str:
        found = partnership.returns([row], timezone.now()) if row.state == State.CONVERTED else []
        return said_of(found[0]) if found else "–"


def said_of(one: partnership.Return) -> str:
    """Estimate beside what was booked."""
    estimate = _("no estimate") if one.estimate is None else money(one.estimate, "USD")
    booked = ngettext(
        "%(bookings)s booking of %(booked)s, our commission %(share)s",
        "%(bookings)s bookings of %(booked)s, our commission %(share)s",
        one.bookings,
    ) % {
        "bookings": one.bookings,
        "booked": money(one.booked, "USD"),
        "share": money(one.commission, "USD"),
    }
    estimated = ngettext(
        "estimated for %(months)s month: %(estimate)s",
        "estimated for %(months)s months: %(estimate)s",
        math.ceil(one.months),
    ) % {"months": one.months, "estimate": estimate}
    missing = _("without a rate: %(codes)s") % {"codes": ", ".join(one.unrated)} if one.unrated else ""
    return " · ".join(
        filter(None, [booked, estimated, f"{one.percent} %" if one.percent is not None else "", missing])
    )


@admin.register(Contact)
class ContactAdmin(ReadOnlyAdmin):
    """The consent ledger, to read."""

    list_display = ("at", "handle_known", "kind", "until", "outreach_link", "by")
    list_filter = ("kind",)
    list_filter_submit = True
    list_select_related = ("outreach__lead__author", "by")
    search_fields = ("handle",)
    ordering = ("-at", "-pk")
    fields = ("at", "handle_known", "kind", "until", "outreach_link", "by")
    readonly_fields = fields

    @display(description=gettext_lazy("handle"), ordering="handle")
    def handle_known(self, contact: Contact) -> str:
        return f"@{contact.handle}" if contact.handle else _("erased")

    @display(description=gettext_lazy("outreach"))
    def outreach_link(self, contact: Contact) -> str:
        return link_to(contact.outreach)
