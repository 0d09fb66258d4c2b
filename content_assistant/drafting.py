"""What experts do with drafts: one function for each act, with its trail. content_assistant.moves moves the states.

Acts that make a version name the last `number` their page has shown, so that a double click makes one, and nobody
changes a text that they have not seen.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.errors import DomainError
from accounts.models import User
from bookings import threads
from bookings.models import Inquiry
from content_assistant import examining, facts, learning, places, tasks, tools
from content_assistant.checks import Claim
from content_assistant.models import Draft, Version
from content_assistant.moves import lock, move_draft, move_version
from experts.models import Expert, Service
from llm import door

State = Version.State
LONGEST_TEXT = 40_000
MOST_VERSIONS = 60


class Moved(DomainError):
    def __init__(self) -> None:
        super().__init__(_("This draft has changed since you opened the page. Look at it again first."))


class Blocked(DomainError):
    """Why a text can't be used as it is, each reason a sentence."""

    def __init__(self, reasons: list[str]) -> None:
        self.reasons = reasons
        super().__init__(" ".join(reasons))


@transaction.atomic
def request(*, expert: Expert, by: User, tool: str, answers: Mapping[str, Any], key: str) -> list[Draft]:
    """A draft for the answers of the tool's form; with `languages` among them, one for each.

    `service`, `inquiry` and `source` are what it is about, `language` in which it is to be. Sent twice with the same
    key, it is what was made first; DomainError: the key was used for other answers.
    """
    if not key or len(key) > 150:
        raise DomainError(_("The request has no valid key. Load the page again."))
    languages = answers.get("languages")
    if not languages:
        return [_draft(expert, by, tool, answers, answers.get("language") or expert.user.language, key)]
    return [_draft(expert, by, tool, answers, code, f"{key}:{code}") for code in languages]


def _draft(expert: Expert, by: User, tool: str, answers: Mapping[str, Any], language: str, key: str) -> Draft:
    params = {name: plain(value) for name, value in answers.items()}
    fields = {"tool": tool, "params": params, "language": language[:10], **_subject(tool, answers)}
    draft, is_new = Draft.objects.get_or_create(expert=expert, key=key, defaults=fields)
    if is_new:
        _queue(draft, number=1)
        audit.record(action="draft.request", target=draft, by=by, tool=tool)
    elif (draft.tool, draft.params) != (tool, params):
        raise DomainError(_("This form was sent before with other answers. Load the page again."))
    return draft


def _subject(tool: str, answers: Mapping[str, Any]) -> dict[str, Any]:
    kinds: dict[str, tuple[type[models.Model], set[str]]] = {
        "service": (Service, {Draft.Tool.SERVICE, Draft.Tool.TRANSLATE}),
        "inquiry": (Inquiry, {Draft.Tool.INQUIRY}),
        "source": (Draft, {Draft.Tool.TRANSLATE}),
    }
    return {
        name: answers[name]
        for name, (kind, of_tools) in kinds.items()
        if tool in of_tools and isinstance(answers.get(name), kind)
    }


