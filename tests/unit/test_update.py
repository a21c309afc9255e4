"""A new edition comes, and nothing that the learner wrote goes; by real repositories."""

import shutil
import subprocess

import pytest

from initlib.update import WHOLE, update
from tests.notebooks import ROOT

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")


def git(folder, *arguments):
    who = "-c", "user.name=test", "-c", "user.email=test@localhost"
    command = ["git", *who, *map(str, arguments)]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, encoding="utf-8")


def chapter(number, text="", end=""):
    """Twenty lines of a notebook, of which an edit changes the first or the last."""
    return "\n".join([f"chapter {number} {text}", *"abcdefghijklmnopqr", end, ""])


def publish(author, **files):
    for name, text in files.items():
        (author / "notebooks" / f"{name}.ipynb").write_text(text, encoding="utf-8")
    git(author, "add", "--all")
    git(author, "commit", "--quiet", "--message", "an edition")
    git(author, "push", "--quiet", "origin", "main")


@pytest.fixture(params=["--no-local", "--depth=1"])
def places(request, tmp_path, monkeypatch):
    """The author's clone and the learner's, of one repository with three chapters."""
    for name in WHOLE:
        monkeypatch.setenv(name, "")  # and so it is taken back at the end
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    author, learner = tmp_path / "the author", tmp_path / "the learner"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", "course.git")
    git(tmp_path, "clone", "--quiet", "course.git", author)
    git(author, "checkout", "--quiet", "-B", "main")
    (author / "notebooks").mkdir()
    shutil.copyfile(ROOT / ".gitattributes", author / ".gitattributes")
    publish(author, **{f"0{n}_{n}": chapter(n) for n in (1, 2, 3)})
    course = (tmp_path / "course.git").as_uri()
    git(tmp_path, "clone", "--quiet", request.param, course, learner)
    return author, learner


def texts(folder):
    paths = sorted((folder / "notebooks").iterdir())
    return {path.stem: path.read_text(encoding="utf-8") for path in paths}


NONE = ["No chapter has changed."]


def test_what_the_learner_wrote_stays_and_the_rest_is_new(places):
    author, learner = places
    assert update(learner) == NONE
    own = {"02_2": chapter(2, end="mine"), "03_3": chapter(3, "mine"), "my_notes": "mine"}
    for name, text in own.items():
        (learner / "notebooks" / f"{name}.ipynb").write_text(text, encoding="utf-8")
    assert update(learner) == NONE
    new = {f"0{n}_{n}": chapter(n, "new") for n in (1, 2, 4)}
    publish(author, **new)
    assert update(learner) == [
        "01_1 has changed, and is new here.",
        "02_2 has changed. You have worked in it: it stays as you left it.",
        "04_4 has changed, and is new here.",
        "To have the new one of a chapter that stays, rename yours and update once more.",
    ]
    assert texts(learner) == new | own  # a merge by lines would have mixed two editions in 02
    assert update(learner) == NONE

    notebooks = learner / "notebooks"
    (notebooks / "02_2.ipynb").rename(notebooks / "02_mine.ipynb")
    assert update(learner) == NONE
    own["02_mine"] = own.pop("02_2")
    assert texts(learner) == own | new

    publish(author, **{"02_2": chapter(2, "newest"), "03_3": chapter(3, "new")})
    told = update(learner)
    assert told[0] == "02_2 has changed, and is new here." and "03_3" in told[1]
    assert texts(learner) == new | own | {"02_2": chapter(2, "newest")}


def test_a_chapter_that_is_no_more_goes_unless_the_learner_wrote_in_it(places):
    author, learner = places
    (learner / "notebooks" / "02_2.ipynb").write_text("mine", encoding="utf-8")
    for name in ("01_1", "02_2"):
        (author / "notebooks" / f"{name}.ipynb").unlink()
    publish(author)
    assert update(learner) == NONE
    assert texts(learner) == {"02_2": "mine", "03_3": chapter(3)}


def test_where_nothing_can_be_brought_it_is_said_why(places, tmp_path):
    _, learner = places
    git(learner, "checkout", "--quiet", "-b", "mine")
    with pytest.raises(SystemExit, match="has no branch mine"):
        update(learner)
    git(learner, "checkout", "--quiet", "main")
    (learner / "notebooks" / "02_2.ipynb").write_text("mine", encoding="utf-8")
    (tmp_path / "course.git").rename(tmp_path / "gone")
    with pytest.raises(SystemExit, match=r"(?s)git failed: .*course\.git"):
        update(learner)
    assert texts(learner)["02_2"] == "mine"
    git(learner, "checkout", "--quiet", "--detach")
    with pytest.raises(SystemExit, match="HEAD is not a symbolic ref"):
        update(learner)
    with pytest.raises(SystemExit, match="not cloned by git"):
        update(tmp_path / "gone")
