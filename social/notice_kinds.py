"""What staff are told by notices: that alerts wait in the inbox. Which ones stands there alone, so that what is erased
is gone from everywhere.
"""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Delivery
from accounts.notices.facts import Facts
from accounts.notices.kinds import Kind, Words, register
from social.models import Alert


def _of_alerts(facts: Facts) -> Words:
    counts = [(kind, facts[kind]) for kind in Alert.Kind.values]
    known = [(kind, count) for kind, count in counts if isinstance(count, int) and count > 0]
    total = sum(count for _kind, count in known)
    title = ngettext("%(count)s alert waits in the inbox", "%(count)s alerts wait in the inbox", total) % {
        "count": total
    }
    details = [(str(Alert.Kind(kind).label), str(count)) for kind, count in known]
    return Words(title, details=details, action=_("Open the inbox"))


def register_all() -> None:
    register(
        Kind(
            "social.alerts",
            gettext_lazy("Alerts of social commerce"),
            gettext_lazy("For staff"),
            _of_alerts,
            for_staff=True,
            default=Delivery.DIGEST,
        )
    )
