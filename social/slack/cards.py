"""The message in Slack: what is to be decided with its evidence and buttons, later who did what.

What people wrote stands in plain text: nothing in it becomes a link or calls a channel.
"""

from contextlib import suppress
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from jobs import effects
from markets import formats, moments
from social import moves, x_length
from social.fingerprints import number
from social.models import Outreach
from social.slack import client

# As Slack allows, with room for what stands around it.
LONGEST_SECTION, LONGEST_POST, SHOWN_POSTS = 2900, 500, 3
Block = dict[str, Any]


def show(outreach: Outreach) -> str:
    """Post it once, or bring it up to date; returns what Slack calls the message. Not in a transaction."""
    card = {"text": title(outreach), "blocks": blocks(outreach)}
    if outreach.slack_message:
        client.again("chat.update", outreach.slack_message, **card)
        return outreach.slack_message
    posted: list[str] = []
    effects.once(
        f"slack-card:{outreach.pk}",
        lambda: posted.append(client.post(settings.SOCIAL_SLACK_CHANNEL, **card)),
    )
    return posted[0] if posted else ""


def take_away(message: str) -> None:
    """Whoever is erased here stands in no message of ours there."""
    with suppress(client.Gone):
        client.again("chat.delete", message)


def is_shown(outreach: Outreach) -> bool:
    """A message begins with a draft; from then on it follows what happens."""
    return client.is_connected() and bool(outreach.slack_message or outreach.state in moves.WITH_TEXT)


def title(outreach: Outreach) -> str:
    names = {"handle": outreach.lead.handle, "market": outreach.lead.market}
    return _("Message to @%(handle)s (%(market)s)") % names


def blocks(outreach: Outreach) -> list[Block]:
    found = [
        {"type": "header", "text": _plain(title(outreach)[:150])},
        _section(_figures(outreach)),
        *_evidence(outreach),
    ]
    if outreach.state in moves.WITH_TEXT:
        return [*found, *_choice(outreach), _buttons(outreach)]
    texts = [_section(outreach.text)] if outreach.text else []
    return [*found, *texts, {"type": "context", "elements": [_plain(who_did_what(outreach))]}]


def who_did_what(outreach: Outreach) -> str:
    event = audit.history(outreach).filter(action=f"outreach.{outreach.state}").order_by("-pk").first()
    actor, at = (event.actor, event.at) if event else (None, outreach.moved_at)
    parts = [_by(outreach.get_state_display(), actor, at)]
    if outreach.approved_by and outreach.approved_at and outreach.state != Outreach.State.APPROVED:
        approved = str(Outreach.State.APPROVED.label)
        parts.append(_by(approved, outreach.approved_by, outreach.approved_at))
    return ". ".join([*parts, *filter(None, [outreach.reason])])


def _by(state: str, actor: User | None, at: datetime) -> str:
    who = (actor.name or actor.email) if actor else _("the system")
    when = f"{moments.moment(at, 'UTC')} (UTC)"
    return _("%(state)s: %(who)s, %(at)s") % {"state": state, "who": who, "at": when}


def text_by(outreach: Outreach, mark: str) -> str:
    """The text that a choice stands for, or "" where it is not there any more."""
    return next((text for text in outreach.texts if str(number(text)) == mark), "")


def form(outreach: Outreach, act: str, seen: str) -> Block:
    """The window that asks for another text, or for a reason."""
    is_text = act == "customise"
    label = _("Message") if is_text else _("Reason")
    given = {"initial_value": outreach.texts[0]} if is_text and outreach.texts else {}
    return {
        "type": "modal",
        "callback_id": act,
        "private_metadata": f"{outreach.pk}:{seen}",
        "title": _plain(_("Customise") if is_text else _("Skip")),
        "submit": _plain(_("Save") if is_text else _("Skip")),
        "close": _plain(_("Cancel")),
        "blocks": [
            {
                "type": "input",
                "block_id": "said",
                "label": _plain(label),
                "element": {
                    "type": "plain_text_input",
                    "action_id": "text",
                    "multiline": True,
                    "max_length": 1000,
                    **given,
                },
            }
        ],
    }


def admin_url(outreach: Outreach) -> str:
    return settings.SITE_URL + reverse("admin:social_outreach_change", args=[outreach.pk])


def _figures(outreach: Outreach) -> str:
    lead = outreach.lead
    unknown = _("unknown")
    followers = unknown if lead.followers is None else number_format(lead.followers, force_grouping=True)
    value = unknown if outreach.value is None else formats.money(outreach.value, "USD")
    facts = _("Followers: %(followers)s · value a month: %(value)s · due: %(due)s") % {
        "followers": followers,
        "value": value,
        "due": formats.day(outreach.due_at),
    }
    return f"{facts}\n{lead.why}"


def _evidence(outreach: Outreach) -> list[Block]:
    posts = outreach.lead.evidence.select_related("author").order_by("-posted_at", "pk")[:SHOWN_POSTS]
    return [
        {
            "type": "context",
            "elements": [
                _plain(post.text[:LONGEST_POST] or "–"),
                {"type": "mrkdwn", "text": f"<{post.url}|{formats.day(post.posted_at)}>"},
            ],
        }
        for post in posts
    ]


def _choice(outreach: Outreach) -> list[Block]:
    """Each text whole, and which of them is meant."""
    texts = outreach.texts
    found = [
        _section(f"{place}. {text} ({x_length.length(text)} / {x_length.LONGEST})")
        for place, text in enumerate(texts, start=1)
    ]
    options = [
        {"text": _plain(_("Message %(number)s") % {"number": place}), "value": str(number(text))}
        for place, text in enumerate(texts, start=1)
    ]
    radio = {
        "type": "radio_buttons",
        "action_id": "choose",
        "options": options,
        "initial_option": options[0],
    }
    return [
        *found,
        {"type": "section", "block_id": "choice", "text": _plain(_("Which one?")), "accessory": radio},
    ]


def _buttons(outreach: Outreach) -> Block:
    value = f"{outreach.pk}:{outreach.state}"

    def button(act: str, text: str, **look: str) -> Block:
        return {"type": "button", "action_id": act, "text": _plain(text), "value": value, **look}

    return {
        "type": "actions",
        "elements": [
            button("approve", _("Approve and send"), style="primary"),
            button("ask_text", _("Customise")),
            button("ask_reason", _("Skip"), style="danger"),
            button("open", _("Open"), url=admin_url(outreach)),
        ],
    }


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}


def _section(text: str) -> Block:
    return {"type": "section", "text": _plain(text[:LONGEST_SECTION])}
