"""Staff roles are groups. Each app grants them permissions on its own models in a migration of its own."""

from collections.abc import Mapping
from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.migrations.state import ProjectState

REVIEWER = "Reviewer"  # decides on experts, drafts and reviews
OPERATOR = "Operator"  # runs markets, trips and the work queue
SOCIAL = "Social media manager"  # decides on what social commerce found and what is written to people
ANALYST = "Analyst"  # reads everything, changes nothing

Grants = Mapping[str, Mapping[str, list[str]]]
NEEDED = {"auth", "contenttypes"}


class GrantRoles(migrations.RunPython):
    """Sees the models of permissions alone: RunPython has Django make all models of all apps anew, each time."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        needed = {key: model for key, model in from_state.models.items() if key[0] in NEEDED}
        self.code(ProjectState(needed).apps, schema_editor)


def grant_roles(app_label: str, grants: Grants) -> migrations.RunPython:
    """A migration operation: `{role: {model: [action, …]}}`, where an action is view, change, or a custom codename.

    Permission rows appear only after a whole migrate run, so the ones granted here are created here.
    """

    def grant(apps: Apps, schema_editor: Any) -> None:
        for role, models in grants.items():
            group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=role)
            for model, actions in models.items():
                group.permissions.add(*_permissions(apps, app_label, model, actions))

    return GrantRoles(grant, migrations.RunPython.noop)


def _permissions(apps: Apps, app_label: str, model: str, actions: list[str]) -> list[Any]:
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label=app_label, model=model
    )
    permission = apps.get_model("auth", "Permission")
    return [
        permission.objects.get_or_create(
            content_type=content_type,
            codename=codename,
            defaults={"name": f"Can {codename.replace('_', ' ')}"},
        )[0]
        for codename in (f"{a}_{model}" if a in {"view", "add", "change", "delete"} else a for a in actions)
    ]
