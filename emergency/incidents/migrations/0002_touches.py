"""What changes here tells the monthly roll-up."""

from django.db import migrations

from emergency.figures import triggers


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0001_initial"),
        ("figures", "0003_monthly_roll_up"),
    ]

    operations = [
        triggers.touches("incidents_accident", source="accidents", dates=["occurred_on", "approved_on"]),
    ]
