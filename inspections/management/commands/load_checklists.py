"""``load_checklists``: the checklists that come with the portal. Those already there, by name, stay as the office has changed them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand
from django.db import transaction

from emergency.enterprises.models import Industry
from inspections.models import Checklist
from inspections.services import ItemInput, checklist_save

FOLDER = Path(__file__).parents[1] / "checklists"


class Command(BaseCommand):
    help = "载入门户自带的检查表；同名的保持原样。"

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        known = set(Checklist.objects.values_list("name", flat=True))
        loaded = 0
        for path in sorted(FOLDER.glob("*.yaml")):
            given = yaml.safe_load(path.read_text(encoding="utf-8"))
            if given["name"] in known:
                continue
            checklist_save(
                actor=None,
                name=given["name"],
                industry=Industry.objects.get(name=given["industry"]),
                items=[ItemInput(**item) for item in given["items"]],
            )
            loaded += 1
        self.stdout.write(f"已载入检查表 {loaded} 份。")
