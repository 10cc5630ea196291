"""Tolerant reading, rule by rule as the ledgers' design numbers them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from emergency.core.ledger import ImportContext, ImportOptions, LedgerError, Sheet, read

from .ledger_samples import HEAD, Book, Visits, line, workbook

VISITS = Visits()
DAY = dt.date(2021, 3, 5)


def read_rows(*rows, context: ImportContext | None = None, **options) -> Sheet:
    return read(workbook(rows), VISITS, context, ImportOptions(**options))


def cell(header: str, raw, key: str, **context):
    """The value read from one cell under `header`, which must be right."""
    sheet = read_rows((*HEAD, header), line(raw), context=ImportContext(**context))
    assert sheet.all_faults == []
    return sheet.rows[0][key]


def fault(header: str, raw, **context) -> str:
    """The one fault of a cell under `header`, which stands at D2."""
    sheet = read_rows((*HEAD, header), line(raw), context=ImportContext(**context))
    assert [found.cell for found in sheet.all_faults] == ["D2"]
    return sheet.all_faults[0].text


def test_rule_1_header_is_found_below_titles_which_only_propose():
    sheet = read_rows(
        ["赣县区2021年11月安全生产检查情况表"],
        ["填报单位：南塘镇", "", "单位：万元"],
        [],
        ["序号", *HEAD],
        [1, *line(unit="江口镇")],
    )
    assert sheet.header.first == 3
    assert sheet.rows[0]["unit"] == "江口镇人民政府"
    assert sheet.rows[0].number == 5
    assert sheet.proposals == {"period": "2021年11月", "year": "2021", "unit": "南塘镇", "measure": "万元"}
    assert any("没有自动采用" in notice.message for notice in sheet.notices)


def test_rule_1_header_below_the_tenth_row_is_not_searched():
    sheet = read_rows(*[["说明"]] * 10, HEAD, line())
    assert "前十行里没有找到" in sheet.faults[0].message
    assert sheet.rows == []


def test_rule_2_two_row_header_is_joined_and_merged_blocks_inherit():
    book = Book()
    page = book.sheet("台账", [[], [], line("未上锁"), ["", "江口镇", "乙厂", "线路老化"]])
    for place, name in enumerate(HEAD):
        page.merge_range(0, place, 1, place, name)
    page.merge_range(0, 3, 0, 5, "隐患情况")
    for place, name in enumerate(("存在问题", "等级", "数量"), start=3):
        page.write(1, place, name)
    page.merge_range(2, 0, 3, 0, "2021.3.5")
    sheet = read(book.done(), VISITS)
    assert (sheet.header.first, sheet.header.last) == (0, 1)
    assert [row["problem"] for row in sheet.rows] == ["未上锁", "线路老化"]
    assert [row["on"] for row in sheet.rows] == [DAY, DAY]
    assert sheet.unknown == ["隐患情况·等级", "隐患情况·数量"]
    assert sheet.all_faults == []


def test_rule_2_joined_name_wins_over_the_lower_name():
    context = ImportContext(mapping={"处罚·金额": "经济处罚", "处罚·面积": ""}, units={"经济处罚": "万元"})
    sheet = read_rows((*HEAD, "处罚", ""), ("", "", "", "金额", "面积"), line(3, 5), context=context)
    assert sheet.rows[0]["fine"] == Decimal(30_000)
    assert sheet.unknown == []


def test_rule_2_a_merged_number_is_refused_because_it_would_count_twice():
    book = Book()
    page = book.sheet("台账", [(*HEAD, "家次"), line(), line(subject="乙厂")])
    page.merge_range(1, 3, 2, 3, 4)
    sheet = read(book.done(), VISITS)
    assert [found.cell for found in sheet.all_faults] == ["D3"]
    assert sheet.rows[0]["visits"] == 4


def test_rule_3_counters_and_remarks_are_ignored_and_unknown_columns_told():
    sheet = read_rows(("序号", *HEAD, "备注", "", "天气"), [1, *line("好", "", "晴")])
    assert sheet.all_faults == []
    assert sheet.unknown == ["天气"]
    assert "G 列“天气”不认识" in sheet.notices[0].message


def test_rule_3_strict_refuses_an_unknown_column():
    sheet = read_rows((*HEAD, "天气"), line("晴"), strict=True)
    assert [found.cell for found in sheet.faults] == ["D1"]


def test_rule_3_mapping_names_or_drops_a_column():
    context = ImportContext(mapping={"毛病": "存在问题", "天气": ""})
    sheet = read_rows((*HEAD, "毛病", "天气"), line("未上锁", "晴"), context=context)
    assert sheet.rows[0]["problem"] == "未上锁"
    assert sheet.unknown == []


@pytest.mark.parametrize(
    "header", ["＊检查日期", "检查 日期", "检查\n日期*", "【检查日期】", "检查日期（年月日）", "排查日期", "检查时间"]
)
def test_rule_4_headers_compare_without_spaces_brackets_and_width(header):
    sheet = read_rows((header, "填报单位", "企业名称"), line())
    assert sheet.all_faults == []
    assert sheet.rows[0]["on"] == DAY


def test_rule_4_a_bracket_that_means_something_is_not_dropped():
    sheet = read_rows((*HEAD, "存在问题（其中重大）"), line("3"))
    assert sheet.unknown == ["存在问题（其中重大）"]


@pytest.mark.parametrize(
    "raw",
    ["2021.3.5", "2021-3-5", "2021/03/05", "2021年3月5日", "20210305", "２０２１年３月５日", "2021-03-05 14:30",
     " 2021 年 3 月 5 日 ", "2021年3月5日（星期五）", 20210305, 44260, "44260", DAY, dt.datetime.combine(DAY, dt.time(14, 30))],
)  # fmt: skip
def test_rule_5_dates(raw):
    sheet = read_rows(HEAD, line(on=raw))
    assert sheet.all_faults == []
    assert sheet.rows[0]["on"] == DAY


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("2021.3", "写到日"),
        (2021.3, "写到日"),
        (2021, "写到日"),
        ("2021年3月", "写到日"),
        ("2021.2.30", "没有2021年2月30日这一天"),
        ("21.3.5", "四位"),
        ("昨天", "不是日期"),
        ("2021.3.5-3.7", "只写一个日期"),
        (True, "要填日期"),
        (12, "不是日期"),
        ("2021-3-5 25:00", "没有 25:00 这个时间"),
    ],
)
def test_rule_5_what_is_no_date_is_refused_by_cell(raw, words):
    faults = read_rows(HEAD, line(on=raw)).all_faults
    assert [found.cell for found in faults] == ["A2"]
    assert faults[0].column == "检查日期"
    assert words in faults[0].message


def test_rule_5_month_and_day_take_the_years_answer():
    sheet = read_rows(HEAD, line(on="3月5日"), context=ImportContext(year=2021))
    assert sheet.rows[0]["on"] == DAY


def test_rule_5_month_and_day_without_a_year_ask_once():
    sheet = read_rows(HEAD, line(on="3月5日"), line(on="3月6日"))
    assert [question.kind for question in sheet.questions] == ["year"]
    assert len(sheet.all_faults) == 1
    assert "首处 A2，共 2 处" in sheet.all_faults[0].text


@pytest.mark.parametrize("raw", ["2021-3-5 14:30", "2021年3月5日14时30分", dt.datetime.combine(DAY, dt.time(14, 30))])
def test_rule_5_moments_are_of_this_time_zone(raw):
    assert cell("开始时间", raw, "started") == dt.datetime(2021, 3, 5, 14, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("１２０", 120),
        ("1,200", 1200),
        ("１，２００", 1200),
        (120.0, 120),
        ("120家次", 120),
        ("1.2万", 12_000),
        (" 7 ", 7),
    ],
)
def test_rule_6_full_width_digits_and_thousands(raw, value):
    assert cell("家次", raw, "visits") == value


@pytest.mark.parametrize("raw", ["约120", "120余", "120余家次", "约 120 家次", "120左右"])
def test_rule_6_about_keeps_the_value_and_a_mark(raw):
    sheet = read_rows((*HEAD, "家次"), line(raw), line(5, subject="乙厂"))
    assert [row["visits"] for row in sheet.rows] == [120, 5]
    assert [row.approximate for row in sheet.rows] == [{"visits"}, frozenset()]
    assert any("首处 D2" in notice.message and "约数" in notice.message for notice in sheet.notices)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("很多", "不是数字"),
        ("3.5", "整数"),
        ("-1", "不能小于 0"),
        ("12,00", "看不懂"),
        ("3头", "看不懂"),
        (DAY, "日期"),
    ],
)
def test_rule_6_what_is_no_number_is_refused(raw, words):
    assert words in fault("家次", raw)


@pytest.mark.parametrize(
    ("header", "raw", "yuan"),
    [
        ("经济处罚（元）", "5000", 5000),
        ("经济处罚(万元)", 3.5, 35_000),
        ("经济处罚\n（亿元）", "1", 100_000_000),
        ("经济处罚", "3.5万元", 35_000),
        ("经济处罚（元）", "2万元", 20_000),
        ("经济处罚", "￥1,234.56元", Decimal("1234.56")),
    ],
)
def test_rule_7_units_in_header_or_cell(header, raw, yuan):
    assert cell(header, raw, "fine") == yuan


def test_rule_7_no_unit_is_asked_once_and_answered():
    rows = [(*HEAD, "经济处罚"), line(3), line(4, subject="乙厂"), line("5元", subject="丙厂")]
    asked = read_rows(*rows)
    assert [(question.kind, question.column, question.choices) for question in asked.questions] == [
        ("unit", "经济处罚", ("元", "万元", "亿元"))
    ]
    assert len(asked.all_faults) == 1
    assert "首处 D2，共 2 处" in asked.all_faults[0].text
    told = read_rows(*rows, context=ImportContext(units={"经济处罚": "万元"}))
    assert [row["fine"] for row in told.rows] == [30_000, 40_000, 5]


@pytest.mark.parametrize(
    ("header", "raw", "value"),
    [
        ("占地面积（亩）", 3, 2000),
        ("占地面积（㎡）", 3, 3),
        ("占地面积", "2公顷", 20_000),
        ("占地面积", "１２平方米", 12),
    ],
)
def test_rule_7_areas(header, raw, value):
    assert cell(header, raw, "area") == value


def test_rule_7_a_percentage_that_could_mean_two_things_is_refused():
    assert cell("整改率", "95.5%", "rate") == Decimal("95.5")
    assert cell("整改率(%)", 95.5, "rate") == Decimal("95.5")
    assert "看不出是 0.955% 还是 95.5%" in fault("整改率", 0.955)


@pytest.mark.parametrize(
    ("raw", "value"),
    [("是", True), ("有", True), ("√", True), ("Y", True), (1, True), (True, True), ("否", False), ("无", False), ("×", False),
     ("n", False), ("0", False), (False, False), ("", None), ("　", None)],
)  # fmt: skip
def test_rule_8_yes_and_no_and_blank_is_neither(raw, value):
    assert cell("是否整改", raw, "fixed") is value


def test_rule_8_other_words_are_refused():
    assert "请填“是”或“否”" in fault("是否整改", "大概")


@pytest.mark.parametrize("header", ["家次", "经济处罚", "开始时间", "占地面积", "整改率"])
@pytest.mark.parametrize("raw", ["—", "/", "无", "-", "——", " "])
def test_rule_9_dashes_are_blank_in_numbers_and_dates(header, raw):
    sheet = read_rows((*HEAD, header), line(raw))
    assert sheet.all_faults == []
    assert set(sheet.rows[0].cells.values()) == {None, DAY, "南塘镇人民政府", "甲厂"}


def test_rule_9_a_dash_does_not_fill_a_required_date():
    assert "必填" in read_rows(HEAD, line(on="—")).all_faults[0].message


def test_rule_9_none_is_a_word_in_text():
    assert cell("存在问题", "无", "problem") == "无"


def test_rule_10_totals_are_skipped_and_compared():
    sheet = read_rows(
        ("序号", *HEAD, "家次"),
        [1, *line(2)],
        [2, *line(3, subject="乙厂")],
        ["小 计", "", "", "", 5],
        [3, *line(4, subject="丙厂")],
        ["小计", "", "", "", 9],
        ["合计：", "", "", "", 12],
    )
    assert [row.number for row in sheet.rows] == [2, 3, 5]
    assert sheet.skipped_totals == 3
    differing = [notice for notice in sheet.notices if "请核对" in notice.message]
    assert [notice.cell for notice in differing] == ["E7"]
    assert "写 12" in differing[0].message
    assert "相加是 9" in differing[0].message


def test_rule_10_a_total_on_top_is_compared_with_all_rows():
    rows = [("检查日期", "实施单位", "受检单位", "家次"), ["合计", "", "", 5], line(2), line(3, subject="乙厂")]
    assert not any("请核对" in notice.message for notice in read_rows(*rows).notices)
    rows[1] = ["合计", "", "", 6]
    assert any("写 6" in notice.message and "相加是 5" in notice.message for notice in read_rows(*rows).notices)


def test_rule_10_a_name_that_begins_with_the_word_is_no_total():
    sheet = read_rows(("受检单位", "检查日期", "实施单位"), ["总计划建设公司", "2021-3-5", "南塘镇"])
    assert sheet.rows[0]["subject"] == "总计划建设公司"


def test_rule_11_defaults_fill_missing_columns_and_blank_cells():
    context = ImportContext(defaults={"实施单位": "南塘镇", "家次": "1", "检查日期": "2021-3-5"})
    sheet = read_rows(("受检单位", "家次"), ["甲厂", ""], ["乙厂", 3], context=context)
    assert sheet.all_faults == []
    assert [(row["unit"], row["on"], row["visits"]) for row in sheet.rows] == [
        ("南塘镇人民政府", DAY, 1),
        ("南塘镇人民政府", DAY, 3),
    ]


def test_rule_11_a_wrong_default_is_named():
    sheet = read_rows(HEAD, line(), context=ImportContext(defaults={"家次": "多"}))
    assert "默认值不对" in sheet.faults[0].message
    assert sheet.faults[0].column == "家次"


def test_rule_12_units_are_resolved_and_candidates_listed():
    sheet = read_rows(HEAD, line(), line(unit="江口社区"), line(unit="火星镇"))
    assert sheet.rows[0]["unit"] == "南塘镇人民政府"
    assert [found.cell for found in sheet.all_faults] == ["B3", "B4"]
    assert "江口镇/江口社区、梅林镇/江口社区" in sheet.all_faults[0].message
    assert "没有“火星镇”" in sheet.all_faults[1].message


@pytest.mark.parametrize(
    "raw", ["张三、李四", "张三，李四", "张三/李四", "张三 李四", "张　三、李 四", "张三；李四\n张三"]
)
def test_rule_12_people_are_split(raw):
    assert cell("检查人员", raw, "people") == ("张三", "李四")


@pytest.mark.parametrize(
    "raw", ["上锁\n换线", "上锁、换线", "1.上锁\n2.换线", "1、上锁；2、换线", "（1）上锁 （2）换线"]
)
def test_lines_are_one_each(raw):
    lines = tuple(text.rstrip("；") for text in cell("整改措施", raw, "steps"))
    assert lines == ("上锁", "换线")


def test_rule_13_a_formula_gives_its_result_with_a_notice():
    book = Book()
    page = book.sheet("台账", [(*HEAD, "家次"), line()])
    page.write_formula(1, 3, "=1+1", None, 2)
    sheet = read(book.done(), VISITS)
    assert sheet.rows[0]["visits"] == 2
    assert any("公式" in notice.message and notice.cell == "D2" for notice in sheet.notices)


def test_rule_13_formula_errors_and_missing_results_are_refused():
    book = Book()
    page = book.sheet("台账", [(*HEAD, "家次"), line(), line(subject="乙厂")])
    page.write_formula(1, 3, "=1/0", None, "#DIV/0!")
    page.write_formula(2, 3, "=A9", None, "")
    sheet = read(book.done(), VISITS)
    assert [found.cell for found in sheet.all_faults] == ["D2", "D3"]
    assert "#DIV/0!" in sheet.all_faults[0].message
    assert "没有计算结果" in sheet.all_faults[1].message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", "\t"])
def test_rule_14_csv_in_any_usual_encoding(encoding, mark):
    text = "\r\n".join(
        mark.join(row) for row in [(*HEAD, "家次"), ("2021.3.5", "南塘镇", "甲厂", "约１２"), ("", "", "", "")]
    )
    sheet = read(text.encode(encoding), VISITS)
    assert sheet.all_faults == []
    assert (sheet.rows[0]["on"], sheet.rows[0]["visits"]) == (DAY, 12)


def test_rule_14_the_sheet_that_fits_best_is_read():
    book = Book()
    book.sheet("说明", [["本表由各镇填报"]])
    book.sheet("汇总", [HEAD[:2], ["2021-3-5", "南塘镇"]])
    book.sheet("明细", [HEAD, line()])
    sheet = read(book.done(), VISITS)
    assert (sheet.name, len(sheet.rows)) == ("明细", 1)


def test_rule_14_a_tie_asks_and_the_answer_is_taken():
    book = Book()
    book.sheet("一月", [HEAD, line(subject="甲厂")])
    book.sheet("二月", [HEAD, line(subject="乙厂")])
    data = book.done()
    asked = read(data, VISITS)
    assert asked.questions[0].choices == ("一月", "二月")
    assert "一月、二月" in asked.faults[0].message
    assert read(data, VISITS, options=ImportOptions(sheet="二月")).rows[0]["subject"] == "乙厂"


def test_rule_14_an_empty_copy_of_the_form_is_no_tie():
    book = Book()
    book.sheet("空表", [HEAD])
    book.sheet("已填", [HEAD, line()])
    assert read(book.done(), VISITS).name == "已填"


def test_rule_14_no_fitting_sheet_lists_them():
    book = Book()
    book.sheet("甲", [["天气"]])
    book.sheet("乙", [["心情"]])
    message = read(book.done(), VISITS).faults[0].message
    assert "甲、乙" in message
    assert "检查日期、实施单位、受检单位" in message


def test_rule_15_codes_are_text_and_scientific_notation_is_refused():
    assert cell("检查编号", "007", "number") == "007"
    assert cell("检查编号", 12345678901, "number") == "12345678901"
    assert cell("检查编号", "９１３６０７０４", "number") == "91360704"
    for raw in ("1.2E+17", 120000000000000000):
        assert "设为“文本”格式" in fault("检查编号", raw)


def test_rule_17_hidden_rows_are_asked_then_read_or_left_out():
    book = Book()
    page = book.sheet("台账", [HEAD, line(), line(subject="乙厂"), line(subject="丙厂")])
    page.set_row(2, None, None, {"hidden": True})
    data = book.done()
    asked = read(data, VISITS)
    assert asked.hidden_rows == 1
    assert [question.kind for question in asked.questions] == ["hidden"]
    assert "1 行被隐藏" in asked.faults[0].message
    assert len(read(data, VISITS, options=ImportOptions(hidden="include")).rows) == 3
    left = read(data, VISITS, options=ImportOptions(hidden="skip"))
    assert [row["subject"] for row in left.rows] == ["甲厂", "丙厂"]
    assert left.all_faults == []


def test_all_faults_are_named_at_once():
    sheet = read_rows(
        ("检查日期", "实施单位", "家次", "隐患等级"),
        ["2021.3", "火星镇", "多", "特大"],
        ["", "南塘镇", 1, "一般隐患"],
    )
    assert [found.text.split("：")[0] for found in sheet.all_faults] == [
        "缺少必填列“受检单位”，请补上这一列", "A2（检查日期）", "B2（实施单位）", "C2（家次）", "D2（隐患等级）", "A3（检查日期）",
    ]  # fmt: skip
    assert "可填：一般、重大" in sheet.all_faults[4].message


def test_two_columns_of_one_meaning_are_a_fault():
    sheet = read_rows((*HEAD, "企业名称"), line("乙厂"))
    assert [found.cell for found in sheet.faults] == ["D1"]
    assert "与 C1 是同一列“受检单位”" in sheet.faults[0].message


def test_signature_lines_blank_rows_and_repeated_headers_are_no_data():
    sheet = read_rows(HEAD, line(), [], HEAD, line(subject="乙厂"), ["填表人：张三", "", "审核人：李四"])
    assert [row["subject"] for row in sheet.rows] == ["甲厂", "乙厂"]
    assert sheet.all_faults == []


def test_a_table_without_rows_says_so():
    assert "没有数据" in read_rows(HEAD).faults[0].message


def test_masked_personal_text_is_not_read_back():
    assert "隐去" in fault("联系电话", "138****5678")
    assert cell("联系电话", 13800138000, "phone") == "13800138000"


def test_rows_hold_the_apps_own_values_beside_the_cells():
    row = read_rows(HEAD, line()).rows[0]
    row["subject_id"] = 7
    assert (row["subject_id"], row.get("fine", "无"), row.get("missing")) == (7, "无", None)
    assert "subject_id" in row
    assert "subject_id" not in row.cells
    with pytest.raises(KeyError):
        row["missing"]


def test_leading_blank_rows_and_columns_keep_the_officers_cell_names():
    sheet = read_rows([], [], ["", "", *HEAD], ["", "", *line(on="2021.3")])
    assert [found.cell for found in sheet.all_faults] == ["C4"]


def test_an_unreadable_file_raises_with_its_faults():
    with pytest.raises(LedgerError) as caught:
        read(b"", VISITS)
    assert caught.value.faults[0].text == "文件是空的"
