from django.apps import AppConfig


class OrganizationsConfig(AppConfig):
    name = "emergency.organizations"
    label = "organizations"
    verbose_name = "机构与人员"
