"""Tags are records of an app above this one; a source's own column tells which, so nothing here names it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

from emergency.figures.vocabulary import CAMPAIGN, sources


def campaign_model() -> Any:
    """The model behind the campaign column of the counted ledgers."""
    for source in sources():
        if source.dimension(CAMPAIGN.code):
            return source.records().model._meta.get_field(CAMPAIGN.column).related_model
    raise LookupError("no ledger is tagged with campaigns")


def campaign_named(name: str) -> str:
    """The key of the campaign of a name. Raises ``ValidationError`` when there is none, or more than one."""
    found = list(campaign_model().objects.filter(name=name).values_list("pk", flat=True)[:2])
    if len(found) != 1:
        raise ValidationError(f"没有名为“{name}”的专项行动。" if not found else f"有多个名为“{name}”的专项行动。")
    return str(found[0])
