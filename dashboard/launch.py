"""Starts the pages: `python -m dashboard.launch`, from any working directory, with Backstop's settings.

What does not depend on settings is in `dashboard/.streamlit/config.toml`, which Streamlit reads because it
stands beside the main script.
"""

from __future__ import annotations

import socket
import sys
from pathlib import Path

from dashboard.compare import preload
from models.settings import Settings, SettingsError, load_settings, with_secrets

APP = Path(__file__).with_name("app.py")


def launch_command(settings: Settings) -> list[str]:
    """The command line that serves the pages on the address of these settings."""
    return [sys.executable, "-m", "streamlit", *streamlit_arguments(settings)]


def streamlit_arguments(settings: Settings) -> list[str]:
    """Arguments of `streamlit`. They repeat what must hold whatever a config file in the way says."""
    options = {
        "server.address": settings.dashboard_host,
        "server.port": str(settings.dashboard_port or _free_port(settings.dashboard_host)),
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "server.enableCORS": "true",
        "server.enableXsrfProtection": "true",
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "minimal",
        # It would walk over all there is after every refresh of every viewer; Python's own collector does for us.
        "runner.postScriptGC": "false",
    }
    return ["run", str(APP), *(f"--{name}={value}" for name, value in options.items())]


def main() -> None:
    """Serve the pages in this process until it is told to stop."""
    try:
        settings = with_secrets(load_settings(), ("dashboard_token",))
    except SettingsError as error:
        raise SystemExit(f"dashboard: {error}") from error
    from streamlit.web import cli

    preload.start()
    cli.main(args=streamlit_arguments(settings), prog_name="streamlit")


def _free_port(host: str) -> int:
    with socket.create_server((host, 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


if __name__ == "__main__":
    main()
