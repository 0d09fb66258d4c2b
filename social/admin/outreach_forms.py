"""What staff fill in to decide on a message."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminTextareaWidget,
)

from accounts.errors import DomainError
from experts.models import Expert
from social import moves, x_length
from social.fingerprints import number
from social.models import Outreach


class DecisionForm(forms.Form):
    """`seen` is the state that whoever decides has read: a decision about another one is refused."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, outreach: Outreach, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.outreach = outreach
        self.fields["seen"].initial = outreach.state


class ApproveForm(DecisionForm):
    text = forms.ChoiceField(label=gettext_lazy("Message"), widget=UnfoldAdminRadioSelectWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        texts = self.outreach.texts
        self.fields["text"].choices = [(text, _counted(text)) for text in texts]  # type: ignore[attr-defined]  # of a choice field
        self.fields["text"].initial = texts[0] if texts else None


class CustomiseForm(DecisionForm):
    text = forms.CharField(
        label=gettext_lazy("Message"),
        max_length=1000,
        widget=UnfoldAdminTextareaWidget({"rows": 6}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].initial = next(iter(self.outreach.texts), "")
        self.fields["text"].help_text = _(
            "At most %(most)s characters as X counts them: two for each Chinese, Japanese or Korean letter and each "
            "emoji. You approve it afterwards."
        ) % {"most": x_length.LONGEST}

    def clean_text(self) -> str:
        """Beside the field, with what was written still in it."""
        try:
            return moves.checked(self.cleaned_data["text"])
        except DomainError as error:
            raise forms.ValidationError(str(error)) from error


class ReasonForm(DecisionForm):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("Our team alone reads this."),
        max_length=1000,
        widget=UnfoldAdminTextareaWidget({"rows": 4}),
    )


class ReplyForm(DecisionForm):
    text = forms.CharField(
        label=gettext_lazy("What they said"),
        help_text=gettext_lazy("Where they ask us to stop, nobody writes to them again."),
        max_length=2000,
        widget=UnfoldAdminTextareaWidget({"rows": 6}),
    )


class ConvertForm(DecisionForm):
    email = forms.EmailField(
        label=gettext_lazy("E-mail address of their account"),
        help_text=gettext_lazy("With which they applied as an expert."),
        widget=UnfoldAdminEmailInputWidget,
    )

    def clean_email(self) -> str:
        self.expert = Expert.objects.filter(user__email__iexact=self.cleaned_data["email"]).first()
        if self.expert is None:
            raise forms.ValidationError(_("No expert has applied with this address."))
        return str(self.cleaned_data["email"])


class SkipManyForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=1000, widget=UnfoldAdminTextareaWidget({"rows": 4})
    )


@dataclass(frozen=True)
class Read:
    """What a page showed of a row: its state, and the number that stands for its first text."""

    state: str
    text: str

    def text_of(self, outreach: Outreach) -> str:
        first = next(iter(outreach.texts), "")
        if str(number(first)) != self.text:
            raise DomainError(_("This text is not there any more. Read it again, then approve it."))
        return first


UNREAD = Read("unread", "")


def mark_of(outreach: Outreach) -> str:
    return f"{outreach.pk}:{outreach.state}:{number(next(iter(outreach.texts), ''))}"


def read(marks: Iterable[str]) -> dict[int, Read]:
    parts = (mark.split(":") for mark in marks)
    return {int(one[0]): Read(*one[1:]) for one in parts if len(one) == 3 and one[0].isdecimal()}


def _counted(text: str) -> str:
    return _("%(text)s (%(count)s of %(most)s)") % {
        "text": text,
        "count": x_length.length(text),
        "most": x_length.LONGEST,
    }
