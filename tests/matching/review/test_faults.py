"""Whatever goes wrong with the model, the ranking that code computed stands, and the page says so in one line."""

import pytest

from matching.models import MatchRun
from tests.factories import make_expert, make_trip

pytestmark = pytest.mark.django_db
Review = MatchRun.Review
LONG = (
    "Mornings begin quietly, before the gates open to everyone else, and the first hour belongs to moss "
    "and raked sand. Later the path climbs past a bamboo grove to a pond where an old keeper feeds carp "
    "and talks about winter pruning. Lunch comes from a small kitchen nearby: rice, pickles, a clear "
    "soup. "
)
LONGER = LONG + (
    "In the afternoon there is time to sit, draw, ask about stones and water, or simply look. Nothing is "
    "rushed, umbrellas are shared, and questions are welcome at every turn of the way. Whoever likes "
    "history hears how monks planned each view, whoever prefers plants learns names, seasons and tricks "
    "that are handed down. "
)


@pytest.fixture
def trip(kyoto):
    make_expert(kyoto, bio="I have looked after temple gardens for thirty years.")
    make_expert(kyoto, bio="I bake bread in a wood-fired oven and show how.")
    return make_trip(kyoto, brief="We want to learn about gardens")


def stands(run):
    """Nothing moved, and the list is there."""
    return not run.scores.exclude(expertise_shift=0, communication_shift=0).exists() and run.shown == 2


def dropped(run):
    return sorted(
        one["why"]
        for review in run.scores.values_list("receipt__review", flat=True)
        for one in review.get("dropped", [])
    )


def change(part, **values):
    """The answer with every item of a part changed."""

    def edit(answer, facts):
        answer[part] = [item | values for item in answer[part]]

    return edit


def test_without_a_provider_the_receipt_is_put_into_words(reviewed, trip):
    run = reviewed(trip)
    assert (run.review, stands(run)) == (Review.OFFLINE, True)
    assert run.review_note == "No language model that can do this is connected."
    assert all(
        said.startswith("What speaks for this expert: ")
        for said in run.scores.values_list("receipt__review__reasoning", flat=True)
    )


def test_a_provider_that_is_down_leaves_the_first_ranking(provider, reviewed, trip):
    for _ in range(5):
        provider.fail(500)
    provider.otherwise = None
    run = reviewed(trip)
    assert (run.review, stands(run)) == (Review.OFFLINE, True)
    assert run.review_note == "No language model answers at the moment."


def test_a_refusal_leaves_the_first_ranking(provider, reviewed, trip):
    for _ in range(3):
        provider.say("I would rather not.", stop="refused")
    run = reviewed(trip)
    assert (run.review, stands(run), bool(run.review_note)) == (Review.FAILED, True, True)


@pytest.mark.parametrize("text", ["{}", "No JSON at all", '{"ratings": "all four"}'])
def test_an_answer_in_no_shape_leaves_the_first_ranking(provider, reviewed, trip, text):
    for _ in range(6):
        provider.say(text)
    run = reviewed(trip)
    assert (run.review, stands(run)) == (Review.FAILED, True)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"rating": 5}, "out_of_range"),
        ({"rating": -1}, "out_of_range"),
        ({"quote": "She is the best gardener of all Japan."}, "no_such_quote"),
        ({"quote": "I"}, "no_such_quote"),
        ({"quote": ""}, "no_such_quote"),
        ({"quote": "We want to learn about gardens", "rating": 4}, "not_of_the_record"),
    ],
)
def test_a_rating_that_does_not_hold_is_dropped_and_counted(mind, reviewed, trip, values, why):
    mind.edits = change("ratings", **values)
    run = reviewed(trip)
    assert (run.review, stands(run)) == (Review.FAILED, True)
    assert (run.dropped, dropped(run)) == (2, [why, why])
    assert run.review_note == "Nothing in the second look could be verified."


def test_what_is_missing_may_be_shown_by_the_travelers_words(mind, reviewed, trip):
    mind.edits = change("ratings", quote="we want to LEARN\nabout gardens", rating=0)
    run = reviewed(trip)
    assert (run.review, run.dropped) == (Review.DONE, 0)
    assert set(run.scores.values_list("receipt__review__ratings__expertise__source", flat=True)) == {"brief"}


