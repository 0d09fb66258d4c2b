"""Becoming an expert, one page after the other. Each page is saved as it is sent, so one can go on another day."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.errors import DomainError
from experts import completeness, editing, photos, services
from experts import forms as fields
from experts.models import Application, Expert, Service
from experts.owning import own_expert, person

TITLES = {
    "about": gettext_lazy("About you"),
    "place": gettext_lazy("City and languages"),
    "specialties": gettext_lazy("What you know best"),
    "prices": gettext_lazy("Prices"),
    "service": gettext_lazy("Your first service"),
    "photo": gettext_lazy("Photo"),
    "review": gettext_lazy("Read it again and hand it in"),
}
STEPS = list(TITLES)


@dataclass
class Applicant:
    """Who applies, as far as they are."""

    request: HttpRequest
    expert: Expert | None
    answers: dict[str, Any]  # the first ones, of somebody who is no expert yet

    @classmethod
    def of(cls, request: HttpRequest) -> "Applicant":
        expert = own_expert(request)
        begun = None if expert else Application.objects.filter(user=person(request)).first()
        return cls(request, expert, begun.answers if begun else {})

    @property
    def missing(self) -> list[str]:
        if self.expert:
            return completeness.missing(self.expert)
        return [step for step in completeness.MISSING if step != "about" or not self.answers]

    @property
    def furthest(self) -> int:
        """How far one may go: nobody without a city has a place for what comes behind it."""
        return len(STEPS) if self.expert else STEPS.index("place") if self.answers else 0

    @property
    def is_open(self) -> bool:
        return self.expert is None or self.expert.status == Expert.Status.DRAFT


@require_safe
@login_required
@never_cache
def apply(request: HttpRequest) -> HttpResponse:
    """Where one left off; what has become of the application once it is handed in."""
    applicant = Applicant.of(request)
    if not applicant.is_open:
        return render(request, "experts/apply/handed_in.html", {"expert": applicant.expert})
    if applicant.expert is None and not applicant.answers:
        return render(request, "experts/apply/start.html", {"titles": TITLES.values()})
    step = (applicant.missing or ["photo" if not applicant.expert.photo else "review"])[0]  # type: ignore[union-attr]
    return redirect("experts:apply_step", step)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def apply_step(request: HttpRequest, step: str) -> HttpResponse:
    if step not in STEPS:
        raise Http404
    applicant = Applicant.of(request)
    if not applicant.is_open:
        return redirect("experts:apply")
    if STEPS.index(step) > applicant.furthest:
        return redirect("experts:apply_step", STEPS[applicant.furthest])
    form = FORMS[step](applicant)
    if request.method == "POST" and form.is_valid():
        try:
            SAVE[step](applicant, form)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            return redirect("experts:apply") if step == "review" else _next(step)
    return render(request, "experts/apply/step.html", _context(applicant, step, form))


def _next(step: str) -> HttpResponse:
    return redirect("experts:apply_step", STEPS[STEPS.index(step) + 1])


def _context(applicant: Applicant, step: str, form: forms.Form) -> dict[str, Any]:
    missing = applicant.missing
    here = STEPS.index(step)
    last = len(STEPS) - 1  # handing it in is done by doing it
    marks = [
        (name, title, name == step, name not in missing and number <= applicant.furthest and number != here)
        for number, (name, title) in enumerate(TITLES.items())
    ]
    marks[last] = (*marks[last][:3], False)
    return {
        "form": form,
        "step": step,
        "title": TITLES[step],
        "number": here + 1,
        "count": len(STEPS),
        "marks": [(*mark, number <= applicant.furthest) for number, mark in enumerate(marks)],
        "back": STEPS[here - 1] if here else "",
        "expert": applicant.expert,
        "missing": [(name, completeness.MISSING[name]) for name in missing],
    }


def _about(applicant: Applicant) -> forms.Form:
    user = person(applicant.request)
    known = fields.about(applicant.expert) if applicant.expert else {"name": user.name} | applicant.answers
    return fields.AboutForm(applicant.request.POST or None, initial=known)


def _place(applicant: Applicant) -> forms.Form:
    expert = applicant.expert
    spoken = fields.levels(expert) if expert else {}
    known = {"destination": expert.market.name, "destination_id": expert.market_id} if expert else {}
    return fields.PlaceForm(applicant.request.POST or None, initial=known, languages=spoken)


def _specialties(applicant: Applicant) -> forms.Form:
    return fields.SpecialtiesForm(
        applicant.request.POST or None, specialties=fields.depths(_draft(applicant))
    )


def _prices(applicant: Applicant) -> forms.Form:
    return fields.PricesForm(applicant.request.POST or None, initial=fields.prices(_draft(applicant)))


def _service(applicant: Applicant) -> Any:
    expert = _draft(applicant)
    first = expert.services.order_by("pk").first()
    new = {"currency": expert.currency, "group_size_max": expert.group_size_max, "form_key": uuid4()}
    return fields.ServiceForm(
        applicant.request.POST or None, instance=first or Service(expert=expert), initial={} if first else new
    )


def _photo(applicant: Applicant) -> forms.Form:
    files = applicant.request.FILES if applicant.request.method == "POST" else None
    form = fields.PortraitForm(applicant.request.POST if files is not None else None, files)
    form.fields["picture"].required = False  # it can wait
    return form


def _review(applicant: Applicant) -> forms.Form:
    return forms.Form(applicant.request.POST if applicant.request.method == "POST" else None)


def _draft(applicant: Applicant) -> Expert:
    if applicant.expert is None:  # `furthest` lets nobody come here
        raise PermissionDenied
    return applicant.expert


def _save_about(applicant: Applicant, form: forms.Form) -> None:
    by = person(applicant.request)
    if applicant.expert:
        editing.change(expert=applicant.expert, by=by, **form.cleaned_data)
    else:
        editing.begin(by=by, about=form.cleaned_data)


def _save_place(applicant: Applicant, form: Any) -> None:
    by, languages = person(applicant.request), form.cleaned_data["languages"]
    expert = applicant.expert or editing.become_expert(by=by, market=form.market, languages=languages)
    editing.change(expert=expert, by=by, market=form.market, languages=languages)


def _save_rest(applicant: Applicant, form: forms.Form) -> None:
    names = [*editing.PRICES, "specialties"]
    given = {name: form.cleaned_data[name] for name in names if name in form.cleaned_data}
    editing.change(expert=_draft(applicant), by=person(applicant.request), **given)


def _save_service(applicant: Applicant, form: Any) -> None:
    by, service = person(applicant.request), form.save(commit=False)
    if service.pk:
        editing.change_service(service=service, by=by)
    else:
        service.form_key = form.cleaned_data["form_key"]
        editing.create_service(expert=_draft(applicant), by=by, service=service)


def _save_photo(applicant: Applicant, form: forms.Form) -> None:
    if file := form.cleaned_data["picture"]:
        photos.set_portrait(expert=_draft(applicant), by=person(applicant.request), data=photos.read(file))


def _hand_in(applicant: Applicant, form: forms.Form) -> None:
    services.submit(expert=_draft(applicant), by=person(applicant.request))


FORMS: dict[str, Any] = {
    "about": _about,
    "place": _place,
    "specialties": _specialties,
    "prices": _prices,
    "service": _service,
    "photo": _photo,
    "review": _review,
}
SAVE: dict[str, Any] = {
    "about": _save_about,
    "place": _save_place,
    "specialties": _save_rest,
    "prices": _save_rest,
    "service": _save_service,
    "photo": _save_photo,
    "review": _hand_in,
}
