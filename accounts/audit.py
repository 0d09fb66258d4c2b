from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import structlog
from django.db import models

from accounts.compiled import Parameter
from accounts.models import AuditEvent, User


class Act(NamedTuple):
    action: str
    target: models.Model
    by: User | None
    detail: Mapping[str, Any]


def record(*, action: str, target: models.Model, by: User | None, **detail: Any) -> AuditEvent:
    """Note an act. Call it inside the transaction of the act, so that neither exists without the other.

    `by=None` stands for the system itself (a task, a time-out).
    """
    return record_all([Act(action, target, by, detail)])[0]


def record_all(acts: Iterable[Act]) -> list[AuditEvent]:
    """Several acts in one statement, in their order."""
    request_id = structlog.contextvars.get_contextvars().get("request_id", "")
    return AuditEvent.objects.bulk_create(
        AuditEvent(
            actor=act.by,
            action=act.action,
            target_type=act.target._meta.label_lower,
            target_id=act.target.pk,
            detail=act.detail,
            request_id=request_id,
        )
        for act in acts
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
