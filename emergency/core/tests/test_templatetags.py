"""The components: what they say, what they escape, what they never leave out."""

import datetime as dt
import re
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace as Thing

import pytest
from django import forms
from django.conf import settings
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import get_template
from django.test import RequestFactory
from django.utils.html import escape

from emergency.core.listing import Cell, HeadCell, ListRow
from emergency.core.templatetags import lists, portal

DAY = dt.date(2021, 11, 10)
TEMPLATES = Path(settings.BASE_DIR) / "templates"


def render(source: str, **context: object) -> str:
    return Template("{% load portal lists %}" + source).render(Context(context))


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.parametrize(
    ("on", "kind", "words"),
    [
        (dt.date(2021, 11, 22), "late", "逾期 12 天"),
        (dt.date(2021, 11, 11), "late", "逾期 1 天"),
        (DAY, "soon", "今天到期"),
        (dt.date(2021, 11, 7), "soon", "剩 3 天"),
        (dt.date(2021, 11, 6), "calm", "剩 4 天"),
    ],
)
def test_due_counts_days(on: dt.date, kind: str, words: str) -> None:
    html = portal.due(DAY, on=on)
    assert f'class="due {kind}"' in html
    assert plain(html) == f"2021-11-10 {words}"


def test_due_of_finished_work_has_no_clock() -> None:
    assert plain(portal.due(DAY, done=True, on=dt.date(2022, 1, 1))) == "2021-11-10"
    assert plain(portal.due(None)) == "无期限"


def test_a_missing_figure_is_never_zero() -> None:
    assert plain(portal.figure(None, "/list/")) == "未填"
    assert plain(portal.figure(0)) == "0"
    assert plain(portal.figure(Decimal("95.50"), unit="%")) == "95.50 %"
    assert '<a href="/list/?a=1&amp;b=2">' in portal.figure(18985, "/list/?a=1&b=2")


def test_an_unknown_tone_is_refused() -> None:
    with pytest.raises(TemplateSyntaxError):
        portal.badge("待整改", "purple")


def contrast(ink: str, ground: str) -> float:
    """WCAG 2.1 contrast of two #rrggbb colours."""

    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(ink), luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_tones_and_risks_can_be_read() -> None:
    css = (Path(settings.BASE_DIR) / "static/css/tokens.css").read_text()
    value = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", css))
    for tone in portal.TONES:
        assert contrast(value[tone], value[f"{tone}-tint"]) >= 4.5, tone
    risks = re.findall(r"\.risk-(\w+) \{ color: (#\w{6}); background-color: (#\w{6}); \}", css)
    assert {name for name, _, _ in risks} == set(portal.RISKS)
    for name, ink, ground in risks:
        assert contrast(ink, ground) >= 4.5, name
    assert contrast(value["ink-soft"], value["ground"]) >= 4.5


def test_every_icon_that_a_page_names_exists() -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (Path(settings.BASE_DIR) / "static/icons/sprite.svg").read_text()))
    named = {
        name for page in TEMPLATES.rglob("*.html") for name in re.findall(r'{% icon "([\w-]+)" %}', page.read_text())
    }
    assert named and named <= drawn


@pytest.mark.parametrize("path", sorted(str(page.relative_to(TEMPLATES)) for page in TEMPLATES.rglob("*.html")))
def test_every_template_compiles(path: str) -> None:
    assert get_template(path)


@pytest.mark.parametrize("name", ["400.html", "500.html"])
def test_error_pages_need_no_context(name: str) -> None:
    """Django renders these two without a request."""
    html = get_template(name).render()
    assert "回到首页" in html and "data-failed" in html


# ---------------------------------------------------------------------------------------------------- registers

HEADS = [
    HeadCell("number", "编号", "number"),
    HeadCell("text", "描述", "left", main=True),
    HeadCell("cost", "资金", "right", sort_url="?sort=cost", sorted="desc"),
]


def table(*cells: object, url: str = "/hazards/1/", **more: object) -> Thing:
    return Thing(columns=HEADS, rows=[Thing(pk=7, url=url, cells=list(cells), **more)])


def test_rows_escape_whatever_was_typed() -> None:
    evil = '"><script>alert(1)</script>'
    cell = Cell(evil, url=f"/x/{evil}", small=evil, title=evil)
    html = lists.list_rows(table(cell, Cell(evil), evil, url=f"/y/{evil}"))
    assert "<script>" not in html
    assert html.count(escape(evil)) == 7


