"""What changes here tells the monthly roll-up."""

from django.db import migrations

from emergency.figures import triggers


class Migration(migrations.Migration):
    dependencies = [
        ("activities", "0002_categories"),
        ("figures", "0003_monthly_roll_up"),
        ("programmes", "0001_initial"),
    ]

    operations = [
        triggers.touches("activities_activity", source="activities", dates=["started_on"]),
        triggers.tag_touches(
            "activities_activity_campaigns",
            record="activity_id",
            table="activities_activity",
            tags="programmes_programme",
            parent="parent_id",
            source="activities",
            dates=["started_on"],
        ),
    ]
