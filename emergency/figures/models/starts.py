"""From which day a ledger speaks for a unit."""

from __future__ import annotations

from django.db import models

from emergency.organizations.models import Organisation


class LedgerStart(models.Model):
    """启用日期: from which day a unit keeps a ledger here. Before it the records do not speak for the unit: missing, not zero."""

    ledger = models.CharField("台账", max_length=40)
    organisation = models.ForeignKey(Organisation, verbose_name="单位", on_delete=models.PROTECT, related_name="+")
    started_on = models.DateField("启用日期")

    class Meta:
        verbose_name = verbose_name_plural = "台账启用日期"
        ordering = ["ledger", "organisation_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["ledger", "organisation"],
                name="ledger_start_unique",
                violation_error_message="该单位的启用日期已设置。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation} {self.ledger} {self.started_on}"
