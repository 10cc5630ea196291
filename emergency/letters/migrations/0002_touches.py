"""What changes here tells the monthly roll-up."""

from django.db import migrations

from emergency.figures import triggers


class Migration(migrations.Migration):
    dependencies = [
        ("letters", "0001_initial"),
        ("figures", "0003_monthly_roll_up"),
    ]

    operations = [
        triggers.touches("letters_letter", source="letters", dates=["issued_on", "replied_on", "closed_on"]),
    ]
