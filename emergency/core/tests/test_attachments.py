"""Attachments: what is taken, how it is kept, who may have it back."""

import datetime as dt
import io
import os
import zipfile
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import ExifTags, Image, ImageFile

from emergency.core import attachments, clock
from emergency.core.attachments import files, services
from emergency.core.attachments.models import Attachment
from emergency.core.audit import AuditEntry
from emergency.core.jobs.models import Job
from emergency.core.numbering import Counter
from emergency.organizations.tests.factories import client_of, user_make

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2021, 11, 30, 8, tzinfo=dt.UTC)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def officer():
    return user_make("zhou", "周安全员")


@pytest.fixture
def other():
    return user_make("zheng", "郑安全员")


@pytest.fixture(autouse=True)
def login_page(settings):
    settings.LOGIN_URL = "/login/"


def record_of(user) -> Job:
    """Some record that only this user may see."""
    return Job.objects.create(kind="test", title="材料", created_by=user, created_at=NOW)


def photo(name="现场.jpg", *, colour="red", size=(40, 30), written="JPEG", mode="RGB", exif=None) -> SimpleUploadedFile:
    data = io.BytesIO()
    options = {"exif": exif} if exif is not None else {}
    Image.new(mode, size, colour).save(data, written, **options)
    return SimpleUploadedFile(name, data.getvalue())


def exif_of(*, taken="2021:11:30 09:15:00", zone=None, orientation=1, place=True) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = "SecretPhone"
    details = exif.get_ifd(ExifTags.IFD.Exif)
    details[ExifTags.Base.DateTimeOriginal] = taken
    if zone:
        details[ExifTags.Base.OffsetTimeOriginal] = zone
    if place:
        gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
        gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLatitude] = "N", (25.0, 51.0, 36.0)
        gps[ExifTags.GPS.GPSLongitudeRef], gps[ExifTags.GPS.GPSLongitude] = "E", (115.0, 0.0, 18.0)
    return exif


def noise() -> bytes:
    data = io.BytesIO()
    Image.effect_noise((200, 200), 50).save(data, "JPEG")
    return data.getvalue()


def office(part: str, name: str) -> SimpleUploadedFile:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr(part, "<x/>")
    return SimpleUploadedFile(name, data.getvalue())


def pdf(name="方案.pdf", text=b"") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"%PDF-1.7\n" + text)


def store(file, officer) -> Attachment:
    return attachments.store(file=file, kind="photo", actor=officer)


# ------------------------------------------------------------------------------------------------ what is taken


def test_a_photo_is_kept_upright_and_without_what_the_camera_hid(officer):
    sent = photo(exif=exif_of(orientation=6))
    original = sent.read()
    sent.seek(0)
    kept = store(sent, officer)
    data = files.path_of(kept.digest).read_bytes()
    with Image.open(io.BytesIO(data)) as image:
        assert image.size == (30, 40)
        assert not image.getexif()
    assert b"SecretPhone" in original
    assert b"SecretPhone" not in data
    assert (kept.original_digest, kept.digest) == (files.sha256(original), files.sha256(data))
    assert kept.size == len(data)
    assert kept.taken_at == dt.datetime(2021, 11, 30, 1, 15, tzinfo=dt.UTC)  # China's time
    assert (kept.latitude, kept.longitude) == (Decimal("25.860000"), Decimal("115.005000"))


@pytest.mark.parametrize(
    ("exif", "taken"),
    [
        (exif_of(zone="+00:00"), dt.datetime(2021, 11, 30, 9, 15, tzinfo=dt.UTC)),
        (exif_of(taken="0000:00:00 00:00:00"), None),
        (exif_of(taken="昨天".encode().decode("latin-1")), None),
        (None, None),
    ],
)
def test_the_time_on_the_photo(officer, exif, taken):
    assert store(photo(exif=exif), officer).taken_at == taken


def test_a_place_outside_the_earth_is_no_place(officer):
    exif = exif_of()
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (91.0, 0.0, 0.0)
    kept = store(photo(exif=exif), officer)
    assert (kept.latitude, kept.longitude) == (None, None)


