from django.utils.translation import gettext_lazy as _

from accounts.acts import WORDS

WORDS.update(
    {
        "draft.again": _("asked for another version"),
        "draft.apply": _("put the text to use"),
        "draft.cancel": _("stopped the writing"),
        "draft.confirm": _("confirmed sentences"),
        "draft.discard": _("discarded the draft"),
        "draft.hold": _("held the text back"),
        "draft.place": _("took the text into the conversation"),
        "draft.reopen": _("took the draft up again"),
        "draft.request": _("asked for a draft"),
        "draft.restore": _("went back to an earlier version"),
        "draft.save": _("saved a version of their own"),
        "draft.undo": _("took the text out of use"),
        "ruling.approved": _("approved the text"),
        "ruling.claim": _("claimed the text"),
        "ruling.edited": _("edited and approved the text"),
        "ruling.rejected": _("rejected the text"),
        "ruling.release": _("released the text"),
        "token.make": _("made a token"),
        "token.revoke": _("revoked the token"),
    }
)
