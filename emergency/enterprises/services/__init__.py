"""Writes to the register of enterprises. By topic: credit codes, the register, accounts of enterprises, industries."""

from emergency.enterprises.services.accounts import account_open, membership_grant, membership_revoke
from emergency.enterprises.services.codes import credit_code_check_sign, credit_code_clean
from emergency.enterprises.services.industries import industry_create, industry_update
from emergency.enterprises.services.register import (
    enterprise_act,
    enterprise_create,
    enterprise_quick,
    enterprise_update,
    enterprise_void,
    phone_unmask,
)

__all__ = [
    "account_open",
    "credit_code_check_sign",
    "credit_code_clean",
    "enterprise_act",
    "enterprise_create",
    "enterprise_quick",
    "enterprise_update",
    "enterprise_void",
    "industry_create",
    "industry_update",
    "membership_grant",
    "membership_revoke",
    "phone_unmask",
]
