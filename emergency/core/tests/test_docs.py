"""The documents say what the code does: names, links, variables, commands, figures and diagrams are compared with it."""

import ast
import importlib
import re
import urllib.parse
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import load_command_class
from django.db.models import Choices
from django.db.models.enums import ChoicesType

from emergency.core import ledger, lifecycle
from emergency.core.lifecycle import Lifecycle
from emergency.figures import vocabulary
from emergency.organizations.models import Membership, Role, User
from emergency.organizations.scope import admin_role

ROOT = Path(settings.BASE_DIR)
DOCS = ROOT / "docs"
GLOSSARY = (DOCS / "glossary.md").read_text()
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
#: Added with the pictures of a release; the page may name it before.
LATER = {"docs/manual/screenshots/home.png"}


def label_of(app: str) -> str:
    return app.rpartition(".")[2]


def room(app: str, name: str) -> None:
    """Import a room of an app, if it has one."""
    if find_spec(f"{app}.{name}"):
        importlib.import_module(f"{app}.{name}")


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def rows(text: str) -> list[list[str]]:
    """The cells of every line of every table, heads included."""
    lines = [line for line in text.splitlines() if line.startswith("|") and not line.startswith("|---")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


# ------------------------------------------------------------------------------------------------ glossary


def our_models() -> dict[str, str]:
    return {
        model._meta.label: str(model._meta.verbose_name)
        for app in settings.LOCAL_APPS
        for model in apps.get_app_config(label_of(app)).get_models()
    }


def our_choices() -> dict[str, ChoicesType]:
    """Every class of choices that an app's own modules define, as “app.Class”."""
    found: dict[str, ChoicesType] = {}

    def collect(parent: ChoicesType) -> None:
        for one in parent.__subclasses__():
            owner = next((app for app in settings.LOCAL_APPS if f"{one.__module__}.".startswith(f"{app}.")), None)
            if owner and len(one) and ".tests" not in one.__module__:
                found[f"{label_of(owner)}.{one.__name__}"] = one
            collect(one)

    collect(Choices)
    return found


def lifecycles() -> dict[str, Lifecycle]:
    """Every life-cycle that an app has in its room of that name."""
    modules = [
        importlib.import_module(f"{app}.lifecycle") for app in settings.LOCAL_APPS if find_spec(f"{app}.lifecycle")
    ]
    return {
        value.name: value
        for module in modules
        if module is not lifecycle
        for value in vars(module).values()
        if isinstance(value, Lifecycle)
    }


def test_every_model_stands_in_the_glossary() -> None:
    lines = {cells[1].strip("`"): cells[0] for cells in rows(GLOSSARY) if len(cells) == 3}
    assert {label: term for label, term in our_models().items() if lines.get(label) != term} == {}


def test_every_choice_stands_in_the_glossary() -> None:
    lines = {cells[1].strip("`"): cells[2] for cells in rows(GLOSSARY) if len(cells) == 3}
    missing = {
        f"{name}.{member.name}": member.label
        for name, one in our_choices().items()
        for member in one
        if f"{member.label} `{member.name}`" not in lines.get(name, "").split("；")
    }
    assert missing == {}


def test_every_field_of_the_glossary_exists_under_its_term() -> None:
    wrong = {}
    seen = 0
    for cells in rows(GLOSSARY):
        path = re.fullmatch(r"`([a-z]+)\.([A-Z]\w+)\.([a-z_]+)`", cells[1])
        if path:
            seen += 1
            field = apps.get_model(path[1], path[2])._meta.get_field(path[3])
            if str(getattr(field, "verbose_name", "")) != cells[0]:
                wrong[cells[1]] = cells[0]
    assert seen and wrong == {}


def test_every_life_cycle_stands_in_the_glossary() -> None:
    lines = {cells[0].strip("`"): cells[1] for cells in rows(GLOSSARY) if len(cells) == 2}
    for name, table in lifecycles().items():
        actions = {f"{one.label} `{one.action}`" for one in table.transitions}
        assert set(lines.get(name, "").split("；")) == actions, name


def test_figures_breakdowns_and_ledgers_stand_in_the_glossary() -> None:
    lines = {tuple(cell.strip("`") for cell in cells) for cells in rows(GLOSSARY)}
    figures = {(one.name, one.code, one.unit, one.kind) for one in vocabulary.declared()}
    assert figures - lines == set()
    assert {line for line in lines if len(line) == 4 and "." in line[1]} - figures == set()
    assert {(one.label, one.code) for one in vocabulary.dimensions()} - lines == set()
    for app in settings.LOCAL_APPS:
        room(app, "ledger")
    pairs = {line[:2] for line in lines}
    ours = [one for one in ledger.registered() if type(one).__module__.startswith(tuple(settings.LOCAL_APPS))]
    assert {(one.label, one.kind) for one in ours if ".tests" not in type(one).__module__} - pairs == set()


def test_every_app_stands_in_the_glossary_and_in_the_house() -> None:
    labels = [label_of(app) for app in settings.LOCAL_APPS]
    assert [cells[1].strip("`") for cells in rows(GLOSSARY) if re.fullmatch(r"`[a-z/]+/`", cells[-1])] == labels
    assert " → ".join(labels) in (DOCS / "house.md").read_text()


# ------------------------------------------------------------------------------------------------ links


def links(page: Path) -> Iterator[str]:
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    yield from re.findall(r"\]\(([^)\s]+)\)", text)


def anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in links(page):
        path, _, anchor = urllib.parse.unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        if "://" in link or named(target) in LATER:
            continue
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_every_page_of_the_manual_stands_in_its_contents() -> None:
    listed = set(links(DOCS / "manual" / "index.md"))
    missing = {page.name for page in (DOCS / "manual").glob("*.md")} - {"index.md"} - listed
    assert missing == set(), "each page of the manual has a line in docs/manual/index.md"


def test_every_decision_stands_in_the_list() -> None:
    listed = (DOCS / "adr" / "README.md").read_text()
    for page in (DOCS / "adr").glob("0*.md"):
        number, title = re.match(r"# (\d+)\. (.+)", page.read_text()).groups()  # type: ignore[union-attr]
        assert f"- [{int(number):04}]({page.name}) {title}" in listed
        assert all(f"**{part}.**" in page.read_text() for part in ("Decision", "Reason", "Price")), page.name


# ------------------------------------------------------------------------------------------------ operation


def schema() -> set[str]:
    """The variables of the schema on top of the settings."""
    tree = ast.parse((ROOT / "emergency" / "settings.py").read_text())
    call = next(
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and ast.unparse(node.value.func).endswith("Env")
    )
    return {keyword.arg for keyword in call.keywords if keyword.arg}


def test_every_variable_is_explained() -> None:
    text = (DOCS / "ops.md").read_text()
    explained = {name for cells in rows(text) for name in re.findall(r"`([A-Z_]+)`", cells[0])}
    assert len(schema()) > 10
    assert explained == schema() | {"HOST", "PORT"}  # the two are read by `manage.py serve` alone


def test_the_example_names_only_variables_that_exist() -> None:
    example = (ROOT / ".env.example").read_text()
    assert set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE)) - schema() - {"HOST", "PORT"} == set()


