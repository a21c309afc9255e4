"""One archive with which a machine without a network installs the course: ``make bundle``.

It holds the course, its web pages, and in ``wheels`` the packages that it needs on machines of this
system and this Python. The Makefile takes them from there.
"""

import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from tests.notebooks import ROOT
from tests.trust.drill import copy_to


def fill(course):
    """Put into the folder ``course`` what is kept of the course here, its pages and packages."""
    copy_to(course)
    shutil.copytree(ROOT / "site", course / "site")
    # setuptools, because pip asks for it to install a folder as it stands.
    wanted = [f"{ROOT}[test]", "setuptools"]
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--wheel-dir", course / "wheels", *wanted], check=True)
    for wheel in course.glob("wheels/initlib-*"):
        wheel.unlink()


def main():
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder, "initlib"))
        name = f"initlib-{sysconfig.get_platform()}-{sys.implementation.cache_tag}"
        archive = shutil.make_archive(ROOT / "build" / name, "zip", folder, "initlib")
    megabytes = Path(archive).stat().st_size / 1e6
    print(f"{Path(archive).relative_to(ROOT)}, {megabytes:.0f} MB: unpack it on a machine of the")
    print("same system and Python, and make lab and make test do there what they do here.")


if __name__ == "__main__":
    main()
