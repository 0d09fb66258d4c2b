"""How a control of a form is drawn with its label, its help and what is wrong with it."""

import re

import pytest
from django import forms
from django.template import Context, Template
from django.test import TestCase
from django.utils import translation
from django.utils.html import escape
from django.utils.translation import gettext_lazy

from config.templatetags import fields


def drawn(field, options="") -> str:
    return Template("{% load fields %}{% field bound " + options + " %}").render(Context({"bound": field}))


def same(first: str, second: str) -> bool:
    """As HTML: the order of attributes and white space between elements do not count."""
    TestCase().assertHTMLEqual(first, second)
    return True


class Booking(forms.Form):
    name = forms.CharField(label="Your name", help_text="As in your <b>passport</b>", required=True)
    note = forms.CharField(label="A note & more", required=False)
    agrees = forms.BooleanField(label="I agree", required=False)
    size = forms.ChoiceField(
        label="Size", choices=[("s", "Small")], widget=forms.RadioSelect, help_text="Of all"
    )
    key = forms.CharField(widget=forms.HiddenInput)


class Days(forms.Form):
    day = forms.DateField(label=gettext_lazy("First day"))


def test_label_control_and_help_belong_together():
    assert same(
        drawn(Booking({}, initial={"name": "x"}, use_required_attribute=False)["note"]),
        '<div class="field"><label for="id_note">A note &amp; more <span class="optional">optional</span></label>'
        '<input type="text" name="note" id="id_note"></div>',
    )
    assert same(
        drawn(Booking()["name"]),
        '<div class="field"><label for="id_name">Your name</label>'
        '<input type="text" name="name" required id="id_name" aria-describedby="id_name_helptext">'
        '<div class="help" id="id_name_helptext">As in your <b>passport</b></div></div>',
    )


def test_what_is_wrong_stands_below_and_is_tied_to_the_control():
    assert same(
        drawn(Booking({})["name"]),
        '<div class="field field-invalid"><label for="id_name">Your name</label>'
        '<input type="text" name="name" required id="id_name" aria-invalid="true"'
        ' aria-describedby="id_name_helptext id_name_error">'
        '<div class="help" id="id_name_helptext">As in your <b>passport</b></div>'
        '<ul class="errorlist" id="id_name_error"><li>This field is required.</li></ul></div>',
    )


def test_a_box_stands_before_its_label_and_is_never_called_optional():
    assert same(
        drawn(Booking()["agrees"]),
        '<div class="field field-check"><input type="checkbox" name="agrees" id="id_agrees">'
        '<label for="id_agrees">I agree</label></div>',
    )


def test_several_controls_are_a_group_under_one_legend():
    group = drawn(Booking()["size"])
    assert group.startswith(
        '<div class="field"><fieldset aria-describedby="id_size_helptext"><legend>Size</legend>'
    )
    assert group.endswith('<div class="help" id="id_size_helptext">Of all</div></fieldset></div>')


def test_a_hidden_control_has_nothing_around_it():
    assert same(drawn(Booking()["key"]), '<input type="hidden" name="key" id="id_key">')


def test_optional_is_said_or_left_out_and_labels_follow_the_reader():
    field = Booking()["note"]
    assert '<span class="optional">optional</span>' in drawn(field)
    assert "optional" not in drawn(field, "hide_optional=True")
    said = []
    for language in ("en", "de", "en"):
        with translation.override(language):
            said.append(re.findall(r">([^<]+)</label>", drawn(Days()["day"]))[0])
    assert said == ["First day", "Erster Tag", "First day"]


@pytest.mark.parametrize("typed", ['"><script>', "<i>", "O'Hara & Söhne"])
def test_what_was_typed_is_text(typed):
    field = drawn(Booking({"name": typed})["name"])
    assert f'value="{escape(typed)}"' in field
    assert typed not in field


class Wishes(forms.Form):
    likes = forms.MultipleChoiceField(
        choices=[("Food", [("wine", "Wine"), ("tea", "Tea")]), ("Art", [("tiles", "Tiles")])],
        widget=forms.CheckboxSelectMultiple,
    )
    speaks = forms.MultipleChoiceField(choices=[("en", "English"), ("pt", "Portuguese")], required=False)


def test_chips_keep_their_groups_and_what_was_ticked():
    (food, chips), (art, _) = fields.chip_groups(Wishes({"likes": ["tea"]})["likes"])
    chip = (
        '<label class="chip"><input type="checkbox" name="likes" value="{}" id="id_likes_0_{}"{}>{}</label>'
    )
    assert (food, art) == ("Food", "Art")
    assert chips == chip.format("wine", 0, "", "Wine") + chip.format("tea", 1, " checked", "Tea")


def test_chips_without_groups_are_one():
    [(group, chips)] = fields.chip_groups(Wishes()["speaks"])
    ids = [f'value="{code}" id="id_speaks_{place}">' for place, code in enumerate(["en", "pt"])]
    assert (group, [one in chips for one in ids]) == (None, [True, True])


class Odd(forms.Form):
    field = forms.MultipleChoiceField(choices=[('"><i>', "<b>Bold")], widget=forms.CheckboxSelectMultiple)


def test_chips_are_text_whatever_their_name():
    [(_, chips)] = fields.chip_groups(Odd()["field"])
    assert [tag in chips for tag in ("<i>", "<b>")] == [False, False]
