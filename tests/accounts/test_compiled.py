from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.compiled import CompiledQuery, Parameter
from accounts.models import AuditEvent, User
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_a_query_is_written_once_and_asked_with_each_calls_values(django_assert_num_queries):
    ada, bea = make_user("Ada"), make_user("Bea")
    built = []

    def names():
        built.append(1)
        return User.objects.filter(email=Parameter("email"), is_staff=False).values_list("pk", "name")

    query = CompiledQuery(names)
    with django_assert_num_queries(3):
        found = [query.rows(email=email) for email in (ada.email, bea.email, "nobody@example.com")]
    assert found == [[(ada.pk, "Ada")], [(bea.pk, "Bea")], []]
    assert len(built) == 1


@pytest.mark.parametrize("odd", ["' OR 1=1 --", "%s", "%(email)s", "🎏", ""])
def test_a_value_is_never_part_of_the_statement(odd):
    make_user()
    query = CompiledQuery(lambda: User.objects.filter(name=Parameter("name")).values_list("name"))
    assert query.rows(name=odd) == []
    make_user(odd)
    assert query.rows(name=odd) == [(odd,)]


def test_parameters_compare_and_order_as_values_do():
    query = CompiledQuery(
        lambda: User.objects.filter(date_joined__gt=Parameter("after")).order_by("name").values_list("name")
    )
    for name in ("Cleo", "Ada"):
        make_user(name)
    assert query.rows(after=timezone.now() - timedelta(hours=1)) == [("Ada",), ("Cleo",)]
    assert query.rows(after=timezone.now()) == []


def test_a_value_that_was_forgotten_is_an_error():
    query = CompiledQuery(lambda: User.objects.filter(name=Parameter("name")).values_list("name"))
    with pytest.raises(KeyError, match="name"):
        query.rows()


def test_columns_that_need_converting_are_refused():
    with pytest.raises(TypeError, match="converter"):
        CompiledQuery(lambda: AuditEvent.objects.values_list("detail")).rows()
