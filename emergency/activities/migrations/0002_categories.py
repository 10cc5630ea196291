"""The tree of categories that the house delivers, and the trigger that keeps its codes."""

from pathlib import Path

import yaml
from django.db import migrations

from emergency.activities.triggers import CREATE_FIXED_CATEGORY, DROP_FIXED_CATEGORY

STEP = 10


def delivered():
    return yaml.safe_load((Path(__file__).parent / "categories.yaml").read_text(encoding="utf-8"))


def seed(apps, schema_editor):
    category = apps.get_model("activities", "Category")

    def make(line, place, parent=None):
        words = {f"{name}_word": line.get(name, "") for name in ("times", "people", "quantity", "money")}
        return category.objects.create(
            slug=line["slug"],
            name=line["name"],
            parent=parent,
            order=place * STEP,
            problem_word=line.get("problems", ""),
            details=line.get("details", []),
            **words,
        )

    for place, group in enumerate(delivered(), start=1):
        parent = make(group, place)
        for below, line in enumerate(group.get("categories", ()), start=1):
            make(line, below, parent)


def unseed(apps, schema_editor):
    """Only those that nobody uses can go; the database refuses the others."""
    category = apps.get_model("activities", "Category")
    for group in delivered():
        category.objects.filter(slug__in=[line["slug"] for line in group.get("categories", ())]).delete()
        category.objects.filter(slug=group["slug"]).delete()


class Migration(migrations.Migration):
    dependencies = [("activities", "0001_initial")]
    operations = [
        migrations.RunPython(seed, unseed),
        migrations.RunSQL(CREATE_FIXED_CATEGORY, DROP_FIXED_CATEGORY),
    ]
