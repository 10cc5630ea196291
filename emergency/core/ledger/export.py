"""Export of rows as .csv or .xlsx, row by row as they come, so that memory does not grow with them.

Importing an exported file gives the same rows. The .xlsx is put together here because a general writer spends most of
its time on what a ledger never uses: 9,000 rows a second of 15 columns, where this takes several times as many.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from django.utils import timezone

from . import columns as kinds
from .columns import MEASURES, Column
from .rows import Approximate, letter
from .table import Ledger
from .values import protect

Record = Mapping[str, Any] | Sequence[Any]
Writer = Callable[[Any], str]

WIDTHS = {kinds.TEXT: 24, kinds.LINES: 30, kinds.UNIT: 20, kinds.CODE: 22, kinds.DATETIME: 19}
WIDTH = 14
_BATCH = 250  # rows between two pieces of output
_REMEMBERED = 10_000  # distinct values whose written form is kept per column
_REPEATING = frozenset({kinds.DATE, kinds.CHOICE, kinds.UNIT, kinds.PEOPLE})
_EPOCH_ORDINAL = dt.date(1899, 12, 30).toordinal()
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_EXCEL_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def mask(text: str) -> str:
    """Personal text for eyes without the right to see it: 138****5678, 张**."""
    if len(text) >= 11:
        return f"{text[:3]}{'*' * (len(text) - 7)}{text[-4:]}"
    return f"{text[:1]}**" if text else ""


def export_rows(ledger: Ledger, rows: Iterable[Record], *, fmt: str = "xlsx", unmask: bool = False) -> Iterator[bytes]:
    """The file, piece by piece.

    A row is a mapping by column key or a sequence in the order of the ledger's columns, with the values that reading
    gives: choices by value, money in yuan, area in square metres, dates and aware datetimes, sequences for people and
    lines, `Approximate` where 约 was written; None and "" are blank. Personal columns are masked unless `unmask`, which
    the caller must have allowed and audited. Raises ValueError for a format other than xlsx or csv.
    """
    if fmt == "csv":
        return _csv(ledger, rows, unmask)
    if fmt == "xlsx":
        return _xlsx(ledger, rows, unmask)
    raise ValueError(f"no export format {fmt!r}")


def _csv(ledger: Ledger, rows: Iterable[Record], unmask: bool) -> Iterator[bytes]:
    """UTF-8 with a byte order mark, without which Excel reads Chinese as nonsense."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writers = [_writer(column, unmask=unmask) for column in ledger.columns]
    writer.writerow([column.header for column in ledger.columns])
    yield b"\xef\xbb\xbf" + buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    for number, values in enumerate(_sequences(ledger, rows), start=1):
        writer.writerow(
            ["" if value is None or value == "" else write(value) for write, value in zip(writers, values, strict=True)]
        )
        if number % _BATCH == 0:
            yield buffer.getvalue().encode(errors="replace")
            buffer.seek(0)
            buffer.truncate()
    if buffer.tell():
        yield buffer.getvalue().encode(errors="replace")


def _sequences(ledger: Ledger, rows: Iterable[Record]) -> Iterator[Sequence[Any]]:
    keys = [column.key for column in ledger.columns]
    for row in rows:
        yield [row.get(key) for key in keys] if isinstance(row, Mapping) else row