@pytest.mark.parametrize(
    ("sent", "name", "content_type"),
    [
        (photo("a.png", written="PNG", mode="RGBA"), "a.png", "image/png"),
        (photo("a.PNG", written="JPEG"), "a.jpg", "image/jpeg"),
        (photo("a.jpeg"), "a.jpeg", "image/jpeg"),
        (photo("a.html"), "a.jpg", "image/jpeg"),
        (photo("../../etc/现场.webp", written="WEBP"), "现场.webp", "image/webp"),
        (photo("灰度.jpg", mode="L", colour=3), "灰度.jpg", "image/jpeg"),
        (photo("印刷.jpg", mode="CMYK", colour=(1, 2, 3, 4)), "印刷.jpg", "image/jpeg"),
        (pdf("方案.PDF"), "方案.PDF", "application/pdf"),
        (office("xl/workbook.xml", "台账.xlsx"), "台账.xlsx", XLSX),
        (office("OFD.xml", "公文.ofd"), "公文.ofd", "application/ofd"),
        (SimpleUploadedFile("旧.xls", files.OLE_MAGIC + b"x"), "旧.xls", "application/vnd.ms-excel"),
    ],
)
def test_the_type_is_told_by_the_content(officer, sent, name, content_type):
    kept = store(sent, officer)
    assert (kept.name, kept.content_type) == (name, content_type)
    assert kept.owner_id is None and kept.created_by == officer


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        (SimpleUploadedFile("a.jpg", b"<html><script>1</script>"), "格式不能上传"),
        (SimpleUploadedFile("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"), "格式不能上传"),
        (SimpleUploadedFile("a.exe", b"MZ" + b"\0" * 64), "格式不能上传"),
        (office("payload.js", "a.docx"), "格式不能上传"),
        (SimpleUploadedFile("a.xlsx", b"PK\x03\x04rubbish"), "格式不能上传"),
        (SimpleUploadedFile("a.gif", b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"), "格式不能上传"),
        (SimpleUploadedFile("a.pdf", b""), "空文件"),
        (SimpleUploadedFile("a.jpg", noise()[:-900]), "已损坏"),
    ],
)
def test_everything_else_is_refused(officer, sent, message):
    with pytest.raises(ValidationError, match=message):
        store(sent, officer)
    assert not Attachment.objects.exists()


