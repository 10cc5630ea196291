"""The language of papers: sentences are words with tokens, and every token is a figure.

A section is a module of ``reports/sections/`` with one function::

    def drafts(brief: Brief) -> list[Draft]:
        sheet = brief.sheet("accidents.count", "accidents.deaths")       # to decide by, never to print
        if not is_positive(sheet, "accidents.count"):
            return [Draft("accidents", "[[时段]]，" + brief.whole + "[[accidents.count|未发生]]生产安全事故。")]
        return [Draft("accidents", f"[[时段]]，{brief.whole}共发生生产安全事故[[accidents.count]]、死亡[[accidents.deaths]]。")]

and a line in ``reports/sections/outlines.py``. The branches decide on values (what is zero is left out, what is closed is said to be
closed); **the numbers stay tokens**, because the same text is later edited by officers, moved to another period and issued. A paragraph
of which nothing is to be said is not drafted; a section without paragraphs loses its heading.

**A token** is ``[[code|unit|period|form]]``; later fields may be left out, and a shorter token may leave out the empty ones between,
as ``[[hazards.found|数]]`` does.

- *code*: a figure of the vocabulary (officers read and type its name, ``naming``); or a word that follows the period: ``[[时段]]`` 1—11月, ``[[年度时段]]`` 2021年1—11月,
  ``[[本年]]`` 2021年, ``[[下年]]`` 2022年. Write these instead of ``brief.span``: they follow the period in edited paragraphs too.
- *unit*: nothing (the paper's area); a division code within the area or above it; or a row of a breakdown, by name or stored key:
  ``industry:建筑施工``, ``campaign:三年行动``, ``level:红``, ``unit:own``. :meth:`Brief.row` writes it from a sheet's row.
- *period*: nothing (the paper's); ``2021-01-01..2021-06-30``; or 上年同期, 本月, 上月, 年初至今, 上年全年.
- *form*: how it is worded, :data:`FORMS`. The change forms (增减 …) may be asked of the figure itself or of its ``.yoy``.

“同比分别减少4起、1人，分别下降50%、16.7%”: where a sentence has the verb and the token only the number, the form is the verb:
``减少[[accidents.count|减少]]``. When the number later moves the other way, the paper says 【待改：…】 instead of a lie.

What is not known prints 【待补：…】, a zero that nobody confirmed 【待确认：…】, what an officer must mend 【待改：…】; all three
block issuing. Approximate values print 约. ``brief.prepare(texts)`` asks the ledgers for all texts together, one query per ledger,
period and breakdown.

Modules: ``tokens`` reads them, ``brief`` knows what they mean in one paper and asks, ``wording`` has the forms, ``naming`` the names, ``prose`` makes runs,
``unlinked`` finds what was typed by hand.
"""

from reports.sections.writing.brief import Answer, Brief, whole_area
from reports.sections.writing.naming import coded, names, spoken
from reports.sections.writing.prose import Draft, cell, faults, is_positive, number, paragraph, run_of, runs, said
from reports.sections.writing.tokens import FORMS, RELATIVE, WORDS, Fault, Token, TokenError, read, token

__all__ = [
    "FORMS",
    "RELATIVE",
    "WORDS",
    "Answer",
    "Brief",
    "Draft",
    "Fault",
    "Token",
    "TokenError",
    "cell",
    "coded",
    "faults",
    "is_positive",
    "names",
    "number",
    "paragraph",
    "read",
    "run_of",
    "runs",
    "said",
    "spoken",
    "token",
    "whole_area",
]
