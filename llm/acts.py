from django.utils.translation import gettext_lazy as _

from accounts.acts import WORDS

WORDS.update(
    {
        "llm.switch": _("turned models on or off"),
    }
)
