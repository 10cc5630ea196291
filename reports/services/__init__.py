"""Writes of the report desk."""

from reports.services.dating import report_redate
from reports.services.desk import (
    DRAFTERS,
    FORMATS,
    PRINTERS,
    READERS,
    may_draft,
    may_print,
    render,
    report_create,
    report_keep,
    report_print,
)
from reports.services.editing import (
    Conflict,
    paragraph_add,
    paragraph_move,
    paragraph_put_back,
    paragraph_remove,
    paragraph_restore,
    paragraph_write,
)

__all__ = [
    "DRAFTERS",
    "FORMATS",
    "PRINTERS",
    "READERS",
    "Conflict",
    "may_draft",
    "may_print",
    "paragraph_add",
    "paragraph_move",
    "paragraph_put_back",
    "paragraph_remove",
    "paragraph_restore",
    "paragraph_write",
    "render",
    "report_create",
    "report_keep",
    "report_print",
    "report_redate",
]
