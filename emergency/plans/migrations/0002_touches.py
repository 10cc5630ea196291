"""What changes here tells the monthly roll-up."""

from django.db import migrations

from emergency.figures import triggers

PLAN_DAYS = ["published_on", "applied_on", "filed_on", "repealed_on"]


class Migration(migrations.Migration):
    dependencies = [
        ("plans", "0001_initial"),
        ("figures", "0003_monthly_roll_up"),
    ]

    operations = [
        triggers.touches("plans_plan", source="plans", dates=PLAN_DAYS),
        triggers.touches("plans_plan", source="plan_filings", dates=["filed_on"]),
        triggers.touches("plans_drill", source="drills", dates=["held_on", "evaluated_on"]),
        triggers.touches("plans_drill", source="drill_plans", dates=["planned_on", "held_on"]),
    ]
