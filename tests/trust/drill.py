"""Plant faults, one at a time, in a throw-away copy of the project, and see the tests go red.

    python -m tests.trust.drill            every fault
    python -m tests.trust.drill network    those whose file's name contains the word

A fault in ``CORE``, one a module, must be seen by the notebooks alone, their stored outputs
stripped: a claim raises. All others must be seen by the tests: the copy is checked as ``make test``
checks it, up to the first failure, the tests of the module that holds the fault first. A fault that
nothing sees survives, and the drill fails. What unit tests alone see of the numerical modules is
counted by ``make mutation``. What a complete drill finds is written to ``results/drill.json``.
"""

import base64
import concurrent.futures
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from tests.notebooks import NOTEBOOKS, ROOT, path_of
from tests.trust import stored

WORKERS = os.cpu_count() or 1


class Fault(NamedTuple):
    """``old`` occurs once in ``path`` and becomes ``new``; in a notebook ``new`` edits it."""

    name: str
    path: str
    old: str
    new: object


class Unfit(Exception):
    """A fault that can no longer be planted where it was."""


def in_module(module, *faults):
    return [Fault(name, f"initlib/{module}.py", old, new) for name, old, new in faults]


CORE = [
    *in_module("initializers", ("He gives back 1, not 2", "return 2 / (1 +", "return 1 / (1 +")),
    *in_module(
        "activations", ("relu′ is 1 everywhere", "(z > 0).astype(z.dtype))", "np.ones_like(z))")
    ),
    *in_module("theory", ("the second moment is the mean", "phi(z) ** 2, q", "phi(z), q")),
    *in_module(
        "network",
        ("the mask comes from the layer above", "(self.z[layer], self.a[layer])", "(da[layer])"),
    ),
    *in_module(
        "training",
        ("labels are shuffled apart from inputs", "(labels[batch], ", "(labels[batch[::-1]], "),
    ),
    *in_module("probes", ("variance for second moment", "np.mean(s**2, ", "np.var(s, ")),
    *in_module(
        "claims", ("a tenth of the margin", "STANDARD_ERRORS = 4\n", "STANDARD_ERRORS = 0.4\n")
    ),
    *in_module(
        "datasets",
        ("labels in reverse", "for each in (x, labels)", "for each in (x, labels[::-1])"),
    ),
    *in_module("runs", ("the starts are turned round", "starts[place]", "starts[-1 - place]")),
    *in_module(
        "comparing",
        ("a start gets another's rate", "best.values())", "list(best.values())[::-1])"),
    ),
]

