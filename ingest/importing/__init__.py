"""Historical call logs as events: a mapping file says how one log is read. See README.md beside this file."""

from ingest.importing.command import run_import
from ingest.importing.errors import ImportProblem
from ingest.importing.report import ImportReport

__all__ = ["ImportProblem", "ImportReport", "run_import"]