def our_commands() -> dict[str, str]:
    return {
        path.stem: app
        for app in settings.LOCAL_APPS
        for path in (ROOT / app.replace(".", "/") / "management" / "commands").glob("[a-z]*.py")
    }


def documented_commands() -> dict[str, set[str]]:
    """Command → its flags, from the README's section."""
    section = (ROOT / "README.md").read_text().partition("## Commands")[2].partition("\n## ")[0]
    found: dict[str, set[str]] = {}
    name = ""
    for line in re.findall(r"^    (.*)$", section, re.MULTILINE):
        if not line.startswith(" "):
            name = line.split()[0]
        found.setdefault(name, set()).update(re.findall(r"--[a-z-]+", line))
    return found


def test_the_readme_names_every_command_and_only_flags_that_exist() -> None:
    documented, existing = documented_commands(), our_commands()
    assert set(documented) == set(existing)
    for name, flags in documented.items():
        parser = load_command_class(existing[name], name).create_parser("manage.py", name)
        known = {option for action in parser._actions for option in action.option_strings}
        assert flags - known == set(), name


def test_make_targets_of_the_readme_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named_targets = {word for page in PAGES for word in re.findall(r"\bmake ([a-z]+)\b(?=`|  |;)", page.read_text())}
    assert {"demo", "test", "lint"} <= named_targets <= targets


@pytest.mark.django_db
def test_the_first_people_can_be_made_as_written() -> None:
    (script,) = blocks((DOCS / "ops.md").read_text(), "python")
    exec(compile(script, "docs/ops.md", "exec"), {})
    assert {admin_role(user) for user in User.objects.all()} == {
        Role.SYSTEM_ADMIN,
        Role.SECURITY_ADMIN,
        Role.AUDIT_ADMIN,
    }
    assert Membership.objects.count() == 3
    assert all(user.must_change_password for user in User.objects.all())


# ------------------------------------------------------------------------------------------------ figures, examples, diagrams


def test_the_table_of_meanings_is_the_vocabulary() -> None:
    text = (DOCS / "manual" / "figures.md").read_text().partition("## 口径表")[2].partition("\n## ")[0]
    assert rows(text)[1:] == [[one.name, one.unit, one.meaning] for one in vocabulary.declared()]


def test_examples_stand_in_the_code() -> None:
    examples = blocks((ROOT / "CONTRIBUTING.md").read_text(), "python")
    assert examples
    for example in examples:
        first, _, code = example.partition("\n")
        assert code in (ROOT / first.removeprefix("# ")).read_text()


def diagrams() -> list[tuple[str, str]]:
    return [
        (named(page), block)
        for page in sorted((DOCS / "manual").glob("*.md"))
        for block in blocks(page.read_text(), "mermaid")
    ]


def statuses(diagram: str) -> dict[str, str]:
    return dict(re.findall(r"^    (\w+) : (.+)$", diagram, re.MULTILINE))


def test_diagrams_of_the_manual_are_those_of_the_tables() -> None:
    """The names of the statuses are the page's and are compared with the choices; everything else comes from the table."""
    words = {(member.value, member.label) for one in our_choices().values() for member in one}
    assert diagrams()
    for page, diagram in diagrams():
        labels = statuses(diagram)
        assert set(labels.items()) <= words, page
        assert diagram in [table.mermaid(labels) for table in lifecycles().values()], page
