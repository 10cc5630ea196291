"""The smaller registers of a case (risk points, measures, letters, accidents, activities, given figures, problems) as workbooks.

A case file says how many of what there were; the days, parties and words of single rows are drawn.
"""

from emergency.demo.services.registers.books import books

__all__ = ["books"]
