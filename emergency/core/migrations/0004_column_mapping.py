"""The headers that units have explained to us."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0003_deadline_rules"),
    ]

    operations = [
        migrations.CreateModel(
            name="ColumnMapping",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ledger", models.CharField(max_length=40, verbose_name="台账")),
                ("organisation_id", models.BigIntegerField(null=True, verbose_name="单位编号")),
                ("header", models.CharField(max_length=200, verbose_name="表头")),
                ("column", models.CharField(blank=True, max_length=60, verbose_name="对应的列")),
            ],
            options={
                "verbose_name": "表头对应关系",
                "verbose_name_plural": "表头对应关系",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("ledger", "organisation_id", "header"),
                        name="column_mapping_unique",
                        nulls_distinct=False,
                        violation_error_message="该表头已有对应的列。",
                    )
                ],
            },
        ),
    ]
