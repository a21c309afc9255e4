"""A newer edition of the course, with what the learner wrote kept: ``python -m initlib.update``.

For a folder that git cloned. nbgitpuller does it, as on a hub: it commits what the learner wrote,
and merges; where both have changed a file, the learner's stays, and stays whole.
"""

import os
import subprocess
import sys
from pathlib import Path

# As docs/hub has it for a class: a notebook in which lines of two editions were mixed is no use.
WHOLE = {
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "merge.default",
    "GIT_CONFIG_VALUE_0": "binary",
}
NOTEBOOKS = "notebooks/*.ipynb"
CLONE = "This folder was not cloned by git. Fetch the course anew into another folder, and copy the"
CLONE += " chapters there that you have worked in; your answers are kept outside of both."


def update(folder):
    """Bring the folder up to date; the lines that say which chapters have changed."""
    folder = Path(folder)
    if not (folder / ".git").exists():
        raise SystemExit(CLONE)
    os.environ.update(WHOLE)
    try:
        branch = _git(folder, "symbolic-ref", "--short", "HEAD")
        before = _git(folder, "rev-parse", "HEAD")
        _pull(folder, branch)
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"No update, since git failed: {error.stderr or error}") from None
    newest = f"origin/{branch}"
    since = _git(folder, "merge-base", before, newest)
    return list(_told(folder, _chapters(folder, since, newest), _chapters(folder, newest)))


def _pull(folder, branch):
    from nbgitpuller.errors import BranchExistError
    from nbgitpuller.pull import GitPuller

    origin = _git(folder, "remote", "get-url", "origin")
    said = []
    try:
        said.extend(GitPuller(origin, str(folder), branch=branch).pull())
    except BranchExistError:
        raise SystemExit(f"No update, since {origin} has no branch {branch}.") from None
    except subprocess.CalledProcessError as error:
        error.stderr = error.stderr or "".join(said)
        raise


def _git(folder, *arguments):
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout.strip()


def _chapters(folder, *editions):
    """The notebooks that differ between two editions, or between one and the folder."""
    names = _git(folder, "diff", "--name-only", "--diff-filter=d", *editions, "--", NOTEBOOKS)
    return [Path(name).stem for name in names.splitlines()]


def _told(folder, changed, own):
    if not changed:
        yield "No chapter has changed."
    for chapter in changed:
        if chapter not in own:
            yield f"{chapter} has changed, and is new here."
        else:
            yield f"{chapter} has changed. You have worked in it: it stays as you left it."
    if set(changed) & set(own):
        yield "To have the new one of a chapter that stays, rename yours and update once more."


def main():
    """Update the course that this file is of."""
    print("\n".join(update(Path(__file__).resolve().parent.parent)))


if __name__ == "__main__":
    sys.exit(main())
