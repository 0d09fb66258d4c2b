"""The pages for coming back to experts: favourites, and up to four of them side by side."""

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from accounts.compiled import Parameter
from accounts.pagination import NewestFirst
from experts import browse, comparison, favourites, hearts, panel
from experts.filters import home_currency
from experts.models import Expert, Favourite


@require_POST
def favourite(request: HttpRequest, slug: str) -> HttpResponse:
    back = _back(request)
    if not request.user.is_authenticated:
        return redirect_to_login(back)
    expert = get_object_or_404(Expert.objects.public().select_related("user"), slug=slug)
    on = request.POST.get("on") != "0"
    favourites.like(by=request.user, expert=expert, on=on)
    if "HX-Request" not in request.headers:
        return redirect(back)
    return HttpResponse(hearts.draw(request, slug=slug, name=expert.name, on=on, here=back))


def _back(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours else reverse("experts:favourites")


MINE = NewestFirst(
    lambda: Favourite.objects.filter(user=Parameter("user"), expert__in=Expert.objects.public())
)


@require_safe
@login_required
def favourite_list(request: HttpRequest) -> HttpResponse:
    page = MINE.page(request, user=request.user.pk)
    cards = browse.cards([row.expert_id for row in page.items])
    context = {
        "cards": panel.drawn(cards, home_currency()),
        "newer_url": page.newer_url,
        "older_url": page.older_url,
    }
    content = hearts.put_in(render_to_string("experts/finding/_favourites.html", context), cards, request)
    return render(request, "experts/finding/favourites.html", {"content": content, **context})


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    slugs = comparison.slugs(request.GET.getlist("e"))
    context = {
        "table": comparison.table(slugs),
        "too_many": len(set(request.GET.getlist("e"))) > comparison.MOST,
    }
    return render(request, "experts/finding/compare.html", context)
