"""What activities ask of PostgreSQL itself: a category keeps its code and its place in the tree for good."""

from __future__ import annotations

#: Figures name a category by its slug, and every record carries a copy of it and of its group's: neither may ever change.
CREATE_FIXED_CATEGORY = """
CREATE FUNCTION activities_fixed_category() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'slug and parent of an activity category are fixed' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER activities_category_fixed BEFORE UPDATE OF slug, parent_id ON activities_category
    FOR EACH ROW WHEN (OLD.slug IS DISTINCT FROM NEW.slug OR OLD.parent_id IS DISTINCT FROM NEW.parent_id)
    EXECUTE FUNCTION activities_fixed_category()
"""
DROP_FIXED_CATEGORY = """
DROP TRIGGER activities_category_fixed ON activities_category;
DROP FUNCTION activities_fixed_category()
"""
