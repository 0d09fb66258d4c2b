"""The same tools for programs: POST asks for drafts, GET reads one. JSON, by session or by token.

    POST /expert/content-assistant/generate   {"task": "bio", "params": {"language": "en"}}
    202 {"drafts": [{"id": 17, "state": "queued", …}]}

`Idempotency-Key` names the request: sent twice, it makes one draft. 400 says by field what is wrong with `params`, 429
when the limit lifts.
"""

from math import ceil
from typing import Any
from uuid import uuid4

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import PermissionDenied, Throttled, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.errors import DomainError
from content_assistant import drafting, limits, tools
from content_assistant.forms import form_of
from content_assistant.models import Draft, Version
from content_assistant.tokens import TokenAuthentication, user_of
from experts.models import Expert


class AssistantView(APIView):
    # Tokens first: a request without either is told how to sign in with one.
    authentication_classes = [TokenAuthentication, SessionAuthentication]

    def expert(self, request: Request) -> Expert:
        found = Expert.objects.filter(user=user_of(request)).select_related("user", "market").first()
        if found is None:
            raise PermissionDenied(_("The assistant writes for experts."))
        return found


class Generate(AssistantView):
    def post(self, request: Request) -> Response:
        expert, user = self.expert(request), user_of(request)
        tool, params = self._asked(request)
        form = form_of(tool, expert, {name: value for name, value in params.items() if value is not None})
        if not form.is_valid():
            raise ValidationError({"params": form.errors.get_json_data()})
        _check_limit(user)
        key = request.headers.get("Idempotency-Key") or str(uuid4())
        try:
            drafts = drafting.request(
                expert=expert, by=user, tool=tool.name, answers=form.cleaned_data, key=f"api:{key}"
            )
        except DomainError as error:
            raise ValidationError({"detail": str(error)}) from error
        return Response({"drafts": [described(draft) for draft in drafts]}, status=202)

    def _asked(self, request: Request) -> tuple[tools.Tool, dict[str, Any]]:
        body = request.data if isinstance(request.data, dict) else {}
        tool, params = tools.TOOLS.get(str(body.get("task"))), body.get("params", {})
        if tool is None:
            known = ", ".join(sorted(tools.TOOLS))
            raise ValidationError({"task": _("There are these tasks: %(known)s.") % {"known": known}})
        if not isinstance(params, dict):
            raise ValidationError({"params": _("These are answers by name.")})
        return tool, params


class OneDraft(AssistantView):
    def get(self, request: Request, pk: int) -> Response:
        draft = get_object_or_404(Draft, pk=pk, expert=self.expert(request))
        return Response(described(draft))


def _check_limit(user: Any) -> None:
    left = limits.left(user)
    if left and left.lifts_at:
        raise Throttled(wait=ceil((left.lifts_at - timezone.now()).total_seconds()))


def described(draft: Draft) -> dict[str, Any]:
    """A draft with its newest version, as programs read it."""
    version = draft.versions.order_by("-number").first()
    assert version
    ready = version.state == Version.State.READY
    return {
        "id": draft.pk,
        "task": draft.tool,
        "language": draft.language,
        "state": version.state,
        "version": version.number,
        "url": reverse("assistant:api_draft", args=[draft.pk]),
        "page": reverse("assistant:draft", args=[draft.pk]),
        "error": version.error,
        "origin": version.origin,
        "notice": version.notice,
        "text": version.text if ready else "",
        "data": version.data if ready else {},
        "findings": version.findings if ready else [],
        "claims": version.claims if ready else [],
        "citations": version.citations if ready else [],
    }
