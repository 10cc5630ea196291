"""What a file is by its content, and where its bytes lie.

Stored files are named by the SHA-256 of their bytes, ``MEDIA_ROOT/ab/cdef…``, so the same bytes are kept once. A
small version of a picture lies beside it as ``….thumb``.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import decimal
import fcntl
import hashlib
import io
import os
import re
import tempfile
import threading
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from PIL import ExifTags, Image, ImageFile, ImageOps, UnidentifiedImageError

MAX_PIXELS = 60_000_000
MAX_SIDE = 4_096  # pixels; enough to read a name plate, and a bound on what one photo costs
THUMB_SIDE = 400
IMAGE_TYPES = {"JPEG": ("image/jpeg", ".jpg"), "PNG": ("image/png", ".png"), "WEBP": ("image/webp", ".webp")}
OPENXML = "application/vnd.openxmlformats-officedocument"
#: The part that tells which office format a zip file is.
ZIP_PARTS = {
    "xl/workbook.xml": (f"{OPENXML}.spreadsheetml.sheet", ".xlsx"),
    "word/document.xml": (f"{OPENXML}.wordprocessingml.document", ".docx"),
    "ppt/presentation.xml": (f"{OPENXML}.presentationml.presentation", ".pptx"),
    "OFD.xml": ("application/ofd", ".ofd"),
}
#: The old office formats share one container and are told apart by their names only.
OLE_TYPES = {".xls": "application/vnd.ms-excel", ".doc": "application/msword", ".ppt": "application/vnd.ms-powerpoint"}
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ACCEPTED = "可以上传 JPG、PNG、WEBP、HEIC 照片，PDF、OFD 文件，以及 Word、Excel、PPT 文件。"

_pillow_switch = threading.Lock()


@dataclasses.dataclass(frozen=True, slots=True)
class Content:
    """The bytes to store and what is known of them. ``name`` ends as the type demands."""

    data: bytes
    name: str
    content_type: str
    taken_at: dt.datetime | None = None
    latitude: decimal.Decimal | None = None
    longitude: decimal.Decimal | None = None


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def examine(data: bytes, name: str) -> Content:
    """Tell what was uploaded by looking at it; pictures come back re-encoded, without the data that cameras hide in
    them.

    Raises ``ValidationError`` for every other kind of file, HTML and SVG among them.
    """
    name = clean_name(name)
    if data.startswith(b"%PDF-"):
        return Content(data, _with_suffix(name, ".pdf"), "application/pdf")
    if data.startswith(OLE_MAGIC) and Path(name).suffix.lower() in OLE_TYPES:
        return Content(data, name, OLE_TYPES[Path(name).suffix.lower()])
    if data.startswith(b"PK\x03\x04"):
        found = _zip_type(data)
        if found:
            return Content(data, _with_suffix(name, found[1]), found[0])
    elif (picture := _picture(data, name)) is not None:
        return picture
    raise ValidationError("“%(name)s”的格式不能上传。" + ACCEPTED, params={"name": name}, code="file_type")


def clean_name(name: str) -> str:
    """The last part of a path, without control signs, at most 200 characters with its ending kept."""
    name = re.sub(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]", "", name.replace("\\", "/").rpartition("/")[2]).strip()
    stem, suffix = Path(name).stem, Path(name).suffix[:20]
    return f"{stem[: 200 - len(suffix)]}{suffix}" or "附件"


def _with_suffix(name: str, suffix: str) -> str:
    known = {".jpg": {".jpg", ".jpeg"}}.get(suffix, {suffix})
    if Path(name).suffix.lower() in known:
        return name
    return f"{Path(name).stem[: 200 - len(suffix)]}{suffix}"


def _zip_type(data: bytes) -> tuple[str, str] | None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except zipfile.BadZipFile:
        return None
    return next((found for part, found in ZIP_PARTS.items() if part in names), None)


def _picture(data: bytes, name: str) -> Content | None:
    """A re-encoded photo, upright, with the time and place from its EXIF data; None when it is no picture we take."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # we have a bound of our own
            image: Image.Image = Image.open(io.BytesIO(data), formats=_formats())
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError):
        return None
    if image.width * image.height > MAX_PIXELS:
        raise ValidationError("照片“%(name)s”的像素过大，请缩小后再上传。", params={"name": name}, code="file_pixels")
    try:
        exif = image.getexif()
        facts = _taken_at(exif), *_place(exif)
        with _whole_pictures_only():
            image.load()
        written = image.format if image.format in IMAGE_TYPES else "JPEG"
        assert written is not None
        upright = ImageOps.exif_transpose(image)
        upright.thumbnail((MAX_SIDE, MAX_SIDE))
        content_type, suffix = IMAGE_TYPES[written]
        return Content(_encode(upright, written), _with_suffix(name, suffix), content_type, *facts)
    except (OSError, ValueError, SyntaxError, EOFError) as error:  # what Pillow raises for damaged data
        raise ValidationError("照片“%(name)s”已损坏，无法读取。", params={"name": name}, code="file_broken") from error