TESTED = [
    *in_module(
        "training",
        ("uphill", "parameters -= update", "parameters += update"),
        ("momentum is ignored", "self.v *= self.m", "self.v *= 0"),
        ("no permutation", "order = rng.permutation(examples)", "order = np.arange(examples)"),
        (
            "the last, short batch is dropped",
            "range(0, examples, batch_size)",
            "range(0, examples - batch_size + 1, batch_size)",
        ),
        ("the loss is that after the step", "history.loss[step] =", "history.loss[step - 1] ="),
        ("a diverged replica goes on", "update[stopped] = 0", "pass"),
    ),
    *in_module(
        "probes",
        ("sample for population", "np.std(s, axis=(-2, -1))", "np.std(s, axis=(-2, -1), ddof=1)"),
        ("dead over units, not over examples", ".all(axis=-2)", ".all(axis=-1)"),
        (
            "layers in reverse",
            "np.abs(_slope(network, z)) for z in check_network(network).hidden()]",
            "np.abs(_slope(network, z)) for z in check_network(network).hidden()[::-1]]",
        ),
        (
            "ratio without the learning rate",
            "return rates * std(dW)",
            "return std(dW)",
        ),
    ),
    *in_module(
        "claims",
        ("a claim never fails", "if not judged.agrees(judged.target)", "if False"),
        ("four hundred standard errors", "STANDARD_ERRORS = 4\n", "STANDARD_ERRORS = 400\n"),
        ("NaN agrees", "nan=np.inf)", "nan=0.0)"),
        ("a rival may agree too", "if judged.agrees_with_rival(other)", "if False"),
        ("a blunt claim passes", "if self.margin > resolution", "if False"),
        ("a network counts twice", "not all(map(_is_share, kinds[counts > 1]))", "False"),
    ),
    *in_module(
        "datasets",
        ("standardised by the whole set", "x[parts[0]].mean(axis=0)", "x.mean(axis=0)"),
        ("training digits in the test", "arange(LAST_HANDS,", "arange(LAST_HANDS - 100,"),
        ("dealt in the file's pattern", "rng.permutation(end - start)", "np.arange(end - start)"),
    ),
    *in_module(
        "lessons/__init__",
        ("every answer is right", "return exercise.checker(answer)", "return Verdict(True, '')"),
        ("no answer is right", "return exercise.checker(answer)", "return Verdict(False, '')"),
    ),
    *in_module(
        "lessons/_questions",
        (
            "a wrong choice is praised",
            "if choice.right else (WRONG",
            "if not choice.right else (WRONG",
        ),
        (
            "a prediction is judged before the experiment",
            "return card(NEUTRAL, NOTED)",
            "return feedback(question, choice)",
        ),
    ),
    *in_module(
        "lessons/_settling",
        (
            "an experiment may refute its prediction",
            "if true == choice.right:",
            "if choice.right or not true:",
        ),
    ),
    *in_module(
        "lessons/answers",
        ("a tolerance of a half", "relative=0.01, mistakes", "relative=0.5, mistakes"),
    ),
    *in_module(
        "lessons/_arithmetic",
        ("a percent is a number", 'base / 100 if self._next("%") else base', "base"),
    ),
    *in_module(
        "plots",
        (
            "axes are swapped",
            "(line,) = axes.plot(x, middle, label=name",
            "(line,) = axes.plot(middle, x, label=name",
        ),
        (
            "the theory line is missing",
            "in zip(THEORIES, theory.items()):",
            "in zip(THEORIES, ()):",
        ),
    ),
    *in_module(
        "figures",
        (
            "two starts look alike",
            '"too small": {"color": "#56B4E9", "linestyle": "--", "marker": "v"}',
            '"too small": {"color": "#CC79A7", "linestyle": "--", "marker": "^"}',
        ),
        (
            "the fingerprint forgets the lines",
            'lines.append(f"  line {_summary(line.get_label(), line.get_xydata(), write)}")',
            "pass",
        ),
    ),
    *in_module(
        "explorables/knob",
        ("the gain has no effect", "[gain * W for W in", "[W for W in"),
        ("the guess is never wrong", "away = abs(seen.guess - seen.lost)", "away = 0"),
    ),
    *in_module(
        "explorables/symmetry",
        ("the noise has no effect", "size * rng.standard_normal(", "1e-3 * rng.standard_normal("),
    ),
    *in_module(
        "explorables/moments",
        ("the belief has no effect", "/ quantity_at(quantity, activation, 1.0)", "/ 1.0"),
    ),
    *in_module(
        "explorables/bottleneck",
        ("the mode has no effect", "return 1 / n\n", "return 2 / (fan_in + fan_out)\n"),
    ),
    *in_module(
        "explorables/branches",
        ("the scale has no effect", "(x, W1, scale * W2, before", "(x, W1, W2, before"),
        ("the way back forgets the skip", "return d + back_before(", "return back_before("),
    ),
    *in_module(
        "explorables/attention",
        ("the gain has no effect", "scores = gain**2 / np.sqrt", "scores = 1 / np.sqrt"),
        ("the skip has no effect", 'x = x + y if skip == "skip" else y', "x = y"),
    ),
    *in_module(
        "explorables/width",
        ("the output's start has no effect", "/ WIDTHS[0]) ** (output + 0.5)", "/ WIDTHS[0]) ** 0"),
        (
            "all three is layer 3 alone",
            "for factor, (_, end) in zip(factors, by_layer))",
            "for factor, (_, end) in zip(factors[2:], by_layer[2:]))",
        ),
    ),
    *in_module(
        "explorables/phase",
        ("the biases have no effect", " + np.float32(sigma_b) * b[layer]", ""),
        ("chi takes the gain once", "chi = rate = sigma_w**2 *", "chi = rate = sigma_w *"),
    ),
    *in_module(
        "explorables/_frame",
        ("a control repaints nothing", 'control.observe(self.paint, "value")', "pass"),
        ("reset forgets one control", "in values.items():", "in list(values.items())[1:]:"),
    ),
]


