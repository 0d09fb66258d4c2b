from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from matching.models import Feedback


class FeedbackForm(forms.ModelForm[Feedback]):
    class Meta:
        model = Feedback
        fields: ClassVar[list[str]] = ["factor", "text"]
        widgets = {"text": forms.Textarea(attrs={"rows": 5})}
        labels = {"factor": _("Which factor"), "text": _("What is wrong with it")}
        help_texts = {"text": _("At most 1,000 characters. Our staff read it; the traveler does not.")}