def test_an_expert_that_nobody_asked_about_is_counted_and_nothing_else(mind, reviewed, trip):
    def invent(answer, facts):
        answer["ratings"] += [answer["ratings"][0] | {"expert": "Z", "rating": 4}]

    mind.edits = invent
    run = reviewed(trip)
    assert (run.review, run.dropped, dropped(run)) == (Review.DONE, 1, [])


def test_another_experts_words_are_no_evidence(mind, reviewed, trip):
    def swapped(answer, facts):
        quotes = [rating["quote"] for rating in answer["ratings"]]
        answer["ratings"] = [
            rating | {"rating": 4, "quote": quote}
            for rating, quote in zip(answer["ratings"], reversed(quotes), strict=True)
        ]

    mind.edits = swapped
    run = reviewed(trip)
    assert (run.review, stands(run)) == (Review.FAILED, True)
    assert dropped(run) == ["no_such_quote", "no_such_quote"]


def test_rating_somebody_twice_counts_once(mind, reviewed, trip):
    def again(answer, facts):
        answer["ratings"] += [rating | {"rating": 4} for rating in answer["ratings"]]

    mind.edits = again
    run = reviewed(trip)
    given = run.scores.values_list("receipt__review__ratings__expertise__given", flat=True)
    assert {rating for ratings in given for rating in ratings} == {1}
    assert set(dropped(run)) == {"said_twice"}


def test_an_answer_in_another_language_is_no_review(mind, reviewed, trip):
    mind.edits = change(
        "paragraphs", text="Mit diesem Menschen gehen Sie ruhig durch die alten Straßen der Stadt."
    )
    run = reviewed(trip)
    assert (run.review, stands(run)) == (Review.FAILED, True)
    assert run.review_note == "The second look came back in another language."


def test_a_german_reader_gets_german(mind, reviewed, trip):
    from django.utils import translation

    mind.edits = change(
        "paragraphs", text="Mit diesem Menschen gehen Sie ruhig durch die alten Straßen der Stadt."
    )
    with translation.override("de"):
        run = reviewed(trip)
    assert (run.language, run.review) == ("de", Review.DONE)


@pytest.mark.parametrize(
    ("part", "values", "why"),
    [
        ("points", {"evidence": "F99"}, "no_evidence"),
        ("points", {"evidence": "A garden like no other in the world"}, "no_evidence"),
        ("points", {"text": " "}, "empty"),
        ("points", {"text": LONG}, "too_long"),
        ("points", {"text": "Write to mei.tanaka@example.com for a better price"}, "contact"),
        (
            "paragraphs",
            {"text": LONGER},
            "too_long",
        ),
        (
            "paragraphs",
            {"text": "Look at https://gardens.example/mei for all of it, it is well worth it."},
            "link",
        ),
    ],
)
def test_prose_that_does_not_hold_is_left_out(mind, reviewed, trip, part, values, why):
    mind.edits = change(part, **values)
    run = reviewed(trip)
    assert run.review == Review.DONE
    assert set(dropped(run)) == {why}
    found = list(run.scores.values_list("receipt__review", flat=True))
    kept = "strengths" if part == "points" else "reasoning"
    assert not any(review[kept] for review in found)


def test_a_dead_worker_leaves_the_review_to_the_next(mind, reviewed, trip, monkeypatch):
    from django.db.models.functions import Now

    from jobs.models import Job
    from matching import judging
    from tests.worker import run_jobs

    judge = judging.judge
    monkeypatch.setattr(judging, "judge", lambda run: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        reviewed(trip)
    run = MatchRun.objects.current().get(trip=trip)
    assert (run.review, run.shown) == (Review.PENDING, 2)
    monkeypatch.setattr(judging, "judge", judge)
    Job.objects.update(run_after=Now())
    run_jobs()
    run.refresh_from_db()
    assert run.review == Review.DONE


def test_a_review_that_is_given_up_is_said_to_be_none(mind, reviewed, trip):
    from matching import services, tasks
    from matching.models import MatchRun

    run = services.request_match(trip)
    MatchRun.objects.filter(pk=run.pk).update(state="done", review=Review.PENDING)
    tasks.review_failed(run_id=run.pk)
    run.refresh_from_db()
    assert run.review == Review.FAILED
