from django import forms
from django.utils.translation import gettext_lazy as _

from matching.models import Factor, Feedback


class FeedbackForm(forms.ModelForm[Feedback]):
    """Which factor of a score is wrong, and why. It is checked here and kept by `feedback.say`."""

    factor = forms.ChoiceField(
        label=_("Which factor is wrong?"), choices=Factor.choices, widget=forms.RadioSelect
    )

    class Meta:
        model = Feedback
        fields = ["factor", "text"]
        labels = {"text": _("What is wrong with it?")}
        help_texts = {"text": _("Our staff read this. It changes no score by itself.")}
        widgets = {"text": forms.Textarea(attrs={"rows": 4})}
