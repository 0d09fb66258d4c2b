import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts import audit
from accounts.errors import DomainError, IllegalMove
from jobs import services
from jobs.models import Effect, Job
from tests.factories import make_user
from tests.jobs.samples import fragile, store
from tests.jobs.test_sweep import sent_ids
from tests.worker import work

pytestmark = pytest.mark.django_db
State = Job.State


def dead_letter(name="a", **key):
    job = fragile.enqueue(name=name, **key)
    with pytest.raises(KeyError):
        work(job)
    job.refresh_from_db()
    return job


@pytest.fixture
def staff(client):
    """Signs in a member of staff with these permissions."""

    def sign_in(*codenames):
        user = make_user(is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        client.force_login(user)
        return user

    return sign_in


def choose(client, model, action, *rows):
    url = reverse(f"admin:jobs_{model}_changelist")
    return client.post(url, {"action": action, "_selected_action": [row.pk for row in rows]}, follow=True)


def test_a_dead_letter_starts_again_with_fresh_attempts(body, django_capture_on_commit_callbacks):
    job, staff = dead_letter(), make_user()
    with django_capture_on_commit_callbacks(execute=True):
        services.replay(job, by=staff)
    assert sent_ids() == [job.pk]
    body("a", lambda task: None)
    work(job)
    event = audit.history(job).get()
    assert (job.state, job.attempts, job.fence) == (State.DONE, 1, 2)
    assert (event.action, event.actor, event.detail["error"]) == ("job.replay", staff, "KeyError: 'a'")


def test_only_dead_letters_are_replayed():
    job = store.enqueue(name="a")
    work(job)
    with pytest.raises(IllegalMove):
        services.replay(job, by=make_user())
    assert audit.history(job).count() == 0


def test_a_dead_letter_is_not_replayed_beside_the_same_work():
    job = dead_letter(unique_key="1")
    fragile.enqueue(name="a", unique_key="1")
    with pytest.raises(DomainError):
        services.replay(job, by=make_user())
    job.refresh_from_db()
    assert (job.state, audit.history(job).count()) == (State.DEAD, 0)


def test_staff_replay_dead_letters_from_the_list(client, staff):
    user, job, other = staff("view_job", "replay_job"), dead_letter(), store.enqueue(name="b")
    page = choose(client, "job", "replay", job, other)
    job.refresh_from_db()
    assert (job.state, audit.history(job).get().actor) == (State.QUEUED, user)
    assert [str(message) for message in page.context["messages"]][1] == "1 job starts again."


def test_staff_who_may_only_look_cannot_replay(client, staff):
    staff("view_job")
    job = dead_letter()
    choose(client, "job", "replay", job)
    job.refresh_from_db()
    assert job.state == State.DEAD


def test_staff_without_the_permission_see_no_jobs(client, staff):
    staff()
    assert client.get(reverse("admin:jobs_job_changelist")).status_code == 403


def test_staff_allow_another_try_of_an_effect(client, staff):
    staff("view_effect", "retry_effect")
    unknown = Effect.objects.create(key="mail:1", state="unknown")
    tried = Effect.objects.create(key="mail:2")
    choose(client, "effect", "allow_another_try", unknown, tried)
    assert Effect.objects.get() == tried


def test_staff_who_may_only_look_cannot_allow_another_try(client, staff):
    staff("view_effect")
    effect = Effect.objects.create(key="mail:1", state="unknown")
    choose(client, "effect", "allow_another_try", effect)
    assert Effect.objects.get() == effect


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_queries_however_long(client, staff, count, django_assert_max_num_queries):
    staff("view_job")
    for number in range(count):
        store.enqueue(name=str(number))
    with django_assert_max_num_queries(12):
        page = client.get(reverse("admin:jobs_job_changelist"))
    assert page.content.decode().count("tests.jobs.samples.store</a>") == count


def test_a_job_can_be_read_and_not_changed(client, staff):
    staff("view_job", "change_job", "add_job", "delete_job")
    job = dead_letter()
    page = client.get(reverse("admin:jobs_job_change", args=[job.pk]))
    assert "KeyError" in page.content.decode()
    assert client.post(reverse("admin:jobs_job_delete", args=[job.pk])).status_code == 403
    assert client.post(reverse("admin:jobs_job_change", args=[job.pk]), {"state": "done"}).status_code == 403


def test_a_job_says_what_it_was_asked_and_how_it_stands(client, staff):
    staff("view_job")
    job = dead_letter(unique_key="key-7")
    page = client.get(reverse("admin:jobs_job_changelist"), {"q": "key-7"}).content.decode()
    assert [text for text in ("name=a", "1 / 1", "KeyError", "dead letter") if text not in page] == []
    other = client.get(reverse("admin:jobs_job_changelist"), {"q": "key-8"})
    assert list(other.context["cl"].result_list) == []
    assert str(job) == f"tests.jobs.samples.fragile {job.pk}"


def test_what_an_error_says_is_text(client, staff):
    staff("view_job")
    dead_letter()
    Job.objects.update(last_error="<script>alert(1)</script>", args={"name": "<b>x</b>"})
    page = client.get(reverse("admin:jobs_job_changelist")).content.decode()
    assert "<script>alert(1)" not in page
    assert "<b>x</b>" not in page


def test_dead_letters_are_replayed_together_and_what_cannot_be_is_named(client, staff):
    staff("view_job", "replay_job")
    jobs = [dead_letter(name) for name in "ac"]
    done = store.enqueue(name="b")
    work(done)
    said = [str(message) for message in choose(client, "job", "replay", *jobs, done).context["messages"]]
    assert said[0].startswith(f"tests.jobs.samples.store {done.pk}: This is “done”")
    assert said[1] == "2 jobs start again."
    assert Job.objects.filter(state=State.QUEUED).count() == 2
