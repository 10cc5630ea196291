"""The audit trail and the steps of a record cannot be changed, by whatever statement."""

import pytest
from django.db import IntegrityError, connection, transaction

from emergency.core import audit, lifecycle, triggers
from emergency.core.audit import AuditEntry
from emergency.core.lifecycle import Event
from emergency.core.numbering import Counter

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows() -> dict[str, object]:
    counter = Counter.objects.create(key="t", value=1)
    written = {
        "core_auditentry": audit.record("test.write", target=counter),
        "core_event": lifecycle.note_event(counter, action="create", label="登记", actor=None),
    }
    with connection.cursor() as cursor:  # a foreign key still to be checked would refuse TRUNCATE by itself
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return written


@pytest.mark.parametrize("table", triggers.APPEND_ONLY)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {0} SET actor_name = 'x'",
        "UPDATE {0} SET actor_name = 'x' WHERE false",
        "DELETE FROM {0}",
        "TRUNCATE {0}",
        "INSERT INTO {0} SELECT * FROM {0} ON CONFLICT (id) DO UPDATE SET actor_name = 'x'",
    ],
)
def test_no_statement_changes_a_row(rows, table: str, statement: str):
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT actor_name FROM {table}")
        assert cursor.fetchall() == [("系统",)]


def test_django_cannot_either(rows):
    for model in (AuditEntry, Event):
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.all().delete()
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.get().save()


def test_a_test_may_flush_when_it_says_so_and_nothing_else(rows):
    with triggers.allow_flush(), connection.cursor() as cursor:
        for table in triggers.APPEND_ONLY:
            with pytest.raises(IntegrityError), transaction.atomic():
                cursor.execute(f"DELETE FROM {table}")
            cursor.execute(f"TRUNCATE {table}")
    audit.record("test.write")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE core_auditentry")


def test_saying_so_is_not_enough_outside_a_test_database(rows):
    """The function asks the name of the database; here it is made to see another one."""
    body = triggers.CREATE_REFUSE_CHANGE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
    with connection.cursor() as cursor:
        cursor.execute(body.replace("current_database()", "'emergency'"))
    with (
        triggers.allow_flush(),
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("TRUNCATE core_event")
