from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from content_assistant import itineraries
from content_assistant import itinerary_exports as exports
from content_assistant.itineraries import Itinerary
from content_assistant.models import Draft, Version


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def itinerary(request: HttpRequest, pk: int) -> HttpResponse:
    """The itinerary as it is, and posted with its fields, for one client: those words come in no address and no log."""
    version = _newest(request, pk)
    found = exports.itinerary_of(version)
    kind = request.POST.get("as", "page")
    if kind not in exports.KINDS:
        raise Http404
    form = exports.FieldsForm(request.POST or None, itinerary=found, kind=kind)
    if request.method != "POST" or not form.is_valid():
        return _page(request, version, found, form)
    return _export(request, version, form, kind)


def _newest(request: HttpRequest, pk: int) -> Version:
    """The last ready text of an itinerary of this expert's, or of a translation of one."""
    assert isinstance(request.user, User)
    drafts = Draft.objects.filter(pk=pk, expert__user=request.user)
    ours = drafts.filter(tool=Draft.Tool.ITINERARY) | drafts.filter(
        tool=Draft.Tool.TRANSLATE, source__tool=Draft.Tool.ITINERARY
    )
    ready = Version.objects.filter(draft__in=ours, state=Version.State.READY)
    version = ready.select_related("draft__expert__market").order_by("-number").first()
    if version is None:
        raise Http404
    return version


def _export(request: HttpRequest, version: Version, form: exports.FieldsForm, kind: str) -> HttpResponse:
    found = itineraries.filled(exports.itinerary_of(version), form.values)
    start = form.cleaned_data["start"]
    if kind == "markdown":
        return exports.markdown(found)
    if kind == "calendar":
        return exports.calendar(version, found, start)
    if kind == "print":
        context = exports.context(version.draft, found, start)
        return render(request, "content_assistant/itinerary_print.html", context)
    return _page(request, version, found, form)


def _page(request: HttpRequest, version: Version, found: Itinerary, form: exports.FieldsForm) -> HttpResponse:
    start = form.cleaned_data.get("start") if form.is_bound else None
    context = exports.context(version.draft, found, start) | {"form": form}
    return render(request, "content_assistant/itinerary.html", context)
