"""The assistant's pages. Who is not the expert of a draft finds none."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import drafts as typed
from accounts.compiled import Parameter
from accounts.errors import DomainError
from accounts.pagination import NewestFirst
from accounts.params import row_number
from content_assistant import differences, draft_page, drafting, facts, limits, places, tokens, tools
from content_assistant.forms import NumberForm, TextForm, WishForm, form_of
from content_assistant.models import Draft, Token, Version
from content_assistant.moves import WITH_PARTS
from experts.models import Expert
from experts.owning import for_experts, person
from markets import moments

PAGE = 12
page_or_form = require_http_methods(["GET", "HEAD", "POST"])


def _listed() -> QuerySet[Draft]:
    newest = Version.objects.filter(draft=OuterRef("pk")).order_by("-number")
    found = Draft.objects.filter(expert=Parameter("expert"))
    return found.select_related("service", "inquiry__traveler", "source").annotate(
        written=Subquery(newest.values("state")[:1])
    )


MINE = NewestFirst(_listed, size=PAGE)


@require_safe
@for_experts
def home(request: HttpRequest, expert: Expert) -> HttpResponse:
    page = MINE.page(request, expert=expert.pk)
    states = dict(Version.State.choices)
    rows = [(one, states[one.written], _when(one.created_at, expert)) for one in page.items]  # type: ignore[attr-defined]  # annotated
    context = {
        "expert": expert,
        "tools": [tools.TOOLS[name] for name in Draft.Tool.values if name in tools.TOOLS],
        "rows": rows,
        "left": limits.left(expert.user),
        "newer_url": page.newer_url,
        "older_url": page.older_url,
    }
    return render(request, "content_assistant/home.html", context)


def _when(instant: datetime, expert: Expert) -> str:
    return moments.moment(instant, expert.user.time_zone)


@page_or_form
@for_experts
def create(request: HttpRequest, expert: Expert, slug: str) -> HttpResponse:
    found = tools.TOOLS.get(slug)
    if found is None:
        raise Http404
    form = form_of(found, expert, request.POST or None, request.GET.dict())
    status, limit = 200, ""
    if request.method == "POST" and form.is_valid():
        if limit := _limit(expert):
            status = 429
        else:
            try:
                made = drafting.request(
                    expert=expert,
                    by=person(request),
                    tool=slug,
                    answers=form.cleaned_data,
                    key=request.POST.get("key", ""),
                )
            except DomainError as error:
                form.add_error(None, str(error))
            else:
                return (
                    redirect("assistant:draft", made[0].pk) if len(made) == 1 else redirect("assistant:home")
                )
    context = draft_page.form_context(request, found, expert, form) | {"limit": limit}
    return render(request, "content_assistant/form.html", context, status=status)


def _limit(expert: Expert) -> str:
    """When the limit lifts, as the expert reads it; empty while something is left."""
    left = limits.left(expert.user)
    return _when(left.lifts_at, expert) if left and left.lifts_at else ""


def for_drafts(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give the view the draft, with its expert, if it is the signed-in person's."""

    @login_required
    @never_cache
    @wraps(view)
    def found(request: HttpRequest, pk: int, **more: Any) -> HttpResponse:
        mine = Draft.objects.select_related(*WITH_PARTS).filter(expert__user=person(request))
        return view(request, get_object_or_404(mine, pk=pk), **more)

    return found


@require_safe
@for_drafts
def draft(request: HttpRequest, found: Draft) -> HttpResponse:
    context = draft_page.context(request, found)
    if "facts" in request.GET and context["version"]:
        context |= _freshness(found, context["version"])
    return render(request, "content_assistant/draft.html", context)


@require_safe
@login_required
@never_cache
def writing(request: HttpRequest, pk: int) -> HttpResponse:
    """What a page that waits for a text asks for: nothing new, more of it, or the page of the finished one."""
    versions = Version.objects.filter(draft=pk, draft__expert__user=person(request))
    versions = versions.select_related(*(f"draft__{part}" for part in WITH_PARTS))
    last = versions.order_by("-number").first()
    if last is None:
        raise Http404
    if last.state not in Version.OPEN:
        context = draft_page.context(request, last.draft)
        return render(request, "content_assistant/_draft.html", context)
    read = draft_page.progress(last, request.user)
    if request.GET.get("after") == read.id:
        return HttpResponse(status=204)
    context = {"draft": last.draft, "tool": tools.of(last.draft.tool), "last": last, "writing": read}
    return render(request, "content_assistant/_draft.html", context)


@require_safe
@for_drafts
def freshness(request: HttpRequest, found: Draft) -> HttpResponse:
    """Whether what the draft was written from has changed since."""
    version = drafting.newest_ready(found)
    context = _freshness(found, version) if version else {}
    return render(request, "content_assistant/_facts.html", context | {"draft": found})


def _freshness(found: Draft, version: Version) -> dict[str, Any]:
    stale = found.state == Draft.State.OPEN and facts.are_stale(found, version)
    return {"stale": drafting.STALE() if stale else "", "asked_facts": True}


@require_safe
@for_drafts
def compare(request: HttpRequest, found: Draft) -> HttpResponse:
    texts = found.versions.filter(state=Version.State.READY).order_by("number")
    numbers = list(texts.values_list("number", flat=True))
    asked = [row_number(request.GET.get(name, "")) for name in ("left", "right")]
    chosen = [number for number in asked if number in numbers]
    if len(numbers) < 2:
        raise Http404
    if len(chosen) < 2:
        chosen = numbers[-2:]
    both = {one.number: one for one in texts.filter(number__in=chosen)}
    left, right = (both[number] for number in chosen)
    context = {
        "draft": found,
        "tool": tools.of(found.tool),
        "numbers": numbers,
        "left": left,
        "right": right,
        "origins": (draft_page.origin(left), draft_page.origin(right)),
        "rows": differences.side_by_side(left.text, right.text),
    }
    return render(request, "content_assistant/compare.html", context)


