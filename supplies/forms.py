"""Input of supplies: shape and messages. The rules are in the services; what they refuse appears at its field."""

from __future__ import annotations

from typing import Any

from django import forms

from emergency.core import clock
from emergency.core.ledger.export import mask
from emergency.enterprises.forms import AreaChoice
from emergency.enterprises.queries import areas_for
from emergency.organizations.forms import UnitChoice
from emergency.organizations.models import Kind, Organisation
from emergency.organizations.queries import units_within
from hazards.forms import DateField
from supplies.models import Depot, DepotLevel, Item, Mode, MovementKind, Purchase
from supplies.queries import purchases_for
from supplies.services import ADJUSTMENTS

_NO_OFFICES = (Kind.COMMITTEE, Kind.AREA_SET, Kind.GOVERNMENT)
_QUANTITY: dict[str, Any] = {"min_value": 0, "max_digits": 12, "decimal_places": 2}


def own_units(user: Any) -> Any:
    """The units in whose name the user may enter something: its own, and those of the area that it oversees."""
    return units_within(user).exclude(kind__in=_NO_OFFICES).select_related("parent").order_by("path")


class DepotForm(forms.Form):
    name = forms.CharField(label="储备库", max_length=60, help_text="如“区应急物资储备库”。")
    level = forms.ChoiceField(label="级别", choices=DepotLevel.choices)
    handler = UnitChoice(
        label="保管单位", queryset=Organisation.objects.none(), help_text="办理出入库的单位，登记后不能更改。"
    )
    owner = UnitChoice(
        label="所属单位", queryset=Organisation.objects.none(), required=False, empty_label="与保管单位相同"
    )
    area = AreaChoice(label="属地", queryset=Organisation.objects.none(), help_text="登记后不能更改。")
    opened_on = DateField(label="启用日期")
    closed_on = DateField(label="停用日期", required=False, help_text="停用前须将库内物资清空。")
    address = forms.CharField(label="地址", max_length=120, required=False)
    longitude = forms.DecimalField(
        label="经度", min_value=-180, max_value=180, max_digits=9, decimal_places=6, required=False
    )
    latitude = forms.DecimalField(
        label="纬度", min_value=-90, max_value=90, max_digits=8, decimal_places=6, required=False
    )
    floor_area = forms.DecimalField(
        label="建筑面积（㎡）", required=False, min_value=0, max_digits=10, decimal_places=2
    )
    capacity = forms.DecimalField(label="库容（m³）", required=False, min_value=0, max_digits=10, decimal_places=2)
    keeper = forms.CharField(label="保管员", max_length=60, required=False)
    keeper_phone = forms.CharField(label="保管员电话", max_length=20, required=False)

    groups = (
        ("基本情况", ("name", "level", "handler", "owner", "area", "opened_on", "closed_on")),
        ("库房", ("address", "longitude", "latitude", "floor_area", "capacity")),
        ("保管员", ("keeper", "keeper_phone")),
    )

    def __init__(self, *args: Any, user: Any, depot: Depot | None = None, **kwargs: Any) -> None:
        if depot is not None:
            kwargs["initial"] = {name: getattr(depot, name) for name in self.base_fields} | {"keeper_phone": ""}
        super().__init__(*args, **kwargs)
        units = own_units(user)
        if depot is None:
            self.fields["handler"].queryset = units
            self.fields["area"].queryset = areas_for(user)
            self.fields["opened_on"].initial = clock.today
            del self.fields["closed_on"]
        else:
            for name in ("handler", "area", "opened_on"):
                del self.fields[name]
            if depot.keeper_phone:
                self.fields["keeper_phone"].help_text = f"现登记{mask(depot.keeper_phone)}，不改的留空。"
            units = units | Organisation.objects.filter(pk=depot.owner_id).select_related("parent")
            self.fields["owner"].required = True
        self.fields["owner"].queryset = units
        self.depot = depot

    def values(self) -> dict[str, Any]:
        """What the services take: an owner or a telephone that was left empty stays what it is."""
        kept = dict(self.cleaned_data)
        if kept["owner"] is None:
            kept["owner"] = kept["handler"]
        if self.depot is not None and not kept["keeper_phone"]:
            del kept["keeper_phone"]
        return kept


