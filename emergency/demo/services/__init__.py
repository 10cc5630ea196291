"""The demonstration: a district's totals divided into records, and its people's last weeks acted."""

from emergency.demo.services.cases import DEFAULT, Case, UnknownCase, load, names
from emergency.demo.services.importing import WorkbookRefused
from emergency.demo.services.loading import case_load

__all__ = ["DEFAULT", "Case", "UnknownCase", "WorkbookRefused", "case_load", "load", "names"]
