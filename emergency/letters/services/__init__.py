"""Every write of letters: drafting, the steps of the letter, the answers of its addressees, its matters and its files."""

from emergency.letters.services.answering import reply_act
from emergency.letters.services.drafting import letter_delete, letter_draft, letter_edit, letter_link, units_for
from emergency.letters.services.printing import letter_keep, letter_print, render
from emergency.letters.services.sending import issuers_for, letter_act

__all__ = [
    "issuers_for",
    "letter_act",
    "letter_delete",
    "letter_draft",
    "letter_edit",
    "letter_keep",
    "letter_link",
    "letter_print",
    "render",
    "reply_act",
    "units_for",
]
