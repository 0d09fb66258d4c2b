from django.utils.translation import gettext_lazy as _

from accounts.acts import WORDS

WORDS.update(
    {
        "effect.retry": _("allowed another try"),
        "job.replay": _("queued it again"),
    }
)
