from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.encoding import punycode
from django.utils.translation import gettext as _

LONGEST = 254  # RFC 5321


def validate_deliverable(email: str) -> None:
    """Some addresses look right and no mail can be sent to them: they, or their domain in ASCII, are too long."""
    try:
        punycode(email.rpartition("@")[2])
    except UnicodeError as error:
        raise ValidationError(EmailValidator.message, code="invalid") from error
    if len(email.lower()) > LONGEST:  # allauth would cut it off there, and it would be another one
        raise ValidationError(EmailValidator.message, code="invalid")


def anothers_address() -> str:
    return _("Another account signs in with this address. Use one that is yours alone.")


class LowerCaseEmailField(forms.EmailField):
    """Checked as it is stored: a few letters grow longer in lower case."""

    default_validators = [*forms.EmailField.default_validators, validate_deliverable]

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).lower()
