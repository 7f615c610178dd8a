"""What is taken out of dbt changes nothing that it says or makes.

Add here: the proof for another thing that is left out. Keep out: dbt's tie to its starter (`test_bound_dbt`).
"""

from __future__ import annotations

import marshal
import subprocess
import sys
from pathlib import Path

from dbt_common.clients.jinja import get_environment

from assets.dbt import parsed_project, prepare_manifest
from assets.lean_dbt import Templates
from sop_pipeline.settings import PROJECT_DIR, load_settings

BEFORE_AND_AFTER = """
import sys
from pathlib import Path
import dbt.cli.main
from dbt.clients.jinja import MacroStack
from dbt.context.macros import MacroNamespaceBuilder
from dbt_common.clients import agate_helper
from dbt_common.events.types import Note, SystemExecutingCmd
from assets.bound_dbt import _parsed_project
from assets.lean_dbt import Templates, make_lean

manifest = _parsed_project(Path(sys.argv[1]))
packages = ["dbt_duckdb", "dbt"]

def looked_at():
    builder = MacroNamespaceBuilder("sop", "sop", MacroStack(), packages, "a node")
    context = {"a": "context"}
    namespace = builder.build_namespace(manifest.get_macros_by_package(), context)
    facts = {}
    for name in namespace:
        found = namespace[name]
        named = {name: found} if not isinstance(found, dict) else found
        facts[name] = {one: (m.macro.unique_id, m.node, m.stack is builder.thread_ctx, m.context is context)
                       for one, m in named.items()}
    event = SystemExecutingCmd(cmd=["dbt", "build"])
    rows = [{"cycle": "2026-01", "n": 1}, {"cycle": "", "n": None}]
    table = agate_helper.table_from_data_flat(rows, ["cycle", "n"])
    answer = [tuple(row) for row in table.rows], [type(kind).__name__ for kind in table.column_types]
    return facts, event.message(), event.cmd, event.to_dict(), Note(msg="told").message(), answer

before = looked_at()
make_lean(Templates(None))
after = looked_at()
assert len(before[0]) > 600, len(before[0])
for one, other in zip(before, after):
    assert one == other, (one, other)
print("the same")
"""


def test_names_events_and_answers_are_what_dbt_makes_of_them(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path, source="demo")
    prepare_manifest(settings)
    command = [sys.executable, "-c", BEFORE_AND_AFTER, parsed_project(settings)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=PROJECT_DIR)
    assert done.stdout == "the same\n", done.stderr


def rendered(templates: Templates, source: str, native: bool = False) -> object:
    environment = get_environment(None, native=native)
    code = templates.compiled(environment, source)
    return environment.template_class.from_code(environment, code, {}, None).render({"n": 3})


def test_a_template_that_was_compiled_before_is_not_compiled_again(tmp_path: Path) -> None:
    file = tmp_path / "templates"
    first = Templates(file)
    assert rendered(first, "select {{ n }}") == "select 3"
    first.keep()
    second = Templates(file)
    assert rendered(second, "select {{ n }}") == "select 3"
    assert not second.is_new
    assert rendered(second, "select {{ n + 1 }}") == "select 4"
    assert second.is_new


def test_code_of_another_kind_of_environment_is_not_taken(tmp_path: Path) -> None:
    """Natively rendered, a number is a number."""
    templates = Templates(tmp_path / "templates")
    assert rendered(templates, "{{ n }}") == "3"
    assert rendered(templates, "{{ n }}", native=True) == 3


def test_a_file_that_is_cut_off_or_of_other_versions_is_made_again(tmp_path: Path) -> None:
    file = tmp_path / "templates"
    whole = Templates(file)
    rendered(whole, "select {{ n }}")
    whole.keep()
    bytes_of_all = file.read_bytes()
    file.write_bytes(bytes_of_all[: len(bytes_of_all) // 2])
    assert Templates(file).code == {}
    file.write_bytes(marshal.dumps(("another version", whole.code)))
    assert Templates(file).code == {}
    again = Templates(file)
    assert rendered(again, "select {{ n }}") == "select 3"
    again.keep()
    assert Templates(file).code.keys() == whole.code.keys()
