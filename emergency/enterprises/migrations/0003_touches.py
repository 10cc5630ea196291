"""What changes here tells the monthly roll-up."""

from django.db import migrations

from emergency.figures import triggers


class Migration(migrations.Migration):
    dependencies = [
        ("enterprises", "0002_industries"),
        ("figures", "0003_monthly_roll_up"),
    ]

    operations = [
        triggers.touches("enterprises_enterprise", source="enterprises", dates=["registered_on", "ended_on"]),
        triggers.touches("enterprises_enterprise", source="standardised", dates=["standard_graded_on", "ended_on"]),
    ]
