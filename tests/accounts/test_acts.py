"""Staff read in words what was done: every act that the source notes has words, and no words are left over."""

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts import acts, audit
from bookings.models import Booking, Dispute, Offer, Report
from content_assistant.models import Ruling
from experts.services import STEPS
from matching.models import AlgorithmVersion
from social import moves
from social.models import Campaign, Idea, Outreach, PostDraft, Trend
from tests.factories import make_expert, make_user


def aims(table):
    return {to for targets in table.values() for to in targets}


# What stands for the names that an action is put together from.
PUT_TOGETHER = {
    "f'algorithm.{to}'": {f"algorithm.{to}" for to in aims(AlgorithmVersion.MOVES)},
    "f'booking.{booking.missing}_missing'": {f"booking.{who}_missing" for who in Booking.Missing.values},
    "f'booking.{to}'": {f"booking.{state}" for state in Booking.State.values},
    "f'booking.time_{what}'": {
        f"booking.time_{what}" for what in ("proposed", "accepted", "declined", "withdrawn", "expired")
    },
    "f'dispute.{to}'": {f"dispute.{to}" for to in aims(Dispute.MOVES)},
    "f'expert.{step.name}'": {f"expert.{step.name}" for step in STEPS},
    "f'offer.{to}'": {f"offer.{to}" for to in aims(Offer.MOVES)},
    "f'outreach.{to}'": {f"outreach.{to}" for to in aims(moves.MOVES) | {Outreach.State.IDENTIFIED}},
    "f'post_draft.{to}'": {f"post_draft.{to}" for to in aims(PostDraft.MOVES)},
    "f'report.{to}'": {f"report.{to}" for to in aims(Report.MOVES)},
    "f'ruling.{decision}'": {f"ruling.{decision}" for decision in Ruling.Decision.values},
    "f'trend.{to}'": {f"trend.{to}" for to in aims(Trend.MOVES)},
    "f'{row._meta.model_name}.{to}'": {
        f"{model._meta.model_name}.{to}" for model in (Idea, Campaign) for to in aims(model.MOVES)
    },
}


def sources():
    own = [Path(app.path) for app in apps.get_app_configs() if Path(app.path).parent == settings.BASE_DIR]
    return [file for folder in own for file in folder.rglob("*.py") if "migrations" not in file.parts]


def noted_in(tree):
    """The actions of what a module notes; where one is passed on, those that are given to whoever passes it on."""
    nodes = list(ast.walk(tree))
    for node in nodes:
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith((".record", "Act")):
            given = [word.value for word in node.keywords if word.arg == "action"]
            for value in given or node.args[:1]:
                yield from _meant(value, nodes)


def _meant(value, nodes):
    if isinstance(value, ast.Constant):
        yield value.value
    elif isinstance(value, ast.IfExp):
        yield from [*_meant(value.body, nodes), *_meant(value.orelse, nodes)]
    elif isinstance(value, ast.JoinedStr):
        yield from PUT_TOGETHER[ast.unparse(value)]
    elif isinstance(value, ast.Name):
        for found in _named(value.id, nodes):
            yield from _meant(found, nodes)
    elif isinstance(value, ast.Call):
        for function in nodes:
            if isinstance(function, ast.FunctionDef) and function.name == ast.unparse(value.func):
                for node in ast.walk(function):
                    if isinstance(node, ast.Return):
                        yield from _meant(node.value, nodes)


def _named(name, nodes):
    """What a name is set to: as a variable, by whoever passes it, or by nobody."""
    for node in nodes:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            yield node.value
        if isinstance(node, ast.keyword) and node.arg == name and not isinstance(node.value, ast.Name):
            yield node.value
        if isinstance(node, ast.arguments):
            defaults = zip(node.kwonlyargs, node.kw_defaults, strict=True)
            yield from (given for argument, given in defaults if argument.arg == name and given)


def test_every_act_that_the_source_notes_has_words_and_no_other():
    trees = [ast.parse(text) for file in sources() if "audit" in (text := file.read_text(encoding="utf-8"))]
    noted = {action for tree in trees for action in noted_in(tree)}
    assert noted == acts.WORDS.keys()


@pytest.mark.django_db
def test_a_history_reads_as_words_and_keeps_what_nobody_does_any_more():
    expert, root = make_expert(), make_user(is_staff=True, is_superuser=True)
    for action in ("expert.approve", "expert.bless"):
        audit.record(action=action, target=expert, by=root)
    staff = Client()
    staff.force_login(root)
    page = staff.get(reverse("admin:experts_expert_history", args=[expert.pk]))
    assert [line.what for line in page.context["lines"]] == ["expert.bless", "approved the application"]
    listed = staff.get(reverse("admin:accounts_auditevent_changelist")).text
    assert "approved the application" in listed
