"""All figures that the apps declared, and those that come from a table."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterable

from django.utils.module_loading import autodiscover_modules

from emergency.figures.vocabulary.kinds import (
    ChangeFigure,
    Counted,
    Dimension,
    Figure,
    GivenFigure,
    RatioFigure,
    Source,
    StreakFigure,
)

#: Another process may have changed the table behind a family: after so many seconds it is read again.
_FAMILY_LASTS = 300.0


@dataclasses.dataclass(slots=True)
class _Family:
    """Figures that a table declares, such as the categories of activities; ``sources`` are the ledgers that they count."""

    prefix: str
    figures: Callable[[], Iterable[Figure]]
    sources: tuple[Source, ...]
    known: dict[str, Figure] | None = None
    read_at: float = 0.0

    def load(self) -> dict[str, Figure]:
        if self.known is None or time.monotonic() - self.read_at > _FAMILY_LASTS:
            self.known = {figure.code: figure for figure in self.figures()}
            self.read_at = time.monotonic()
        return self.known

    def get(self, code: str) -> Figure | None:
        """A code that is not known may have been added by another process since, so it is looked for once more."""
        if code not in self.load():
            self.known = None
        return self.load().get(code)


_figures: dict[str, Figure] = {}
_sources: dict[str, Source] = {}
_families: dict[str, _Family] = {}


def declare(*figures: Figure) -> None:
    """Add figures to the vocabulary; a code is declared once."""
    for figure in figures:
        if figure.code in _figures and _figures[figure.code] != figure:
            raise ValueError(f"figure {figure.code} is declared twice")
        _figures[figure.code] = figure
        if isinstance(figure, Counted):
            _sources.setdefault(figure.source.code, figure.source)


def family(prefix: str, figures: Callable[[], Iterable[Figure]], *, sources: Iterable[Source] = ()) -> None:
    """Declare figures whose codes begin with ``prefix`` and which a table tells, such as one per category of activities.

    ``figures`` reads the table; its answer is kept by the process until :func:`forget`, which the services that change the table call
    once their transaction has ended. ``sources`` are the ledgers that the figures count, known without reading the table.
    """
    _families[prefix] = _Family(prefix, figures, tuple(sources))
    for source in sources:
        _sources.setdefault(source.code, source)


def forget() -> None:
    """The tables behind the families have changed: read them anew when next asked."""
    for one in _families.values():
        one.known = None


def discover() -> None:
    """Import the ``figures`` room of every app; called once when all apps are ready."""
    autodiscover_modules("figures")


def get(code: str) -> Figure:
    """The figure of a code; raises ``KeyError`` when there is none."""
    if code in _figures:
        return _figures[code]
    for one in _families.values():
        if code.startswith(one.prefix) and (figure := one.get(code)):
            return figure
    raise KeyError(code)


def declared() -> list[Figure]:
    """The figures that stand in the code, without those that a table tells."""
    return _ordered(_figures.values())


def every() -> list[Figure]:
    return _ordered([*_figures.values(), *(figure for one in _families.values() for figure in one.load().values())])


def _ordered(figures: Iterable[Figure]) -> list[Figure]:
    return sorted(figures, key=lambda figure: (figure.order, figure.code))


def sources() -> list[Source]:
    return list(_sources.values())


def has_dimension(figure: Figure, code: str) -> bool:
    """Whether a figure may be broken down so; a computed figure as far as all its parts may."""
    if isinstance(figure, Counted):
        return figure.source.dimension(code) is not None
    if isinstance(figure, GivenFigure):
        return any(dimension.code == code for dimension in figure.dimensions)
    if isinstance(figure, RatioFigure):
        return has_dimension(get(figure.numerator), code) and has_dimension(get(figure.denominator), code)
    if isinstance(figure, StreakFigure):
        return all(has_dimension(get(base), code) for base in figure.bases)
    return isinstance(figure, ChangeFigure) and has_dimension(get(figure.base), code)


def dimensions() -> list[Dimension]:
    """Every breakdown that some ledger offers, in the order of declaration."""
    found: dict[str, Dimension] = {}
    for source in _sources.values():
        for dimension in source.dimensions:
            found.setdefault(dimension.code, dimension)
    return list(found.values())
