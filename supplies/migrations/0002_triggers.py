"""Movements are written once, stock follows them by itself, and what changes here tells the monthly roll-up."""

from django.db import migrations

from emergency.figures.triggers import touches
from supplies.triggers import INSTALL, REMOVE


class Migration(migrations.Migration):
    dependencies = [
        ("supplies", "0001_initial"),
        ("core", "0002_triggers_and_search"),
        ("figures", "0003_monthly_roll_up"),
    ]

    operations = [
        migrations.RunSQL(INSTALL, REMOVE),
        touches("supplies_movement", source="stock", dates=["moved_on"]),
        touches("supplies_depot", source="depots", dates=["opened_on", "closed_on"]),
        touches("supplies_purchase", source="purchases", dates=["signed_on"]),
    ]
