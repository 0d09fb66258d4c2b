"""What experts change about themselves: profile, services, pictures, pauses."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import fragments
from accounts.errors import DomainError, IllegalMove
from accounts.params import row_number
from experts import details, editing, photos, services
from experts import forms as fields
from experts.models import Expert, Level, Photo, Service, Specialty
from experts.owning import for_experts, person

FORM_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(FORM_METHODS)
@for_experts
def edit(request: HttpRequest, expert: Expert) -> HttpResponse:
    """Three buttons: look at it as travelers would, save it, or go on writing."""
    form = _profile_form(request, expert)
    wish = request.POST.get("do", "save")
    if request.method != "POST" or wish == "edit" or not form.is_valid():
        if wish == "edit":
            form = _profile_form(request, expert, validate=False)
        return _edited(request, expert, form)
    if wish == "preview":
        content = _page(unsaved(expert, form.cleaned_data), form.cleaned_data)
        context = {"expert": expert, "form": form, "content": content}
        return render(request, "experts/own/preview.html", context)
    try:
        editing.change(expert=expert, by=person(request), **form.cleaned_data)
    except DomainError as error:
        form.add_error(None, str(error))
        return _edited(request, expert, form)
    messages.success(request, _("Your profile is saved."))
    return redirect("experts:edit")


def _edited(request: HttpRequest, expert: Expert, form: fields.ProfileForm) -> HttpResponse:
    def drawn() -> str:
        return render_to_string("experts/own/_profile_fields.html", {"form": form})

    if form.is_bound:
        controls = drawn()
    else:
        controls = fragments.page_kept_an_hour("profile form", (form.initial, form.changing_choices), drawn)
    return render(request, "experts/own/edit.html", {"expert": expert, "form": form, "fields": controls})


@require_safe
@for_experts
def preview(request: HttpRequest, expert: Expert) -> HttpResponse:
    """The page as it is stored, also before anybody else can see it."""
    context = {"expert": expert, "content": _page(expert, {})}
    return render(request, "experts/own/preview.html", context)


def _profile_form(request: HttpRequest, expert: Expert, *, validate: bool = True) -> fields.ProfileForm:
    initial = fields.about(expert) | fields.for_search(expert) | fields.prices(expert)
    initial |= {"accepting_clients": expert.accepting_clients}
    form = fields.ProfileForm(
        request.POST or None,
        initial=initial,
        languages=fields.levels(expert),
        specialties=fields.depths(expert),
    )
    if not validate:  # what was typed, without a word about what is still wrong with it
        form.errors.clear()
    return form


def unsaved(expert: Expert, answers: dict[str, Any]) -> Expert:
    """The expert as they would be."""
    for name in [*editing.ABOUT, *editing.SEARCH, *editing.PRICES, "accepting_clients"]:
        setattr(expert, name, answers[name])
    expert.user.name = answers["name"]
    return expert


def _page(expert: Expert, answers: dict[str, Any]) -> str:
    found = details.of(expert.pk, today=timezone.localdate())
    languages, specialties = found.languages, found.specialties
    if answers:
        languages = sorted(answers["languages"].items(), key=lambda pair: (-pair[1], pair[0]))
        names = dict(Specialty.objects.filter(slug__in=answers["specialties"]).values_list("slug", "name"))
        chosen = [(names[slug], depth) for slug, depth in answers["specialties"].items()]
        specialties = sorted(chosen, key=lambda pair: -pair[1])
    context = {
        "expert": expert,
        "specialties": specialties,
        "services": found.services,
        "languages": [(language, Level(level).label) for language, level in languages],
        "away": found.away,
        "checked": found.checked,
        "photos": found.photos,
        "preview": True,
    }
    return render_to_string("experts/_profile.html", context)


@require_safe
@for_experts
def service_list(request: HttpRequest, expert: Expert) -> HttpResponse:
    listed = expert.services.order_by("-is_active", "price", "pk")[: editing.MOST_SERVICES]
    return render(request, "experts/own/services.html", {"expert": expert, "services": listed})


@require_http_methods(FORM_METHODS)
@for_experts
def service_create(request: HttpRequest, expert: Expert) -> HttpResponse:
    new = {"currency": expert.currency, "group_size_max": expert.group_size_max, "form_key": uuid4()}
    longest = Service._meta.get_field("title").max_length
    new["title"] = request.GET.get("title", "").replace("\0", "")[:longest]  # as a link may propose it
    form = fields.ServiceForm(request.POST or None, instance=Service(expert=expert), initial=new)
    if request.method == "POST" and form.is_valid():
        service = form.save(commit=False)
        service.form_key = form.cleaned_data["form_key"]
        return _stored(
            request,
            form,
            expert,
            lambda: editing.create_service(expert=expert, by=person(request), service=service),
        )
    return _service_page(request, expert, form)


@require_http_methods(FORM_METHODS)
@for_experts
def service_edit(request: HttpRequest, expert: Expert, pk: int) -> HttpResponse:
    service = get_object_or_404(expert.services, pk=pk)
    form = fields.ServiceForm(request.POST or None, instance=service)
    if request.method == "POST" and form.is_valid():
        changed = form.save(commit=False)
        return _stored(
            request, form, expert, lambda: editing.change_service(service=changed, by=person(request))
        )
    return _service_page(request, expert, form)


def _stored(request: HttpRequest, form: Any, expert: Expert, store: Any) -> HttpResponse:
    try:
        store()
    except DomainError as error:
        form.add_error(None, str(error))
        return _service_page(request, expert, form)
    messages.success(request, _("“%(title)s” is saved.") % {"title": form.instance.title})
    return redirect("experts:services")


def _service_page(request: HttpRequest, expert: Expert, form: Any) -> HttpResponse:
    return render(request, "experts/own/service_form.html", {"expert": expert, "form": form})


@require_POST
@for_experts
def service_offer(request: HttpRequest, expert: Expert, pk: int) -> HttpResponse:
    """Offer it again or pause it: `offered` says which, so that a second click does not undo the first."""
    service = get_object_or_404(expert.services, pk=pk)
    try:
        editing.offer(service=service, by=person(request), offered=request.POST.get("offered") == "1")
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("experts:services")


@require_http_methods(FORM_METHODS)
@for_experts
def photo_page(request: HttpRequest, expert: Expert) -> HttpResponse:
    """Two forms: the portrait, and one more for the gallery. `into` says which was sent."""
    into = request.POST.get("into", "") if request.method == "POST" else ""
    portrait = fields.PortraitForm(*_sent(request, into == "portrait"), prefix="portrait")
    gallery = fields.GalleryForm(*_sent(request, into == "gallery"), prefix="gallery")
    form = {"portrait": portrait, "gallery": gallery}.get(into)
    if form and form.is_valid():
        try:
            _add(expert, request, into, form)
        except DomainError as error:
            form.add_error("picture", str(error))
        else:
            messages.success(request, _("The photo is on your profile."))
            return redirect("experts:photos")
    listed = expert.photos.order_by("position")
    context = {
        "expert": expert,
        "portrait": portrait,
        "gallery": gallery,
        "photos": listed,
        "most": Photo.MOST,
        "wrong": form if form and form.errors else None,
    }
    return render(request, "experts/own/photos.html", context)


def _sent(request: HttpRequest, is_this: bool) -> tuple[Any, Any]:
    return (request.POST, request.FILES) if is_this else (None, None)


def _add(expert: Expert, request: HttpRequest, into: str, form: fields.PortraitForm) -> None:
    editing.check_open(expert)
    data, by = photos.read(form.cleaned_data["picture"]), person(request)
    if into == "portrait":
        photos.set_portrait(expert=expert, by=by, data=data)
    else:
        photos.add_to_gallery(expert=expert, by=by, data=data, caption=form.cleaned_data["caption"])


@require_http_methods(FORM_METHODS)
@for_experts
def photo_edit(request: HttpRequest, expert: Expert, pk: int) -> HttpResponse:
    """The caption of one photo of the gallery."""
    photo = get_object_or_404(expert.photos, pk=pk)
    form = fields.CaptionForm(request.POST or None, initial={"caption": photo.caption})
    if request.method == "POST" and form.is_valid():
        try:
            photos.set_caption(photo=photo, by=person(request), text=form.cleaned_data["caption"])
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The caption is saved."))
            return redirect("experts:photos")
    return render(request, "experts/own/photo_form.html", {"expert": expert, "form": form, "photo": photo})


@require_POST
@for_experts
def photo_move(request: HttpRequest, expert: Expert, pk: int) -> HttpResponse:
    """To the place `to` of the gallery: named, so that a second click does not move it again."""
    photo = get_object_or_404(expert.photos, pk=pk)
    try:
        place = photos.move(photo=photo, by=person(request), to=row_number(request.POST.get("to", "")) or 1)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        told = {"caption": photo.caption, "place": place}
        messages.success(request, _("“%(caption)s” is photo number %(place)s now.") % told)
    return redirect(f"{reverse('experts:photos')}#photo-{photo.pk}")


@require_POST
@for_experts
def photo_remove(request: HttpRequest, expert: Expert, pk: int) -> HttpResponse:
    photo = get_object_or_404(expert.photos, pk=pk)
    photos.remove_from_gallery(photo=photo, by=person(request))
    return redirect("experts:photos")


@require_POST
@for_experts
def portrait_remove(request: HttpRequest, expert: Expert) -> HttpResponse:
    photos.remove_portrait(expert=expert, by=person(request))
    return redirect("experts:photos")


@require_http_methods(FORM_METHODS)
@for_experts
def pause(request: HttpRequest, expert: Expert) -> HttpResponse:
    paused = expert.status == Expert.Status.PAUSED
    form = fields.PauseForm(request.POST or None, initial={"until": expert.paused_until})
    # The form without a day sends nothing but its token.
    if request.method == "POST" and form.is_valid():
        step = services.change_return if paused else services.pause
        try:
            step(expert=expert, by=person(request), until=form.cleaned_data["until"])
        except IllegalMove as error:
            form.add_error(None, str(error))
        except DomainError as error:
            form.add_error("until", str(error))
        else:
            messages.success(request, _("Your profile is paused. Bookings you have stay as they are."))
            return redirect("experts:pause")
    return render(request, "experts/own/pause.html", {"expert": expert, "form": form})


@require_POST
@for_experts
def resume(request: HttpRequest, expert: Expert) -> HttpResponse:
    try:
        services.resume(expert=expert, by=person(request))
    except IllegalMove as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Your profile is open again."))
    return redirect("experts:pause")
