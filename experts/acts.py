from django.utils.translation import gettext_lazy as _

from accounts.acts import WORDS

WORDS.update(
    {
        "calendar.block": _("blocked days"),
        "calendar.exception": _("made an exception in the calendar"),
        "calendar.feed_close": _("closed the address of the calendar"),
        "calendar.feed_open": _("opened an address of the calendar"),
        "calendar.feed_renew": _("renewed the address of the calendar"),
        "calendar.hours": _("changed the weekly plan"),
        "calendar.import": _("imported a calendar"),
        "calendar.import_end": _("removed an imported calendar"),
        "calendar.remove": _("removed an entry of the calendar"),
        "expert.approve": _("approved the application"),
        "expert.begin": _("began the application"),
        "expert.close": _("closed the profile"),
        "expert.edit": _("edited the profile"),
        "expert.gallery_added": _("added a photo"),
        "expert.gallery_captioned": _("changed the caption of a photo"),
        "expert.gallery_moved": _("moved a photo"),
        "expert.gallery_removed": _("removed a photo"),
        "expert.import": _("imported the expert"),
        "expert.pause": _("paused the profile"),
        "expert.pause_end": _("named another day for the end of the pause"),
        "expert.photo": _("changed the portrait"),
        "expert.photo_removed": _("removed the portrait"),
        "expert.reinstate": _("lifted the suspension"),
        "expert.reopen": _("ended the pause on its day"),
        "expert.resume": _("ended the pause"),
        "expert.return": _("sent the application back"),
        "expert.submit": _("handed in the application"),
        "expert.suspend": _("suspended the profile"),
        "expert.unverify": _("withdrew a verification"),
        "expert.verify": _("noted a verification"),
        "service.create": _("added a service"),
        "service.edit": _("edited the service"),
        "service.import": _("imported the service"),
        "service.pause": _("stopped offering the service"),
        "service.resume": _("offered the service again"),
    }
)
