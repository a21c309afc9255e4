"""environment.yml asks conda for what pyproject.toml asks pip for."""

import tomllib
from pathlib import Path

import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent.parent
PYPI_NAMES = {"matplotlib-base": "matplotlib"}  # conda's matplotlib brings Qt, which nothing uses


def floors(lines):
    requirements = map(Requirement, lines)
    return {PYPI_NAMES.get(line.name, line.name): str(line.specifier) for line in requirements}


def test_conda_and_pip_get_the_same():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    conda = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    packages = floors(line for line in conda["dependencies"] if isinstance(line, str))
    assert packages.pop("python") == project["requires-python"]
    assert packages.pop("pip") == ""
    assert packages == floors(project["dependencies"])
    assert {"pip": ["-e .[test]"]} in conda["dependencies"]
    assert (conda["name"], conda["channels"]) == ("initlib", ["conda-forge"])
