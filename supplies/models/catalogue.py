"""What stock refers to: depots, the catalogue of goods, purchases, and how much of what a depot must hold."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from emergency.core.search import SearchText, bigram_index
from emergency.organizations.models import Organisation, PlacedRecord
from emergency.organizations.scope import Area, Party, ScopedQuerySet


def own_slug() -> str:
    """The code of a catalogue entry; it is part of a figure's code, and nobody types it."""
    return f"w{uuid.uuid4().hex[:8]}"


class DepotLevel(models.TextChoices):
    """Three tiers county, town, village; 代储点 holds goods of a unit above or of a contract at somebody else's place."""

    CITY = "city", "市级库"
    DISTRICT = "district", "区县级库"
    STREET = "street", "乡镇级库"
    COMMUNITY = "community", "村级储备点"
    ENTRUSTED = "entrusted", "代储点"


class DepotQuerySet(ScopedQuerySet):
    def open(self, on: dt.date) -> DepotQuerySet:
        """Depots in use on a day."""
        return self.filter(Q(closed_on=None) | Q(closed_on__gt=on), opened_on__lte=on)


class Depot(PlacedRecord):
    """A place where goods are kept. ``owner`` decides over them, ``handler`` keeps and moves them; often these are two offices."""

    name = models.CharField("储备库", max_length=60)
    level = models.CharField("级别", max_length=10, choices=DepotLevel)
    owner = models.ForeignKey(Organisation, verbose_name="所属单位", on_delete=models.PROTECT, related_name="+")
    handler = models.ForeignKey(Organisation, verbose_name="保管单位", on_delete=models.PROTECT, related_name="+")
    address = models.CharField("地址", max_length=120, blank=True)
    longitude = models.DecimalField("经度", max_digits=9, decimal_places=6, null=True, blank=True)
    latitude = models.DecimalField("纬度", max_digits=8, decimal_places=6, null=True, blank=True)
    floor_area = models.DecimalField("建筑面积（㎡）", max_digits=10, decimal_places=2, null=True, blank=True)
    capacity = models.DecimalField("库容（m³）", max_digits=10, decimal_places=2, null=True, blank=True)
    keeper = models.CharField("保管员", max_length=60, blank=True)
    keeper_phone = models.CharField("保管员电话", max_length=20, blank=True)
    opened_on = models.DateField("启用日期")
    closed_on = models.DateField("停用日期", null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("登记时间")
    search_text = models.GeneratedField(
        expression=SearchText("name", "address"), output_field=models.TextField(), db_persist=True
    )

    objects = DepotQuerySet.as_manager()
    scope_shapes = (Area(), Party("handler"), Party("owner"))
    personal_fields = frozenset({"keeper_phone"})

    class Meta:
        verbose_name = verbose_name_plural = "储备库"
        ordering = ["-opened_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["handler", "name"], name="depot_name_unique", violation_error_message="该单位已有同名的储备库。"
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(closed_on__gte=F("opened_on")),
                name="depot_dates",
                violation_error_message="停用日期不能早于启用日期。",
            ),
            models.CheckConstraint(
                condition=Q(longitude=None, latitude=None) | Q(longitude__isnull=False, latitude__isnull=False),
                name="depot_position",
                violation_error_message="经度和纬度须同时填写。",
            ),
        ]
        indexes = [
            models.Index(fields=["street", "-opened_on", "-id"], name="depot_street"),
            models.Index(fields=["district", "-opened_on", "-id"], name="depot_district"),
            models.Index(fields=["area", "-opened_on", "-id"], name="depot_area"),
            models.Index(fields=["handler", "-opened_on", "-id"], name="depot_handler"),
            models.Index(fields=["owner", "-opened_on", "-id"], name="depot_owner"),
            models.Index(fields=["-opened_on", "-id"], name="depot_newest"),
            bigram_index("depot_search"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("supplies:depot_detail", args=[self.pk])


class ItemQuerySet(models.QuerySet["Item"]):
    def active(self) -> ItemQuerySet:
        """What may come in; an entry that was taken out of use stays for the stock that bears its name."""
        return self.filter(active=True)


class Item(models.Model):
    """One kind of goods in one specification. ``code`` is that of GB/T 38565-2020: seven digits, 1+2+2+2, the first 1 to 3.

    ``pack_size`` (折件系数) says how many pieces (件) one unit of it makes in the sums of a depot; ``shelf_life_months`` gives the day
    of expiry where a lot comes without one. ``counted`` makes the stock of it a figure of its own.
    """

    slug = models.CharField("代号", max_length=20, unique=True, default=own_slug, editable=False)
    name = models.CharField("物资名称", max_length=60)
    specification = models.CharField("规格", max_length=80, blank=True)
    code = models.CharField("物资编码", max_length=7, blank=True)
    unit = models.CharField("计量单位", max_length=8)
    pack_size = models.DecimalField("折件系数", max_digits=8, decimal_places=3, default=Decimal(1))
    aliases = ArrayField(models.CharField(max_length=60), verbose_name="别名", default=list, blank=True)
    shelf_life_months = models.PositiveSmallIntegerField("保质期（月）", null=True, blank=True)
    counted = models.BooleanField("列为统计指标", default=False)
    active = models.BooleanField("在用", default=True)

    objects = ItemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "物资目录"
        ordering = ["code", "name", "specification"]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "specification"],
                name="supply_item_unique",
                violation_error_message="物资目录中已有同名同规格的物资。",
            ),
            models.CheckConstraint(
                condition=Q(code="") | Q(code__regex=r"^[123][0-9]{6}$"),
                name="supply_item_code",
                violation_error_message="物资编码应为7位数字，首位为1、2或3。",
            ),
            models.CheckConstraint(
                condition=Q(pack_size__gt=0),
                name="supply_item_pack",
                violation_error_message="折件系数应大于0。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.specification}）" if self.specification else self.name


class PurchaseQuerySet(ScopedQuerySet):
    def live(self) -> PurchaseQuerySet:
        """Without what was entered by mistake."""
        return self.filter(void_reason="")


class Purchase(PlacedRecord):
    """A contract by which goods were bought, and who paid; the lots that came of it refer to it."""

    name = models.CharField("采购批次", max_length=100)
    contract_number = models.CharField("合同编号", max_length=60, blank=True)
    supplier = models.CharField("供货单位", max_length=100)
    signed_on = models.DateField("签订日期")
    contract_sum = models.DecimalField("合同金额（元）", max_digits=14, decimal_places=2)
    money_source = models.CharField("资金来源", max_length=60)
    handler = models.ForeignKey(Organisation, verbose_name="采购单位", on_delete=models.PROTECT, related_name="+")
    note = models.CharField("说明", max_length=200, blank=True)
    void_reason = models.CharField("作废原因", max_length=200, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("登记时间")
    search_text = models.GeneratedField(
        expression=SearchText("name", "contract_number", "supplier"), output_field=models.TextField(), db_persist=True
    )

    objects = PurchaseQuerySet.as_manager()
    scope_shapes = (Area(), Party("handler"))

    class Meta:
        verbose_name = verbose_name_plural = "采购批次"
        ordering = ["-signed_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(contract_sum__gte=0),
                name="purchase_sum",
                violation_error_message="合同金额不能为负数。",
            ),
            models.UniqueConstraint(
                fields=["handler", "name"],
                condition=Q(void_reason=""),
                name="purchase_name_unique",
                violation_error_message="该单位已有同名的采购批次。",
            ),
        ]
        indexes = [
            models.Index(fields=["street", "-signed_on", "-id"], name="purchase_street"),
            models.Index(fields=["district", "-signed_on", "-id"], name="purchase_district"),
            models.Index(fields=["area", "-signed_on", "-id"], name="purchase_area"),
            models.Index(fields=["handler", "-signed_on", "-id"], name="purchase_handler"),
            models.Index(fields=["-signed_on", "-id"], name="purchase_newest"),
            bigram_index("purchase_search"),
        ]

    def __str__(self) -> str:
        return self.name


class Minimum(models.Model):
    """How much of an item a depot must hold at least (最低库存); below it the item stands in the keeper's to-do list."""

    depot = models.ForeignKey(Depot, verbose_name="储备库", on_delete=models.PROTECT, related_name="minimums")
    item = models.ForeignKey(Item, verbose_name="物资", on_delete=models.PROTECT, related_name="+")
    quantity = models.DecimalField("最低库存", max_digits=12, decimal_places=2)

    class Meta:
        verbose_name = verbose_name_plural = "最低库存"
        constraints = [
            models.UniqueConstraint(fields=["depot", "item"], name="minimum_unique"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="minimum_positive", violation_error_message="最低库存应大于0。"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.depot} · {self.item} ≥ {self.quantity}"
