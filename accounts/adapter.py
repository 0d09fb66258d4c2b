from typing import Any
from urllib.parse import urlsplit

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from accounts.emails import anothers_address, validate_deliverable
from accounts.languages import remember
from accounts.meta import absolute
from accounts.models import User

log = structlog.get_logger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    def populate_username(self, request: HttpRequest, user: User) -> None:
        """There are no user names here: the e-mail address is the login."""

    def clean_email(self, email: str) -> str:
        validate_deliverable(email)
        return str(super().clean_email(email))

    def save_user(self, request: HttpRequest, user: User, form: BaseForm, commit: bool = True) -> User:
        user.name = form.cleaned_data["name"]
        user.time_zone = form.cleaned_data.get("time_zone") or "UTC"
        user.language = get_language() or settings.LANGUAGE_CODE
        saved: User = super().save_user(request, user, form, commit)
        return saved

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """On every device somebody reads the language of their account."""
        return remember(super().post_login(request, user, **kwargs), user.language)

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """allauth refuses what another account has confirmed, but not what it signs in with unconfirmed."""
        others = User.objects.exclude(pk=email_address.user_id)
        if others.filter(email=email_address.email).exists():
            messages.error(request, anothers_address())
            return False
        return bool(super().confirm_email(request, email_address))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """The person waits for this mail, so that a mail server that fails is told to them at once.

        It is no job: a stored message would let staff read the link that opens the account.
        """
        user = context.get("user") or User.objects.filter(email=email).first()
        name = user.name if user and _has_confirmed(user, email) else ""
        try:
            with override(user.language if user else get_language()):
                super().send_mail(template_prefix, email, {**context, **_our_links(context), "name": name})
        except OSError:
            log.exception("account_mail_failed", template=template_prefix)
            messages.error(
                self.request,
                _("The mail could not be sent just now. Please ask for it again in a few minutes."),
            )


def _has_confirmed(user: User, email: str) -> bool:
    """Else the name may be a stranger's, who signed up with this address to send it words of their own."""
    return EmailAddress.objects.filter(user=user, email__iexact=email, verified=True).exists()


def _our_links(context: dict[str, Any]) -> dict[str, str]:
    """allauth begins links with the host of the request."""
    links = {name: urlsplit(value) for name, value in context.items() if name.endswith("_url")}
    return {name: absolute(link._replace(scheme="", netloc="").geturl()) for name, link in links.items()}
