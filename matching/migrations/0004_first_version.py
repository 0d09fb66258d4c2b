from typing import Any

from django.apps.registry import Apps
from django.db import migrations

FIRST = {
    "name": "2026.11",
    "status": "active",
    "expertise_weight": 350,
    "communication_weight": 200,
    "budget_weight": 150,
    "availability_weight": 150,
    "trust_weight": 150,
    "reason": "The weights that the marketplace began with.",
}
POSITIONS = """
    UPDATE matching_matchscore s SET position = p.position
    FROM (SELECT id, row_number() OVER (PARTITION BY run_id ORDER BY rank) AS position
          FROM matching_matchscore WHERE hidden = 0) p
    WHERE p.id = s.id
"""


def begin(apps: Apps, schema_editor: Any) -> None:
    """Runs from before there were versions were weighed like this, and shown in the order of their ranks."""
    first = apps.get_model("matching", "AlgorithmVersion").objects.create(**FIRST)
    apps.get_model("matching", "MatchRun").objects.update(version=first)
    schema_editor.execute(POSITIONS)


class Migration(migrations.Migration):
    dependencies = [("matching", "0003_trusted")]

    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
