"""What a unit has told us about its own tables."""

from __future__ import annotations

from django.db import models


class ColumnMapping(models.Model):
    """One header of a unit's own table and the ledger's column that it means.

    ``column`` is the column's key, "" where the unit leaves that column out. The unit is a plain number, empty for
    imports without a unit, because core knows no organisation.
    """

    ledger = models.CharField("台账", max_length=40)
    organisation_id = models.BigIntegerField("单位编号", null=True)
    header = models.CharField("表头", max_length=200)
    column = models.CharField("对应的列", max_length=60, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "表头对应关系"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["ledger", "organisation_id", "header"],
                nulls_distinct=False,
                name="column_mapping_unique",
                violation_error_message="该表头已有对应的列。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ledger}：{self.header} → {self.column or '不导入'}"
