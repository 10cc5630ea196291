"""导语: under which guidance, and that the work is summed up below."""

from __future__ import annotations

from reports.sections.writing import Brief, Draft


def drafts(brief: Brief) -> list[Draft]:
    label = brief.period.label()
    # A year so far is told as “2022年以来”, whatever day it reaches, and a whole one as “2021年”.
    since = "[[本年]]以来" if label.startswith("截至") else "[[本年]]" if label == "全年" else "[[年度时段]]"
    return [
        Draft(
            "guidance",
            f"{since}，{brief.issuer.name}坚持人民至上、生命至上，统筹发展和安全，扎实开展检查执法、专项整治和隐患排查治理。"
            "现将有关工作情况总结如下。",
        )
    ]
