"""Excel in and out for every ledger: tolerant reading, all faults at once, the officer's own workbook back.

An app's `ledger.py` subclasses `Ledger`, lists its `Column`s, implements `check` and `save`, and calls `register`.
Pages, tasks and commands call `run_import`, `template` and `export_rows`.
"""

from .columns import (
    AREA,
    BOOLEAN,
    CHOICE,
    CODE,
    DATE,
    DATETIME,
    DECIMAL,
    INTEGER,
    LINES,
    MONEY,
    PEOPLE,
    TEXT,
    UNIT,
    Column,
)
from .corrections import error_workbook
from .export import export_rows
from .reading import Sheet, read
from .rows import Approximate, CellError, Fault, ImportContext, ImportOptions, LedgerError, Notice, Question, Row
from .running import Outcome, run_import
from .table import Ledger, get, register, registered, suspected_duplicates
from .writer import template

__all__ = [
    "AREA",
    "BOOLEAN",
    "CHOICE",
    "CODE",
    "DATE",
    "DATETIME",
    "DECIMAL",
    "INTEGER",
    "LINES",
    "MONEY",
    "PEOPLE",
    "TEXT",
    "UNIT",
    "Approximate",
    "CellError",
    "Column",
    "Fault",
    "ImportContext",
    "ImportOptions",
    "Ledger",
    "LedgerError",
    "Notice",
    "Outcome",
    "Question",
    "Row",
    "Sheet",
    "error_workbook",
    "export_rows",
    "get",
    "read",
    "register",
    "registered",
    "run_import",
    "suspected_duplicates",
    "template",
]
