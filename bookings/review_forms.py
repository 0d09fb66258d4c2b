from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import contacts
from accounts.widgets import Select
from bookings.models import Review, TravelerReview, Written
from experts.models import SUB_RATINGS

STARS = [
    ("", "–"),
    ("5", _("5 – excellent")),
    ("4", _("4 – good")),
    ("3", _("3 – as it should be")),
    ("2", _("2 – below that")),
    ("1", _("1 – bad")),
]
SHORTEST = 10


def _stars(label: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=label, choices=STARS, coerce=int, widget=Select)


class WrittenForm(forms.ModelForm[Any]):
    rating = _stars(_("All in all"))
    text = forms.CharField(
        label=_("Your review"),
        min_length=SHORTEST,
        max_length=4000,
        validators=[contacts.refuse],
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_(
            "What would have helped you to know before? Leave out phone numbers, addresses and names of others."
        ),
    )


class ReviewForm(WrittenForm):
    communication = _stars(_("Communication"))
    knowledge = _stars(_("Knowledge"))
    value = _stars(_("Value"))
    flexibility = _stars(_("Flexibility"))
    responsiveness = _stars(_("Responsiveness"))

    class Meta:
        model = Review
        fields = ["rating", *SUB_RATINGS, "text"]


class TravelerReviewForm(WrittenForm):
    class Meta:
        model = TravelerReview
        fields = ["rating", "text"]


FORMS: dict[type[Written], type[WrittenForm]] = {Review: ReviewForm, TravelerReview: TravelerReviewForm}


class ReplyForm(forms.Form):
    reply = forms.CharField(
        label=_("Your reply"),
        min_length=SHORTEST,
        max_length=2000,
        validators=[contacts.refuse],
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Everyone who reads the review reads it too. You can reply once."),
    )
