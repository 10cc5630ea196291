"""What core asks of PostgreSQL itself: rows that nobody can change, and the character pairs that search looks up."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from django.db import connection

#: Tables whose rows are written once: the audit trail and the steps of every record's life.
APPEND_ONLY = ("core_auditentry", "core_event")

#: A statement trigger also refuses TRUNCATE and statements that match no row, which row triggers let pass.
#: The one way through is a test database that says so, because a transactional test can only be cleaned by TRUNCATE.
CREATE_REFUSE_CHANGE = """
CREATE FUNCTION core_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE'
       AND current_setting('emergency.allow_flush', true) = 'on'
       AND starts_with(current_database(), 'test_') THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% is append-only, % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END
$$
"""
DROP_REFUSE_CHANGE = "DROP FUNCTION core_refuse_change()"


def make_append_only(table: str, *, refused: str = "UPDATE OR DELETE OR TRUNCATE") -> str:
    return (
        f"CREATE TRIGGER {table}_append_only BEFORE {refused} ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change()"
    )


def make_changeable(table: str) -> str:
    return f"DROP TRIGGER {table}_append_only ON {table}"


#: The pairs that start at odd places, then those that start at even ones: two passes of a regular expression take a
#: third of the time of a walk over the characters. The cost keeps the planner from computing pairs where it could
#: look them up.
CREATE_BIGRAMS = r"""
CREATE FUNCTION core_bigrams(content text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $$
DECLARE
    odd text := regexp_replace(lower(normalize(content, NFKC)), '\s+', '', 'g');
    even text := substr(odd, 2);
BEGIN
    odd := left(odd, length(odd) / 2 * 2);
    even := left(even, length(even) / 2 * 2);
    RETURN string_to_array(rtrim(regexp_replace(odd, '(..)', '\1 ', 'g')), ' ')
        || string_to_array(rtrim(regexp_replace(even, '(..)', '\1 ', 'g')), ' ');
END
$$
"""
DROP_BIGRAMS = "DROP FUNCTION core_bigrams(text)"


@contextlib.contextmanager
def allow_flush() -> Iterator[None]:
    """Let this connection TRUNCATE append-only tables. Without effect unless the database is a test's."""
    _allow("on")
    try:
        yield
    finally:
        _allow("off")


def _allow(value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('emergency.allow_flush', %s, false)", [value])
