"""A ledger as an Excel table: its columns, and the hooks in which an app checks and stores rows.

An app puts a subclass in its `ledger.py` and registers an instance; everything else is common.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .columns import Column
from .rows import ImportContext, Row


class Ledger:
    """One kind of ledger.

    `kind` is its code name ("hazards"), `label` the Chinese name. `unique_keys` are columns whose value may stand only
    once in a file, such as an official number. `duplicate_keys` together make a suspected duplicate (rule 16).

    Hooks receive all rows that were read, faulty ones too, so that every error is named at once: a blank or faulty cell
    is None. They refuse by `row.fault(key, message)` and doubt by `row.doubt(message)`.
    """

    kind: str = ""
    label: str = ""
    columns: tuple[Column, ...] = ()
    unique_keys: tuple[str, ...] = ()
    duplicate_keys: tuple[str, ...] = ()

    def resolve(self, rows: Sequence[Row], context: ImportContext) -> None:
        """Replace names by records where one query for all rows does it (`Column.resolve` sees one value at a time)."""

    def check(self, rows: Sequence[Row], context: ImportContext) -> None:
        """Refuse what only the app can judge: unknown units, numbers already taken, fields that contradict each other."""

    def save(self, rows: Sequence[Row], context: ImportContext) -> dict[str, int]:
        """Store the rows inside the caller's transaction and count what happened, as {"新增": 120}.

        A `row.fault` here, or a raised `LedgerError`, rolls everything back and is shown like any other fault.
        """
        raise NotImplementedError(f"{type(self).__name__} does not store rows")

    def records(self, queryset: Any, *, user: Any = None) -> Iterator[Mapping[str, Any] | Sequence[Any]]:
        """The records of a queryset as rows for `export_rows`, read in batches and in the queryset's order.

        `user` is for whom they are written, where the ledger hides some columns from some readers; None is the portal
        itself.
        """
        raise NotImplementedError(f"{type(self).__name__} does not write rows")

    def column(self, key: str) -> Column:
        """The column under this key. Raises KeyError."""
        for column in self.columns:
            if column.key == key:
                return column
        raise KeyError(key)


_ledgers: dict[str, Ledger] = {}


def register(ledger: Ledger) -> Ledger:
    """Make a ledger known under its kind. Raises ValueError for a kind taken by another class or a doubled column key."""
    keys = [column.key for column in ledger.columns]
    if not ledger.kind or not ledger.label or len(set(keys)) != len(keys) or not keys:
        raise ValueError(f"{type(ledger).__name__} needs a kind, a label and columns with distinct keys")
    unknown = {*ledger.unique_keys, *ledger.duplicate_keys} - set(keys)
    if unknown:
        raise ValueError(f"{ledger.kind}: no such columns: {', '.join(sorted(unknown))}")
    held = _ledgers.get(ledger.kind)
    if held is not None and type(held) is not type(ledger):
        raise ValueError(f"ledger kind {ledger.kind!r} is taken by {type(held).__name__}")
    _ledgers[ledger.kind] = ledger
    return ledger


def get(kind: str) -> Ledger:
    """The ledger of this kind. Raises KeyError naming the known kinds."""
    try:
        return _ledgers[kind]
    except KeyError:
        raise KeyError(f"no ledger {kind!r}; known: {', '.join(sorted(_ledgers))}") from None


def registered() -> tuple[Ledger, ...]:
    """All ledgers, by kind."""
    return tuple(_ledgers[kind] for kind in sorted(_ledgers))


def suspected_duplicates(rows: Iterable[Row], keys: Sequence[str]) -> list[tuple[Row, Row]]:
    """Pairs (first row, later row) whose values under `keys` are all equal and not all blank; text without its spaces."""
    seen: dict[tuple, Row] = {}
    pairs = []
    for row in rows:
        values = tuple(_comparable(row[key]) for key in keys)
        if all(value is None for value in values):
            continue
        first = seen.setdefault(values, row)
        if first is not row:
            pairs.append((first, row))
    return pairs


def _comparable(value: object) -> object:
    return "".join(value.split()) if isinstance(value, str) else value
