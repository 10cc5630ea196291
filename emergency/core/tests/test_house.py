"""The house keeps its order: layers, rooms, and pages that load nothing foreign. See docs/house.md."""

import ast
import re
from collections.abc import Iterator
from importlib.util import resolve_name
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader

from emergency.celery import app as celery_app

ROOT = Path(settings.BASE_DIR)
LAYERS = settings.LOCAL_APPS
FREE = ("core",)  # core holds the portal's tools, one file or package each
COMPOSITION_ROOT = {"settings", "urls", "api", "celery", "schedule", "wsgi", "asgi"}
ROOMS = {
    "models", "lifecycle", "services", "queries", "figures", "ledger", "documents", "panels", "filters", "forms",
    "views", "urls", "api", "tasks", "triggers", "checks", "apps", "migrations", "management", "templatetags", "tests",
}  # fmt: skip
#: Rooms that only one app has: who sees what; the words of all figures; the sentences of all papers (docs/house.md).
EXTRA_ROOMS = {"organizations": {"scope"}, "figures": {"vocabulary"}, "reports": {"sections"}}
DATA_FOLDERS = {"demo": {"cases"}}


def folder_of(app: str) -> Path:
    return ROOT / app.replace(".", "/")


def label_of(app: str) -> str:
    return app.rpartition(".")[2]


def sources(app: str) -> Iterator[Path]:
    """The app's own modules; tests may use anything below and beside them."""
    for path in sorted(folder_of(app).rglob("*.py")):
        if "tests" not in path.relative_to(folder_of(app)).parts:
            yield path


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full module name of every import, wherever it stands."""
    package = ".".join(path.relative_to(ROOT).with_suffix("").parts[:-1])
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            module = resolve_name("." * node.level + (node.module or ""), package) if node.level else node.module
            for alias in node.names:
                yield node.lineno, f"{module}.{alias.name}"


def layer(module: str) -> int | None:
    """Where a module stands in LOCAL_APPS; None for what is not ours or belongs to no app."""
    for number, app in enumerate(LAYERS):
        if module == app or module.startswith(app + "."):
            return number
    return None


def is_composition_root(module: str) -> bool:
    parts = module.split(".")
    return parts[0] == "emergency" and len(parts) > 1 and parts[1] in COMPOSITION_ROOT


@pytest.mark.parametrize("app", LAYERS)
def test_an_app_imports_only_those_below(app: str) -> None:
    own = LAYERS.index(app)
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {module}"
        for path in sources(app)
        for line, module in imported(path)
        if is_composition_root(module) or (layer(module) or 0) > own
    ]
    assert wrong == []


@pytest.mark.parametrize("app", LAYERS)
def test_a_foreign_key_points_only_down(app: str) -> None:
    own = LAYERS.index(app)
    wrong = []
    for model in apps.get_app_config(label_of(app)).get_models(include_auto_created=True):
        for field in model._meta.get_fields(include_hidden=True):
            target = field.related_model
            if field.auto_created or not field.is_relation or not isinstance(target, type):
                continue
            names_the_user = target._meta.label == settings.AUTH_USER_MODEL
            above = layer(target.__module__)
            if above is not None and above > own and not names_the_user:
                wrong.append(f"{model._meta.label}.{field.name} → {target._meta.label}")
    assert wrong == []


def test_core_points_at_no_organisation_and_no_business_record() -> None:
    allowed = {settings.AUTH_USER_MODEL, "contenttypes.ContentType"}
    wrong = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_app_config("core").get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if (field.many_to_one or field.one_to_one or field.many_to_many)
        and not field.auto_created
        and isinstance(field.related_model, type)
        and field.related_model._meta.app_label != "core"
        and field.related_model._meta.label not in allowed
    ]
    assert wrong == []


def rooms_of(app: str) -> Iterator[Path]:
    for path in sorted(folder_of(app).iterdir()):
        if path.name.startswith(("_", ".")):
            continue
        nested_app = path.is_dir() and any(folder_of(other) == path for other in LAYERS)
        if not nested_app:
            yield path


@pytest.mark.parametrize("app", [app for app in LAYERS if label_of(app) not in FREE])
def test_an_app_has_only_the_known_rooms(app: str) -> None:
    label = label_of(app)
    known = ROOMS | EXTRA_ROOMS.get(label, set())
    strangers = [
        path.name
        for path in rooms_of(app)
        if not (path.suffix == ".py" or path.is_dir()) or path.stem not in known | DATA_FOLDERS.get(label, set())
    ]
    assert strangers == []


def test_every_folder_with_an_apps_module_is_listed_in_the_layers() -> None:
    homes = [ROOT / "emergency", *(ROOT / name for name in ("hazards", "inspections", "supplies", "reports"))]
    found = {path.parent for home in homes for path in home.glob("**/apps.py")}
    assert found == {folder_of(app) for app in LAYERS}


@pytest.mark.parametrize("app", LAYERS)
def test_no_module_is_too_long(app: str) -> None:
    limit = 600 if label_of(app) == "core" else 400
    long = {
        str(path.relative_to(ROOT)): lines
        for path in sources(app)
        if "migrations" not in path.parts and (lines := len(path.read_text().splitlines())) > limit
    }
    assert long == {}


def test_settings_stay_short() -> None:
    assert len((ROOT / "emergency" / "settings.py").read_text().splitlines()) <= 300


def test_every_entry_of_the_timetable_names_a_task_that_exists() -> None:
    celery_app.loader.import_default_modules()
    for name, entry in settings.TIMETABLE.items():
        assert entry["label"], name
        assert entry["task"] in celery_app.tasks, f"{name}: {entry['task']} is not a registered task"


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_migrations_are_linear() -> None:
    graph = MigrationLoader(None).graph
    assert {label: leaves for label in map(label_of, LAYERS) if len(leaves := graph.leaf_nodes(label)) > 1} == {}


# ---------------------------------------------------------------------------------- pages load nothing foreign

# The names by which documents say what language they speak; nothing is loaded from them.
NAMESPACES = re.compile(r"https?://www\.w3\.org/(?:1999/xhtml|1999/xlink|2000/svg|1998/Math/MathML)")
FOREIGN = re.compile(r"""(?i)(?:https?:)?//[a-z0-9-]+(?:\.[a-z0-9-]+)+""")
INLINE = {
    "inline script": re.compile(r"(?is)<script(?![^>]*\bsrc=)(?![^>]*type=[\"']application/(?:ld\+)?json[\"'])[^>]*>"),
    "inline style": re.compile(r"(?is)<style\b"),
    "style attribute": re.compile(r"(?is)<[^>]+\sstyle="),
    "event attribute": re.compile(r"(?is)<[a-z][^>]*\son[a-z]+="),
    "script address": re.compile(r"(?is)javascript:"),
}


