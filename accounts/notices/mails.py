"""A mail of notices: plain text and HTML, with a way out of both."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Notice, NoticeMail, User
from accounts.notices import choices
from accounts.notices.kinds import Words, kind_of, words_of

LONGEST_DIGEST = 50
# Of each in a digest. A reason is there as a whole, of a message its beginning.
LONGEST_TEXT, LONGEST_QUOTE = 280, 1000


@dataclass(frozen=True)
class Told:
    words: Words
    url: str

    @property
    def text(self) -> str:
        return Truncator(self.words.text).chars(LONGEST_TEXT)

    @property
    def quote(self) -> str:
        return Truncator(self.words.quote).chars(LONGEST_QUOTE)


@dataclass(frozen=True)
class Frame:
    """What every mail says around its notices."""

    user: User
    why: str
    unsubscribe: str
    preferences: str

    @property
    def greeting(self) -> str:
        return _("Hello %(name)s,") % {"name": " ".join(self.user.name.split())}


def message_of(mail: NoticeMail) -> EmailMultiAlternatives | None:
    """In its reader's language and zone; None where nobody needs it any more."""
    notices = list(mail.notices.order_by("pk"))
    if not (notices and mail.user.is_active) or _is_read(mail, notices[0]):
        return None
    with translation.override(mail.user.language), timezone.override(mail.user.zone):
        return _digest(mail, notices) if mail.day else _single(mail, notices[0])


def _is_read(mail: NoticeMail, notice: Notice) -> bool:
    return not mail.day and kind_of(notice.kind).unless_read and notice.read_at is not None


def _single(mail: NoticeMail, notice: Notice) -> EmailMultiAlternatives:
    why = _("Notices of the kind “%(kind)s” reach you by e-mail at once.") % {
        "kind": kind_of(notice.kind).label
    }
    told, frame = _told(notice), _frame(mail.user, notice.kind, why)
    blocks = [frame.greeting, *_blocks(told), _("Your Traveloure team"), _footer(frame)]
    html = render_to_string("notices/mail/notice.html", {"told": told, "frame": frame})
    return _message(told.words.title, blocks, html, frame)


def _digest(mail: NoticeMail, notices: list[Notice]) -> EmailMultiAlternatives:
    count = len(notices)
    title = ngettext("%d thing happened on Traveloure", "%d things happened on Traveloure", count) % count
    why = _("These notices reach you in one e-mail every morning.")
    frame = _frame(mail.user, choices.DIGEST, why)
    told = [_told(notice) for notice in notices[:LONGEST_DIGEST]]
    rest, all_url = count - len(told), settings.SITE_URL + reverse("notices:list")
    more = ngettext("%d more is on the site", "%d more are on the site", rest) % rest if rest else ""
    blocks = [frame.greeting, *map(_short, told), f"{more}: {all_url}" if more else ""]
    context = {"title": title, "told": told, "frame": frame, "more": more, "all_url": all_url}
    html = render_to_string("notices/mail/digest.html", context)
    return _message(title, [*blocks, _("Your Traveloure team"), _footer(frame)], html, frame)


def _frame(user: User, kind: str, why: str) -> Frame:
    token = choices.unsubscribe_token(user.pk, kind)
    unsubscribe = settings.SITE_URL + reverse("notices:unsubscribe", args=[token])
    return Frame(user, why, unsubscribe, settings.SITE_URL + reverse("notices:preferences"))


def _told(notice: Notice) -> Told:
    return Told(words_of(notice), settings.SITE_URL + (notice.url or reverse("notices:list")))


def _blocks(told: Told) -> list[str]:
    """The paragraphs of a plain mail."""
    words = told.words
    details = "\n".join(f"{label}: {value}" for label, value in words.details)
    return [words.text, words.quote, details, words.closing, f"{words.action}: {told.url}"]


def _short(told: Told) -> str:
    """One paragraph of a plain digest."""
    words = told.words
    details = [f"{label}: {value}" for label, value in words.details]
    said = [line for line in f"{told.text}\n{told.quote}".splitlines() if line.strip()]
    return "\n".join([f"* {words.title}", *(f"  {line}" for line in [*said, *details, told.url])])


def _footer(frame: Frame) -> str:
    lines = [
        "-- ",
        frame.why,
        _("Choose what reaches you and how: %(url)s") % {"url": frame.preferences},
        _("No more of these e-mails: %(url)s") % {"url": frame.unsubscribe},
    ]
    return "\n".join(lines)


def _message(subject: str, blocks: Iterable[str], html: str, frame: Frame) -> EmailMultiAlternatives:
    """With the headers by which mail programs offer a button of their own (RFC 8058)."""
    text = "\n\n".join(block.strip("\n") for block in blocks if block) + "\n"
    headers = {
        "List-Unsubscribe": f"<{frame.unsubscribe}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
    }
    message = EmailMultiAlternatives(subject, text, to=[frame.user.email], headers=headers)
    message.attach_alternative(html, "text/html")
    return message
