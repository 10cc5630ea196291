"""Serial numbers that rise and are never used twice.

One row per key. The row stays locked until the caller's transaction ends, so two writers queue up instead of colliding, and a
rolled-back write gives its number back before anybody else could see it.
"""

from __future__ import annotations

from django.db import connection, models, transaction


class Counter(models.Model):
    """The last number given out under a key, such as ``hazard:360704:20211130``."""

    key = models.CharField("键", max_length=120, unique=True)
    value = models.BigIntegerField("当前值", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "流水号"
        constraints = [models.CheckConstraint(condition=models.Q(value__gte=0), name="counter_not_negative")]

    def __str__(self) -> str:
        return f"{self.key}: {self.value}"


def take(key: str, count: int = 1) -> range:
    """Take the next ``count`` numbers under ``key``, in order, starting from 1. Needs an open transaction."""
    if count < 1:
        raise ValueError("count must be at least 1")
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("numbers are taken inside the transaction that uses them")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_counter (key, value) VALUES (%s, %s) "
            "ON CONFLICT (key) DO UPDATE SET value = core_counter.value + EXCLUDED.value RETURNING value",
            [key, count],
        )
        last = cursor.fetchone()[0]
    return range(last - count + 1, last + 1)


def take_one(key: str) -> int:
    return take(key)[0]


def raise_to(key: str, value: int) -> None:
    """Never give out ``value`` or less under ``key`` again: an imported number that fits our form takes its place in the row."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_counter (key, value) VALUES (%s, %s) "
            "ON CONFLICT (key) DO UPDATE SET value = GREATEST(core_counter.value, EXCLUDED.value)",
            [key, value],
        )