class ItemForm(forms.ModelForm):
    aliases = forms.CharField(label="别名", required=False, help_text="几个别名用顿号分开，导入时按名称或别名查找。")

    class Meta:
        model = Item
        fields = (
            "name",
            "specification",
            "code",
            "unit",
            "pack_size",
            "aliases",
            "shelf_life_months",
            "counted",
            "active",
        )
        help_texts = {
            "code": "按《应急物资分类及编码》（GB/T 38565）填写7位数字，可不填。",
            "unit": "如顶、床、台、套、箱。",
            "pack_size": "一个计量单位折合多少件，用于汇总件数。",
            "shelf_life_months": "入库时只填生产日期的，据此推算有效期。",
            "counted": "勾选后这种物资的储备数成为一个统计指标。",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["aliases"] = "、".join(self.instance.aliases)

    def clean_aliases(self) -> list[str]:
        return [word for word in self.cleaned_data["aliases"].replace("，", "、").replace(" ", "").split("、") if word]

    def _post_clean(self) -> None:
        """The services check the record; a form that did too would say everything twice."""


class PurchaseForm(forms.Form):
    handler = UnitChoice(label="采购单位", queryset=Organisation.objects.none(), empty_label=None)
    name = forms.CharField(label="采购批次", max_length=100, help_text="如“2021年防汛物资采购”。")
    supplier = forms.CharField(label="供货单位", max_length=100)
    contract_number = forms.CharField(label="合同编号", max_length=60, required=False)
    signed_on = DateField(label="签订日期")
    contract_sum = forms.DecimalField(label="合同金额（元）", min_value=0, max_digits=14, decimal_places=2)
    money_source = forms.CharField(label="资金来源", max_length=60, help_text="如“省级救灾资金”“区本级财政”。")
    note = forms.CharField(label="说明", max_length=200, required=False)

    def __init__(self, *args: Any, user: Any, purchase: Purchase | None = None, **kwargs: Any) -> None:
        if purchase is not None:
            kwargs["initial"] = {name: getattr(purchase, name) for name in self.base_fields}
        super().__init__(*args, **kwargs)
        if purchase is None:
            self.fields["handler"].queryset = own_units(user)
        else:
            del self.fields["handler"]


class MinimumForm(forms.Form):
    item = forms.ModelChoiceField(label="物资", queryset=Item.objects.active(), empty_label="请选择")
    quantity = forms.DecimalField(label="最低库存", required=False, help_text="不再要求的留空。", **_QUANTITY)


class _GoodsForm(forms.Form):
    """A day and goods of depots that the reader keeps."""

    def __init__(self, *args: Any, depots: list[Depot], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["moved_on"].initial = clock.today
        for name in ("depot", "source", "target"):
            if name in self.fields:
                field = self.fields[name]
                field.queryset = Depot.objects.filter(pk__in=[one.pk for one in depots]).order_by("name", "pk")
                if len(depots) == 1:
                    field.initial = depots[0].pk


class ReceiveForm(_GoodsForm):
    depot = forms.ModelChoiceField(label="储备库", queryset=Depot.objects.none(), empty_label="请选择")
    item = forms.ModelChoiceField(label="物资", queryset=Item.objects.active(), empty_label="请选择")
    mode = forms.ChoiceField(label="储备方式", choices=Mode.choices)
    quantity = forms.DecimalField(label="数量", **_QUANTITY)
    moved_on = DateField(label="入库日期")
    made_on = DateField(label="生产日期", required=False)
    expires_on = DateField(label="有效期至", required=False, help_text="不填时按目录的保质期推算。")
    price = forms.DecimalField(label="单价（元）", min_value=0, max_digits=12, decimal_places=2, required=False)
    purchase = forms.ModelChoiceField(
        label="采购批次", queryset=Purchase.objects.none(), required=False, empty_label="无"
    )
    maker = forms.CharField(label="生产（协议）单位", max_length=100, required=False)
    batch_mark = forms.CharField(label="批号", max_length=60, required=False)
    position = forms.CharField(label="存放位置", max_length=60, required=False, help_text="如“A区3排2层”。")
    basis = forms.CharField(label="依据文号", max_length=100, required=False, help_text="验收单或入库通知的文号。")
    reason = forms.CharField(label="说明", max_length=200, required=False)

    groups = (
        ("入库物资", ("depot", "item", "mode", "quantity", "moved_on")),
        ("批次", ("made_on", "expires_on", "batch_mark", "maker", "position")),
        ("来源", ("purchase", "price", "basis", "reason")),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purchase"].queryset = purchases_for(user)


class IssueForm(_GoodsForm):
    depot = forms.ModelChoiceField(label="储备库", queryset=Depot.objects.none(), empty_label="请选择")
    item = forms.ModelChoiceField(label="物资", queryset=Item.objects.all(), empty_label="请选择")
    mode = forms.ChoiceField(label="储备方式", choices=Mode.choices)
    quantity = forms.DecimalField(label="数量", **_QUANTITY)
    moved_on = DateField(label="出库日期")
    receiver = forms.CharField(label="领用（接收）单位", max_length=100)
    basis = forms.CharField(label="依据文号", max_length=100, help_text="应急管理局调拨通知或领导批示。")
    reason = forms.CharField(label="说明", max_length=200, required=False)


class TransferForm(_GoodsForm):
    source = forms.ModelChoiceField(label="调出储备库", queryset=Depot.objects.none(), empty_label="请选择")
    target = forms.ModelChoiceField(label="调入储备库", queryset=Depot.objects.none(), empty_label="请选择")
    item = forms.ModelChoiceField(label="物资", queryset=Item.objects.all(), empty_label="请选择")
    quantity = forms.DecimalField(label="数量", **_QUANTITY)
    moved_on = DateField(label="调拨日期")
    basis = forms.CharField(label="依据文号", max_length=100)
    reason = forms.CharField(label="说明", max_length=200, required=False)


class AdjustForm(forms.Form):
    """One of 归还, 报废, 损耗, 盘盈, 盘亏 of a lot."""

    quantity = forms.DecimalField(label="数量", **_QUANTITY)
    moved_on = DateField(label="日期")
    basis = forms.CharField(label="依据文号", max_length=100, required=False)
    reason = forms.CharField(label="原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, kind: str, unit: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kind not in ADJUSTMENTS:
            raise ValueError(f"{kind} is not entered at a holding")
        self.fields["moved_on"].initial = clock.today
        self.fields["quantity"].label = f"数量（{unit}）"
        if kind == MovementKind.SCRAP:
            self.fields["basis"].required = True
            self.fields["basis"].help_text = "批准报废的文号。"


class ReasonForm(forms.Form):
    reason = forms.CharField(label="原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


class DayForm(forms.Form):
    """Which day's stock, of which depot."""

    on = DateField(label="日期", required=False)
    depot = forms.ModelChoiceField(label="储备库", queryset=Depot.objects.none(), required=False, empty_label="全部")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].widget.attrs["max"] = clock.today().isoformat()
        self.fields["depot"].queryset = Depot.objects.visible_to(user).order_by("name", "pk")
