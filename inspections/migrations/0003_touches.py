"""What changes here tells the monthly roll-up."""

from django.db import migrations

from emergency.figures import triggers


class Migration(migrations.Migration):
    dependencies = [
        ("inspections", "0002_measures"),
        ("figures", "0003_monthly_roll_up"),
        ("programmes", "0001_initial"),
    ]

    operations = [
        triggers.touches("inspections_visit", source="inspections", dates=["visited_on"]),
        triggers.tag_touches(
            "inspections_visit_campaigns",
            record="visit_id",
            table="inspections_visit",
            tags="programmes_programme",
            parent="parent_id",
            source="inspections",
            dates=["visited_on"],
        ),
        triggers.touches("inspections_measure", source="measures", dates=["decided_on", "published_on", "resumed_on"]),
        triggers.tag_touches(
            "inspections_measure_campaigns",
            record="measure_id",
            table="inspections_measure",
            tags="programmes_programme",
            parent="parent_id",
            source="measures",
            dates=["decided_on", "published_on", "resumed_on"],
        ),
    ]
