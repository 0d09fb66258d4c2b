"""The staff's screens of reviews: to read, and to hide or show with a reason."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.dataclasses import UnfoldAction
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts import audit
from accounts.errors import DomainError
from accounts.staff import ReadOnlyAdmin, acting, link_to
from bookings import reviewing
from bookings.models import Review, TravelerReview, Written
from markets.formats import day_range

State = Written.State
COLOURS = {State.WAITING: "default", State.PUBLISHED: "success", State.HIDDEN: "danger"}


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("Whoever wrote the review reads this in a mail."),
        max_length=2000,
        widget=UnfoldAdminTextareaWidget({"rows": 4}),
    )


def _button(to: str, path: str, label: Any, icon: str, variant: ActionVariant) -> Callable[..., HttpResponse]:
    """A button of the change page, and the URL of its confirmation page."""

    @action(description=label, url_path=path, icon=icon, variant=variant, permissions=["moderate"])
    def decide(self: "WrittenAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
        return self.decide(request, object_id, to, label)

    button: Callable[..., HttpResponse] = decide
    return button


class WrittenAdmin(ReadOnlyAdmin):
    list_display = ("written_at", "coloured_state", "author_link", "reviewed_link", "rating", "opening")
    list_filter = ("state", "rating", ("published_at", RangeDateTimeFilter))
    list_filter_submit = True
    list_select_related = ("booking__traveler", "booking__expert__user")
    search_fields = (
        "booking__expert__user__name",
        "booking__expert__user__email",
        "booking__traveler__name",
        "booking__traveler__email",
        "text",
    )
    ordering = ("-pk",)
    about = (
        ("author_link", "reviewed_link", "booking_link"),
        ("state", "written_at", "published_at"),
        "moderation_reason",
    )
    fields: Any = (*about, "rating", "text", ("reply", "replied_at"))
    readonly_fields: Any = (
        *("author_link", "reviewed_link", "booking_link", "state", "written_at", "published_at"),
        *("moderation_reason", "rating", "text", "reply", "replied_at"),
    )
    actions_detail = ("hide", "show")

    hide = _button(State.HIDDEN, "hide", gettext_lazy("Hide"), "visibility_off", ActionVariant.DANGER)
    show = _button(State.PUBLISHED, "show", gettext_lazy("Show again"), "visibility", ActionVariant.SUCCESS)

    def has_moderate_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        return request.user.has_perm(f"bookings.moderate_{self.opts.model_name}")

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[UnfoldAction]:
        """Only the move that leads on from where the review is, for whoever may make it."""
        review = self.get_object(request, object_id)
        path = {State.PUBLISHED: "hide", State.HIDDEN: "show"}.get(review.state) if review else None
        if review is None or not reviewing.may_moderate(review, acting(request)):
            return []
        return [one for one in super().get_actions_detail(request, object_id) if one.path == path]

    def decide(self, request: HttpRequest, object_id: str, to: str, label: str) -> HttpResponse:
        """The review once more, and the move on POST."""
        review = self.row(request, object_id, lambda review: reviewing.may_moderate(review, acting(request)))
        form = ReasonForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            return self._move(request, review, to, form.cleaned_data["reason"])
        context = {
            **self.admin_site.each_context(request),
            "title": label,
            "subtitle": str(review),
            "opts": self.opts,
            "label": label,
            "open": review.state != State.WAITING and review.can_become(to),
            "danger": to == State.HIDDEN,
            "form": form,
            "original": review,
            "review": review,
            "events": audit.history(review)[:20],
        }
        request.current_app = self.admin_site.name
        return render(request, "bookings/admin/decide_review.html", context)

    def _move(self, request: HttpRequest, review: Written, to: str, reason: str) -> HttpResponse:
        try:
            moved = reviewing.move(review=review, to=to, by=acting(request), reason=reason)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            said = _("The review is now “%(state)s”.")
            messages.success(request, said % {"state": moved.get_state_display()})
        return redirect(f"admin:bookings_{self.opts.model_name}_change", review.pk)

    @display(description=gettext_lazy("written by"), ordering="booking__traveler__email")
    def author_link(self, review: Written) -> str:
        return link_to(review.author)

    @display(description=gettext_lazy("about"), ordering="booking__expert__user__name")
    def reviewed_link(self, review: Written) -> str:
        return link_to(review.reviewed)

    @display(description=gettext_lazy("booking"))
    def booking_link(self, review: Written) -> str:
        return link_to(review.booking, day_range(review.booking.start, review.booking.end))

    @display(description=gettext_lazy("state"), ordering="state", label=COLOURS)
    def coloured_state(self, review: Written) -> tuple[str, str]:
        return review.state, review.get_state_display()

    @display(description=gettext_lazy("text"))
    def opening(self, review: Written) -> str:
        return Truncator(review.text).chars(80)


@admin.register(Review)
class ReviewAdmin(WrittenAdmin):
    sub_ratings = ("communication", "knowledge", "value", "flexibility", "responsiveness")
    fields = (*WrittenAdmin.about, ("rating", *sub_ratings), "text", ("reply", "replied_at"))
    readonly_fields = (*WrittenAdmin.readonly_fields, *sub_ratings)


@admin.register(TravelerReview)
class TravelerReviewAdmin(WrittenAdmin):
    pass
