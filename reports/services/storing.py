"""Keeping the rows of a paper in step with what its sections draft."""

from __future__ import annotations

from reports.models import Paragraph, Report
from reports.queries import brief_of, lines_of

#: Room between two rows, so that one comes between them without moving the others.
STEP = 1000
_DRAFTED = ("order", "text", "lead", "level", "generated")


def text_store(report: Report) -> dict[tuple[str, str], Paragraph]:
    """Store every line of a paper as it stands: new drafts get a row, rows that nobody edited their present words.

    Call it inside the transaction of a change, with the report locked. Rows whose draft has gone and that nobody touched are dropped.
    """
    rows: dict[tuple[str, str], Paragraph] = {}
    new: list[Paragraph] = []
    moved: list[Paragraph] = []
    places: dict[str, int] = {}
    for line in lines_of(report, brief_of(report)):
        section = line.section.key
        order = places[section] = places.get(section, 0) + STEP
        drafted = {"text": line.text, "lead": line.lead, "level": line.level, "generated": line.portal_text}
        if line.row is None:
            row = Paragraph(report=report, section=section, key=line.key, order=order, **drafted)
            new.append(row)
        else:
            row = line.row
            wanted = {"order": order} if line.edited or line.draft is None else {"order": order, **drafted}
            if any(getattr(row, name) != value for name, value in wanted.items()):
                for name, value in wanted.items():
                    setattr(row, name, value)
                moved.append(row)
        rows[section, line.key] = row
    kept = {row.pk for row in rows.values() if row.pk}
    report.paragraphs.exclude(pk__in=kept).delete()
    Paragraph.objects.bulk_create(new)
    Paragraph.objects.bulk_update(moved, _DRAFTED)
    return rows
