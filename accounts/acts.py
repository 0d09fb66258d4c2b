"""Words for what the audit trail notes, by action, as they follow on a name: each app's `acts` adds its own."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

WORDS: dict[str, "StrOrPromise"] = {
    "notice_mail.send_again": _("sent the mail again"),
    "personal.download": _("downloaded the personal data"),
    "personal.erase": _("erased the account"),
    "personal.ready": _("made the archive of personal data"),
    "personal.request": _("asked for the personal data"),
    "user.access": _("changed the access"),
    "user.notices": _("chose what reaches them"),
    "user.second_factor_removed": _("removed the second factor"),
}
