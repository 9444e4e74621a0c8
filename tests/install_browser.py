"""Makes sure that a Chromium is there for the browser tests: finds one, or installs one, or says what to install.

`find_browser` is what the tests themselves ask. Run as a file by `make test`; never tries to become root.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MACOS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def find_browser() -> str | None:
    """The path of a Chromium or Chrome: `BROWSER_PATH` if set, the system's, or the one Playwright downloaded."""
    named = os.environ.get("BROWSER_PATH")
    if named:
        return named
    for command in COMMANDS:
        found = shutil.which(command)
        if found:
            return found
    for path in MACOS:
        if Path(path).exists():
            return path
    return _playwrights_own()


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def _install_with_apt() -> None:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], check=True, env=quiet, stdout=sys.stderr)
    subprocess.run(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-liberation"],
        check=True,
        env=quiet,
        stdout=sys.stderr,
    )


def main() -> int:
    """0 when a browser is there in the end, else 1 after one line that says what to install."""
    if find_browser():
        return 0
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Chromium for the browser tests ...", file=sys.stderr)
        try:
            _install_with_apt()
        except subprocess.CalledProcessError as problem:
            print(f"apt-get could not install Chromium (exit code {problem.returncode}).", file=sys.stderr)
        if find_browser():
            return 0
    print(
        "The browser tests need Chromium or Chrome: install the package chromium, run "
        "`.venv/bin/playwright install chromium`, or name one with BROWSER_PATH=/path/to/chromium.",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