def _acted(request: HttpRequest, found: Draft, act: Callable[[], object], done: str = "") -> HttpResponse:
    try:
        act()
    except DomainError as error:
        messages.error(request, str(error))
    else:
        if done:
            messages.success(request, done)
    return redirect("assistant:draft", found.pk)


@require_POST
@for_drafts
def again(request: HttpRequest, found: Draft) -> HttpResponse:
    form = WishForm(request.POST)
    if not form.is_valid():
        return _unclear(request, found, form)
    if limit := _limit(found.expert):
        context = {"draft": found, "tool": tools.of(found.tool), "limit": limit}
        return render(request, "content_assistant/limit.html", context, status=429)
    given = form.cleaned_data
    return _acted(request, found, lambda: drafting.again(draft=found, by=person(request), **given))


@require_POST
@for_drafts
def save(request: HttpRequest, found: Draft) -> HttpResponse:
    """A text that can't be saved is shown again, so that nothing typed is lost."""
    form = TextForm(request.POST)
    if form.is_valid():
        try:
            drafting.save(draft=found, by=person(request), **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Your text is saved."))
            return redirect("assistant:draft", found.pk)
    context = draft_page.context(request, found) | {"text_form": form}
    return render(request, "content_assistant/draft.html", context)


@require_POST
@for_drafts
def confirm(request: HttpRequest, found: Draft) -> HttpResponse:
    form = NumberForm(request.POST)
    if not form.is_valid():
        return _unclear(request, found, form)
    named = [row_number(one) for one in request.POST.getlist("sentence")]
    sentences, number = [one for one in named if one is not None], form.cleaned_data["number"]
    return _acted(
        request,
        found,
        lambda: drafting.confirm(draft=found, by=person(request), number=number, sentences=sentences),
        _("What you confirmed is noted."),
    )


@require_POST
@for_drafts
def restore(request: HttpRequest, found: Draft, number: int) -> HttpResponse:
    form = NumberForm(request.POST)
    if not form.is_valid():
        return _unclear(request, found, form)
    old = get_object_or_404(found.versions, number=number)
    shown = form.cleaned_data["number"]
    return _acted(
        request,
        found,
        lambda: drafting.restore(draft=found, by=person(request), version=old, number=shown),
        _("Version %(number)s is the newest again.") % {"number": number},
    )


def _unclear(request: HttpRequest, found: Draft, form: Any) -> HttpResponse:
    for problems in form.errors.values():
        messages.error(request, " ".join(problems))
    return redirect("assistant:draft", found.pk)


MOVES = {
    "cancel": drafting.cancel,
    "discard": drafting.discard,
    "reopen": drafting.reopen,
    "undo": drafting.undo,
}


@require_POST
@for_drafts
def move(request: HttpRequest, found: Draft) -> HttpResponse:
    act = MOVES.get(request.POST.get("do", ""))
    if act is None:
        raise Http404
    told = _("What stood there before stands there again.") if act is drafting.undo else ""
    return _acted(request, found, lambda: act(draft=found, by=person(request)), told)


@page_or_form
@for_drafts
def use(request: HttpRequest, found: Draft) -> HttpResponse:
    """Apply or place: first what will be replaced is shown, then it is done."""
    version = drafting.newest_ready(found)
    if version is None:
        raise Http404
    version.draft = found
    form = NumberForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        act = _place if found.inquiry_id else _apply
        try:
            return act(request, found, version, form.cleaned_data["number"])
        except DomainError as error:
            form.add_error(None, str(error))
    return render(request, "content_assistant/use.html", _use_context(request, found, version, form))


def _use_context(request: HttpRequest, found: Draft, version: Version, form: Any) -> dict[str, Any]:
    inquiry = found.inquiry
    now = typed.at(request, inquiry.get_absolute_url()).get("body", "") if inquiry else places.text_now(found)
    return {
        "draft": found,
        "tool": tools.of(found.tool),
        "version": version,
        "form": form,
        "now": now,
        "rows": differences.side_by_side(now, version.text),
        "blockers": drafting.blockers(found, version) if found.state == Draft.State.OPEN else [],
    }


def _apply(request: HttpRequest, found: Draft, version: Version, number: int) -> HttpResponse:
    drafting.apply(draft=found, by=person(request), number=number)
    messages.success(request, _("The text is in its place. You can take it back here."))
    return redirect("assistant:draft", found.pk)


def _place(request: HttpRequest, found: Draft, version: Version, number: int) -> HttpResponse:
    drafting.place(draft=found, by=person(request), number=number)
    assert found.inquiry
    address = found.inquiry.get_absolute_url()
    typed.put(request, address, {"body": version.text})
    messages.success(request, _("The text is in the box below. Nothing is sent until you send it."))
    return redirect(f"{address}#end")


@page_or_form
@for_experts
def token(request: HttpRequest, expert: Expert) -> HttpResponse:
    """For programs that ask in the expert's name."""
    user, made = person(request), ""
    if request.method == "POST" and request.POST.get("do") == "revoke":
        tokens.revoke(user)
        messages.success(request, _("The token is no longer valid."))
        return redirect("assistant:token")
    if request.method == "POST":
        made = tokens.make(user)
    known = Token.objects.filter(user=user).first()
    since = _when(known.created_at, expert) if known else ""
    context = {"expert": expert, "since": since, "made": made}
    return render(request, "content_assistant/token.html", context)
