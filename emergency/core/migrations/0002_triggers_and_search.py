"""Append-only rows, and the function that search indexes stand on: tables with such an index depend on this."""

from django.db import migrations

from emergency.core import triggers


class Migration(migrations.Migration):
    dependencies = [("core", "0001_tables")]

    operations = [
        migrations.RunSQL(triggers.CREATE_REFUSE_CHANGE, triggers.DROP_REFUSE_CHANGE),
        *(
            migrations.RunSQL(triggers.make_append_only(table), triggers.make_changeable(table))
            for table in triggers.APPEND_ONLY
        ),
        migrations.RunSQL(triggers.CREATE_BIGRAMS, triggers.DROP_BIGRAMS),
    ]
