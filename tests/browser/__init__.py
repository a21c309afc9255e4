"""What the browser tests of the notebooks and of the site share."""

import contextlib
import os
import shutil

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.notebooks import ROOT

CHROMIUM = os.environ.get("CHROMIUM") or "chromium"  # the Makefile looks for others
SCREENSHOTS = ROOT / "screenshots"


@contextlib.contextmanager
def launched(patience):
    """A browser that reaches this machine alone; in ``patience`` milliseconds it gives up."""
    program = shutil.which(CHROMIUM) or pytest.exit(f"There is no {CHROMIUM}.", returncode=1)
    SCREENSHOTS.mkdir(exist_ok=True)
    expect.set_options(timeout=patience)
    offline = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    with sync_playwright() as playwright:
        flags = ["--disable-gpu", "--disable-quic", offline]
        yield playwright.chromium.launch(executable_path=program, args=flags)
