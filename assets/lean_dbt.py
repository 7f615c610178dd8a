"""dbt without work that nobody sees the fruit of: two thirds of its time on a small company was not SQL.

dbt makes for every node, and for every small thing that it asks of its adapter, a namespace of all its macros anew; puts
each debug event into a protobuf message and drops it; makes a calendar parser for every answer of a database; and compiles
the templates of an unchanged project in every run. What dbt does and says stays as it is. Add here: other work of dbt that
comes to nothing. Keep out: what dbt is asked to do (`dbt`), whose child it is (`bound_dbt`).

All of this replaces functions of dbt 1.11, to which pyproject.toml is bound; a name that is missing fails at once.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import sys
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from types import CodeType
from typing import Any

TEMPLATES = "templates.marshal"
"""The file beside the parsed project that keeps its compiled templates."""


def drop_debug_events() -> None:
    """Let dbt fire no event of level debug. Warnings and errors are judged as dbt judges them."""
    from dbt_common.events.base_types import BaseEvent, DebugLevel, EventLevel
    from dbt_common.events.event_manager import EventManager

    fire, message_of = EventManager.fire_event, BaseEvent.__init__

    def fire_what_is_read(manager: Any, event: Any, level: Any = None, *others: Any, **named: Any) -> None:
        if (level or event.level_tag()) != EventLevel.DEBUG:
            fire(manager, event, level, *others, **named)

    def keep_fields(event: Any, *values: Any, **fields: Any) -> None:
        event.__dict__["unread"] = (values, fields)

    def message_when_asked(event: Any, name: str) -> Any:
        if name != "pb_msg":
            return getattr(event.pb_msg, name)
        values, fields = event.__dict__["unread"]
        message_of(event, *values, **fields)
        return event.__dict__["pb_msg"]

    EventManager.fire_event = fire_what_is_read
    DebugLevel.__init__ = keep_fields
    DebugLevel.__getattr__ = message_when_asked


def name_macros_once() -> None:
    """Build a node's namespace of macros from what is the same for all nodes, and hand it over as one dictionary."""
    from dbt.clients.jinja import MacroGenerator
    from dbt.context.configured import ConfiguredContext
    from dbt.context.macros import MacroNamespace, MacroNamespaceBuilder
    from dbt.context.manifest import ManifestContext
    from dbt.include.global_project import PROJECT_NAME

    new = MacroGenerator.__new__

    def generators(builder: Any, macros: Mapping[str, Any], context: dict[str, Any]) -> dict[str, Any]:
        made = {}
        for name, macro in macros.items():
            made[name] = generator = new(MacroGenerator)
            # what its constructors set, without calling three of them 700 times a node
            generator.context, generator.macro = context, macro
            generator.node, generator.stack = builder.node, builder.thread_ctx
        return made

    def build_namespace(builder: Any, by_package: Mapping[str, Mapping[str, Any]], context: dict[str, Any]) -> Any:  # fmt: skip
        made = {package: generators(builder, macros, context) for package, macros in by_package.items()}
        others = {package: named for package, named in made.items() if package not in builder.internal_package_names}  # fmt: skip
        of_dbt: dict[str, Any] = {}
        for package in reversed(builder.internal_package_names_order):
            of_dbt.update(made.get(package, {}))
        of_node = others.get(builder.search_package, {})
        of_root = (
            {} if builder.root_package == builder.search_package else others.get(builder.root_package, {})
        )
        return MacroNamespace(of_root, of_node, of_dbt, others)

    def flat(namespace: Any) -> dict[str, Any]:
        """Every name as the namespace finds it: what is searched first wins."""
        others = namespace.global_project_namespace
        return {**others, PROJECT_NAME: others, **namespace.packages, **namespace.global_namespace, **namespace.local_namespace}  # fmt: skip

    def to_dict(context: Any) -> dict[str, Any]:
        if not isinstance(context.namespace, MacroNamespace):
            return as_dbt_does(context)
        values: dict[str, Any] = ConfiguredContext.to_dict(context)
        values.update(flat(context.namespace))
        return values

    as_dbt_does = ManifestContext.to_dict
    MacroNamespaceBuilder.build_namespace = build_namespace
    ManifestContext.to_dict = to_dict


def make_type_testers_once() -> None:
    """Let answers of the database with the same text columns share the tester of their types, which holds no state."""
    from dbt_common.clients import agate_helper

    make = lru_cache(maxsize=None)(agate_helper.build_type_tester)

    def build_type_tester(text_columns: Iterable[str], string_null_values: Any = ("null", "")) -> Any:
        return make(frozenset(text_columns), string_null_values)

    agate_helper.build_type_tester = build_type_tester


def trust_what_was_parsed() -> None:
    """Leave out dbt's JSON schemas, a second to build: the project and profile were held to them when they were parsed."""
    from dbt_common.dataclass_schema import dbtClassMixin

    dbtClassMixin.validate = classmethod(lambda cls, data: None)


class Templates:
    """Compiled templates by what they were compiled from, kept in a file from run to run."""

    def __init__(self, file: Path | None) -> None:
        self.file = file
        self.of = (
            f"{sys.implementation.cache_tag}, jinja2 {version('jinja2')}, dbt-core {version('dbt-core')}"
        )
        self.code: dict[bytes, CodeType] = {}
        self.is_new = False
        if file is not None and file.exists():
            self._read(file)

    def _read(self, file: Path) -> None:
        try:
            of, code = marshal.loads(file.read_bytes())
        except (EOFError, ValueError, TypeError):  # cut off, or of another Python: it is made again
            return
        if of == self.of:
            self.code = code

    def compiled(self, environment: Any, source: str) -> CodeType:
        """The template's code; compiled where it was never seen in such an environment."""
        kind = f"{type(environment).__qualname__} {environment.code_generator_class.__qualname__}"
        key = hashlib.sha256(f"{kind}\0{source}".encode()).digest()
        found = self.code.get(key)
        if found is None:
            found = self.code[key] = environment.compile(source)
            self.is_new = True
        return found

    def keep(self) -> None:
        """Write the file where a template is new; whoever reads it meanwhile finds it whole."""
        if self.file is not None and self.is_new:
            beside = self.file.with_name(f"{self.file.name}.{os.getpid()}")
            beside.write_bytes(marshal.dumps((self.of, self.code)))
            beside.replace(self.file)


def compile_templates_once(templates: Templates) -> None:
    """Take a template's code from `templates`."""
    import dbt.clients.jinja
    from dbt_common.clients import jinja

    def get_template(
        string: str, ctx: dict[str, Any], node: Any = None, capture_macros: bool = False, native: bool = False
    ) -> Any:
        with jinja.catch_jinja(node):
            environment = jinja.get_environment(node, capture_macros, native=native)
            code = templates.compiled(environment, str(string))
            return environment.template_class.from_code(environment, code, environment.make_globals(ctx), None)  # fmt: skip

    jinja.get_template = get_template
    dbt.clients.jinja.get_template = get_template


def make_lean(templates: Templates) -> None:
    """Do all of it to the dbt of this process, before it runs."""
    drop_debug_events()
    name_macros_once()
    make_type_testers_once()
    trust_what_was_parsed()
    compile_templates_once(templates)
