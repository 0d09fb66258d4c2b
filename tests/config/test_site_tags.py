from datetime import date
from decimal import Decimal

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils import translation
from psycopg.types.range import DateRange

from config.templatetags import site
from markets.models import Market
from travelers.models import Trip


def render(source: str, **context) -> str:
    return Template("{% load site %}" + source).render(Context(context))


def test_money_and_days_follow_the_reader():
    source = "{% money_range low high 'EUR' %} | {{ first|day_range:last }} | {{ code|country }}"
    given = {
        "low": Decimal(90),
        "high": Decimal("160.50"),
        "first": date(2027, 4, 3),
        "last": date(2027, 4, 9),
    }

    english = render(source, code="PT", **given)
    with translation.override("de"):
        german = render(source, code="PT", **given)

    assert english == "€90 – €160.50 | Apr 3\u2009–\u20099, 2027 | Portugal"
    assert german == "90\xa0€ – 160,50\xa0€ | 3.–9. Apr. 2027 | Portugal"


def test_one_price_is_no_range():
    assert render("{% money_range low low 'JPY' %}", low=Decimal(12000)) == "¥12,000"


def test_period_leaves_out_the_upper_bound():
    assert site.period(DateRange(date(2027, 2, 14), date(2027, 2, 15))) == "Feb 14, 2027"


def test_a_factor_says_its_points_in_the_readers_language():
    row = ("Trust & more", Decimal("89.1"), Decimal("31.2"), Decimal(35))
    start = '<div><dt>Trust &amp; more</dt><dd><b>31.2</b> of 35</dd><svg class="bar"'
    assert site.factor_row(row).startswith(start)
    assert 'width="89%"' in site.factor_row(row)
    with translation.override("de"):
        assert "<b>31,2</b> von 35" in site.factor_row(row)


def test_bars_are_written_without_a_decimal_comma():
    with translation.override("de"):
        assert 'width="89%"' in render("{{ 4.45|bar:5 }}")


def test_initials_take_the_first_and_the_last_name():
    names = ["Marta Nogueira", "Ana Maria de Sá", "Sukarno", ""]
    assert [site.initials(name) for name in names] == ["MN", "AS", "S", ""]


def test_a_name_keeps_its_colours_whatever_the_process():
    # Python's own hash() would differ from worker to worker.
    assert [site.hue(name) for name in ("Lisbon", "Kyoto", "Hanoi")] == [4, 6, 6]


def test_posters_stay_plausible():
    assert site.scene(Market(name="Kyoto", country_code="JP", latitude=35)) in {"pagoda", "skyline"}
    assert site.scene(Market(name="Marrakesh", country_code="MA", latitude=31)) in {"dunes", "oldtown"}
    assert site.scene(Market(name="Lisbon", country_code="PT", latitude=38)) not in {
        "pagoda",
        "dunes",
        "palms",
    }


def test_constant_parts_follow_the_language_and_the_named_values():
    part = Template(
        "{% load i18n site %}{% constant mine=mine %}{% translate 'Sign in' %} {{ mine }}{% endconstant %}"
    )

    english = [part.render(Context({"mine": mine})) for mine in (False, True, False)]
    with translation.override("de"):
        german = part.render(Context({"mine": True}))

    assert english == ["Sign in False", "Sign in True", "Sign in False"]
    assert german == "Anmelden True"


def test_constant_parts_see_nothing_else_of_a_visitor():
    part = Template(
        "{% load site %}{% constant mine=mine %}{{ mine }}{{ user }}{{ csrf_token }}{% endconstant %}"
    )
    assert part.render(Context({"mine": 1, "user": "Ada", "csrf_token": "secret"})) == "1"


@pytest.mark.parametrize("given", ["'components/footer.html'", "mine"])
def test_constant_parts_take_named_values_alone(given):
    with pytest.raises(TemplateSyntaxError):
        render("{% constant " + given + " %}{% endconstant %}")


def test_an_icon_is_a_drawing_nobody_hears():
    drawn = '<svg class="{}" aria-hidden="true"><use href="/static/img/icons.svg#star"/></svg>'
    assert render('{% icon "star" %}') == drawn.format("icon")
    assert render('{% icon "star" "icon-solid" %}') == drawn.format("icon icon-solid")


def test_a_choice_is_said_in_the_readers_language():
    trip = Trip(kind="food", purpose="retired")
    assert [site.label(trip, "kind"), site.label(trip, "purpose")] == ["food and drink", "retired"]
    with translation.override("de"):
        assert site.label(trip, "kind") == trip.get_kind_display()