def in_notebook(chapter, name, edit):
    return Fault(name, f"notebooks/{path_of(chapter).name}", "", edit)


def first_output(notebook, kind):
    """The first output of the notebook that holds ``kind``, and its cell."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            if kind in output.get("data", output):
                return cell, output
    raise Unfit(f"no output holds {kind}")


def empty_alt(notebook):
    first_output(notebook, "image/png")[1]["metadata"]["image/png"]["alt"] = ""


def strip_output(notebook):
    first_output(notebook, "text")[0]["outputs"] = []


def wrong_number(notebook):
    output = first_output(notebook, "text")[1]
    output["text"] = [re.sub(r"\d", "7", line) for line in output["text"]]


def blank_picture(notebook):
    data = first_output(notebook, "image/png")[1]["data"]
    with io.BytesIO() as file:
        Image.new("RGB", (600, 300), "white").save(file, "png")
        data["image/png"] = base64.b64encode(file.getvalue()).decode()


def dead_link(notebook):
    cell = next(c for c in notebook["cells"] if "](0" in "".join(c["source"]))
    cell["source"] = [line.replace("](0", "](9") for line in cell["source"]]


def changed(cell_id, old, new):
    """In one cell a few other words, or another line of code."""

    def edit(notebook):
        (cell,) = (c for c in notebook["cells"] if c["id"] == cell_id)
        cell["source"] = [line.replace(old, new) for line in cell["source"]]

    return edit


def wrong_kernel(notebook):
    notebook["metadata"]["kernelspec"]["name"] = "julia"


def never_run(notebook):
    first_output(notebook, "text")[0]["execution_count"] = None


TESTED += [
    in_notebook("02", "the kernel has a wrong name", wrong_kernel),
    in_notebook("03", "a figure's alt text is emptied", empty_alt),
    in_notebook("04", "a stored output is stripped", strip_output),
    in_notebook("04", "a link is dead", dead_link),
    in_notebook("05", "a stored number is changed", wrong_number),
    in_notebook(
        "05", "a number in the prose is changed", changed("read-table", "3.5 points", "8.7 points")
    ),
    in_notebook("06", "a picture is blank", blank_picture),
    in_notebook("07", "a cell was never run", never_run),
    in_notebook(
        "10",
        "the mean is a constant on the way back",
        changed("define-normalize", "(d - d.mean(over, keepdims=True)) / s", "d / s"),
    ),
    in_notebook(
        "11",
        "the softmax is a constant on the way back",
        changed("define-attend", "A * (dA - (A * dA).sum(-1, keepdims=True))", "A * dA"),
    ),
]


def faulty(fault, text):
    """The text of the fault's file with the fault in it."""
    if callable(fault.new):
        notebook = json.loads(text)
        fault.new(notebook)
        if notebook == json.loads(text):
            raise Unfit(f"{fault.name}: it changes nothing in {fault.path}")
        return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    if text.count(fault.old) != 1:
        raise Unfit(f"{fault.name}: {fault.path} holds {text.count(fault.old)} times {fault.old!r}")
    return text.replace(fault.old, fault.new)