def plain(value: Any) -> Any:
    """An answer as JSON keeps it: of a row its key."""
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset | models.QuerySet):
        return [plain(one) for one in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _queue(draft: Draft, *, number: int, wish: str = "") -> Version:
    version = Version.objects.create(draft=draft, number=number, wish=wish)
    tasks.enqueue(version.pk, tools.of(draft.tool).prompt_for(draft).tier)
    return version


@transaction.atomic
def again(*, draft: Draft, by: User, wish: str, number: int) -> Version:
    """One more version, changed as wished; without a wish, written anew."""
    draft = lock(draft.pk)
    if (known := _after(draft, number)) is not None:
        return _same(known, known.origin != Version.Origin.EXPERT and known.wish == wish)
    _check_changeable(draft, number)
    version = _queue(draft, number=number + 1, wish=wish)
    audit.record(action="draft.again", target=draft, by=by, number=version.number)
    return version


@transaction.atomic
def save(*, draft: Draft, by: User, text: str, number: int) -> Version:
    """The expert's own text. Sentences that they wrote themselves they have confirmed by that."""
    draft, text = lock(draft.pk), text.replace("\r\n", "\n").replace("\0", "").strip()
    if (known := _after(draft, number)) is not None:
        return _same(known, known.origin == Version.Origin.EXPERT and known.text == text)
    base = newest_ready(draft)
    if base is None or not text:
        raise DomainError(_("There is no text to save."))
    if len(text) > LONGEST_TEXT:
        raise DomainError(_("This text is too long to be saved."))
    if text == base.text:
        return base
    _check_changeable(draft, number)
    version = _edited(draft, base, text, number + 1)
    audit.record(action="draft.save", target=draft, by=by, number=version.number)
    return version


def _edited(draft: Draft, base: Version, text: str, number: int) -> Version:
    tool = tools.of(draft.tool)
    checked, found = examining.of_edit(draft, base, text)
    before = "\n".join([base.text, *tool.texts_beside(base.data)])
    said = "\n".join([text, *tool.texts_beside(checked.data)])
    confirmed = {claim["sentence"] for claim in base.claims if claim["confirmed"]}
    claims = [
        asdict(claim) | ({"confirmed": True} if claim.sentence in confirmed else {})
        for claim in examining.vouched(_with_kept(found.claims, base, said), before)
    ]
    return Version.objects.create(
        draft=draft,
        number=number,
        state=State.READY,
        origin=Version.Origin.EXPERT,
        text=text,
        data=checked.data,
        findings=[finding.stored() for finding in found.findings],
        claims=claims,
        citations=base.citations,
        facts=facts.digest(draft, tool),
        finished_at=timezone.now(),
    )


def _with_kept(found: Iterable[Claim], base: Version, text: str) -> list[Claim]:
    """With what the door's filter said of sentences that still stand there: it reads a text once."""
    claims = list(found)
    known = {claim.sentence for claim in claims}
    kept = [one for one in base.claims if one["sentence"] in text and one["sentence"] not in known]
    return claims + [Claim(**{**one, "what": tuple(one["what"])}) for one in kept]


@transaction.atomic
def restore(*, draft: Draft, by: User, version: Version, number: int) -> Version:
    """An earlier text is the newest again; those between stay."""
    draft = lock(draft.pk)
    old = draft.versions.get(pk=version.pk)
    if (known := _after(draft, number)) is not None:
        return _same(known, known.state == State.READY and known.text == old.text)
    _check_changeable(draft, number)
    if old.state != State.READY:
        raise DomainError(_("Only a text that is ready can be brought back."))
    old.pk, old._state.adding = None, True
    old.number, old.cost = number + 1, 0
    old.created_at = old.finished_at = timezone.now()
    old.save(force_insert=True)
    audit.record(action="draft.restore", target=draft, by=by, number=old.number, of=version.number)
    return old


@transaction.atomic
def confirm(*, draft: Draft, by: User, number: int, sentences: Iterable[int]) -> Version:
    """Of the newest text, these claims are true, by their place in the list. The others are open again."""
    draft = lock(draft.pk)
    version, chosen = _shown(draft, number), set(sentences)
    _check_open(draft)
    claims = [
        one | {"confirmed": place in chosen} if not one["source"] else one
        for place, one in enumerate(version.claims)
    ]
    if claims != version.claims:
        version.claims = claims
        version.save(update_fields=["claims"])
        audit.record(action="draft.confirm", target=draft, by=by, number=version.number)
    return version


@transaction.atomic
def cancel(*, draft: Draft, by: User) -> None:
    """What is being written is no longer wanted. A second click finds nothing to cancel."""
    draft = lock(draft.pk)
    for version in draft.versions.filter(state__in=Version.OPEN):
        move_version(version, State.CANCELLED)
        audit.record(action="draft.cancel", target=draft, by=by, number=version.number)
        transaction.on_commit(partial(door.cancel, version.stream, draft.expert.user))


@transaction.atomic
def apply(*, draft: Draft, by: User, number: int) -> Draft:
    """Put the text where it belongs, and keep what stood there. Blocked: not as it is."""
    draft = lock(draft.pk)
    tool = tools.of(draft.tool)
    if tool.apply is None:
        raise DomainError(_("This text has no place of its own: copy it where you need it."))
    if _is_in_use(draft, number):
        return draft
    version = _usable(draft, number)
    replaced = tool.apply(draft, version)
    put = places.standing(draft, replaced)
    _in_use(draft, version, replaced=replaced, put=put)
    audit.record(action="draft.apply", target=draft, by=by, number=number, fields=sorted(replaced))
    return draft


@transaction.atomic
def place(*, draft: Draft, by: User, number: int) -> Draft:
    """The expert takes a reply into the thread's box. Nothing is sent."""
    draft = lock(draft.pk)
    if draft.inquiry_id is None:
        raise DomainError(_("This text answers no inquiry."))
    if _is_in_use(draft, number):
        return draft
    version = _usable(draft, number)
    threads.check_open(Inquiry.objects.for_thread().get(pk=draft.inquiry_id), by)
    _in_use(draft, version, replaced={}, put={})
    audit.record(action="draft.place", target=draft, by=by, number=number)
    return draft


def _in_use(draft: Draft, version: Version, *, replaced: dict[str, Any], put: dict[str, Any]) -> None:
    now = timezone.now()
    outcome = learning.outcome(draft, version, now) | {"version": version.number, "put": put}
    move_draft(draft, Draft.State.APPLIED, applied_at=now, replaced=replaced, outcome=outcome)


@transaction.atomic
def undo(*, draft: Draft, by: User) -> None:
    """What stood there before stands there again, unless it was changed since."""
    draft = lock(draft.pk)
    if draft.state == Draft.State.OPEN:
        return
    if draft.state != Draft.State.APPLIED or not draft.replaced:
        raise DomainError(_("There is nothing to take back."))
    if places.standing(draft, draft.replaced) != draft.outcome.get("put"):
        raise DomainError(_("What you applied was changed since, so taking it back would lose that."))
    places.put_back(draft, by)
    move_draft(draft, Draft.State.OPEN, applied_at=None, replaced={}, outcome={})
    audit.record(action="draft.undo", target=draft, by=by)


@transaction.atomic
def discard(*, draft: Draft, by: User) -> None:
    draft = lock(draft.pk)
    if draft.state == Draft.State.DISCARDED:
        return
    cancel(draft=draft, by=by)
    known = draft.outcome or learning.discarded(draft, newest_ready(draft))
    move_draft(draft, Draft.State.DISCARDED, outcome=known)
    audit.record(action="draft.discard", target=draft, by=by)


@transaction.atomic
def reopen(*, draft: Draft, by: User) -> None:
    """Go on with it: what was applied stays where it is until the next text is."""
    draft = lock(draft.pk)
    if draft.state == Draft.State.OPEN:
        return
    move_draft(draft, Draft.State.OPEN, applied_at=None, outcome={})
    audit.record(action="draft.reopen", target=draft, by=by)


def newest_ready(draft: Draft) -> Version | None:
    return draft.versions.filter(state=State.READY).order_by("-number").first()


def blockers(draft: Draft, version: Version) -> list[str]:
    """Why this text can't be put to use as it is, each a sentence."""
    reasons = examining.blockers(version.findings, version.claims)
    return [STALE(), *reasons] if facts.are_stale(draft, version) else reasons


def STALE() -> str:
    return _("What this was written from has changed since. Have it written again, or change it yourself.")


def _usable(draft: Draft, number: int) -> Version:
    _check_open(draft)
    version = _shown(draft, number)
    if reasons := blockers(draft, version):
        raise Blocked(reasons)
    return version


def _shown(draft: Draft, number: int) -> Version:
    """The newest text, if it is the one that the page has shown."""
    version = newest_ready(draft)
    if version is None or version.number != number:
        raise Moved
    version.draft = draft
    return version


def _is_in_use(draft: Draft, number: int) -> bool:
    return draft.state == Draft.State.APPLIED and draft.outcome.get("version") == number


def _after(draft: Draft, number: int) -> Version | None:
    """The version that a page which has shown `number` would make, if it was made already."""
    return draft.versions.filter(number=number + 1).first()


def _same(known: Version, is_same: bool) -> Version:
    if not is_same:
        raise Moved
    return known


def _check_open(draft: Draft) -> None:
    if draft.state != Draft.State.OPEN:
        raise DomainError(_("This draft is closed. Open it again to change it."))


def _check_changeable(draft: Draft, number: int) -> None:
    _check_open(draft)
    last = draft.versions.order_by("-number").first()
    if last is None or last.number != number:
        raise Moved
    if last.state in Version.OPEN:
        raise DomainError(_("A text is being written already. Wait for it, or cancel it."))
    if number >= MOST_VERSIONS:
        raise DomainError(_("This draft has so many versions that you had better begin a new one."))
