"""How to speak to the store: the signed extensions of the installed wheels and the statements that load them.

Nothing is downloaded; the paths work without a home directory.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import duckdb


def extension_path(name: str) -> Path:
    """The extension file of the wheel `duckdb-extension-NAME` that matches the installed DuckDB."""
    folder = Path(str(files(f"duckdb_extension_{name}"))) / "extensions" / f"v{duckdb.__version__}"
    path = folder / f"{name}.duckdb_extension"
    if not path.is_file():
        raise FileNotFoundError(
            f"{path} is missing: duckdb {duckdb.__version__} needs duckdb-extension-{name} of the same version"
        )
    return path


def quoted(text: str) -> str:
    """A SQL string literal. For statements that take no bound parameters (LOAD, ATTACH, CALL)."""
    return "'" + text.replace("'", "''") + "'"


def load_statements() -> list[str]:
    """LOAD statements for both sides of the protocol."""
    return [f"load {quoted(str(extension_path(name)))}" for name in ("httpfs", "quack")]


def attach_statement(address: str, token: str) -> str:
    """ATTACH the served store as `store`. The store speaks plain HTTP; TLS, where wanted, is a proxy's."""
    return f"attach {quoted(address)} as store (token {quoted(token)}, disable_ssl true)"
