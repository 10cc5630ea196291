"""The portal's components as template tags: ``{% load portal %}``. docs/look.md shows each with its context."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from emergency.core import clock

register = template.Library()

TONES = ("blue", "amber", "green", "red", "grey")
RISKS = {"red": "重大风险", "orange": "较大风险", "yellow": "一般风险", "blue": "低风险"}
SOON_DAYS = 3  # a due date this near, or nearer, stands in amber
FILTERS_IN_ROW = 4


@register.simple_tag
def icon(name: str) -> SafeString:
    """A drawing from static/icons/sprite.svg, hidden from screen readers: the words beside it say what it means."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', static("icons/sprite.svg"), name
    )


@register.simple_tag
def badge(label: str, tone: str = "grey") -> SafeString:
    """A status word on its tone: 待办 blue, 进行中 amber, 完成 green, 逾期 red, 作废 grey."""
    if tone not in TONES:
        raise template.TemplateSyntaxError(f"unknown tone {tone!r}")
    return format_html('<span class="badge tone-{}">{}</span>', tone, label)


@register.simple_tag
def risk(colour: str) -> SafeString:
    """A risk level: colour and word together, never the colour alone."""
    return format_html('<span class="badge risk-{}">{}</span>', colour, RISKS[colour])


@register.simple_tag
def due(date: dt.date | None, done: bool = False, on: dt.date | None = None) -> SafeString:
    """A due date with the days left; late in red with the number of days. ``done`` drops the clock, ``on`` defaults to today."""
    if date is None:
        return mark_safe('<span class="due soft">无期限</span>')
    if done:
        return format_html('<span class="due">{}</span>', date.isoformat())
    left = (date - (on or clock.today())).days
    if left < 0:
        kind, words = "late", f"逾期 {-left} 天"
    elif left == 0:
        kind, words = "soon", "今天到期"
    else:
        kind, words = "soon" if left <= SOON_DAYS else "calm", f"剩 {left} 天"
    return format_html('<span class="due {}">{} <span class="left">{}</span></span>', kind, date.isoformat(), words)


def plain_number(value: Any) -> str:
    """Digits as they are copied into a document: no separators; a fraction keeps the decimals it was given."""
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


@register.simple_tag
def figure(value: Any, href: str = "", unit: str = "") -> SafeString:
    """A number that opens the records behind it. None stands as 未填, never as 0."""
    if value is None:
        return mark_safe('<span class="missing">未填</span>')
    shown = format_html('<span class="figure">{}</span>{}', plain_number(value), unit)
    return format_html('<a href="{}">{}</a>', href, shown) if href else shown


@register.inclusion_tag("partials/empty.html")
def empty(text: str, action_label: str = "", action_url: str = "") -> dict[str, Any]:
    """What would stand here, and the next step."""
    return {"text": text, "action_label": action_label, "action_url": action_url}


@register.inclusion_tag("partials/key_figure.html")
def key_figure(
    name: str, value: Any, unit: str = "", change: str = "", href: str = "", late: bool = False
) -> dict[str, Any]:
    """A card with one number; ``change`` is the whole phrase, such as 同比上升 3.2%."""
    shown = None if value is None else plain_number(value)
    return {"name": name, "value": shown, "unit": unit, "change": change, "href": href, "late": late}


