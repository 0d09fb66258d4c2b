from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts import languages
from accounts.compiled import Parameter
from accounts.models import Notice, User
from accounts.notices import choices, telling
from accounts.notices.facts import Facts
from accounts.notices.forms import MarkForm, PreferencesForm
from accounts.notices.kinds import Words, kind_of, words_of
from accounts.pagination import NewestFirst
from accounts.zones import names as zone_names

STOP_POLLING = 286  # htmx's own status


@dataclass(frozen=True)
class Shown:
    notice: Notice
    words: Words
    at: str


ALL = NewestFirst(lambda: Notice.objects.filter(user=Parameter("user")))
UNREAD = NewestFirst(lambda: Notice.objects.filter(user=Parameter("user")).unread())


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def notice_list(request: HttpRequest) -> HttpResponse:
    form = MarkForm(request.POST or None)
    if request.method == "POST":
        return _mark_read(request, form)
    page = (UNREAD if "unread" in request.GET else ALL).page(request, user=request.user.pk)
    with timezone.override(_user(request).zone):
        shown = [_shown(notice) for notice in page.items]
    context = {"shown": shown, "form": form, "newer_url": page.newer_url, "older_url": page.older_url}
    return render(request, "notices/list.html", context)


@require_safe
@login_required
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """To the page that the notice is about. Whoever follows the link has read it."""
    notice = get_object_or_404(_mine(request), pk=pk)
    if request.method == "GET":
        telling.read(_mine(request).filter(pk=pk))
    return redirect(notice.url or "notices:list")


@never_cache
@require_safe
def bell(request: HttpRequest) -> HttpResponse:
    """Asked every half minute by every open page. Nothing is sent, and so nothing moves, while the number stays."""
    if not request.user.is_authenticated:
        return HttpResponse(status=STOP_POLLING)
    count = _user(request).unread_notices
    if request.GET.get("n") == str(count):
        return HttpResponse(status=204)
    return render(request, "notices/_bell.html", {"count": count})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def preferences(request: HttpRequest) -> HttpResponse:
    user = _user(request)
    form = PreferencesForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        form.instance.save(update_fields=["language", "time_zone"])
        choices.choose(user=user, wanted=form.wanted(), by=user)
        # In the language that was chosen.
        translation.activate(user.language)
        messages.success(request, _("Your choices are saved."))
        return languages.remember(redirect("notices:preferences"), user.language)
    context = {"form": form, "zones": zone_names()}
    return render(request, "notices/preferences.html", context)


# A mail program presses this button for its user, without a session and without a token of ours: the link is signed.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Asks first: programs that look through mails follow every link in them."""
    found = choices.read_token(token)
    if not found:
        raise Http404
    user, kind = found
    done = request.method == "POST"
    if done:
        choices.unsubscribe(user, kind)
    label = "" if kind == choices.DIGEST else kind_of(kind).label
    context = {"done": done, "label": label, "token": token}
    return render(request, "notices/unsubscribe.html", context)


def _mark_read(request: HttpRequest, form: MarkForm) -> HttpResponse:
    """Back to the same page of the list. What arrived since it was drawn stays new."""
    if form.is_valid():
        notice, upto = form.cleaned_data["notice"], form.cleaned_data["upto"]
        if notice:
            telling.read(_mine(request).filter(pk=notice))
        elif upto:
            telling.read(_mine(request).filter(pk__lte=upto))
    query = request.GET.urlencode()
    return redirect(reverse("notices:list") + (f"?{query}" if query else ""))


def _shown(notice: Notice) -> Shown:
    at = Facts(at=notice.created_at.isoformat()).moment("at")
    return Shown(notice, words_of(notice), at)


def _mine(request: HttpRequest) -> Any:
    return Notice.objects.filter(user=_user(request))


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