def test_the_main_cell_opens_the_record_and_heads_the_card() -> None:
    html = lists.list_rows(table(Cell("001"), Cell("堵塞"), Cell("")))
    assert '<td data-label="描述" class="lead"><a href="/hazards/1/">堵塞</a></td>' in html
    assert '<td data-label="资金" class="end blank"></td>' in html
    assert 'name="selected"' not in html


def test_a_row_with_too_few_cells_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="zip"):
        lists.list_rows(table(Cell("001")))


def test_tone_menu_and_box_of_a_row() -> None:
    row_actions = [{"label": "复查", "url": "/hazards/1/check/?a=1&b=2"}]
    page = table(Cell("001"), Cell("逾期12天", tone="red"), Cell("1"), actions=row_actions, tone="red")
    html = lists.list_rows(page, pickable=True)
    assert '<tr class="row-red" data-open>' in html
    assert '<span class="badge tone-red">逾期12天</span>' in html
    assert 'name="selected" value="7"' in html
    assert 'href="/hazards/1/check/?a=1&amp;b=2"' in html
    head = lists.list_head(page, pickable=True)
    assert head.count("<th") == html.count("<td") == 5
    assert 'aria-sort="descending"' in head


def test_rows_of_the_listing_itself_are_accepted() -> None:
    page = Thing(columns=HEADS, rows=[ListRow(1, "", [Cell("a"), Cell("b"), Cell("c")])])
    assert plain(lists.list_rows(page)) == "a b c"


# ---------------------------------------------------------------------------------------------------- forms


class SampleForm(forms.Form):
    groups = [("基本情况", ["name", "found_on"])]
    client_id = forms.CharField(widget=forms.HiddenInput)
    name = forms.CharField(label="名称", help_text="按营业执照填写。")
    found_on = forms.DateField(label="发现日期", initial=DAY)
    note = forms.CharField(label="说明", widget=forms.Textarea, required=False)
    agreed = forms.BooleanField(label="同意", required=False)


def test_no_field_is_left_out_of_a_grouped_form() -> None:
    html = render("{% form_fields form %}", form=SampleForm())
    for name in SampleForm.base_fields:
        assert html.count(f'name="{name}"') == 1, name
    assert html.index("基本情况") < html.index("其他") < html.index('name="note"')


def test_a_date_field_has_the_browsers_picker_and_its_value() -> None:
    html = render("{% field form.found_on %}", form=SampleForm())
    assert 'type="date"' in html and 'value="2021-11-10"' in html


def test_errors_stand_at_the_field_and_in_the_summary() -> None:
    form = SampleForm({"found_on": "2021-13-40", "client_id": "a"})
    html = render("{% error_summary form missing %}{% form_fields form %}", form=form)
    assert "有 2 处需要修改" in html
    assert 'href="#id_name"' in html and 'href="#id_found_on"' in html
    assert 'aria-invalid="true"' in html and 'id="id_name_error"' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html


def test_no_summary_without_errors() -> None:
    assert render("{% error_summary form formset %}", form=SampleForm(), formset=None).strip() == ""


def test_a_formset_is_summed_up_row_by_row() -> None:
    rows = forms.formset_factory(SampleForm, extra=0, min_num=2, validate_min=True)
    formset = rows({"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "form-0-name": ""})
    html = render("{% error_summary formset %}", formset=formset)
    assert 'href="#id_form-0-name"' in html
    assert formset.non_form_errors() and str(formset.non_form_errors()[0]) in html


# ---------------------------------------------------------------------------------------------------- filters


class FilterForm(forms.Form):
    q = forms.CharField(required=False)
    status = forms.CharField(required=False)
    grade = forms.CharField(required=False)
    area = forms.CharField(required=False)
    industry = forms.CharField(label="行业", required=False)


def bar(query: str, **more: object) -> str:
    request = RequestFactory().get(f"/hazards/?{query}")
    return render("{% filter_bar filters %}", request=request, filters=Thing(form=FilterForm(request.GET), **more))


def test_a_change_of_filter_keeps_figure_and_order_but_not_the_place() -> None:
    html = bar("figure=hazards.found&sort=-cost&after=x~1&q=a")
    kept = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', html))
    assert kept == {"figure": "hazards.found", "sort": "-cost"}


def test_filters_behind_more_show_when_they_are_set() -> None:
    assert '<details class="more">' in bar("q=a")
    assert '<details class="more" open>' in bar("industry=gm") and "（已选 1）" in bar("industry=gm")


def test_a_filterset_says_which_filters_stand_in_the_row() -> None:
    html = bar("", primary=("industry",))
    assert html.index('name="industry"') < html.index("更多") < html.index('name="q"')