@register.inclusion_tag("partials/actions.html", takes_context=True)
def actions(context: template.Context, actions: Iterable[Any]) -> dict[str, Any]:
    """The buttons of a record: each has action, label, tone, url and needs_form. Without a form it is sent as a POST."""
    return {"actions": actions, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("partials/timeline.html")
def timeline(events: Iterable[Any]) -> dict[str, Any]:
    """Events as written by the life-cycle: label, actor_name, acted_for, at, note, and photos where a view has put them."""
    return {"events": events}


@register.inclusion_tag("partials/photos.html")
def photos(photos: Iterable[Any], name: str = "照片") -> dict[str, Any]:
    """Attachments as small pictures that open the whole one."""
    return {"photos": photos, "name": name}


@register.inclusion_tag("partials/photo_pair.html")
def photo_pair(before: Iterable[Any], after: Iterable[Any]) -> dict[str, Any]:
    """整改前 and 整改后 side by side."""
    return {"before": before, "after": after}


@register.inclusion_tag("partials/facts.html")
def facts(groups: Iterable[Any]) -> dict[str, Any]:
    """Groups of facts: title, and items with label, value, href (optional) and whole (over the full width)."""
    return {"groups": groups}


@register.inclusion_tag("partials/progress.html")
def progress(job: Any) -> dict[str, Any]:
    """A background job with its bar; asks again every two seconds until it has ended."""
    return {"job": job}


@register.inclusion_tag("partials/todo_list.html")
def todo_list(items: Iterable[Any], on: dt.date | None = None) -> dict[str, Any]:
    """What waits for the reader (``panels.TodoItem``), each with its due date."""
    return {"items": items, "on": on}


@register.inclusion_tag("partials/steps.html")
def steps(names: Iterable[str], current: int) -> dict[str, Any]:
    """Marks of a walk in steps; ``current`` counts from 1."""
    return {"steps": list(enumerate(names, start=1)), "current": current}


@register.inclusion_tag("partials/copy.html")
def copy_button(text: str = "", label: str = "复制", table: str = "", source: str = "") -> dict[str, Any]:
    """复制数字 / 复制句子 with ``text``, 复制表格 with ``table="#id"``, the words of another element with ``source="#id"``."""
    return {"text": text, "label": label, "table": table, "source": source}


@register.simple_tag
def copy_number(text: str, name: str) -> SafeString:
    """复制数字 as a mark beside a number in a table; put it into a cell of class ``menu-cell``, which is not copied with the table."""
    return format_html(
        '<button type="button" class="btn btn-quiet btn-small needs-js" data-copy="{0}" title="复制数字" '
        'aria-label="复制{1}的数字">{2}</button>',
        text,
        name,
        icon("copy"),
    )


# ---------------------------------------------------------------------------------------------------- forms


def widget_kind(bound: BoundField) -> str:
    """How a field is laid out: ``choices`` (radio, several boxes), ``check`` (one box), or ``line``."""
    widget = bound.field.widget
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "choices"
    return "line"


def dressed(bound: BoundField) -> SafeString:
    """The widget with our classes; dates and times get the browser's own picker, in the one form it can read."""
    widget = bound.field.widget
    attributes: dict[str, Any] = {}
    if isinstance(widget, forms.DateTimeInput):
        widget.input_type, widget.format = "datetime-local", "%Y-%m-%dT%H:%M"
    elif isinstance(widget, forms.DateInput):
        widget.input_type, widget.format = "date", "%Y-%m-%d"
    elif isinstance(widget, forms.Textarea) and str(widget.attrs.get("rows")) == "10":
        attributes["rows"] = 4  # Django's default is a whole phone screen
    if widget_kind(bound) == "line":
        base = "form-select" if isinstance(widget, forms.Select) else "form-control"
        given = widget.attrs.get("class", "")
        attributes["class"] = f"{base} {given}".strip() + (" is-invalid" if bound.errors else "")
    return bound.as_widget(attrs=attributes)


@register.inclusion_tag("partials/field.html")
def field(bound: BoundField, label: str = "") -> dict[str, Any]:
    """Label, required mark, widget, help and errors of one field."""
    return {"field": bound, "label": label or bound.label, "kind": widget_kind(bound), "widget": dressed(bound)}


@register.inclusion_tag("partials/form_fields.html")
def form_fields(form: forms.BaseForm) -> dict[str, Any]:
    """All fields of a form in one column, grouped by its ``groups = [("基本情况", ["name", …]), …]`` where it has one.

    Fields that no group names follow at the end, so that nothing a form needs is ever left out.
    """
    declared: Iterable[tuple[str, Iterable[str]]] = getattr(form, "groups", ())
    visible = {bound.name: bound for bound in form.visible_fields()}  # a hidden one, in whatever group, shows no label
    groups = [
        {"title": title, "fields": [visible[name] for name in names if name in visible]} for title, names in declared
    ]
    named = {bound.name for group in groups for bound in group["fields"]}  # type: ignore[attr-defined]
    rest = [bound for bound in visible.values() if bound.name not in named]
    if rest:
        groups.append({"title": "其他" if groups else "", "fields": rest})
    return {"form": form, "groups": [group for group in groups if group["fields"]]}


@register.inclusion_tag("partials/error_summary.html")
def error_summary(*given: Any) -> dict[str, Any]:
    """Everything wrong with the given forms and formsets at once, each line a link to its field; absent ones are passed over."""
    general: list[str] = []
    fields: list[BoundField] = []
    for one in filter(None, given):
        if isinstance(one, forms.BaseFormSet):
            general += [str(fault) for fault in one.non_form_errors()]
        for form in one.forms if isinstance(one, forms.BaseFormSet) else [one]:
            general += [str(fault) for fault in form.non_field_errors()]
            fields += [bound for bound in form if bound.errors]
    return {"general": general, "fields": fields, "count": len(general) + len(fields)}


@register.inclusion_tag("partials/filter_bar.html", takes_context=True)
def filter_bar(context: template.Context, filters: Any) -> dict[str, Any]:
    """A register's FilterSet in one row; fields after the fourth, or not in its ``primary``, stand behind 更多."""
    form: forms.BaseForm = filters.form
    visible = form.visible_fields()
    primary = getattr(filters, "primary", None) or [bound.name for bound in visible[:FILTERS_IN_ROW]]
    more = [bound for bound in visible if bound.name not in primary]
    request = context["request"]
    in_use = [bound for bound in more if request.GET.get(bound.html_name)]
    own = {bound.html_name for bound in form}
    return {
        "row": [(bound, dressed(bound)) for bound in visible if bound.name in primary],
        "more": [(bound, dressed(bound)) for bound in more],
        "in_use": len(in_use),
        "hidden": form.hidden_fields(),
        "kept": kept_parameters(request.GET, own),
        "filtered": any(request.GET.get(name) for name in own),
        "path": request.path,
    }


#: Where in the list the reader was; a new filter starts at the first page again.
PLACE_PARAMETERS = {"after", "before", "page"}


def kept_parameters(parameters: Any, own: set[str]) -> list[tuple[str, str]]:
    """What the address says besides the filters (sort order, the figure that was opened) and must outlive a change of them."""
    return [
        (name, value)
        for name, values in parameters.lists()
        if name not in own and name not in PLACE_PARAMETERS
        for value in values
        if value
    ]


@register.simple_tag(takes_context=True)
def panel(context: template.Context, shown: Any) -> SafeString:
    """The box that another app shows on this page (``panels.Shown``): its own template with its own context."""
    engine = context.template.engine  # type: ignore[union-attr]
    with context.push(**shown.context):
        return engine.get_template(shown.template).render(context)
