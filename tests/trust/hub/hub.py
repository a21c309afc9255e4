"""A hub with its proxy on loopback, and the course for its learners to pull: one context."""

import contextlib
import json
import os
import secrets
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.request
from pathlib import Path

import psutil
import yaml

from tests.notebooks import ROOT

PROXY = ROOT / "build" / "hub"
PAGE = ROOT / "docs" / "hub"
PATIENCE = 300  # seconds for a process to start or to end


def install_proxy():
    """The hub's proxy is a program for node: npm brings it, in the version of pyproject.toml."""
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    wanted = [f"{name}@{version}" for name, version in tool["npm"].items()]
    places = ["--prefix", PROXY, "--cache", PROXY / "cache"]
    try:
        subprocess.run(["npm", "install", "--silent", *places, *wanted], check=True)
    except FileNotFoundError:
        sys.exit("The hub's proxy is a program for node: install node and npm, https://nodejs.org")
    except subprocess.CalledProcessError:
        sys.exit(f"npm could not install {' '.join(wanted)}: is there a network?")


def install_kernel():
    """The learners' kernel, by the command that the page has for administrators."""
    script = (PAGE / "tljh.sh").read_text(encoding="utf-8").replace("\\\n", "")
    (line,) = (line for line in script.splitlines() if "ipykernel install" in line)
    arguments = shlex.split(line.partition(" -m ")[2])
    subprocess.run([sys.executable, "-m", *arguments], check=True, capture_output=True)


def learners_environment():
    """What the page's Helm values give to each learner; the place of the course is a pod's."""
    values = yaml.safe_load((PAGE / "values.yaml").read_text(encoding="utf-8"))
    given = values["singleuser"]["extraEnv"]
    return {name: value for name, value in given.items() if name != "PYTHONPATH"}


def free_ports(number):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def git(folder, *arguments):
    who = "-c", "user.name=course", "-c", "user.email=course@localhost"
    command = ["git", "-C", folder, *who, *arguments]
    return subprocess.check_output(command, encoding="utf-8").strip()


class Hub:
    """The parts of a hub in a temporary folder, where the learners' homes are, too."""

    def __init__(self, folder):
        self.folder = folder
        self.ports = free_ports(3)
        self.address = f"http://127.0.0.1:{self.ports[0]}"
        self.remote = f"{folder.as_uri()}/course.git"
        self.token = secrets.token_hex(32)  # of the idle culler
        told = [str(folder), self.ports, self.token, learners_environment()]
        self.environment = os.environ | {
            "CLASS": json.dumps(told),
            "CONFIGPROXY_AUTH_TOKEN": secrets.token_hex(32),
        }

    def start(self):
        public, hub, api = self.ports
        self.run(
            PROXY / "node_modules" / ".bin" / "configurable-http-proxy",
            *("--ip=127.0.0.1", f"--port={public}", "--api-ip=127.0.0.1", f"--api-port={api}"),
            f"--default-target=http://127.0.0.1:{hub}",
            f"--error-target=http://127.0.0.1:{hub}/hub/error",
        )
        self.start_hub()

    def start_hub(self):
        config = Path(__file__).with_name("jupyterhub_config.py")
        self.hub = self.run(sys.executable, "-m", "jupyterhub", "--config", config)
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            with contextlib.suppress(OSError):
                return urllib.request.urlopen(f"{self.address}/hub/health").close()
            time.sleep(0.2)
        raise TimeoutError("the hub does not answer")

    def run(self, *command, **environment):
        """A process of its own group, so that Ctrl-C reaches this one alone."""
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                env=self.environment | environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def processes(self):
        """Pairs of part and process of all that know of the folder, whoever started them."""
        parts = {"ipykernel_launcher": "kernel", "singleuser": "server", "-m jupyterhub ": "hub"}
        parts["configurable-http-proxy"] = "proxy"
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if any(str(self.folder) in value for value in process.environ().values()):
                    command = " ".join(process.cmdline())
                    yield next((parts[word] for word in parts if word in command), None), process

    def end(self):
        for sign in (psutil.Process.terminate, psutil.Process.kill):
            processes = [process for _, process in self.processes()]
            for process in processes:
                with contextlib.suppress(psutil.Error):
                    sign(process)
            psutil.wait_procs(processes, PATIENCE)


@contextlib.contextmanager
def running():
    """A hub with the course's last commit to pull; at the end nothing is left of it."""
    install_proxy()
    install_kernel()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    with tempfile.TemporaryDirectory(prefix="class-", ignore_cleanup_errors=True) as folder:
        hub = Hub(Path(folder))
        git(ROOT, "clone", "--quiet", "--bare", ".", hub.folder / "course.git")
        commit = git(ROOT, "rev-parse", "HEAD")
        git(hub.folder / "course.git", "update-ref", "refs/heads/main", commit)
        try:
            hub.start()
            yield hub
        finally:
            hub.end()
