"""What lies where: lots, what a depot holds of each, and the movements that are the only way to change it."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from emergency.core.search import SearchText, bigram_index
from emergency.organizations.models import Organisation, PlacedRecord
from emergency.organizations.scope import Area, Party, ScopedQuerySet
from supplies.models.catalogue import Depot, Item, Purchase

#: 临期: how many days ahead the portal warns. No regulation names a number; a quarter leaves time to use the goods up.
SOON_DAYS = 90


class Mode(models.TextChoices):
    """How a reserve is held: on the shelf, by contract with a firm, or as what a factory can make."""

    PHYSICAL = "physical", "实物储备"
    AGREEMENT = "agreement", "协议储备"
    CAPACITY = "capacity", "产能储备"


MODE_TONES = {Mode.PHYSICAL: "green", Mode.AGREEMENT: "blue", Mode.CAPACITY: "blue"}


class MovementKind(models.TextChoices):
    RECEIPT = "receipt", "入库"
    ISSUE = "issue", "出库"
    TRANSFER_OUT = "transfer_out", "调拨出"
    TRANSFER_IN = "transfer_in", "调拨入"
    RETURN = "return", "归还"
    SCRAP = "scrap", "报废"
    LOSS = "loss", "损耗"
    SURPLUS = "surplus", "盘盈"
    SHORTAGE = "shortage", "盘亏"


INWARD = (MovementKind.RECEIPT, MovementKind.TRANSFER_IN, MovementKind.RETURN, MovementKind.SURPLUS)
OUTWARD = (
    MovementKind.ISSUE,
    MovementKind.TRANSFER_OUT,
    MovementKind.SCRAP,
    MovementKind.LOSS,
    MovementKind.SHORTAGE,
)


class Lot(models.Model):
    """Goods of one kind that came in together. What it is never changes; how much of it lies where tell the holdings."""

    number = models.CharField("批次编号", max_length=40, unique=True)
    item = models.ForeignKey(Item, verbose_name="物资", on_delete=models.PROTECT, related_name="lots")
    mode = models.CharField("储备方式", max_length=10, choices=Mode, default=Mode.PHYSICAL)
    purchase = models.ForeignKey(
        Purchase, verbose_name="采购批次", null=True, blank=True, on_delete=models.PROTECT, related_name="lots"
    )
    maker = models.CharField("生产（协议）单位", max_length=100, blank=True)
    batch_mark = models.CharField("批号", max_length=60, blank=True)
    made_on = models.DateField("生产日期", null=True, blank=True)
    expires_on = models.DateField("有效期至", null=True, blank=True)
    received_on = models.DateField("入库日期")
    price = models.DecimalField("单价（元）", max_digits=12, decimal_places=2, null=True, blank=True)
    import_id = models.BigIntegerField("导入批次", null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "物资批次"
        constraints = [
            models.CheckConstraint(
                condition=Q(made_on=None) | Q(expires_on=None) | Q(expires_on__gte=F("made_on")),
                name="lot_expiry",
                violation_error_message="有效期不能早于生产日期。",
            ),
            models.CheckConstraint(
                condition=Q(made_on=None) | Q(received_on__gte=F("made_on")),
                name="lot_received",
                violation_error_message="入库日期不能早于生产日期。",
            ),
            models.CheckConstraint(
                condition=Q(price=None) | Q(price__gte=0),
                name="lot_price",
                violation_error_message="单价不能为负数。",
            ),
        ]
        indexes = [models.Index(fields=["item", "received_on"], name="lot_item")]

    def __str__(self) -> str:
        return self.number


class HoldingQuerySet(ScopedQuerySet):
    def in_stock(self) -> HoldingQuerySet:
        return self.filter(quantity__gt=0)

    def expired(self, on: dt.date) -> HoldingQuerySet:
        """Physical goods whose last day has passed."""
        return self.in_stock().filter(mode=Mode.PHYSICAL, expires_on__lt=on)

    def expiring(self, on: dt.date) -> HoldingQuerySet:
        """Physical goods that are still good, but not for longer than :data:`SOON_DAYS`."""
        last = on + dt.timedelta(days=SOON_DAYS)
        return self.in_stock().filter(mode=Mode.PHYSICAL, expires_on__range=(on, last))

    def first_out(self) -> HoldingQuerySet:
        """First to expire first; what never expires after it, by the day on which it came in (先进先出)."""
        return self.order_by(F("expires_on").asc(nulls_last=True), "received_on", "lot_id")


class Holding(PlacedRecord):
    """What a depot holds of a lot. ``quantity`` is the sum of its movements: a trigger adds each, and nothing else writes it.

    Place, keeper, and what the list shows of the lot are copies; neither a depot's place nor a lot ever changes.
    """

    depot = models.ForeignKey(Depot, verbose_name="储备库", on_delete=models.PROTECT, related_name="holdings")
    lot = models.ForeignKey(Lot, verbose_name="物资批次", on_delete=models.PROTECT, related_name="holdings")
    item = models.ForeignKey(Item, verbose_name="物资", on_delete=models.PROTECT, related_name="holdings")
    handler = models.ForeignKey(Organisation, verbose_name="保管单位", on_delete=models.PROTECT, related_name="+")
    mode = models.CharField("储备方式", max_length=10, choices=Mode)
    number = models.CharField("批次编号", max_length=40)
    title = models.CharField("物资", max_length=150)
    received_on = models.DateField("入库日期")
    expires_on = models.DateField("有效期至", null=True, blank=True)
    position = models.CharField("存放位置", max_length=60, blank=True)
    quantity = models.DecimalField("库存数量", max_digits=14, decimal_places=2, default=0, editable=False)
    search_text = models.GeneratedField(
        expression=SearchText("number", "title", "position"), output_field=models.TextField(), db_persist=True
    )

    objects = HoldingQuerySet.as_manager()
    scope_shapes = (Area(), Party("handler"))

    class Meta:
        verbose_name = verbose_name_plural = "库存"
        ordering = ["-received_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["depot", "lot"], name="holding_unique"),
            models.CheckConstraint(
                condition=Q(quantity__gte=0), name="holding_not_negative", violation_error_message="库存不足。"
            ),
        ]
        indexes = [
            models.Index(fields=["street", "-received_on", "-id"], name="holding_street"),
            models.Index(fields=["district", "-received_on", "-id"], name="holding_district"),
            models.Index(fields=["area", "-received_on", "-id"], name="holding_area"),
            models.Index(fields=["handler", "-received_on", "-id"], name="holding_handler"),
            models.Index(fields=["-received_on", "-id"], name="holding_newest"),
            models.Index(fields=["depot", "item"], name="holding_depot_item"),
            models.Index(fields=["handler", "expires_on"], name="holding_expiry", condition=Q(quantity__gt=0)),
            bigram_index("holding_search"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("supplies:detail", args=[self.pk])

    def state(self, on: dt.date) -> tuple[str, str]:
        """在库, 临期, 超期 or 已出清 with its tone; what lies with a firm does not expire here."""
        if self.quantity <= 0:
            return "已出清", "grey"
        if self.mode == Mode.PHYSICAL and self.expires_on is not None:
            if self.expires_on < on:
                return "超期", "red"
            if self.expires_on <= on + dt.timedelta(days=SOON_DAYS):
                return "临期", "amber"
        return "在库", "green"


class MovementQuerySet(ScopedQuerySet):
    def until(self, on: dt.date) -> MovementQuerySet:
        """All that makes up the stock at the end of a day."""
        return self.filter(moved_on__lte=on)


class Movement(PlacedRecord):
    """One change of what a depot holds. Never changed and never deleted; a wrong one is answered by its opposite (``reverses``).

    ``quantity`` is positive for what came and negative for what went, ``pieces`` (件) and ``amount`` (yuan, blank where the price is
    unknown) follow its sign. Everything that figures and lists ask for stands here, so that no join is needed.
    """

    number = models.CharField("流水号", max_length=40, unique=True)
    kind = models.CharField("类型", max_length=12, choices=MovementKind)
    moved_on = models.DateField("日期")
    holding = models.ForeignKey(Holding, verbose_name="库存", on_delete=models.PROTECT, related_name="movements")
    depot = models.ForeignKey(Depot, verbose_name="储备库", on_delete=models.PROTECT, related_name="+")
    item = models.ForeignKey(Item, verbose_name="物资", on_delete=models.PROTECT, related_name="+")
    handler = models.ForeignKey(Organisation, verbose_name="保管单位", on_delete=models.PROTECT, related_name="+")
    mode = models.CharField("储备方式", max_length=10, choices=Mode)
    lot_number = models.CharField("批次编号", max_length=40)
    title = models.CharField("物资", max_length=150)
    quantity = models.DecimalField("数量", max_digits=14, decimal_places=2)
    pieces = models.DecimalField("折件数", max_digits=16, decimal_places=3)
    amount = models.DecimalField("金额（元）", max_digits=16, decimal_places=2, null=True, blank=True)
    outgoing = models.GeneratedField(
        expression=-1 * F("amount"),
        output_field=models.DecimalField("出库金额（元）", max_digits=16, decimal_places=2),
        db_persist=True,
    )
    receiver = models.CharField("来源或去向", max_length=100, blank=True)
    basis = models.CharField("依据文号", max_length=100, blank=True)
    reason = models.CharField("说明", max_length=200, blank=True)
    reverses = models.OneToOneField(
        "self", verbose_name="冲销", null=True, blank=True, on_delete=models.PROTECT, related_name="reversed_by"
    )
    other_side = models.OneToOneField(
        "self", verbose_name="调出流水", null=True, blank=True, on_delete=models.PROTECT, related_name="arrival"
    )
    import_id = models.BigIntegerField("导入批次", null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="经办人", on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("登记时间")
    search_text = models.GeneratedField(
        expression=SearchText("number", "lot_number", "title", "receiver", "basis"),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects = MovementQuerySet.as_manager()
    scope_shapes = (Area(), Party("handler"))

    class Meta:
        verbose_name = verbose_name_plural = "出入库流水"
        ordering = ["-moved_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(kind__in=INWARD, quantity__gt=0, reverses=None)
                    | Q(kind__in=OUTWARD, quantity__lt=0, reverses=None)
                    | Q(kind__in=INWARD, quantity__lt=0, reverses__isnull=False)
                    | Q(kind__in=OUTWARD, quantity__gt=0, reverses__isnull=False)
                ),
                name="movement_sign",
                violation_error_message="数量的方向与类型不符。",
            ),
            models.CheckConstraint(
                condition=Q(reverses=None) | ~Q(reason=""),
                name="movement_reversal_has_reason",
                violation_error_message="冲销须填写原因。",
            ),
            models.CheckConstraint(
                condition=Q(amount=None)
                | Q(amount=0)
                | Q(quantity__gt=0, amount__gt=0)
                | Q(quantity__lt=0, amount__lt=0),
                name="movement_amount_sign",
                violation_error_message="金额的方向与数量不符。",
            ),
        ]
        indexes = [
            models.Index(fields=["street", "-moved_on", "-id"], name="movement_street"),
            models.Index(fields=["district", "-moved_on", "-id"], name="movement_district"),
            models.Index(fields=["area", "-moved_on", "-id"], name="movement_area"),
            models.Index(fields=["handler", "-moved_on", "-id"], name="movement_handler"),
            models.Index(fields=["-moved_on", "-id"], name="movement_newest"),
            models.Index(fields=["depot", "item", "moved_on"], name="movement_depot_item"),
            bigram_index("movement_search"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.get_kind_display()}{self.title}"

    def get_absolute_url(self) -> str:
        return reverse("supplies:movement_detail", args=[self.pk])
