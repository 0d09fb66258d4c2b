from django.utils.translation import gettext_lazy as _

from accounts.acts import WORDS

WORDS.update(
    {
        "market.status": _("changed the state of the market"),
    }
)
