"""Who may open which page: every named route of the portal, with the people of the cast who get past its door.

A route that is not in this table fails the test. What a person then sees behind the door is a matter of ``visible_to``:
somebody else's record is 404 and not in this table.
"""

from __future__ import annotations

from emergency.organizations.tests.factories import Cast

ANYONE = frozenset({"anonymous", *Cast.NAMES})
SIGNED_IN = frozenset(Cast.NAMES)
BUSINESS = frozenset(Cast.BUSINESS)
OFFICES = BUSINESS - {"enterprise_user"}
SYSTEM_ADMIN = frozenset({"system_admin"})
SECURITY_ADMIN = frozenset({"security_admin"})
AUDITOR = frozenset({"auditor"})
#: Everybody who files for an office; the 分管领导 reads and approves.
FILERS = OFFICES - {"leader"}
#: Who takes measures; village staff have no power to punish.
MEASURERS = FILERS - {"community_officer"}
STREETS = frozenset({"officer_a", "officer_a2", "officer_b"})
BUREAU = frozenset({"bureau_clerk", "section_head", "leader"})
#: Who enters numbers of other offices.
GIVERS = frozenset({"bureau_clerk", "section_head"}) | STREETS
#: Who writes letters in an office's name: not the communities, which only receive them.
LETTER_WRITERS = FILERS - {"community_officer"}
#: Who signs for goods where a unit has no keeper of its own, and who keeps the registers of depots.
STOCK_KEEPERS = STREETS | {"community_officer"}
STOCK_ENTERERS = STOCK_KEEPERS | {"bureau_clerk", "section_head"}

