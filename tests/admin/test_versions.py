"""Algorithm versions as staff see and move them."""

import os
import subprocess
import sys

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

import jobs.services
from accounts.models import AuditEvent
from jobs.models import Job
from matching import fitting
from matching.learning.gates import Code
from matching.models import AlgorithmVersion, Exposure
from tests.admin.rows import make_exposure, make_score
from tests.admin.rows import make_version as make_plain_version
from tests.factories import make_booking, make_expert, make_run, make_trip, make_user
from tests.worker import run_jobs

pytestmark = pytest.mark.django_db
Status = AlgorithmVersion.Status
LIST = reverse("admin:matching_algorithmversion_changelist")
WHY = {"reason": "Better since spring."}


def gate(code, failed=()):
    passed = code not in failed
    return {"code": code.value, "value": 0.07, "bound": 0.05, "passed": passed, "off": 0 if passed else 0.02}


def fit(failed=(), **fields):
    return {
        "state": "done",
        "at": timezone.now().isoformat(),
        "base": "2026.11",
        "slates": 2400,
        "bookings": 310,
        "gates": [gate(code, failed) for code in Code],
        "gain": {"mean": 0.012, "interval": [0.003, 0.021]},
        "bins": [[0.05, 3, 50], [0.2, 12, 50]],
        "brier": 0.0812,
        "ece": 0.0213,
        "model": {"weights": [0.2] * 5, "scale": 8.0, "positions": [0] * 5, "outside": 7.0},
        "difference_of_means": {"weights": [1.4, -0.4, 0, 0, 0], "problem": "negative_weight"},
    } | fields


def make_version(status=Status.DRAFT, **fields):
    weights = {"expertise_weight": 300, "communication_weight": 250}
    return make_plain_version(**{"status": status, "fit": fit()} | weights | fields)


def page(version, name="change"):
    return reverse(f"admin:matching_algorithmversion_{name}", args=[version.pk])


def of_all(name):
    return reverse(f"admin:matching_algorithmversion_{name}")


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def text(response):
    return " ".join(response.content.decode().split())


def status(version):
    version.refresh_from_db()
    return version.status


def make_mixed(version, team):
    """A mixed list whose booked expert this team picked."""
    trip = make_trip(traveler=make_user())
    run = make_run(trip, state="done", challenger=version)
    for place, side in enumerate(Exposure.Team.values[1:], 1):
        expert = make_expert(trip.destination, reindex=False)
        make_exposure(make_score(run, expert, place), team=side)
        if side == team:
            make_booking(expert, trip.traveler, trip=trip)


@pytest.mark.parametrize(
    ("state", "buttons"),
    [
        ("draft", ["into-shadow", "retire"]),
        ("shadow", ["activate", "change-share", "back-to-draft", "retire"]),
        ("retired", ["activate"]),
    ],
)
def test_the_buttons_are_the_moves_open_from_here(operator, state, buttons):
    shown = operator.get(page(make_version(state))).context["actions_detail"]
    assert [button["path"].strip("/").rsplit("/", 1)[1] for button in shown] == buttons


def test_the_active_version_has_no_button_and_analysts_have_none(operator, analyst):
    active = AlgorithmVersion.objects.active()
    assert operator.get(page(active)).context["actions_detail"] == []
    assert analyst.get(page(make_version())).context["actions_detail"] == []
    assert analyst.get(LIST).context["actions_list"] == []


def test_the_list_leads_to_fitting_and_rolling_back(operator):
    shown = operator.get(LIST).context["actions_list"]
    assert [button["path"] for button in shown] == [of_all("fit"), of_all("roll_back")]


def test_a_version_is_put_into_the_shadow_with_a_share(operator):
    version = make_version()
    assert version.status == Status.DRAFT
    response = operator.post(page(version, "into_shadow"), WHY | {"share": 20})
    assert response.headers["Location"] == page(version)
    version.refresh_from_db()
    assert (version.status, version.share) == (Status.SHADOW, 20)
    event = AuditEvent.objects.get(action="algorithm.shadow")
    assert (event.actor, event.detail["reason"]) == (operator.user, WHY["reason"])


