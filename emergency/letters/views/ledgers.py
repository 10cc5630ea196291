"""The ledger of letters from and to Excel."""

from __future__ import annotations

from emergency.letters.lifecycle import WRITERS
from emergency.letters.views.register import LetterList
from emergency.organizations.views.ledgers import LedgerExport, LedgerImport


class LetterImport(LedgerImport):
    kind = "letters"
    roles = WRITERS
    default_keys = ("issuer", "kind", "due_on")


class LetterExport(LedgerExport):
    kind = "letters"
    listing = LetterList
