"""The tree of categories, kept by the bureau's section heads. Each word of a category is a figure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q

from emergency.activities.lifecycle import may_edit_categories
from emergency.activities.models import WORDS, Activity, Category, Measure
from emergency.core import audit
from emergency.figures import vocabulary

#: What may be changed; the code and the group never.
FIELDS = ("name", "order", *dict.fromkeys(WORDS.values()), "details", "closed_on")


def _require_editor(actor: Any) -> None:
    if not may_edit_categories(actor):
        raise PermissionDenied("工作类别由应急局科室负责人或安委办维护。")


def _settle(category: Category) -> None:
    """Raises ``ValidationError`` for a category that counts nothing, or whose quantities cannot be added up with its group's."""
    category.name = category.name.strip()
    for name in dict.fromkeys(WORDS.values()):
        setattr(category, name, getattr(category, name).strip())
    if not category.measures:
        raise ValidationError({"times_word": "至少填写一项计量单位，否则登记的工作无法统计。"})
    if category.parent is not None and category.parent.parent_id is not None:
        raise ValidationError({"parent": "工作类别只分大类、小类两级。"})
    others = (
        Category.objects.filter(parent=category) if category.pk and not category.parent else Category.objects.none()
    )
    kin = [category.parent] if category.parent else list(others)
    for other in kin:
        if category.quantity_word and other.quantity_word and category.quantity_word != other.quantity_word:
            raise ValidationError(
                {"quantity_word": f"与“{other.name}”的数量单位“{other.quantity_word}”不同，大类的数量不能相加。"}
            )
    category.full_clean()
    category.save()


def _words_in_use_stay(category: Category, before: Category) -> None:
    """A number that records carry keeps its figure; only its word may change."""
    gone = [measure for measure in Measure if before.word(measure) and not category.word(measure)]
    for measure in gone:
        used = Q(**{f"{measure}__isnull": False}, category=category)
        if Activity.objects.filter(used).exists():
            raise ValidationError({WORDS[measure]: f"已有记录登记了{measure.label}，单位可以改，不能清空。"})
    word = before.quantity_word
    if (
        word
        and category.quantity_word != word
        and Activity.objects.filter(category=category, quantity__isnull=False).exists()
    ):
        raise ValidationError({"quantity_word": f"已有记录按“{word}”登记数量，单位不能更改，请另设小类。"})


@transaction.atomic
def category_create(
    *,
    actor: Any,
    name: str,
    parent: Category | None = None,
    order: int = 0,
    times_word: str = "",
    people_word: str = "",
    quantity_word: str = "",
    money_word: str = "",
    problem_word: str = "",
    details: Sequence[str] = (),
    closed_on: dt.date | None = None,
) -> Category:
    """Add a group, or a category under one. Its figures are known from the commit on.

    Raises ``PermissionDenied`` for anybody but the editors; ``ValidationError`` for a name in use, a third level, or no measure at all.
    """
    _require_editor(actor)
    category = Category(
        name=name,
        parent=parent,
        order=order,
        times_word=times_word,
        people_word=people_word,
        quantity_word=quantity_word,
        money_word=money_word,
        problem_word=problem_word,
        details=list(details),
        closed_on=closed_on,
    )
    _settle(category)
    audit.record("activity_category.create", target=category, actor=actor, after=audit.snapshot(category))
    transaction.on_commit(vocabulary.forget)
    return category


@transaction.atomic
def category_update(*, category: Category, actor: Any, **changes: Any) -> Category:
    """Change what stands in :data:`FIELDS`. Closing (``closed_on``) stops entry from that day on; what is registered stays and counts.

    Raises like :func:`category_create`, and ``ValidationError`` for a measure that records already use.
    """
    _require_editor(actor)
    locked = Category.objects.select_for_update(of=("self",)).select_related("parent").get(pk=category.pk)
    former = Category(**{field.attname: getattr(locked, field.attname) for field in Category._meta.concrete_fields})
    before = audit.snapshot(locked)
    for name, value in changes.items():
        if name not in FIELDS:
            raise TypeError(f"category_update() cannot change {name}")
        setattr(locked, name, value)
    _words_in_use_stay(locked, former)
    _settle(locked)
    old, new = audit.changes(before, audit.snapshot(locked))
    if new:
        audit.record("activity_category.update", target=locked, actor=actor, before=old, after=new)
        transaction.on_commit(vocabulary.forget)
    return locked
