"""The controls of a form, drawn in Python: forms have dozens, and a template each would cost most of a page."""

from functools import lru_cache
from typing import Any, NamedTuple

from django import template
from django.forms import BoundField, CheckboxInput
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from experts.panel import Choice

register = template.Library()

CHECKED = mark_safe(" checked")
NOTHING = mark_safe("")
HELP = '<div class="help" id="{auto_id}_helptext">{help_text}</div>'


class Frame(NamedTuple):
    """What stands before a control, behind it, and behind its errors."""

    before: str
    behind: str
    end: str


PLAIN = Frame('<div class="field{invalid}"><label for="{control}">{label}{optional}</label>\n', "", "</div>")
CHECK = Frame('<div class="field field-check{invalid}">', '<label for="{control}">{label}</label>', "</div>")
GROUP = Frame(
    '<div class="field{invalid}"><fieldset{described}><legend>{label}{optional}</legend>\n',
    "",
    "</fieldset></div>",
)


@register.simple_tag
def field(bound: BoundField, *, hide_optional: bool = False) -> SafeString:
    """One look for every form: label, control, help, errors. Django ties the last two to the control by their ids."""
    if bound.is_hidden:
        return bound.as_widget()
    errors = bound.form.errors.get(bound.name)
    before, behind, end = _frame(
        _shape(bound),
        invalid=bool(errors),
        control=bound.id_for_label,
        auto_id=bound.auto_id,
        label=str(bound.label),
        optional="" if hide_optional or bound.field.required else gettext("optional"),
        described=bound.aria_describedby if bound.use_fieldset else "",
        help_text=mark_safe(str(bound.help_text)),  # noqa: S308  # HTML, as Django has it
    )
    wrong = errors.render() if errors else NOTHING
    return mark_safe(f"{before}{bound.as_widget()}{behind}{wrong}{end}")  # noqa: S308  # of safe parts


def _shape(bound: BoundField) -> Frame:
    if bound.use_fieldset:
        return GROUP
    return CHECK if isinstance(bound.field.widget, CheckboxInput) else PLAIN


@lru_cache(maxsize=2048)
def _frame(
    shape: Frame, *, invalid: bool, optional: str, described: str | None, **texts: str
) -> tuple[SafeString, ...]:
    """Cached: nothing in it was typed by whoever fills the form."""
    texts |= {
        "invalid": " field-invalid" if invalid else "",
        "optional": format_html(' <span class="optional">{}</span>', optional) if optional else "",
        "described": format_html(' aria-describedby="{}"', described) if described else "",
    }
    help_text = format_html(HELP, **texts) if texts["help_text"] else NOTHING
    before, behind, end = (format_html(part, **texts) for part in shape)
    return before, behind + help_text, end


@register.simple_tag
def chips(kind: str, name: str, choices: list[Choice]) -> SafeString:
    """Boxes or buttons, as `kind` says (checkbox, radio), each with the number of experts that it would leave."""
    return mark_safe("".join([_counted_chip(kind, name, choice) for choice in choices]))  # noqa: S308  # of safe parts


@lru_cache(maxsize=4096)
def _counted_chip(kind: str, name: str, choice: Choice) -> SafeString:
    return format_html(
        '<label class="chip"><input type="{}" name="{}" value="{}" id="{}_{}"{}>{}{}</label>',
        kind,
        name,
        choice.value,
        name,
        choice.value or "any",
        CHECKED if choice.ticked else "",
        choice.label,
        format_html(' <span class="muted count">{}</span>', choice.number) if choice.number else "",
    )


@register.filter
def chip_groups(field: BoundField) -> list[tuple[str | None, SafeString]]:
    """The checkboxes of a field by group; choices without groups are one group named None."""
    widget: Any = field.field.widget
    ticked = frozenset(widget.format_value(field.value()))
    groups: dict[str | None, list[tuple[str, str, str]]] = {}
    for index, (value, label) in enumerate(widget.choices):
        if isinstance(label, list | tuple):
            options = [(f"{index}_{number}", *option) for number, option in enumerate(label)]
            groups.setdefault(value, []).extend(options)
        else:
            groups.setdefault(None, []).append((f"{index}", value, label))
    return [
        (group, _chips(field.html_name, field.auto_id, tuple(options), ticked.intersection(_values(options))))
        for group, options in groups.items()
    ]


def _values(options: list[tuple[str, str, str]]) -> list[str]:
    return [value for _, value, _ in options]


@lru_cache(maxsize=512)
def _chips(
    name: str, auto_id: str, options: tuple[tuple[str, str, str], ...], ticked: frozenset[str]
) -> SafeString:
    """Cached, because a form shows a hundred, and most of its groups as everybody sees them."""
    chip = '<label class="chip"><input type="checkbox" name="{}" value="{}" id="{}_{}"{}>{}</label>'
    drawn = [
        (name, value, auto_id, place, CHECKED if value in ticked else "", label)
        for place, value, label in options
    ]
    return format_html_join("", chip, drawn)
