"""Figures by name: officers read and write ``[[排查隐患]]``, what is stored is ``[[hazards.found]]``.

A name that several figures share, or that has a sign of the token's own in it, is not used: there the code stands.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable

from emergency.figures import vocabulary
from emergency.figures.vocabulary import Figure
from reports.sections.writing.tokens import WORDS, Fault, Token, TokenError, read

_SIGNS = set("|[]｜")


def figure_named(word: str) -> Figure:
    """The figure of a code, or of a name that only one has. Raises ``TokenError``."""
    try:
        return vocabulary.get(word)
    except KeyError:
        found = [figure for figure in vocabulary.every() if figure.name == word]
    if not found:
        raise TokenError(f"没有指标“{word}”，请从“插入数字”中选取。")
    if len(found) > 1:
        raise TokenError(f"有{len(found)}个指标叫“{word}”，请从“插入数字”中选取。")
    return found[0]


def names() -> dict[str, str]:
    """Code → the name by which a text may call the figure."""
    figures = vocabulary.every()
    shared = Counter(figure.name for figure in figures)
    return {
        figure.code: figure.name
        for figure in figures
        if shared[figure.name] == 1 and figure.name not in WORDS and not _SIGNS & set(figure.name)
    }


def spoken(text: str) -> str:
    """A stored text as officers read it: figures by name."""
    known = names()
    return _renamed(text, lambda code: known.get(code, code))


def coded(text: str) -> str:
    """A text as it is stored: figures by code. What cannot be read stays as it is."""
    codes = {name: code for code, name in names().items()}
    return _renamed(text, lambda name: codes.get(name, name))


def _renamed(text: str, rename: Callable[[str], str]) -> str:
    pieces = []
    for piece in read(text):
        if isinstance(piece, Token):
            pieces.append(dataclasses.replace(piece, code=rename(piece.code)).text)
        else:
            pieces.append(piece.text if isinstance(piece, Fault) else piece)
    return "".join(pieces)
