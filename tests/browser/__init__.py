"""What the browser tests of the notebooks, of the site and of the slides share."""

import contextlib
import functools
import http.server
import os
import shutil
import sys
import threading

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.notebooks import ROOT

CHROMIUM = os.environ.get("CHROMIUM") or "chromium"  # the Makefile looks for others
SCREENSHOTS = ROOT / "screenshots"
DESK, PHONE = {"width": 1200, "height": 1000}, {"width": 390, "height": 844}

NAMELESS = "[...document.images].filter(each => !each.alt.trim()).map(each => each.src)"


def unlimited():
    """A browser reserves far more addresses than the limit that conftest.py sets for a worker."""
    if sys.platform == "linux":
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


@contextlib.contextmanager
def launched(patience):
    """A browser that reaches this machine alone; in ``patience`` milliseconds it gives up."""
    unlimited()
    program = shutil.which(CHROMIUM) or pytest.exit(f"There is no {CHROMIUM}.", returncode=1)
    SCREENSHOTS.mkdir(exist_ok=True)
    expect.set_options(timeout=patience)
    offline = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    with sync_playwright() as playwright:
        flags = ["--disable-gpu", "--disable-quic", offline]
        yield playwright.chromium.launch(executable_path=program, args=flags)


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        if not isinstance(sys.exception(), ConnectionError):  # the page is already left
            super().handle_error(request, client_address)


@contextlib.contextmanager
def served(folder):
    """The address at which a folder is served on this machine."""
    handler = functools.partial(Quiet, directory=folder)
    with Server(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@contextlib.contextmanager
def visiting(browser, home, patience):
    """Opens places below ``home``; complaints, and what is asked of others, fail at the end."""
    complaints, contexts = [], []

    def hear(page):
        def console(said):
            if said.type in ("error", "warning"):
                complaints.append(f"{said.text} ({said.location['url']})")

        def request(asked):
            if not asked.url.startswith((home, "data:", "blob:")):
                complaints.append(f"another host is asked: {asked.url}")

        def response(answer):
            if answer.status >= 400:
                complaints.append(f"{answer.status}: {answer.url}")

        page.on("console", console)
        page.on("pageerror", lambda error: complaints.append(error.stack or str(error)))
        page.on("request", request)
        page.on("response", response)

    def open_page(place, scheme, size):
        contexts.append(browser.new_context(color_scheme=scheme, viewport=size))
        contexts[-1].set_default_timeout(patience)
        page = contexts[-1].new_page()
        hear(page)
        page.goto(home + place)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
