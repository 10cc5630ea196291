"""Addresses of supplies."""

from django.urls import path

from emergency.core.ledger import pages
from supplies.views import ledgers, moving, purchases, registers, stock

app_name = "supplies"

urlpatterns = [
    path("", stock.HoldingList.as_view(), name="list"),
    path("new/", moving.StockReceive.as_view(), name="new"),
    path("issue/", moving.StockIssue.as_view(), name="issue"),
    path("transfer/", moving.StockTransfer.as_view(), name="transfer"),
    path("day/", stock.DayStockView.as_view(), name="day"),
    *pages.paths(ledgers.StockImport, ledgers.StockExport),
    path("<int:pk>/", stock.HoldingDetail.as_view(), name="detail"),
    path("<int:pk>/act/<slug:action>/", moving.HoldingAct.as_view(), name="act"),
    path("movements/", moving.MovementList.as_view(), name="movement_list"),
    path("movements/<int:pk>/", moving.MovementDetail.as_view(), name="movement_detail"),
    path("movements/<int:pk>/reverse/", moving.MovementReverse.as_view(), name="movement_reverse"),
    path("depots/", registers.DepotList.as_view(), name="depot_list"),
    path("depots/new/", registers.DepotNew.as_view(), name="depot_new"),
    path("depots/<int:pk>/", registers.DepotDetail.as_view(), name="depot_detail"),
    path("depots/<int:pk>/edit/", registers.DepotEdit.as_view(), name="depot_edit"),
    path("depots/<int:pk>/minimum/", registers.MinimumSet.as_view(), name="minimum"),
    path("items/", registers.ItemList.as_view(), name="item_list"),
    path("items/new/", registers.ItemNew.as_view(), name="item_new"),
    path("items/<int:pk>/edit/", registers.ItemEdit.as_view(), name="item_edit"),
    path("purchases/", purchases.PurchaseList.as_view(), name="purchase_list"),
    path("purchases/new/", purchases.PurchaseNew.as_view(), name="purchase_new"),
    path("purchases/<int:pk>/", purchases.PurchaseDetail.as_view(), name="purchase_detail"),
    path("purchases/<int:pk>/edit/", purchases.PurchaseEdit.as_view(), name="purchase_edit"),
    path("purchases/<int:pk>/void/", purchases.PurchaseVoid.as_view(), name="purchase_void"),
]
