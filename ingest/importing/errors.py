"""The one exception of an import that cannot go on: what is wrong, where, and what to do."""

from __future__ import annotations


class ImportProblem(Exception):  # noqa: N818 - it is what the user has, not what the program did
    """Something stops the whole import (mapping, file, broker). A single bad row never does."""
