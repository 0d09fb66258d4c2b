from collections.abc import Iterable, Mapping
from typing import Any

import structlog
from django.db import models

from accounts.compiled import Parameter
from accounts.models import AuditEvent, User


def record(*, action: str, target: models.Model, by: User | None, **detail: Any) -> AuditEvent:
    """Note an act. Call it inside the transaction of the act, so that neither exists without the other.

    `by=None` stands for the system itself (a task, a time-out).
    """
    return record_all([(action, target, detail)], by=by)[0]


def record_all(
    acts: Iterable[tuple[str, models.Model, Mapping[str, Any]]], *, by: User | None
) -> list[AuditEvent]:
    """Several acts in one statement: the action, target and detail of each, in their order."""
    request_id = structlog.contextvars.get_contextvars().get("request_id", "")
    return AuditEvent.objects.bulk_create(
        AuditEvent(
            actor=by,
            action=action,
            target_type=target._meta.label_lower,
            target_id=target.pk,
            detail=detail,
            request_id=request_id,
        )
        for action, target, detail in acts
    )


def history(target: models.Model) -> models.QuerySet[AuditEvent]:
    return history_of(target._meta.model, target.pk)


def history_of(model: type[models.Model], key: int | Parameter) -> models.QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(target_type=model._meta.label_lower, target_id=key).select_related(
        "actor"
    )


def about(targets: models.QuerySet[Any]) -> models.QuerySet[AuditEvent]:
    """What happened to any of these rows, in one query."""
    return AuditEvent.objects.filter(
        target_type=targets.model._meta.label_lower, target_id__in=targets.values("pk")
    ).select_related("actor")
