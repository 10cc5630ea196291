"""Credit codes: the standard's own examples, and that no single slip of the pen passes."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from emergency.enterprises.services import credit_code_check_sign, credit_code_clean
from emergency.enterprises.services.codes import CODE_ALPHABET

BODIES = st.text(CODE_ALPHABET, min_size=17, max_size=17)


@pytest.mark.parametrize("code", ["91420202MA49000027", "91350100M000100Y43"])
def test_the_published_examples_pass(code: str) -> None:
    assert credit_code_check_sign(code[:17]) == code[17]
    assert credit_code_clean(code) == code


@given(BODIES)
def test_a_code_is_read_back_from_every_way_of_typing_it(body: str) -> None:
    code = body + credit_code_check_sign(body)
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in code)
    for typed in (code, code.lower(), wide, f" {code[:6]} {code[6:]}\n"):
        assert credit_code_clean(typed) == code


@given(BODIES, st.integers(0, 17), st.sampled_from(CODE_ALPHABET))
def test_one_wrong_sign_is_always_found(body: str, place: int, sign: str) -> None:
    code = body + credit_code_check_sign(body)
    if code[place] == sign:
        return
    with pytest.raises(ValidationError, match="校验位不符"):
        credit_code_clean(code[:place] + sign + code[place + 1 :])


@given(BODIES, st.integers(0, 16))
def test_two_neighbours_exchanged_are_always_found(body: str, place: int) -> None:
    code = body + credit_code_check_sign(body)
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if swapped != code:
        with pytest.raises(ValidationError, match="校验位不符"):
            credit_code_clean(swapped)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("9142020", "应为18位，现为7位"),
        ("91420202MA4900002O", "O可能是0"),
        ("91420202IA49S00027", "I、S.*I可能是1、S可能是5"),
        ("91420202MA490000二7", "不应出现“二”。"),
    ],
)
def test_a_fault_is_told_with_a_hint(typed: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        credit_code_clean(typed)


def test_blank_stays_blank() -> None:
    assert credit_code_clean(" 　") == ""