@pytest.mark.parametrize(
    ("button", "after"), [("activate", "active"), ("to_draft", "draft"), ("retire", "retired")]
)
def test_a_version_in_the_shadow_goes_on(operator, button, after):
    version = make_version(Status.SHADOW)
    operator.get(page(version, button))
    assert status(version) == Status.SHADOW
    operator.post(page(version, button), WHY)
    assert status(version) == after


def test_the_share_is_changed_from_what_it_is(operator):
    version = make_version(Status.SHADOW, share=20)
    assert 'value="20"' in text(operator.get(page(version, "change_share")))
    operator.post(page(version, "change_share"), WHY | {"share": 50})
    version.refresh_from_db()
    assert version.share == 50


@pytest.mark.parametrize("data", [{}, {"reason": " ", "share": 5}, WHY | {"share": 101}, WHY | {"share": ""}])
def test_what_is_missing_or_wrong_is_asked_for_again(operator, data):
    version = make_version()
    response = operator.post(page(version, "into_shadow"), data)
    assert (response.status_code, status(version)) == (200, Status.DRAFT)


def test_the_page_shows_what_would_change(operator):
    shown = operator.get(page(make_version(Status.SHADOW), "activate"))
    first, second, *_ = shown.context["weights"]
    assert (first.before, first.after, first.change) == ("35 %", "30 %", "-5")
    assert (second.before, second.after, second.change) == ("20 %", "25 %", "+5")
    assert len(shown.context["gates"]) == len(Code)


def test_a_gate_that_is_shut_is_told_and_the_reason_stays(operator):
    version = make_version(Status.SHADOW, fit=fit(failed=[Code.MOVE]))
    response = operator.post(page(version, "activate"), WHY)
    assert said(response) == ["These gates do not hold: no weight moves too far."]
    assert WHY["reason"] in text(response)
    assert status(version) == Status.SHADOW


def test_pressing_twice_moves_once(operator):
    version = make_version(Status.SHADOW)
    operator.post(page(version, "activate"), WHY)
    again = operator.post(page(version, "activate"), WHY)
    assert (again.status_code, again.context["open"], status(version)) == (200, False, Status.ACTIVE)
    assert AuditEvent.objects.filter(action="algorithm.active").count() == 1


def test_a_fit_is_asked_for_once_however_often_one_presses(operator):
    form = {"agreed": operator.get(of_all("fit")).context["form"]["agreed"].value()}
    first, again = (operator.post(of_all("fit"), WHY | form) for _ in range(2))
    draft = AlgorithmVersion.objects.get(status=Status.DRAFT)
    assert first.headers["Location"] == page(draft)
    assert said(again)[-1] == f"The fit {draft.name} was asked for already."
    assert (draft.name, draft.reason, draft.created_by) == (form["agreed"], WHY["reason"], operator.user)


def test_a_fit_on_its_way_says_so_and_then_shows_its_gates(operator):
    operator.post(
        of_all("fit"), WHY | {"agreed": operator.get(of_all("fit")).context["form"]["agreed"].value()}
    )
    draft = AlgorithmVersion.objects.get(status=Status.DRAFT)
    assert "A worker is fitting it" in text(operator.get(page(draft)))
    run_jobs()
    shown = text(operator.get(page(draft)))
    assert "A worker is fitting it" not in shown
    assert "off by 200" in shown
    assert "cannot be measured yet" in shown
    assert "there is nothing to compare" in shown


def test_a_fit_whose_worker_gives_up_says_so_and_keeps_its_weights(operator):
    draft = fitting.ask_for_fit(by=operator.user, reason="A month has passed.")
    job = Job.objects.claim(Job.objects.get(kind="matching.tasks.fit_weights").pk)
    assert job
    jobs.services.bury(job, "It ran out of memory.")
    assert "The worker that fitted it gave up" in text(operator.get(page(draft)))
    draft.refresh_from_db()
    assert draft.weights == AlgorithmVersion.objects.active().weights