def test_a_torn_photo_is_refused_also_beside_a_lenient_library(officer, monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    with pytest.raises(ValidationError, match="已损坏"):
        store(SimpleUploadedFile("a.jpg", noise()[:-900]), officer)
    assert ImageFile.LOAD_TRUNCATED_IMAGES is True


def test_size_and_pixels_are_bounded(officer, monkeypatch):
    monkeypatch.setattr(files, "MAX_PIXELS", 100)
    with pytest.raises(ValidationError, match="像素过大"):
        store(photo(), officer)
    monkeypatch.setattr(services, "MAX_BYTES", 100)
    with pytest.raises(ValidationError, match="超过20MB"):
        store(pdf(text=b"x" * 100), officer)


def test_the_same_bytes_are_kept_once(officer, settings):
    first, second = store(pdf(), officer), store(pdf("别名.pdf"), officer)
    assert first.digest == second.digest
    assert sum(path.is_file() for path in settings.MEDIA_ROOT.glob("??/*")) == 1
    assert files.path_of(first.digest).relative_to(settings.MEDIA_ROOT).parts == (first.digest[:2], first.digest[2:])


# ------------------------------------------------------------------------------------------------ whose it is


def test_uploads_go_to_a_record_in_order_and_are_audited(officer):
    record = record_of(officer)
    one, two = store(photo(colour="red"), officer), store(photo(colour="blue"), officer)
    attachments.attach(attachments=[two.pk, one], owner=record, kind="after", actor=officer)
    assert {row.kind for row in attachments.for_owner(record)} == {"after"}
    assert attachments.for_owner(record, "before").count() == 0
    entry = AuditEntry.objects.get(verb="attachment.add")
    assert entry.target_id == record.pk
    assert [row["id"] for row in entry.after["files"]] == [two.pk, one.pk]


def test_nobody_uses_what_is_used_or_anothers(officer, other):
    mine, record = store(photo(), officer), record_of(officer)
    for actor, wanted in [(other, [mine]), (officer, [mine, 0])]:
        with pytest.raises(ValidationError, match="重新上传"):
            attachments.attach(attachments=wanted, owner=record, actor=actor)
    attachments.attach(attachments=[mine], owner=record, actor=officer)
    with pytest.raises(ValidationError, match="重新上传"):
        attachments.attach(attachments=[mine], owner=record_of(officer), actor=officer)
    assert list(attachments.for_owner(record)) == [mine]


def test_all_files_or_none(officer):
    record = record_of(officer)
    with pytest.raises(ValidationError):
        attachments.add(files=[photo(), SimpleUploadedFile("a.exe", b"MZ")], owner=record, kind="photo", actor=officer)
    assert not Attachment.objects.exists()
    with pytest.raises(ValidationError, match="一次最多上传20个文件"):
        attachments.add(files=[pdf()] * 21, owner=record, kind="photo", actor=officer)
    assert len(attachments.add(files=[pdf(), photo()], owner=record, kind="photo", actor=officer)) == 2


def test_the_files_of_many_records_in_one_query(officer, django_assert_num_queries):
    records = [record_of(officer) for _ in range(3)]
    kept = attachments.add(files=[pdf(), photo()], owner=records[0], kind="photo", actor=officer)
    kept += attachments.add(files=[photo()], owner=records[2], kind="photo", actor=officer)
    with django_assert_num_queries(1):
        found = attachments.for_owners(records)
    assert found == {records[0].pk: kept[:2], records[1].pk: [], records[2].pk: kept[2:]}
    with django_assert_num_queries(0):
        assert attachments.for_owners([]) == {}


def test_frozen_files_stay(officer):
    record = record_of(officer)
    loose, kept = attachments.add(files=[pdf(), photo()], owner=record, kind="photo", actor=officer)
    attachments.remove(attachment=loose, actor=officer)
    assert list(attachments.for_owner(record)) == [kept]
    assert attachments.freeze(record) == 1
    with pytest.raises(ValidationError, match="不能删除"):
        attachments.remove(attachment=kept, actor=officer)
    assert list(attachments.for_owner(record)) == [kept]


def test_the_same_photo_on_another_record_is_found(officer):
    here, there = record_of(officer), record_of(officer)
    attachments.add(files=[photo(exif=exif_of()), pdf()], owner=here, kind="photo", actor=officer)
    assert not attachments.same_elsewhere(here).exists()
    twice = attachments.add(files=[photo("改名.jpg", exif=exif_of())], owner=there, kind="photo", actor=officer)
    store(pdf(), officer)  # not used anywhere, so not another record
    assert list(attachments.same_elsewhere(here)) == twice


def test_made_files_are_kept_as_they_are(officer):
    record = record_of(officer)
    made = attachments.keep(
        data=b"number,name\n", name="导出.csv", content_type="text/csv", owner=record, kind="export", actor=officer
    )
    assert files.path_of(made.digest).read_bytes() == b"number,name\n"
    assert made.belongs_to(record)


# ------------------------------------------------------------------------------------------------ sweeping


def age(digest: str, moment: dt.datetime) -> None:
    for path in files.path_of(digest).parent.iterdir():
        os.utime(path, (moment.timestamp(), moment.timestamp()))


def test_unused_uploads_go_after_a_day_with_their_bytes(officer, settings):
    with clock.at(NOW):
        record = record_of(officer)
        (kept,) = attachments.add(files=[photo(colour="green")], owner=record, kind="photo", actor=officer)
        lost, shared = store(photo(colour="red"), officer), store(photo(colour="green"), officer)
    files.thumb_of(lost.digest)
    orphan = files.place(b"rolled back")
    fresh = files.place(b"just placed")
    for digest in (kept.digest, lost.digest, orphan):
        age(digest, NOW)
    assert attachments.sweep(NOW + dt.timedelta(hours=23)) == 0
    assert files.path_of(lost.digest).exists()
    os.utime(files.path_of(fresh))
    assert attachments.sweep(NOW + dt.timedelta(hours=25)) == 2
    assert list(Attachment.objects.all()) == [kept]
    assert not Attachment.objects.filter(pk=shared.pk).exists()
    left = {path.parent.name + path.name for path in settings.MEDIA_ROOT.glob("??/*")}
    assert left == {kept.digest, fresh}


def test_placing_again_renews_the_bytes(officer):
    digest = files.place(b"same")
    age(digest, NOW)
    files.place(b"same")
    assert files.remove_unused(NOW + dt.timedelta(hours=1), lambda digests: set()) == 0


# ------------------------------------------------------------------------------------------------ the pages


def get(user, attachment, query=""):
    """The answer, and the bytes that came with it as ``body``."""
    answer = client_of(user).get(attachment.get_absolute_url() + query)
    answer.body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer


def test_a_file_is_behind_the_door_of_its_record(officer, other):
    record = record_of(officer)
    shown, paper = attachments.add(files=[photo(), pdf()], owner=record, kind="photo", actor=officer)
    answer = get(officer, shown)
    assert answer.status_code == 200
    assert answer.body == files.path_of(shown.digest).read_bytes()
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("inline")
    assert get(officer, paper)["Content-Disposition"].startswith("attachment")
    assert get(other, shown).status_code == 404
    assert get(None, shown).status_code == 302


def test_an_unused_upload_is_its_senders(officer, other):
    kept = store(photo(), officer)
    assert get(officer, kept).status_code == 200
    assert get(other, kept).status_code == 404


def test_a_record_without_a_door_shows_nothing(officer):
    counter = Counter.objects.create(key="t", value=1)
    (kept,) = attachments.add(files=[photo()], owner=counter, kind="photo", actor=officer)
    assert get(officer, kept).status_code == 404


def test_the_small_version(officer):
    kept = store(photo(size=(1200, 900)), officer)
    answer = get(officer, kept, "?thumb=1")
    with Image.open(io.BytesIO(answer.body)) as image:
        assert max(image.size) == files.THUMB_SIDE
    assert answer["Content-Type"] == "image/webp"


def test_the_front_server_sends_the_bytes_where_it_can(officer, settings):
    settings.ACCEL_PREFIX = "/protected/"
    kept = store(photo(), officer)
    answer = get(officer, kept)
    assert answer["X-Accel-Redirect"] == f"/protected/{kept.digest[:2]}/{kept.digest[2:]}"
    assert answer["Content-Type"] == "image/jpeg"
    assert answer.body == b""


def test_bytes_that_are_gone_are_not_found(officer):
    kept = store(photo(), officer)
    files.path_of(kept.digest).unlink()
    assert get(officer, kept).status_code == 404


def test_upload(officer, monkeypatch):
    client, url = client_of(officer), reverse("core:upload")
    answer = client.post(url, {"file": photo(), "kind": "before"})
    assert answer.status_code == 201
    kept = Attachment.objects.get(pk=answer.json()["id"])
    assert (kept.created_by, kept.kind, kept.owner_id) == (officer, "before", None)
    assert answer.json()["thumb"] == f"/files/{kept.pk}/?thumb=1"
    assert client.post(url, {"file": SimpleUploadedFile("a.svg", b"<svg/>")}).status_code == 400
    assert client.post(url, {"kind": "before"}).status_code == 400
    assert client.post(url, {"file": photo(), "kind": "<b>"}).status_code == 400
    assert client.get(url).status_code == 405
    monkeypatch.setattr(services, "MAX_UNOWNED", 1)
    assert client.post(url, {"file": photo()}).status_code == 429
    assert client_of(None).post(url, {"file": photo()}).status_code == 302
    assert Attachment.objects.count() == 1
