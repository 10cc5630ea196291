"""System checks: what a site may choose for risk points must make sense."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register()
def risk_thresholds(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Three numbers that fall: else some colour could never come out."""
    return [
        Error(f"{name} must be three positive numbers that fall, such as {example}.", id="hazards.E001")
        for name, example in (("RISK_LEC_THRESHOLDS", "320,160,70"), ("RISK_LS_THRESHOLDS", "20,15,9"))
        if not _falls(getattr(settings, name))
    ]


def _falls(least: list[int]) -> bool:
    return len(least) == 3 and least[0] > least[1] > least[2] > 0
