"""What changes here tells the monthly roll-up."""

from django.db import migrations

from emergency.figures import triggers


class Migration(migrations.Migration):
    dependencies = [
        ("hazards", "0002_risk_points"),
        ("figures", "0003_monthly_roll_up"),
        ("programmes", "0001_initial"),
    ]

    operations = [
        triggers.touches("hazards_hazard", source="hazards", dates=["found_on", "closed_on"]),
        triggers.tag_touches(
            "hazards_hazard_campaigns",
            record="hazard_id",
            table="hazards_hazard",
            tags="programmes_programme",
            parent="parent_id",
            source="hazards",
            dates=["found_on", "closed_on"],
        ),
        triggers.touches(
            "hazards_riskpoint", source="risk_points", dates=["identified_on", "controlled_on", "removed_on"]
        ),
    ]
