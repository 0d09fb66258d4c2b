from django.utils.translation import gettext_lazy as _

from accounts.acts import WORDS

WORDS.update(
    {
        "algorithm.active": _("made the version active"),
        "algorithm.draft": _("took the version back to a draft"),
        "algorithm.fit": _("asked to fit the weights"),
        "algorithm.retired": _("retired the version"),
        "algorithm.shadow": _("put the version in the shadow"),
    }
)