class _Sink(io.RawIOBase):
    """Where the zip is written to; `take` hands over what has come in. Not seekable, so nothing is ever held back."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        data = b"".join(self._pieces)
        self._pieces.clear()
        return data


def _xlsx(ledger: Ledger, rows: Iterable[Record], unmask: bool) -> Iterator[bytes]:
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as package:  # type: ignore[call-overload]
        for name, content in _parts(ledger.label).items():
            package.writestr(name, content)
        # zip64 from the start: the size is not known before the last row.
        with package.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            part.write(_sheet_start(ledger).encode())
            yield sink.take()
            for lines in _sheet_rows(ledger, rows, unmask):
                part.write(lines.encode())
                if piece := sink.take():
                    yield piece
            part.write(b"</sheetData></worksheet>")
    yield sink.take()


_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PLAIN, _HEAD, _TEXT, _DAY, _MOMENT = range(5)  # the cell formats of `_STYLES`
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="宋体"/></font>'
    '<font><b/><sz val="11"/><name val="宋体"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="5"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def _parts(title: str) -> dict[str, str]:
    """The small parts around the one worksheet."""
    name = quoteattr(title[:31])
    return {
        "[Content_Types].xml": f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>',
        "_rels/.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        f'<sheets><sheet name={name} sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": _STYLES,
    }


def _sheet_start(ledger: Ledger) -> str:
    widths = "".join(
        f'<col min="{place}" max="{place}" width="{WIDTHS.get(column.kind, WIDTH)}" customWidth="1"/>'
        for place, column in enumerate(ledger.columns, start=1)
    )
    heads = "".join(
        f'<c r="{letter(place)}1" s="{_HEAD}" t="inlineStr"><is><t>{_xml(column.header)}</t></is></c>'
        for place, column in enumerate(ledger.columns)
    )
    return (
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f'<cols>{widths}</cols><sheetData><row r="1">{heads}</row>'
    )


def _sheet_rows(ledger: Ledger, rows: Iterable[Record], unmask: bool) -> Iterator[str]:
    """The rows as XML, some hundred at a time."""
    cells = [(f'<c r="{letter(place)}', _framed(column, unmask)) for place, column in enumerate(ledger.columns)]
    lines: list[str] = []
    for number, values in enumerate(_sequences(ledger, rows), start=2):
        lines.append(f'<row r="{number}">')
        lines.extend(
            [
                f"{start}{number}{frame(value)}"
                for (start, frame), value in zip(cells, values, strict=True)
                if value is not None and value != ""
            ]
        )
        lines.append("</row>")
        if number % _BATCH == 0:
            yield "".join(lines)
            lines.clear()
    yield "".join(lines)


def _framed(column: Column, unmask: bool) -> Writer:
    """What follows a cell's place: its format, type and value."""
    write = _writer(column, unmask=unmask)
    style = f' s="{_TEXT}"' if column.kind in (kinds.TEXT, kinds.CODE) else ""
    before, after = f'"{style} t="inlineStr"><is><t xml:space="preserve">', "</t></is></c>"
    if column.personal and not unmask:
        return lambda value: f"{before}{_xml(write(value))}{after}"
    if column.kind in kinds.NUMBERS:
        return lambda value: (
            f"{before}{write(value)}{after}" if type(value) is Approximate else f'"><v>{write(value)}</v></c>'
        )
    if column.kind == kinds.DATE:
        return lambda value: f'" s="{_DAY}"><v>{value.toordinal() - _EPOCH_ORDINAL}</v></c>'
    if column.kind == kinds.DATETIME:
        zone = timezone.get_default_timezone()
        return lambda value: f'" s="{_MOMENT}"><v>{_serial(value.astimezone(zone))}</v></c>'
    return lambda value: f"{before}{_xml(write(value))}{after}"


def _serial(moment: dt.datetime) -> str:
    seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
    return repr(moment.toordinal() - _EPOCH_ORDINAL + seconds / 86400)


def _xml(text: str) -> str:
    """Text as XML content; what neither XML nor Excel can hold is left out."""
    if text.isprintable() and "&" not in text and "<" not in text and ">" not in text and "_x" not in text:
        return text
    text = escape(_EXCEL_ESCAPE.sub("_x005F_", _UNWRITABLE.sub("", text)))
    return text.replace("\r", "_x000D_")


def _writer(column: Column, *, unmask: bool) -> Writer:
    plain = _writer_of_kind(column)
    if column.personal and not unmask:
        return lambda value: protect(mask(str(plain(value))))
    if column.kind not in _REPEATING:
        return plain
    remembered: dict[Any, str] = {}

    def write(value: Any) -> str:
        try:
            return remembered[value]
        except KeyError:
            text = plain(value)
            if len(remembered) < _REMEMBERED:
                remembered[value] = text
            return text
        except TypeError:  # a list is no dictionary key
            return plain(value)

    return write


def _text(value: Any) -> str:
    return protect(value if type(value) is str else str(value))


def _boolean(value: Any) -> str:
    return "是" if value else "否"


def _people(value: Iterable[str]) -> str:
    return protect("、".join(value))


def _lines(value: Iterable[str]) -> str:
    """One line each. A single line ends with a break, so that reading does not split it at its 、."""
    lines = list(value)
    return protect("\n".join(lines) + ("\n" if len(lines) == 1 else ""))


def _writer_of_kind(column: Column) -> Writer:
    if column.kind == kinds.DATE:
        return dt.date.isoformat
    if column.kind == kinds.DATETIME:
        zone = timezone.get_default_timezone()
        return lambda value: value.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    if column.kind in kinds.NUMBERS:
        return _number_writer(column)
    if column.kind == kinds.CHOICE:
        labels = {value: protect(label) for value, label in column.choice_pairs()}
        return lambda value: labels[value] if value in labels else protect(str(value))
    simple: dict[str, Writer] = {kinds.BOOLEAN: _boolean, kinds.PEOPLE: _people, kinds.LINES: _lines}
    return simple.get(column.kind, _text)


def _number_writer(column: Column) -> Writer:
    """Digits without exponent or superfluous zeros, in the unit of the header."""
    factor = MEASURES[column.kind][column.written_unit] if column.kind in MEASURES else Decimal(1)

    def write(value: Any) -> str:
        if type(value) is int and factor == 1:
            return str(value)
        if type(value) is Approximate:
            return f"约{write(value.value)}"
        if type(value) is float:
            value = Decimal(repr(value))
        if factor != 1:
            value = Decimal(value) / factor
        text = f"{value:f}" if isinstance(value, Decimal) else str(value)
        return text.rstrip("0").rstrip(".") if "." in text else text

    return write
