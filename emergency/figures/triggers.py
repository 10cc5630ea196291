"""The statement triggers by which a ledger tells the roll-up what has changed.

An app whose records are counted installs them in a migration that depends on the figures' own::

    operations = [triggers.touches("hazards_hazard", source="hazards", dates=["found_on", "closed_on"])]

One INSERT … SELECT DISTINCT per statement, whatever wrote the rows: ORM, bulk SQL or COPY. Every change touches the months of *all*
dates that a figure of the source counts by, before and after: so a change is never seen only in a month earlier than its touches.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection
from django.db.migrations.operations.special import RunSQL

#: A test database is cleaned by TRUNCATE and says so (``core.triggers.allow_flush``): nothing is left to be rolled up then.
_TRUNCATED = """
CREATE FUNCTION figures_truncated_{source}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('emergency.allow_flush', true) = 'on' AND starts_with(current_database(), 'test_') THEN
        RETURN NULL;
    END IF;
    INSERT INTO figures_figuretouch (source) VALUES ('{source}');
    RETURN NULL;
END
$$;
CREATE TRIGGER figures_truncated_{source} AFTER TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION figures_truncated_{source}()
"""

#: The rows that a statement left, took away, or both. The statement is planned anew each time: a plan made for one row and kept for
#: the session would be a bad one for a hundred thousand.
_CHANGED = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed text := CASE TG_OP WHEN 'INSERT' THEN 'SELECT * FROM new_rows' WHEN 'DELETE' THEN 'SELECT * FROM old_rows'
                    ELSE 'SELECT * FROM old_rows UNION ALL SELECT * FROM new_rows' END;
BEGIN
    EXECUTE $touch$
        INSERT INTO figures_figuretouch (source, district, street, month)
        SELECT DISTINCT '{source}', r.district_id, r.street_id, date_trunc('month', d.day::timestamp)::date
        FROM {records} CROSS JOIN LATERAL (VALUES {dates}) AS d(day) WHERE d.day IS NOT NULL
    $touch$;
    RETURN NULL;
END
$$
"""
_EVENTS = (
    ("insert", "INSERT", "NEW TABLE AS new_rows"),
    ("update", "UPDATE", "OLD TABLE AS old_rows NEW TABLE AS new_rows"),
    ("delete", "DELETE", "OLD TABLE AS old_rows"),
)


def touches(table: str, *, source: str, dates: Sequence[str]) -> RunSQL:
    """The operation that installs the triggers of a ledger's own table; ``dates`` are all ``date_columns()`` of its figures."""
    name = f"figures_touch_{source}"
    body = _function(name, source, "($touch$ || changed || $touch$) AS r", dates)
    return RunSQL(
        [body, *_triggers(name, table), _TRUNCATED.format(source=source, table=table)],
        [
            *(f"DROP TRIGGER {name}_{event} ON {table}" for event, _, _ in _EVENTS),
            f"DROP TRIGGER figures_truncated_{source} ON {table}",
            f"DROP FUNCTION {name}()",
            f"DROP FUNCTION figures_truncated_{source}()",
        ],
    )


def tag_touches(
    through: str, *, record: str, table: str, tags: str, parent: str, source: str, dates: Sequence[str]
) -> RunSQL:
    """The operation for the table that ties records to tags (``record`` names its column), and for the tree of the tags: a parent's
    numbers hold its children's, so a tag that gets another parent touches everything."""
    name, tree = f"figures_touch_{source}_tags", f"figures_touch_{source}_tree"
    tied = f"(SELECT DISTINCT {record} FROM ($touch$ || changed || $touch$) AS c) AS t JOIN {table} AS r ON r.id = t.{record}"
    moved = f"""
        CREATE FUNCTION {tree}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO figures_figuretouch (source) VALUES ('{source}');
            RETURN NULL;
        END
        $$;
        CREATE TRIGGER {tree} AFTER UPDATE OF {parent} ON {tags}
            FOR EACH ROW WHEN (OLD.{parent} IS DISTINCT FROM NEW.{parent}) EXECUTE FUNCTION {tree}()
    """
    return RunSQL(
        [_function(name, source, tied, dates), *_triggers(name, through), moved],
        [
            *(f"DROP TRIGGER {name}_{event} ON {through}" for event, _, _ in _EVENTS),
            f"DROP TRIGGER {tree} ON {tags}",
            f"DROP FUNCTION {name}()",
            f"DROP FUNCTION {tree}()",
        ],
    )


def touching(source: str) -> dict[str, str]:
    """What is installed for a source: each table with the body of its function. A test compares it with the declarations."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT t.tgrelid::regclass::text, p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
            "WHERE p.proname IN (%s, %s)",
            [f"figures_touch_{source}", f"figures_touch_{source}_tags"],
        )
        return dict(cursor.fetchall())


def _function(name: str, source: str, records: str, dates: Sequence[str]) -> str:
    days = ", ".join(f"(r.{column})" for column in dates)
    return _CHANGED.format(name=name, source=source, records=records, dates=days)


def _triggers(name: str, table: str) -> list[str]:
    return [
        f"CREATE TRIGGER {name}_{suffix} AFTER {event} ON {table} REFERENCING {rows} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
        for suffix, event, rows in _EVENTS
    ]
