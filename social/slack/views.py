"""The one address that Slack calls. Whatever comes is checked, noted and answered; the work is a task's."""

import json
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from slack_sdk.signature import SignatureVerifier

from social import tasks
from social.models import Outreach, SlackPress
from social.slack import client, presses


@csrf_exempt  # Slack has no cookie of ours: its signature stands for it
@require_POST
def interact(request: HttpRequest) -> HttpResponse:
    if not client.is_connected():
        raise Http404
    if not _is_signed(request):
        return HttpResponse(status=401)
    found = presses.read(_payload(request))
    if found is None or not Outreach.objects.filter(pk=found.outreach_id).exists():
        return HttpResponse()
    if wrong := presses.mistakes(found):
        return JsonResponse({"response_action": "errors", "errors": {"said": " ".join(wrong)}})
    return HttpResponse(status=200 if _note(request, found) else 409)


def _is_signed(request: HttpRequest) -> bool:
    """By Slack, with our secret, within five minutes."""
    timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
    signature = request.headers.get("X-Slack-Signature", "")
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) < 12 and signature.isascii()):
        return False
    with suppress(UnicodeDecodeError):
        return SignatureVerifier(settings.SOCIAL_SLACK_SECRET).is_valid(request.body, timestamp, signature)
    return False


def _payload(request: HttpRequest) -> dict[str, Any]:
    payload: Any = None
    with suppress(ValueError):
        payload = json.loads(request.POST.get("payload", "").replace("\\u0000", ""))
    return payload if isinstance(payload, dict) else {}


def _note(request: HttpRequest, found: presses.Read) -> bool:
    """False for a request that was here before: the same signature is never taken twice."""
    with transaction.atomic():
        press, is_new = SlackPress.objects.get_or_create(
            signature=request.headers["X-Slack-Signature"],
            defaults={
                "slack_id": found.slack_id,
                "act": found.act,
                "outreach_id": found.outreach_id,
                "given": found.given,
            },
        )
        if is_new:
            tasks.work_press.enqueue(press_id=press.pk, unique_key=str(press.pk))
    return is_new
