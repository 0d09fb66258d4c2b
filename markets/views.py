from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from markets.search import search as find


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """The options of the city search, for a script to fill in while somebody types a destination."""
    found = find(request.GET.get("q", ""))
    return render(request, "components/city_options.html", {"found": found})
