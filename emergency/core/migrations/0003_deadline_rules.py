"""The deadlines that the portal starts with, each with its clause; a site edits them under 系统管理."""

from django.db import migrations

HOUR, DAY, WORKDAY, MONTH, YEAR = "hour", "day", "workday", "month", "year"
ROLLS, STAYS = True, False

# key, level, state, name, number, unit, whether a day of rest rolls it on, source
RULES = [
    ("accident.unit_to_bureau", "", "", "事故单位上报", 1, HOUR, STAYS, "《生产安全事故报告和调查处理条例》第九条"),
    ("accident.level_up", "", "", "事故逐级上报", 2, HOUR, STAYS, "《生产安全事故报告和调查处理条例》第十一条"),
    ("accident.casualty_update", "", "", "事故伤亡补报", 30, DAY, STAYS, "《生产安全事故报告和调查处理条例》第十三条"),
    ("accident.casualty_update_traffic_fire", "", "", "道路交通、火灾事故伤亡补报", 7, DAY, STAYS,
     "《生产安全事故报告和调查处理条例》第十三条"),
    ("accident.report_submit", "", "", "事故调查报告提交", 60, DAY, ROLLS,
     "《生产安全事故报告和调查处理条例》第二十九条"),
    ("accident.report_submit", "", "extension", "事故调查报告提交延长", 60, DAY, ROLLS,
     "《生产安全事故报告和调查处理条例》第二十九条"),
    ("accident.reply", "", "", "事故调查报告批复", 15, DAY, ROLLS, "《生产安全事故报告和调查处理条例》第三十二条"),
    ("accident.reply", "extraordinary", "", "特别重大事故调查报告批复", 30, DAY, ROLLS,
     "《生产安全事故报告和调查处理条例》第三十二条"),
    ("accident.reply", "extraordinary", "extension", "特别重大事故调查报告批复延长", 30, DAY, ROLLS,
     "《生产安全事故报告和调查处理条例》第三十二条"),
    ("accident.rectify_eval", "", "", "事故整改和防范措施落实情况评估", 1, YEAR, ROLLS, "《安全生产法》第八十六条"),
    ("disaster.first_report", "", "", "灾情初报", 2, HOUR, STAYS, "《自然灾害情况统计调查制度》"),
    ("disaster.drought_followup", "", "", "旱灾续报", 10, DAY, STAYS, "《自然灾害情况统计调查制度》"),
    ("hazard.rectify", "", "", "隐患整改", 15, DAY, STAYS, "区级惯例，未设层级的按街道（乡镇）办理"),
    ("hazard.rectify", "street", "", "街道（乡镇）隐患整改", 15, DAY, STAYS, "区级惯例"),
    ("hazard.rectify", "district", "", "区级隐患整改", 30, DAY, STAYS, "区级惯例"),
    ("hazard.review", "", "", "隐患整改复查", 10, DAY, STAYS, "区级惯例，自提交整改情况之日起"),
    ("hidden.major_onsite_review", "", "", "重大隐患现场验收", 10, DAY, ROLLS,
     "《安全生产事故隐患排查治理暂行规定》第二十三条，鄂安〔2010〕20号"),
    ("power_cut.notice", "", "", "停止供电提前通知", 24, HOUR, STAYS, "《安全生产法》第七十条"),
    ("penalty.publish", "", "", "行政处罚决定公示", 7, WORKDAY, STAYS, "《安全生产法》第七十八条"),
    ("enforcement.publish_other", "", "", "其他执法决定公示", 20, WORKDAY, STAYS, "国办发〔2018〕118号"),
    ("penalty.withdraw", "", "", "撤回处罚公示信息", 3, WORKDAY, STAYS, "《行政处罚法》第四十八条"),
    ("penalty.case_limit", "", "", "行政处罚案件办理", 90, DAY, ROLLS, "《行政处罚法》第六十条"),
    ("penalty.hearing_request", "", "", "申请听证", 5, WORKDAY, STAYS, "《行政处罚法》第六十四条"),
    ("penalty.serve", "", "", "处罚决定书送达", 7, WORKDAY, STAYS, "《行政处罚法》第六十一条"),
    ("penalty.pay", "", "", "缴纳罚款", 15, DAY, ROLLS, "《行政处罚法》第六十七条"),
    ("seize.max", "", "", "查封、扣押期限", 30, DAY, ROLLS, "《行政强制法》第二十五条"),
    ("seize.max", "", "extension", "查封、扣押延长", 30, DAY, ROLLS, "《行政强制法》第二十五条"),
    ("review.apply", "", "", "申请行政复议", 60, DAY, ROLLS, "《行政复议法》第二十条"),
    ("review.sue", "", "", "提起行政诉讼", 6, MONTH, ROLLS, "《行政诉讼法》第四十六条"),
    ("court_enforce.apply", "", "", "申请人民法院强制执行", 3, MONTH, ROLLS, "《行政强制法》第五十三条"),
    ("plan.ent_file", "", "", "企业应急预案备案", 20, WORKDAY, STAYS, "《生产安全事故应急预案管理办法》第二十六条"),
    ("plan.ent_accept", "", "", "企业应急预案备案审核", 5, WORKDAY, STAYS, "《生产安全事故应急预案管理办法》"),
    ("plan.gov_file", "", "", "政府应急预案备案", 20, WORKDAY, STAYS, "国办发〔2024〕5号第二十六条"),
    ("plan.drill_half", "", "", "重点单位应急演练", 6, MONTH, STAYS, "《生产安全事故应急条例》第八条"),
    ("plan.drill_year", "", "", "综合或者专项应急预案演练", 12, MONTH, STAYS,
     "《生产安全事故应急预案管理办法》第三十三条"),
    ("plan.drill_gov", "", "", "政府及部门应急预案演练", 24, MONTH, STAYS, "《生产安全事故应急条例》第八条"),
    ("plan.drill_special_gov", "", "", "政府专项预案、部门预案演练", 36, MONTH, STAYS, "国办发〔2024〕5号"),
    ("plan.evaluate", "", "", "应急预案评估", 36, MONTH, STAYS,
     "《生产安全事故应急预案管理办法》第三十五条，国办发〔2024〕5号"),
    ("standardization.expire", "", "", "安全生产标准化等级有效期", 36, MONTH, STAYS,
     "《企业安全生产标准化建设定级办法》"),
    ("info.public", "", "", "政府信息主动公开", 20, WORKDAY, STAYS, "《政府信息公开条例》第二十六条"),
    ("log.keep", "", "", "网络日志留存", 6, MONTH, STAYS, "《网络安全法》"),
    ("pia.keep", "", "", "个人信息保护影响评估报告保存", 3, YEAR, STAYS, "《个人信息保护法》第五十六条"),
]  # fmt: skip


def add_rules(apps, schema_editor):
    rule = apps.get_model("core", "DeadlineRule")
    rule.objects.bulk_create(
        rule(key=key, level=level, state=state, name=name, number=number, unit=unit, roll=roll, source=source)
        for key, level, state, name, number, unit, roll, source in RULES
    )


def remove_rules(apps, schema_editor):
    apps.get_model("core", "DeadlineRule").objects.filter(key__in={row[0] for row in RULES}).delete()


class Migration(migrations.Migration):
    dependencies = [("core", "0002_triggers_and_search")]

    operations = [migrations.RunPython(add_rules, remove_rules)]