@contextlib.contextmanager
def _whole_pictures_only() -> Iterator[None]:
    """A library in the same process lets Pillow paint missing parts grey; evidence must be whole."""
    with _pillow_switch:
        before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
        try:
            yield
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = before


def _formats() -> list[str]:
    Image.init()
    return [name for name in (*IMAGE_TYPES, "MPO", "HEIF", "AVIF") if name in Image.OPEN]


def _encode(image: Image.Image, written: str) -> bytes:
    if written == "JPEG":
        image = image.convert("RGB")
    elif image.mode not in ("1", "L", "LA", "P", "RGB", "RGBA"):
        image = image.convert("RGBA")
    image.info = {}  # no EXIF, XMP, comment or profile goes along
    target = io.BytesIO()
    image.save(target, written, **({"optimize": True} if written == "PNG" else {"quality": 85}))
    return target.getvalue()


def _taken_at(exif: Image.Exif) -> dt.datetime | None:
    """When the shutter opened; without a zone of its own it is China's time."""
    details = exif.get_ifd(ExifTags.IFD.Exif)
    text = str(details.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime) or "")
    zone = str(details.get(ExifTags.Base.OffsetTimeOriginal) or "")
    text = text.strip("\0 ")
    with contextlib.suppress(ValueError):
        return dt.datetime.strptime(f"{text} {zone.strip()}", "%Y:%m:%d %H:%M:%S %z")
    with contextlib.suppress(ValueError):
        naive = dt.datetime.strptime(text, "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007  (the zone is added in the next line)
        return timezone.make_aware(naive)
    return None


def _place(exif: Image.Exif) -> tuple[decimal.Decimal | None, decimal.Decimal | None]:
    """Latitude and longitude in degrees (WGS 84), to six places; both or neither."""
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    latitude = _degrees(gps.get(ExifTags.GPS.GPSLatitude), gps.get(ExifTags.GPS.GPSLatitudeRef) == "S", 90)
    longitude = _degrees(gps.get(ExifTags.GPS.GPSLongitude), gps.get(ExifTags.GPS.GPSLongitudeRef) == "W", 180)
    return (latitude, longitude) if latitude is not None and longitude is not None else (None, None)


def _degrees(parts: Any, negative: bool, bound: int) -> decimal.Decimal | None:
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
        value = decimal.Decimal(degrees + minutes / 60 + seconds / 3600).quantize(decimal.Decimal("0.000001"))
    except (TypeError, ValueError, ZeroDivisionError, decimal.InvalidOperation):
        return None
    return None if value > bound else -value if negative else value


# ------------------------------------------------------------------------------------------------ on the disk


def path_of(digest: str) -> Path:
    return Path(settings.MEDIA_ROOT) / digest[:2] / digest[2:]


def place(data: bytes) -> str:
    """Write the bytes under their digest, whole or not at all, and return it. Bytes already there get today's date."""
    digest = sha256(data)
    path = path_of(digest)
    with _lock(fcntl.LOCK_SH):
        if path.exists():
            os.utime(path)
            return digest
        write_whole(path, data)
    return digest


def write_whole(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, unfinished = tempfile.mkstemp(dir=path.parent, suffix=".new")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(unfinished).chmod(0o644)
        Path(unfinished).replace(path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise


def thumb_of(digest: str) -> Path:
    """The small version of a stored picture, made at its first use."""
    path = path_of(digest).with_suffix(".thumb")
    if not path.exists():
        with Image.open(path_of(digest)) as image:
            image.thumbnail((THUMB_SIDE, THUMB_SIDE))
            write_whole(path, _encode(image, "WEBP"))
    return path


def remove_unused(older_than: dt.datetime, in_use: Any) -> int:
    """Delete stored files that no row names and nobody placed since; ``in_use(digests)`` returns those still named."""
    root, count = Path(settings.MEDIA_ROOT), 0
    for folder in sorted(root.glob("[0-9a-f][0-9a-f]")):
        found: dict[str, list[Path]] = {}
        for path in folder.iterdir():
            found.setdefault(folder.name + path.name.partition(".")[0], []).append(path)
        for digest in set(found) - set(in_use(set(found))):
            with _lock(fcntl.LOCK_EX):  # nobody is placing the same bytes between the look and the removal
                if all(path.stat().st_mtime < older_than.timestamp() for path in found[digest]):
                    for path in found[digest]:
                        path.unlink()
                    count += 1
    return count


@contextlib.contextmanager
def _lock(mode: int) -> Iterator[None]:
    root = Path(settings.MEDIA_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(root / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, mode)
        yield
    finally:
        os.close(descriptor)
