"""统一社会信用代码 (GB 32100-2015): one spelling, and the check sign."""

from __future__ import annotations

import unicodedata

from django.core.exceptions import ValidationError

#: 31 signs without I, O, S, V, Z; weights 3^(i-1) mod 31.
CODE_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CODE_WEIGHTS = tuple(pow(3, index, 31) for index in range(17))
_VALUES = {sign: value for value, sign in enumerate(CODE_ALPHABET)}
_LOOKALIKE = {"I": "1", "O": "0", "S": "5", "V": "U", "Z": "2"}


def credit_code_check_sign(body: str) -> str:
    """The 18th sign for a body of 17 (GB 32100-2015 §5)."""
    total = sum(_VALUES[sign] * weight for sign, weight in zip(body, CODE_WEIGHTS, strict=True))
    return CODE_ALPHABET[-total % 31]


def credit_code_clean(text: str) -> str:
    """A unified social credit code in its one spelling; "" for blank.

    Full-width signs and small letters are taken. Raises ``ValidationError`` for a wrong length, a sign that the standard leaves out
    (with a hint), or a wrong check sign. Only the alphabet and the check sign are tested: registrars' codes keep growing.
    """
    code = "".join(unicodedata.normalize("NFKC", text).split()).upper()
    if not code:
        return ""
    if len(code) != 18:
        raise ValidationError(f"统一社会信用代码应为18位，现为{len(code)}位。")
    wrong = list(dict.fromkeys(sign for sign in code if sign not in _VALUES))
    if wrong:
        hint = "、".join(f"{sign}可能是{_LOOKALIKE[sign]}" for sign in wrong if sign in _LOOKALIKE)
        raise ValidationError(f"统一社会信用代码中不应出现“{'、'.join(wrong)}”" + (f"（{hint}）。" if hint else "。"))
    if credit_code_check_sign(code[:17]) != code[17]:
        raise ValidationError("统一社会信用代码校验位不符，请核对是否有输错的字符。")
    return code
