"""The role 储备保管员."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("organizations", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="membership",
            name="role",
            field=models.CharField(
                choices=[
                    ("head", "主要负责人"),
                    ("deputy", "分管领导"),
                    ("section_head", "科室负责人"),
                    ("clerk", "科室人员"),
                    ("committee_office", "安委办工作人员"),
                    ("street_head", "街道（乡镇）负责人"),
                    ("street_officer", "街道（乡镇）安全员"),
                    ("community_officer", "社区（村）网格员"),
                    ("enforcer", "执法人员"),
                    ("department_clerk", "行业主管部门填报员"),
                    ("secretary", "登记秘书"),
                    ("storekeeper", "储备保管员"),
                    ("expert", "专家"),
                    ("viewer", "上级查看"),
                    ("system_admin", "系统管理员"),
                    ("security_admin", "安全管理员"),
                    ("audit_admin", "审计管理员"),
                ],
                max_length=30,
                verbose_name="角色",
            ),
        ),
    ]
