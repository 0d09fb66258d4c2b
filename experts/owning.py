"""The pages of an expert about themselves find what is theirs and nothing else."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from accounts.compiled import CompiledQuery, Parameter
from accounts.models import User
from experts.models import Expert

View = Callable[..., HttpResponse]
OWN: CompiledQuery[Expert] = CompiledQuery(
    lambda: Expert.objects.filter(user=Parameter("user")).select_related("user", "market")
)


def own_expert(request: HttpRequest) -> Expert | None:
    return OWN.first(user=request.user.pk)


def person(request: HttpRequest) -> User:
    """Who is signed in, behind `login_required`."""
    return cast(User, request.user)


def for_experts(view: View) -> View:
    """Give the view the signed-in person's own expert; whoever is none is told so, with 404."""

    @login_required
    @never_cache
    @wraps(view)
    def found(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        expert = own_expert(request)
        if expert is None:
            return render(request, "experts/own/none.html", status=404)
        return view(request, expert, *args, **kwargs)

    return found
