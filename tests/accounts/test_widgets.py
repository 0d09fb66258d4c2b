"""Our quick drawings of controls say what Django's templates say."""

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.test import TestCase

from accounts import widgets

TEXTS = ["", "plain", '"><script>alert(1)</script>', "O'Hara & Söhne", None, 0, 12]
INPUTS = [forms.TextInput, forms.NumberInput, forms.EmailInput, forms.HiddenInput, forms.Textarea]
ATTRS = [
    {},
    {"id": "id_x", "required": True, "disabled": False, "maxlength": 20},
    {"placeholder": 'a "quote" & <more>', "aria-invalid": "true", "min": 1, "max": True},
]


def alike(widget, value, attrs):
    ours, theirs = (
        widget.render("name", value, attrs, renderer) for renderer in (widgets.Renderer(), DjangoTemplates())
    )
    TestCase().assertHTMLEqual(ours, theirs)
    return True


@pytest.mark.parametrize("widget", INPUTS)
@pytest.mark.parametrize("value", TEXTS)
@pytest.mark.parametrize("attrs", ATTRS)
def test_inputs_are_drawn_as_django_does(widget, value, attrs):
    assert alike(widget(), value, attrs)


@pytest.mark.parametrize("value", [True, False, None, "yes", 'yes"'])
def test_boxes_are_drawn_as_django_does(value):
    assert alike(forms.CheckboxInput(), value, {"id": "id_x"})


@pytest.mark.parametrize("widget", [forms.DateInput(format="%Y-%m-%d"), forms.TimeInput(format="%H:%M")])
def test_other_kinds_keep_their_type(widget):
    widget.input_type = "date"
    assert alike(widget, "2026-05-01", {"id": "id_x"})


def test_a_line_break_at_the_beginning_is_kept():
    assert alike(forms.Textarea(), "\nfirst", {})


@pytest.mark.parametrize("value", ["b", "", None, "c<", "nothing of it", 'x" selected'])
@pytest.mark.parametrize(
    "choices", [[("", "–"), ("b", "Bee"), ("c<", "<i>See</i>")], [(1, "One"), (2, "Two")]]
)
def test_lists_are_drawn_as_django_does(value, choices):
    ours = widgets.Select(choices=choices).render("name", value, {"id": "id_x", "required": True})
    TestCase().assertHTMLEqual(
        ours, forms.Select(choices=choices).render("name", value, {"id": "id_x", "required": True})
    )


def test_what_was_sent_and_cannot_be_chosen_is_not_remembered():
    select = widgets.Select(choices=[("a", "A"), ("b", "B")])
    select.render("name", "a")
    before = widgets._options.cache_info().currsize
    for number in range(5):
        select.render("name", f"made up {number}")
    assert widgets._options.cache_info().currsize <= before + 1  # the list with nothing chosen


def test_choices_that_say_something_else_are_drawn_anew():
    first, second = (
        widgets.Select(choices=widgets.Ready([("en", word)])) for word in ("English", "Englisch")
    )
    assert "English<" in first.render("name", "en")
    assert "Englisch<" in second.render("name", "en")
