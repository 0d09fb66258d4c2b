from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from accounts import audit
from accounts.compiled import CompiledQuery, Parameter
from accounts.models import AuditEvent, User
from experts.models import Expert
from tests.factories import make_expert, make_market, make_trip, make_user
from travelers.models import Trip

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


def test_columns_are_converted_as_django_does():
    audit.record(action="test.done", target=make_user(), by=None, facts=[1, "two"])
    query = CompiledQuery(lambda: AuditEvent.objects.values_list("detail", "action"))
    assert query.rows() == [({"facts": [1, "two"]}, "test.done")]


def experts():
    chosen = Expert.objects.filter(market__name=Parameter("city")).select_related("user", "market")
    return chosen.only("slug", "price_min", "user__name", "market").annotate(texts_now=F("texts") + 1)


def test_objects_are_what_django_makes_of_the_same_query(django_assert_num_queries):
    kyoto = make_market("Kyoto")
    mei, ken = make_expert(kyoto, name="Mei"), make_expert(kyoto, name="Ken")
    make_expert(make_market("Lima"))
    query = CompiledQuery(lambda: experts().order_by("pk"))
    query.objects(city="Lima")
    with django_assert_num_queries(1):
        found = query.objects(city="Kyoto")
        shown = [(one, one.user.name, one.market.slug, one.price_min, one.texts_now) for one in found]
    assert shown == [(one, one.user.name, kyoto.slug, one.price_min, one.texts + 1) for one in (mei, ken)]
    assert found[0].get_deferred_fields() >= {"bio", "headline"}
    assert found[0]._state.adding is False


def test_objects_without_a_related_row_have_none():
    trip = make_trip()
    query = CompiledQuery(lambda: Trip.objects.filter(pk=Parameter("pk")).select_related("traveler"))
    assert [one.traveler for one in query.objects(pk=trip.pk)] == [None]
