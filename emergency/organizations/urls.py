"""Addresses of the way in and of the administrators' pages."""

from django.urls import path

from emergency.core.ledger import pages
from emergency.organizations.views import entry, log, posts, unit_ledger, units, users

app_name = "organizations"

urlpatterns = [
    path("login/", entry.Login.as_view(), name="login"),
    path("logout/", entry.Logout.as_view(), name="logout"),
    path("password/", entry.change_password, name="password_change"),
    path("account/", entry.account, name="account"),
    path("", units.OrganisationList.as_view(), name="list"),
    *pages.paths(unit_ledger.OrganisationImport, unit_ledger.OrganisationExport),
    path("tree/", units.Tree.as_view(), name="tree"),
    path("new/", units.OrganisationNew.as_view(), name="new"),
    path("<int:pk>/", units.OrganisationDetail.as_view(), name="detail"),
    path("<int:pk>/edit/", units.OrganisationEdit.as_view(), name="edit"),
    *pages.paths(units.OrganisationImport, units.OrganisationExport),
    path("successions/", units.SuccessionList.as_view(), name="succession_list"),
    path("successions/new/", units.SuccessionNew.as_view(), name="succession_new"),
    path("users/", users.UserList.as_view(), name="user_list"),
    path("users/new/", users.UserNew.as_view(), name="user_new"),
    path("users/<int:pk>/", users.UserDetail.as_view(), name="user_detail"),
    path("users/<int:pk>/edit/", users.UserEdit.as_view(), name="user_edit"),
    path("users/<int:pk>/act/<slug:name>/", users.UserAct.as_view(), name="user_act"),
    path("memberships/", posts.MembershipList.as_view(), name="membership_list"),
    path("memberships/new/", posts.MembershipNew.as_view(), name="membership_new"),
    path("memberships/<int:pk>/", posts.MembershipDetail.as_view(), name="membership_detail"),
    path("memberships/<int:pk>/act/<slug:name>/", posts.MembershipAct.as_view(), name="membership_act"),
    path("log/", log.AuditList.as_view(), name="audit_list"),
    path("log/export/", log.AuditExport.as_view(), name="audit_export"),
    path("log/<int:pk>/", log.AuditDetail.as_view(), name="audit_detail"),
]
