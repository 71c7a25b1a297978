"""Who may import whom, and how large a module may grow. Holds the promises of the design's first page.

Read from the source with `ast`, so that imports inside functions and by name in a string count too.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
PACKAGES = ("models", "ingest", "dashboard")
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): path.read_text("utf-8")
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
}
MAX_LINES = 400

FORBIDDEN = {
    # What both sides agree on opens no socket, asks no broker and draws no page.
    "models": (
        "ingest", "dashboard", "streamlit", "kafka", "socket", "socketserver", "ssl", "http",
        "urllib.request", "requests", "httpx", "aiohttp", "urllib3",
    ),
    # They meet in the store and in models only.
    "ingest": ("dashboard",),
    "dashboard": ("ingest",),
}  # fmt: skip
# Calls that import what their first argument names. `find_spec` of a package only looks where it is.
IMPORTING_CALLS = {"import_module", "__import__", "run_module", "files"}


def imports(source: str, module: str) -> Iterator[tuple[int, str]]:
    """Line and full name of everything a module imports; `from a import b` gives `a.b`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                # A relative import counts its dots from the package the module lies in.
                parent = module.removesuffix(".__init__").split(".")
                up = node.level - (1 if module.endswith(".__init__") else 0)
                base = ".".join([*parent[: len(parent) - up], *([base] if base else [])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call):
            function = node.func
            called = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
            arguments = [*node.args[:1], *(keyword.value for keyword in node.keywords)]
            if called in IMPORTING_CALLS:
                yield from (
                    (node.lineno, argument.value)
                    for argument in arguments
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
                )


def forbidden_imports(modules: dict[str, str]) -> list[str]:
    """Imports that cross a border, as `module:line imports name`."""
    return [
        f"{module}:{line} imports {name}"
        for module, source in modules.items()
        for line, name in imports(source, module)
        if any(name == wall or name.startswith(f"{wall}.") for wall in FORBIDDEN[module.split(".")[0]])
    ]


def overgrown(modules: dict[str, str]) -> list[str]:
    """Modules that should be two."""
    sizes = {module: len(source.splitlines()) for module, source in modules.items()}
    return [f"{module} has {size} lines" for module, size in sizes.items() if size > MAX_LINES]


def nameless(modules: dict[str, str]) -> list[str]:
    """Modules and packages whose name does not say what is in them."""
    return [module for module in modules if {"utils", "util"} & set(module.split("."))]


def test_the_three_packages_are_read() -> None:
    assert {module.split(".")[0] for module in MODULES} == set(PACKAGES)


def test_no_import_crosses_a_border() -> None:
    """models imports neither of the others, ingest and dashboard never each other."""
    assert forbidden_imports(MODULES) == []


def test_no_module_is_overgrown() -> None:
    assert overgrown(MODULES) == []


def test_no_module_is_called_utils() -> None:
    assert nameless(MODULES) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("models.a", "import ingest"),
        ("models.a", "import os, ingest.store as s"),
        ("models.a", "from dashboard.pages import live"),
        ("models.a", "import socket"),
        ("models.a", "import http.client"),
        ("models.a", "from http import server"),
        ("models.a", "from urllib import request"),
        ("models.a", "from kafka import KafkaConsumer"),
        ("models.a", "import streamlit as st"),
        ("ingest.a", "import dashboard"),
        ("ingest.a", "def run():\n    from dashboard import app"),
        ("ingest.a", "class A:\n    def f(self):\n        if 1:\n            import dashboard.app"),
        ("ingest.a", "try:\n    import dashboard\nexcept ImportError:\n    pass"),
        ("ingest.a", "if TYPE_CHECKING:\n    from dashboard.app import Page"),
        ("ingest.a", "import importlib\nimportlib.import_module('dashboard.app')"),
        ("ingest.a", "from importlib import import_module\nimport_module(name='dashboard')"),
        ("ingest.a", "app = lambda: __import__('dashboard').app"),
        ("ingest.a", "import runpy\nrunpy.run_module('dashboard')"),
        ("dashboard.a", "from ingest import store"),
        ("dashboard.pages.a", "from ...ingest import store"),
        ("dashboard.pages.__init__", "from ...ingest.store import x"),
    ],
)
def test_a_forbidden_import_is_found(module: str, source: str) -> None:
    assert len(forbidden_imports({module: source})) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("models.a", "from models import events\nimport kafkaesque\nfrom urllib.parse import quote"),
        ("models.a", "'import ingest'  # from dashboard import app"),
        ("models.a", "from . import ingest"),  # models.ingest, whatever that is
        ("models.sql.a", "from ..events import X\nfrom .. import dashboard"),
        ("ingest.a", "import kafka, socket\nfrom models.settings import Settings\nfrom .store import x"),
        ("ingest.a", "import importlib.util\nimportlib.util.find_spec('dashboard')"),
        ("dashboard.a", "import streamlit, models\nfrom dashboard_kit import x"),
        ("dashboard.__init__", "from .ingest import x"),
    ],
)
def test_an_allowed_import_is_let_through(module: str, source: str) -> None:
    assert forbidden_imports({module: source}) == []


def test_an_overgrown_module_is_found() -> None:
    assert overgrown({"models.a": "x = 1\n" * MAX_LINES}) == []
    assert overgrown({"models.a": "x = 1\n" * (MAX_LINES + 1)}) == ["models.a has 401 lines"]


@pytest.mark.parametrize("module", ["models.utils", "ingest.utils.time", "dashboard.pages.utils"])
def test_a_module_called_utils_is_found(module: str) -> None:
    assert nameless({module: "", "models.settings": ""}) == [module]
