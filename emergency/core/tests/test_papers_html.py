import re

from emergency.core import papers
from emergency.core.tests.sample_paper import sample_paper


def paper_of(*runs, edition=papers.Edition.CHECKING):
    return papers.Document(("标题",), (papers.Paragraph(runs),), papers.Meta("标题"), edition=edition)


def test_the_checking_edition_links_its_numbers():
    html = papers.render_html(sample_paper(papers.Edition.CHECKING))
    assert '<a class="paper-number" href="/figures/hazards.found/?from=2021-01-01&amp;to=2021-11-30"' in html
    assert "数据来源对照表" in html
    assert html.count('class="paper-unlinked"') > 0


def test_the_submission_edition_is_plain():
    html = papers.render_html(sample_paper())
    assert "5985" in html
    for absent in ("<a ", "href", "数据来源对照表", "paper-unlinked"):
        assert absent not in html


def test_a_site_goes_before_every_path():
    html = papers.render_html(sample_paper(papers.Edition.CHECKING), site="https://portal.example/")
    paths = re.findall(r'<a [^>]*href="([^"]*)"', html)
    assert len(paths) > 100
    assert all(path.startswith("https://portal.example/") and "//" not in path[8:] for path in paths)


def test_what_officers_type_is_never_markup():
    evil = '<script>"x"</script>'
    html = papers.render_html(
        paper_of(
            papers.Text(evil),
            papers.Number(evil, href='/x?"><b>', title=evil),
            papers.Missing(evil),
            papers.Unlinked(evil),
        )
    )
    assert "<script" not in html
    assert "<b>" not in html


def test_nothing_that_the_content_security_policy_refuses():
    html = papers.render_html(sample_paper(papers.Edition.CHECKING))
    assert not re.search(r"\sstyle=|<style|<script|\son\w+=", html)


def test_neighbouring_columns_share_a_head():
    column = papers.Column
    table = papers.Table((column("单位"), column("排查", group="重大隐患"), column("销号", group="重大隐患")), ())
    html = papers.render_html(papers.Document(("标题",), (table,), papers.Meta("标题")))
    assert '<th scope="col" rowspan="2">单位</th><th scope="colgroup" colspan="2">重大隐患</th>' in html
    assert '<tr><th scope="col">排查</th><th scope="col">销号</th></tr>' in html


def test_date_and_annexes_as_the_standard_writes_them():
    html = papers.render_html(sample_paper())
    assert "2021年12月1日" in html
    assert "1. 各镇（街道）检查执法和隐患治理情况</p>" in html
    assert "区人民政府：" in html


def test_characters_of_another_typeface_stand_apart():
    html = papers.render_html(paper_of(papers.Text("面积5㎡，容积3³")), apart="㎡³")
    assert '面积5<span class="paper-apart">㎡</span>，容积3<span class="paper-apart">³</span>' in html