ROUTES: dict[str, frozenset[str]] = {
    "health": ANYONE,
    # core
    "core:health": ANYONE,
    "core:upload": SIGNED_IN,
    "core:file": SIGNED_IN,
    "core:jobs": SIGNED_IN,
    "core:job": SIGNED_IN,
    # organizations
    "organizations:login": ANYONE,
    "organizations:logout": ANYONE,
    "organizations:password_change": SIGNED_IN,
    "organizations:account": SIGNED_IN,
    "organizations:list": SYSTEM_ADMIN,
    "organizations:tree": SYSTEM_ADMIN,
    "organizations:new": SYSTEM_ADMIN,
    "organizations:detail": SYSTEM_ADMIN,
    "organizations:edit": SYSTEM_ADMIN,
    "organizations:import": SYSTEM_ADMIN,
    "organizations:import_result": SYSTEM_ADMIN,
    "organizations:template": SYSTEM_ADMIN,
    "organizations:export": SYSTEM_ADMIN,
    "organizations:succession_list": SYSTEM_ADMIN,
    "organizations:succession_new": SYSTEM_ADMIN,
    "organizations:user_list": SYSTEM_ADMIN,
    "organizations:user_new": SYSTEM_ADMIN,
    "organizations:user_detail": SYSTEM_ADMIN,
    "organizations:user_edit": SYSTEM_ADMIN,
    "organizations:user_act": SYSTEM_ADMIN,
    "organizations:membership_list": SECURITY_ADMIN,
    "organizations:membership_new": SECURITY_ADMIN,
    "organizations:membership_detail": SECURITY_ADMIN,
    "organizations:membership_act": SECURITY_ADMIN,
    "organizations:audit_list": AUDITOR,
    "organizations:audit_detail": AUDITOR,
    "organizations:audit_export": AUDITOR,
    # figures
    "figures:list": OFFICES,
    "figures:starts": frozenset({"section_head"}),
    "figures:roll_up": frozenset({"section_head"}),
    "figures:streak": OFFICES,
    "figures:given_list": OFFICES,
    "figures:given_new": GIVERS,
    "figures:given_detail": OFFICES,
    "figures:given_edit": GIVERS,
    "figures:given_void": GIVERS,
    "figures:given_import": GIVERS,
    "figures:given_import_result": GIVERS,
    "figures:given_template": GIVERS,
    "figures:given_export": OFFICES,
    "figures:zero_list": STREETS | BUREAU,
    "figures:zero_confirm": OFFICES,
    # enterprises
    "enterprises:list": BUSINESS,
    "enterprises:autocomplete": BUSINESS,
    "enterprises:new": FILERS,
    "enterprises:quick": FILERS,
    "enterprises:detail": BUSINESS,
    "enterprises:edit": FILERS,
    "enterprises:phone": BUSINESS,
    "enterprises:act": BUSINESS,
    "enterprises:import": FILERS,
    "enterprises:import_result": FILERS,
    "enterprises:template": FILERS,
    "enterprises:export": BUSINESS,
    "enterprises:account_new": BUREAU | STREETS,
    "enterprises:account_revoke": BUREAU | STREETS,
    "enterprises:industry_list": frozenset({"section_head"}),
    "enterprises:industry_new": frozenset({"section_head"}),
    "enterprises:industry_edit": frozenset({"section_head"}),
    # programmes
    "programmes:list": OFFICES,
    "programmes:detail": OFFICES,
    "programmes:new": frozenset({"section_head"}),
    "programmes:edit": frozenset({"section_head"}),
    "programmes:problem_list": OFFICES,
    "programmes:problem_detail": OFFICES,
    "programmes:problem_new": frozenset({"bureau_clerk", "section_head"}) | STREETS,
    "programmes:problem_edit": frozenset({"bureau_clerk", "section_head"}) | STREETS,
    "programmes:problem_void": frozenset({"bureau_clerk", "section_head"}) | STREETS,
    "programmes:problem_import": frozenset({"bureau_clerk", "section_head"}) | STREETS,
    "programmes:problem_import_result": frozenset({"bureau_clerk", "section_head"}) | STREETS,
    "programmes:problem_template": frozenset({"bureau_clerk", "section_head"}) | STREETS,
    "programmes:problem_export": OFFICES,
    # letters
    "letters:list": BUSINESS,
    "letters:new": LETTER_WRITERS,
    "letters:detail": BUSINESS,
    "letters:edit": BUSINESS,
    "letters:delete": BUSINESS,
    "letters:act": BUSINESS,
    "letters:reply": BUSINESS,
    "letters:print": BUSINESS,
    "letters:import": LETTER_WRITERS,
    "letters:import_result": LETTER_WRITERS,
    "letters:template": LETTER_WRITERS,
    "letters:export": BUSINESS,
    # hazards
    "hazards:list": BUSINESS,
    "hazards:new": BUSINESS - {"leader"},
    "hazards:recheck": BUSINESS,
    "hazards:void": frozenset({"section_head", "leader"}),
    "hazards:detail": BUSINESS,
    "hazards:edit": BUSINESS,
    "hazards:delete": BUSINESS,
    "hazards:split": BUSINESS,
    "hazards:act": BUSINESS,
    "hazards:import": FILERS,
    "hazards:import_result": FILERS,
    "hazards:template": FILERS,
    "hazards:export": BUSINESS,
    "hazards:risk_list": BUSINESS,
    "hazards:risk_new": FILERS,
    "hazards:risk_void": frozenset({"section_head", "leader"}),
    "hazards:risk_detail": BUSINESS,
    "hazards:risk_edit": BUSINESS,
    "hazards:risk_act": BUSINESS,
    "hazards:risk_import": FILERS,
    "hazards:risk_import_result": FILERS,
    "hazards:risk_template": FILERS,
    "hazards:risk_export": BUSINESS,
    # inspections
    "inspections:list": BUSINESS,
    "inspections:new": FILERS,
    "inspections:bulk": FILERS,
    "inspections:detail": BUSINESS,
    "inspections:edit": BUSINESS,
    "inspections:act": BUSINESS,
    "inspections:checklists": BUSINESS,
    "inspections:checklist": BUSINESS,
    "inspections:checklist_new": frozenset({"section_head"}),
    "inspections:checklist_edit": frozenset({"section_head"}),
    "inspections:import": FILERS,
    "inspections:import_result": FILERS,
    "inspections:template": FILERS,
    "inspections:export": BUSINESS,
    "inspections:measure_list": BUSINESS,
    "inspections:measure_new": MEASURERS,
    "inspections:measure_detail": BUSINESS,
    "inspections:measure_edit": BUSINESS,
    "inspections:measure_act": BUSINESS,
    "inspections:measure_import": MEASURERS,
    "inspections:measure_import_result": MEASURERS,
    "inspections:measure_template": MEASURERS,
    "inspections:measure_export": BUSINESS,
    # supplies
    "supplies:list": OFFICES,
    "supplies:new": STOCK_KEEPERS,
    "supplies:issue": STOCK_KEEPERS,
    "supplies:transfer": STOCK_KEEPERS,
    "supplies:day": OFFICES,
    "supplies:import": STOCK_ENTERERS,
    "supplies:import_result": STOCK_ENTERERS,
    "supplies:template": STOCK_ENTERERS,
    "supplies:export": OFFICES,
    "supplies:detail": OFFICES,
    "supplies:act": OFFICES,
    "supplies:movement_list": OFFICES,
    "supplies:movement_detail": OFFICES,
    "supplies:movement_reverse": OFFICES,
    "supplies:depot_list": OFFICES,
    "supplies:depot_new": STOCK_ENTERERS,
    "supplies:depot_detail": OFFICES,
    "supplies:depot_edit": STOCK_ENTERERS,
    "supplies:minimum": STOCK_ENTERERS,
    "supplies:item_list": OFFICES,
    "supplies:item_new": frozenset({"bureau_clerk", "section_head"}),
    "supplies:item_edit": frozenset({"bureau_clerk", "section_head"}),
    "supplies:purchase_list": OFFICES,
    "supplies:purchase_new": STOCK_ENTERERS,
    "supplies:purchase_detail": OFFICES,
    "supplies:purchase_edit": STOCK_ENTERERS,
    "supplies:purchase_void": STOCK_ENTERERS,
    # activities
    "activities:list": OFFICES,
    "activities:new": FILERS,
    "activities:void": frozenset({"section_head", "leader"}),
    "activities:detail": OFFICES,
    "activities:edit": OFFICES,
    "activities:delete": OFFICES,
    "activities:act": OFFICES,
    "activities:categories": frozenset({"section_head"}),
    "activities:category_new": frozenset({"section_head"}),
    "activities:category_edit": frozenset({"section_head"}),
    "activities:import": FILERS,
    "activities:import_result": FILERS,
    "activities:template": FILERS,
    "activities:export": OFFICES,
    # incidents
    "incidents:list": BUSINESS,
    "incidents:new": frozenset({"bureau_clerk", "section_head"}) | STREETS,
    "incidents:detail": BUSINESS,
    "incidents:edit": frozenset({"bureau_clerk", "section_head"}) | STREETS,
    "incidents:act": BUSINESS,
    "incidents:death_new": BUSINESS,
    "incidents:death_void": BUSINESS,
    "incidents:import": frozenset({"bureau_clerk", "section_head"}) | STREETS,
    "incidents:import_result": frozenset({"bureau_clerk", "section_head"}) | STREETS,
    "incidents:template": frozenset({"bureau_clerk", "section_head"}) | STREETS,
    "incidents:export": BUSINESS,
    # reports
    "reports:list": OFFICES,
    "reports:new": frozenset({"bureau_clerk", "section_head"}) | STREETS,
    "reports:detail": OFFICES,
    "reports:print": BUREAU | STREETS,
    "reports:text": OFFICES,
    "reports:period": frozenset({"bureau_clerk", "section_head"}) | STREETS,
    "reports:preview": frozenset({"bureau_clerk", "section_head"}) | STREETS,
    "reports:figures": frozenset({"bureau_clerk", "section_head"}) | STREETS,
    "reports:paragraph": frozenset({"bureau_clerk", "section_head"}) | STREETS,
    "reports:paragraph_new": frozenset({"bureau_clerk", "section_head"}) | STREETS,
    "reports:paragraph_act": frozenset({"bureau_clerk", "section_head"}) | STREETS,
    # home
    "home:index": SIGNED_IN,
    "home:todo": BUSINESS,
    "home:search": BUSINESS,
}

#: Routes that answer 404 without a parameter, and those that only take what is sent to them.
NEEDS_PARAMETER = frozenset({"figures:streak", "figures:zero_confirm", "hazards:recheck"})
POST_ONLY = frozenset({"organizations:logout", "core:upload", "figures:roll_up"})