def page_files(*suffixes: str) -> list[Path]:
    homes = [ROOT / "templates", ROOT / "static", *(folder_of(app) / "templates" for app in LAYERS)]
    return [path for home in homes for path in sorted(home.rglob("*")) if path.suffix in suffixes]


def without_comments(text: str) -> str:
    return re.sub(r"(?s)\{#.*?#\}|\{% comment.*?endcomment %\}|<!--.*?-->|/\*.*?\*/", "", text)


def foreign_addresses(text: str) -> list[str]:
    return FOREIGN.findall(NAMESPACES.sub("", without_comments(text)))


def inline_code(text: str) -> list[str]:
    return [name for name, pattern in INLINE.items() if pattern.search(without_comments(text))]


def test_pages_name_no_foreign_host() -> None:
    found = {
        str(path.relative_to(ROOT)): addresses
        for path in page_files(".html", ".css", ".js", ".svg", ".webmanifest")
        if (addresses := foreign_addresses(path.read_text()))
    }
    assert found == {}


def test_pages_have_no_inline_script_or_style() -> None:
    """The content policy would refuse it. Papers (templates/pdf) are not pages: no browser reads them."""
    found = {
        str(path.relative_to(ROOT)): kinds
        for path in page_files(".html")
        if "pdf" not in path.parts and (kinds := inline_code(path.read_text()))
    }
    assert found == {}


@pytest.mark.parametrize(
    "text",
    [
        '<script src="https://cdn.example.com/x.js"></script>',
        '<link href="//cdn.example.com/x.css">',
        "@import url(http://fonts.example.org/f.css);",
    ],
)
def test_the_foreign_host_check_sees(text: str) -> None:
    assert foreign_addresses(text)


@pytest.mark.parametrize(
    "text",
    [
        "<script>1</script>",
        '<div class="x" style="color:red">',
        '<button onclick="x()">',
        "<style>a{}</style>",
        '<a href="javascript:x">',
    ],
)
def test_the_inline_check_sees(text: str) -> None:
    assert inline_code(text)


@pytest.mark.parametrize(
    "text",
    [
        '<script src="/static/x.js"></script>',
        '<script type="application/json" id="d">{}</script>',
        '<p class="style">on=1</p>',
    ],
)
def test_the_inline_check_lets_the_allowed_pass(text: str) -> None:
    assert inline_code(text) == []
