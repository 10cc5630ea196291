"""Which typefaces the papers are printed with.

GB/T 9704-2012 names 小标宋 (title), 仿宋 (body), 黑体 and 楷体 (headings) and 宋体 (page numbers). A bureau that
owns the usual ones drops the files into `FONTS_DIR/owned` and they win; otherwise the free Fandol faces stand in.
Noto CJK prints the few characters that those lack, such as ㎡.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from fontTools.ttLib import TTFont, TTLibError


@dataclass(frozen=True, slots=True)
class Role:
    """A place that a typeface fills: the stand-in file and the names under which bureaus own the real one."""

    name: str
    standard: str
    stand_in: str
    owned: tuple[str, ...]


ROLES = (
    Role("title", "小标宋", "FandolSong-Bold.otf", ("方正小标宋", "小标宋", "FZXiaoBiaoSong", "FZXBS")),
    Role("body", "仿宋", "FandolFang-Regular.otf", ("仿宋", "FangSong")),
    Role("black", "黑体", "FandolHei-Regular.otf", ("黑体", "SimHei")),
    Role("script", "楷体", "FandolKai-Regular.otf", ("楷体", "KaiTi", "SimKai")),
    Role("song", "宋体", "FandolSong-Regular.otf", ("宋体", "SimSun")),
)
FALLBACK = "NotoSerifCJK-Regular.ttc"
FALLBACK_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))


@dataclass(frozen=True, slots=True)
class Typeface:
    """The file that fills a role; `owned` tells the bureau's own from the stand-in."""

    role: str
    standard: str
    name: str
    path: Path
    owned: bool


@cache
def typefaces_in_use() -> tuple[Typeface, ...]:
    """One typeface per role that can be filled, the bureau's own first. Read once per process."""
    owned = _owned_files()
    found = []
    for role in ROLES:
        path = next(
            (path for name, path in owned for wanted in role.owned if name.lower().startswith(wanted.lower())), None
        )
        stand_in = settings.FONTS_DIR / role.stand_in
        if path is not None:
            found.append(Typeface(role.name, role.standard, _name(path), path, owned=True))
        elif stand_in.is_file():
            found.append(Typeface(role.name, role.standard, _name(stand_in), stand_in, owned=False))
    return tuple(found)


def missing_typefaces() -> tuple[str, ...]:
    """The standard's names (小标宋, 仿宋 …, and Noto CJK) for which there is no file at all; empty when all is well."""
    filled = {typeface.role for typeface in typefaces_in_use()}
    missing = [role.standard for role in ROLES if role.name not in filled]
    if fallback_path() is None:
        missing.append("Noto Serif CJK")
    return tuple(missing)


@cache
def fallback_path() -> Path | None:
    """The Noto CJK file, or None where it is not installed."""
    folders = (settings.FONTS_DIR, *FALLBACK_FOLDERS)
    return next((path for folder in folders if folder.is_dir() for path in folder.rglob(FALLBACK)), None)


@cache
def shared() -> frozenset[int]:
    """Code points that the typeface of every role has."""
    faces = [_characters(typeface.path) for typeface in typefaces_in_use()]
    return frozenset.intersection(*faces) if faces else frozenset()


@cache
def printable() -> frozenset[int]:
    """Code points that every role can print, by its own typeface or by the fallback."""
    path = fallback_path()
    return shared() | _characters(path) if path else shared()


def reset() -> None:
    """Forget what was found, for a test or after the bureau has added files."""
    for function in (typefaces_in_use, fallback_path, shared, printable):
        function.cache_clear()


def _owned_files() -> list[tuple[str, Path]]:
    folder = settings.FONTS_DIR / "owned"
    if not folder.is_dir():
        return []
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in (".ttf", ".otf"))
    return [(name, path) for path in paths for name in _names(path)]


def _names(path: Path) -> list[str]:
    """Every family name a font file goes by, in any language; none when it is not a font."""
    try:
        with path.open("rb") as file, TTFont(file, lazy=True) as font:
            return [record.toUnicode() for record in font["name"].names if record.nameID in (1, 4, 16)]
    except (TTLibError, OSError, UnicodeDecodeError):
        return []


def _name(path: Path) -> str:
    return next(iter(_names(path)), path.stem)


@cache
def _characters(path: Path) -> frozenset[int]:
    with path.open("rb") as file, TTFont(file, lazy=True, fontNumber=0) as font:
        return frozenset(font.getBestCmap())