def test_what_was_moved_before_its_fit_came_is_not_waited_for(operator):
    version = make_version(Status.RETIRED, fit={"state": "running", "base": "2026.11"})
    assert "moved before its fit was ready" in text(operator.get(page(version)))


def test_rolling_back_names_where_to_and_goes_there_once(operator):
    operator.post(page(make_version(Status.SHADOW), "activate"), WHY)
    asked = operator.get(of_all("roll_back"))
    assert "2026.11 becomes active again" in text(asked)
    for _ in range(2):
        again = operator.post(of_all("roll_back"), WHY | {"agreed": asked.context["form"]["agreed"].value()})
    assert "Somebody was faster" in said(again)[-1]
    assert AlgorithmVersion.objects.active().name == "2026.11"


def test_there_is_nothing_to_roll_back_to_at_first(operator):
    response = operator.get(of_all("roll_back"))
    assert "No other version was active before." in text(response)
    assert "<textarea" not in text(response)


@pytest.mark.parametrize("method", ["get", "post"])
def test_only_who_may_decide_gets_to_a_button(analyst, reviewer, method):
    version = make_version(Status.SHADOW)
    urls = [page(version, "activate"), page(version, "retire"), of_all("fit"), of_all("roll_back")]
    for client in (analyst, reviewer):
        assert {getattr(client, method)(url, WHY).status_code for url in urls} == {403}


def test_a_version_that_is_not_there_is_not_found(operator):
    assert operator.get(reverse("admin:matching_algorithmversion_retire", args=[987654])).status_code == 404


def test_the_fit_is_told_in_words(analyst):
    shown = text(analyst.get(page(make_version(fit=fit(failed=[Code.FLOOR, Code.CALIBRATION])))))
    expected = ["2400", "310", "0.0120, 95 % interval 0.0030 to 0.0210", "0.0812", "0.0213"]
    expected += ["no weight too small", "at least 5.0 %", "off by 2.0 %", "off by 0.0200"]
    expected += ["A weight is negative", "140.0 %", "not told to travelers"]
    assert [words for words in expected if words not in shown] == []


def test_calibrated_probabilities_are_told(analyst):
    assert "told to travelers while it is active" in text(analyst.get(page(make_version())))


@pytest.mark.parametrize("found", [None, {}, {"state": "running"}, {"note": "<b>"}])
def test_what_was_not_fitted_shows_no_gates(analyst, found):
    response = analyst.get(page(make_version(fit=found)))
    assert (response.context["gates"], response.context["points"]) == ([], [])


def test_a_version_that_never_shared_is_compared_with_nothing(analyst):
    assert analyst.get(page(make_version())).context["compared"] is None


def test_a_version_that_shares_has_no_wins_at_first(analyst):
    shown = analyst.get(page(make_version(Status.SHADOW, share=10)))
    compared = shown.context["compared"]
    assert (compared.own, compared.active, compared.p_value) == (0, 0, "no data")
    assert "nobody booked from a mixed list yet" in text(shown)


def test_wins_are_counted_also_when_it_shares_no_more(analyst):
    version = make_version(Status.RETIRED)
    for team in ("challenger", "challenger", "active", ""):
        make_mixed(version, team)
    compared = analyst.get(page(version)).context["compared"]
    assert (compared.own, compared.active, compared.ties) == (2, 1, 1)
    assert "Not decided" in str(compared.verdict)
    low, high = (float(end.rstrip(" %")) for end in compared.interval.split("–"))
    assert 0 <= low < 100 * 2 / 3 < high <= 100


@pytest.mark.parametrize(
    ("team", "verdict"), [("challenger", "This version"), ("active", "The active version")]
)
def test_a_clear_win_is_told(analyst, team, verdict, monkeypatch):
    version = make_version(Status.SHADOW, share=10)
    winner = {"challenger": "b", "active": "a"}[team]
    monkeypatch.setattr("matching.history.outcomes", lambda pk: [winner] * 40)
    compared = analyst.get(page(version)).context["compared"]
    assert str(compared.verdict) == f"{verdict} wins more often."


def test_web_processes_start_without_scipy():
    code = "import sys, django; django.setup(); import config.urls; sys.exit('scipy' in sys.modules)"
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0
