"""What supplies ask of PostgreSQL itself: a movement is written once, and the stock that it changes follows in the same statement."""

from __future__ import annotations

from emergency.core.triggers import make_append_only, make_changeable

MOVEMENTS = "supplies_movement"

#: The one writer of a holding's quantity. The rows are locked in the order of their keys before they are changed, so that two
#: statements that move the same goods wait for each other instead of locking each other out; the check constraint of the holding then
#: refuses whatever would go below nothing, however it came in.
CREATE_STOCK_FOLLOWS = """
CREATE FUNCTION supplies_stock_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM supplies_holding WHERE id IN (SELECT holding_id FROM new_rows) ORDER BY id FOR NO KEY UPDATE;
    UPDATE supplies_holding AS h SET quantity = h.quantity + m.moved
    FROM (SELECT holding_id, sum(quantity) AS moved FROM new_rows GROUP BY holding_id) AS m WHERE h.id = m.holding_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER supplies_stock_follows AFTER INSERT ON supplies_movement REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION supplies_stock_follows()
"""
DROP_STOCK_FOLLOWS = """
DROP TRIGGER supplies_stock_follows ON supplies_movement;
DROP FUNCTION supplies_stock_follows()
"""

#: A holding and its lot stay what they are: goods do not turn into others, and a quantity is written by movements alone.
CREATE_STOCK_FIXED = """
CREATE FUNCTION supplies_stock_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'the quantity of a holding is written by movements alone' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER supplies_stock_fixed BEFORE UPDATE OF quantity ON supplies_holding
    FOR EACH ROW WHEN (OLD.quantity IS DISTINCT FROM NEW.quantity) EXECUTE FUNCTION supplies_stock_fixed()
"""
DROP_STOCK_FIXED = """
DROP TRIGGER supplies_stock_fixed ON supplies_holding;
DROP FUNCTION supplies_stock_fixed()
"""

#: A movement is written once. Only the places above its area may follow when a unit is hung under another one, as those of every
#: record do: else stock by street would miss it.
CREATE_MOVEMENT_KEPT = """
CREATE FUNCTION supplies_movement_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(OLD) - '{street_id,district_id}'::text[] IS DISTINCT FROM to_jsonb(NEW) - '{street_id,district_id}'::text[] THEN
        RAISE EXCEPTION '% is append-only, % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER supplies_movement_kept AFTER UPDATE ON supplies_movement
    FOR EACH ROW EXECUTE FUNCTION supplies_movement_kept()
"""
DROP_MOVEMENT_KEPT = """
DROP TRIGGER supplies_movement_kept ON supplies_movement;
DROP FUNCTION supplies_movement_kept()
"""

INSTALL = [
    make_append_only(MOVEMENTS, refused="DELETE OR TRUNCATE"),
    CREATE_MOVEMENT_KEPT,
    CREATE_STOCK_FOLLOWS,
    CREATE_STOCK_FIXED,
]
REMOVE = [DROP_STOCK_FIXED, DROP_STOCK_FOLLOWS, DROP_MOVEMENT_KEPT, make_changeable(MOVEMENTS)]
