"""Whose pages these are: somebody who has signed in."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts import drafts

View = Callable[..., HttpResponseBase]


def members(*kept: str, page: str = "") -> Callable[[View], View]:
    """Whoever is not signed in signs in first, and finds what was typed into these fields again.

    `page`: the name of the page of the same row that the form stands on, where its own address shows none.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def signed_in(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.user.is_authenticated:
                return view(request, *args, **kwargs)
            drafts.keep(request, kept)
            return redirect_to_login(reverse(page, args=[kwargs["pk"]]) if page else request.get_full_path())

        return never_cache(signed_in)

    return decorate