def copy_to(folder):
    """The files of the project that git knows or would take, as they are now."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.check_output(listed, cwd=ROOT, text=True).splitlines():
        if (ROOT / name).is_file():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target)


def strip(folder):
    """Take all outputs out of the copy's notebooks."""
    for path in (folder / "notebooks").glob("*.ipynb"):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell["outputs"] = []
        path.write_text(json.dumps(notebook), encoding="utf-8")


def pytest(folder, *arguments):
    """What pytest prints in the copy if something fails, else nothing."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    return done.stdout + done.stderr if done.returncode else ""


def place(said):
    """Where the first failure is."""
    found = re.search(r"^(?:FAILED|ERROR) (\S+(?: \S+)*?)(?: - |$)", said, re.M)
    return found[1] if found else f"pytest itself: {said[-200:]}"


def failed_claim(said):
    """The first cell that a claim stopped, and what was claimed; None if there is none."""
    for told in re.split(r"^(?=\S+\.ipynb, cell \[)", said, flags=re.M):
        if found := re.search(r"^\S*ClaimFailed: *(.*?)(?:   |$)", told, re.M):
            return f"{told.partition(' fails')[0]}: {found[1]}"
    return None


def seen_by_claims(fault, folder):
    """The first claim that fails, in the chapters from the last, which uses the most."""
    for path in reversed(NOTEBOOKS):
        if claim := failed_claim(pytest(folder, "--nbval-lax", f"notebooks/{path.name}")):
            return claim
    return None


def seen_by_tests(fault, folder):
    """The first failure of the tests, or None."""
    path = Path(fault.path)
    if path.suffix == ".ipynb":
        first = ["tests/notebooks/test_notebooks.py", "tests/notebooks/test_prose.py", fault.path]
    else:  # a module in a package has the package's tests too
        first = [f"tests/unit/test_{name}.py" for name in (path.stem, path.parent.name)]
    first = [name for name in first if (ROOT / name).exists()]
    said = (first and pytest(folder, "-x", *first)) or pytest(folder, "-x")
    return place(said) if said else None


def drill(fault, see, copies):
    """Plant one fault in a copy that is free: the fault, what sees it, and the seconds it took."""
    begun, folder = time.perf_counter(), copies.pop()
    path = folder / fault.path
    text = path.read_text(encoding="utf-8")
    try:
        path.write_text(faulty(fault, text), encoding="utf-8")
        return fault, see(fault, folder), time.perf_counter() - begun
    finally:
        path.write_text(text, encoding="utf-8")
        copies.append(folder)


def main(word=""):
    core, tested = ([fault for fault in some if word in fault.path] for some in (CORE, TESTED))
    if not core + tested:
        raise SystemExit(f"no fault is planted in a file whose name contains {word!r}")
    begun, made = time.perf_counter(), stored.made()
    with tempfile.TemporaryDirectory(prefix="initlib-drill-") as scratch:
        copies = [Path(scratch) / str(k) for k in range(WORKERS)]
        for folder in copies:
            copy_to(folder)
        if said := pytest(copies[0], "-x", "-n", str(WORKERS)):
            raise SystemExit(f"The tests are red before any fault is planted: {place(said)}")
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            by_tests = report(pool.map(partial(drill, see=seen_by_tests, copies=copies), tested))
            for folder in copies:
                strip(folder)
            by_claims = report(pool.map(partial(drill, see=seen_by_claims, copies=copies), core))
    if not word:
        stored.write("drill", made, claims=by_claims, tests=by_tests)
    found = by_claims + by_tests
    survivors = sum(each["seen"] is None for each in found)
    print(f"{len(found)} faults, {survivors} survived, {time.perf_counter() - begun:.0f} s")
    return min(survivors, 1)


def report(results):
    """A line a fault, as soon as it is drilled; what is kept of them."""
    kept = []
    for fault, seen, seconds in results:
        kept.append({"name": fault.name, "path": fault.path, "seen": seen})
        where = Path(fault.path).name
        print(f"{where:<24} {fault.name:<40} {seen or 'SURVIVED':<80} {seconds:4.0f} s", flush=True)
    return kept


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
