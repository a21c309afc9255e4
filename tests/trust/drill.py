"""Plant faults, one at a time, in a throw-away copy of the project, and see the tests go red.

    python -m tests.trust.drill            every fault
    python -m tests.trust.drill network    those whose file's name contains the word

The copy is checked as ``make test`` checks it, up to the first failure; the tests of the module
that holds the fault run first. A fault that no test sees survives, and the drill fails.
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
from pathlib import Path
from typing import NamedTuple

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent.parent
WORKERS = os.cpu_count() or 1


class Fault(NamedTuple):
    """``old`` occurs once in ``path`` and becomes ``new``; in a notebook ``new`` edits a cell."""

    name: str
    path: str
    old: str
    new: object


def in_module(module, *faults):
    return [Fault(name, f"initlib/{module}.py", old, new) for name, old, new in faults]


FAULTS = [
    *in_module(
        "initializers",
        ("He gives back 1, not 2", "return 2 / (1 +", "return 1 / (1 +"),
        (
            "LeCun takes fan_out",
            'return _scaled(1.0, "fan_in", "normal")',
            'return _scaled(1.0, "fan_out", "normal")',
        ),
        ("the root is dropped", "(math.sqrt(scale / n), rng", "((scale / n), rng"),
        (
            "√6 for √3 in a uniform bound",
            "bound = math.sqrt(3) * std",
            "bound = math.sqrt(6) * std",
        ),
        ("Xavier takes the sum of the fans", "(fan_in + fan_out) / 2}", "(fan_in + fan_out)}"),
        ("truncated without its correction", "weights *= std / TRUNCATED_STD", "weights *= std"),
        (
            "orthogonal without its sign",
            "gain * np.where(np.diagonal(R) < 0, -1, 1).astype(dtype)",
            "gain",
        ),
        (
            "a gain multiplies the variance",
            '** 2, "fan_avg", "uniform")',
            ', "fan_avg", "uniform")',
        ),
        ("the slope is not squared", "negative_slope) ** 2)", "negative_slope))"),
        (
            "a kernel's fans leave out its size",
            "receptive_field * inputs, receptive_field * outputs",
            "inputs, outputs",
        ),
        (
            "the seed is ignored",
            "weights = rng.standard_normal(shape, dtype)\n    weights *= std\n",
            "weights = np.random.default_rng(0).standard_normal(shape)\n    weights *= std\n",
        ),
        (
            "float64 where float32 was asked",
            "weights = rng.random(shape, dtype)",
            "weights = rng.random(shape)",
        ),
    ),
    *in_module(
        "activations",
        ("relu′ is 1 everywhere", "lambda z: (z > 0).astype(z.dtype))", "np.ones_like)"),
        (
            "relu′(0) is 1",
            "lambda z: (z > 0).astype(z.dtype))",
            "lambda z: (z >= 0).astype(z.dtype))",
        ),
        ("tanh′ without its square", "1 - np.tanh(z) ** 2", "1 - np.tanh(z)"),
        ("sigmoid′ is sigmoid", "return s * (1 - s)", "return s"),
        ("silu′ forgets a term", "_logistic(z) + z * _logistic_slope(z)", "_logistic(z)"),
        ("gelu′ forgets a term", "_gaussian_cdf(z) + z * _gaussian_pdf(z)", "_gaussian_cdf(z)"),
        (
            "elu′ is 1 below 0 too",
            "lambda z: np.exp(np.minimum(z, 0)),\n)\nselu",
            "np.ones_like,\n)\nselu",
        ),
        (
            "selu′ forgets α",
            "SELU_ALPHA * np.exp(np.minimum(z, 0))).astype",
            "np.exp(np.minimum(z, 0))).astype",
        ),
        ("leaky_relu′ is relu′", "np.where(z > 0, 1, slope)", "np.where(z > 0, 1, 0)"),
    ),
    *in_module(
        "theory",
        ("the second moment is the mean", "lambda z: phi(z) ** 2, q", "lambda z: phi(z), q"),
        (
            "the variance is taken for its root",
            "z = np.sqrt(q)[..., None] * _NODES",
            "z = q[..., None] * _NODES",
        ),
        (
            "half the line is forgotten",
            "(function(z) + function(-z)) @ _WEIGHTS",
            "(2 * function(z)) @ _WEIGHTS",
        ),
        (
            "the recurrence forgets the scale",
            "variances.append(scale * second_moment",
            "variances.append(second_moment",
        ),
    ),
    *in_module(
        "network",
        (
            "the mask comes from the layer above",
            "self.activation.derivative(self.z[layer], self.a[layer])",
            "self.activation.derivative(da[layer])",
        ),
        ("the biases are forgotten", "            z += b[:, None]\n", ""),
        (
            "replicas leak into one another",
            "np.matmul(a_before.mT, dz[layer], out=dW[layer])",
            "np.matmul(a_before.mT, dz[layer][::-1], out=dW[layer])",
        ),
        (
            "two layers share a stream",
            "W[r] = initializer(rng, W.shape[1:], self.dtype)",
            "W[r] = initializer(np.random.default_rng(r), W.shape[1:], self.dtype)",
        ),
        ("the gradient is not of the mean loss", "p /= total * len(labels)", "p /= total"),
        (
            "the last layer is not linear",
            "if layer < self.depth - 1 else z",
            "if layer < self.depth else z",
        ),
        ("weights put in place are not trained", "part[:] = own", "pass"),
        (
            "W is not transposed on the way back",
            "self.W[layer + 1].mT",
            "self.W[layer + 1].reshape(self.replicas, self.sizes[layer + 2], -1)",
        ),
    ),
    *in_module(
        "training",
        ("uphill", "parameters -= rates", "parameters += rates"),
        ("momentum is ignored", "momentum * velocity + gradient", "0 * velocity + gradient"),
        (
            "the last, short batch is dropped",
            "for start in range(0, examples, batch_size):",
            "for start in range(0, examples - batch_size + 1, batch_size):",
        ),
        (
            "labels are shuffled apart from inputs",
            "network.backward(labels[batch], ",
            "network.backward(labels[batch[::-1]], ",
        ),
        (
            "the loss is that after the step",
            "losses[step] = network.mean_loss",
            "losses[step - 1] = network.mean_loss",
        ),
        ("no permutation", "order = rng.permutation(examples)", "order = np.arange(examples)"),
        ("a diverged replica goes on", "velocity[stopped] = 0", "pass"),
    ),
    *in_module(
        "probes",
        ("variance for second moment", "np.mean(s**2, axis=(-2, -1))", "np.var(s, axis=(-2, -1))"),
        ("sample for population", "np.std(s, axis=(-2, -1))", "np.std(s, axis=(-2, -1), ddof=1)"),
        (
            "dead over units, not over examples",
            ".all(axis=-2).mean(axis=-1)",
            ".all(axis=-1).mean(axis=-1)",
        ),
        (
            "layers in reverse",
            "for z in network.z[:-1]]\n    )\n\n\ndef dead_share",
            "for z in network.z[-2::-1]]\n    )\n\n\ndef dead_share",
        ),
        (
            "ratio without the learning rate",
            "return learning_rate * std(gradients.dW)",
            "return std(gradients.dW)",
        ),
    ),
    *in_module(
        "claims",
        ("a claim never fails", "    if not agrees:\n", "    if False:\n"),
        ("four hundred standard errors", "STANDARD_ERRORS = 4\n", "STANDARD_ERRORS = 400\n"),
        ("NaN agrees", "nan=np.inf)", "nan=0.0)"),
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
        ("a percent is a number", "return value / 100 if percent else value", "return value"),
    ),
    *in_module(
        "plots",
        (
            "axes are swapped",
            "(line,) = axes.plot(x, middle, label=name, **style, markevery",
            "(line,) = axes.plot(middle, x, label=name, **style, markevery",
        ),
        (
            "two starts look alike",
            '"too small": {"color": "#56B4E9", "linestyle": "--", "marker": "v"}',
            '"too small": {"color": "#CC79A7", "linestyle": "--", "marker": "^"}',
        ),
        (
            "the theory line is missing",
            "for name, values in (theory or {}).items():",
            "for name, values in {}.items():",
        ),
        (
            "the fingerprint forgets the lines",
            'lines.append(f"  line {_summary(line.get_label(), line.get_xydata(), digits)}")',
            "pass",
        ),
    ),
    *in_module(
        "datasets",
        ("standardised by the whole set", "x[:train].mean(axis=0)", "x.mean(axis=0)"),
        (
            "training digits in the test",
            "x[train:], labels[train:]",
            "x[train - 100 :], labels[train - 100 :]",
        ),
    ),
    *in_module(
        "explorables/knob",
        ("the gain has no effect", "[gain * W for W in", "[W for W in"),
        ("the guess is never wrong", "away = abs(seen.guess - seen.lost)", "away = 0"),
    ),
    *in_module(
        "explorables/symmetry",
        (
            "the noise has no effect",
            "size * rng.standard_normal(shape, dtype)",
            "1e-3 * rng.standard_normal(shape, dtype)",
        ),
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
        "explorables/_frame",
        ("a control repaints nothing", 'control.observe(self.paint, "value")', "pass"),
        (
            "reset forgets one control",
            "for name, value in values.items():",
            "for name, value in list(values.items())[1:]:",
        ),
    ),
]


def notebook_fault(name, chapter, edit):
    (path,) = (ROOT / "notebooks").glob(f"{chapter}_*.ipynb")
    return Fault(name, f"notebooks/{path.name}", "", edit)


def first_output(notebook, kind):
    """The first output of the notebook that holds ``kind``, and its cell."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            if kind in output.get("data", output):
                return cell, output
    raise SystemExit(f"no output holds {kind}")


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


def prose_number(notebook):
    (cell,) = (c for c in notebook["cells"] if c["id"] == "read-table")
    cell["source"] = [line.replace("1.5 points", "8.7 points") for line in cell["source"]]


def wrong_kernel(notebook):
    notebook["metadata"]["kernelspec"]["name"] = "julia"


def never_run(notebook):
    first_output(notebook, "text")[0]["execution_count"] = None


FAULTS += [
    notebook_fault("a figure's alt text is emptied", "03", empty_alt),
    notebook_fault("a stored output is stripped", "04", strip_output),
    notebook_fault("a stored number is changed", "05", wrong_number),
    notebook_fault("a number in the prose is changed", "05", prose_number),
    notebook_fault("a picture is blank", "06", blank_picture),
    notebook_fault("a link is dead", "04", dead_link),
    notebook_fault("the kernel has a wrong name", "02", wrong_kernel),
    notebook_fault("a cell was never run", "07", never_run),
]


def copy_to(folder):
    """The files of the project that git knows or would take, as they are now."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.check_output(listed, cwd=ROOT, text=True).splitlines():
        if (ROOT / name).is_file():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target)


def plant(fault, folder):
    """Put the fault into the copy; a fault that no longer fits is an error of the drill."""
    path = folder / fault.path
    text = path.read_text(encoding="utf-8")
    if callable(fault.new):
        notebook = json.loads(text)
        fault.new(notebook)
        changed = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    else:
        if text.count(fault.old) != 1:
            raise SystemExit(
                f"{fault.name}: {fault.path} holds this {text.count(fault.old)} times:\n{fault.old}"
            )
        changed = text.replace(fault.old, fault.new)
    if changed == text:
        raise SystemExit(f"{fault.name}: nothing was changed")
    path.write_text(changed, encoding="utf-8")
    return text


def first_tests(fault):
    """Where the fault should be seen soonest."""
    path = Path(fault.path)
    if path.suffix == ".ipynb":
        return ["tests/notebooks/test_notebooks.py", "tests/notebooks/test_prose.py", fault.path]
    own = f"tests/unit/test_{path.stem}.py"
    shared = ["tests/unit/test_explorables.py"] if "explorables" in fault.path else []
    return [name for name in (own, *shared) if (ROOT / name).exists()]


def check(folder, first, *options):
    """The first failure of the tests in the copy, or None; and the seconds it took."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *options]
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    begun, failure = time.perf_counter(), None
    for tests in filter(None, (first, [[]])):
        done = subprocess.run(
            [*command, *tests],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            found = re.search(r"^(?:FAILED|ERROR) (\S+(?: \S+)*?)(?: - |$)", done.stdout, re.M)
            failure = found[1] if found else f"pytest ended with {done.returncode}"
            break
    return failure, time.perf_counter() - begun


def drill(fault, copies):
    folder = copies.pop()
    try:
        text = plant(fault, folder)
        try:
            return fault, *check(folder, first_tests(fault))
        finally:
            (folder / fault.path).write_text(text, encoding="utf-8")
    finally:
        copies.append(folder)


def main(word=""):
    chosen = [fault for fault in FAULTS if word in fault.path]
    if not chosen:
        raise SystemExit(f"no fault is planted in a file whose name contains {word!r}")
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="initlib-drill-") as scratch:
        copies = [Path(scratch) / str(k) for k in range(WORKERS)]
        for folder in copies:
            copy_to(folder)
        caught, seconds = check(copies[0], [], "-n", str(WORKERS))
        print(f"without a fault: {caught or 'green'}, {seconds:.0f} s", flush=True)
        if caught:
            raise SystemExit("The tests are red before any fault is planted.")
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            results = pool.map(lambda fault: drill(fault, copies), chosen)
            survivors = report(results)
    print(f"{len(chosen)} faults, {survivors} survived, {time.perf_counter() - begun:.0f} s")
    return min(survivors, 1)


def report(results):
    """A line a fault; the number of those that nothing caught."""
    survivors = 0
    for fault, caught, seconds in results:
        survivors += caught is None
        where = Path(fault.path).name
        print(
            f"{where:<24} {fault.name:<40} {caught or 'SURVIVED':<80} {seconds:4.0f} s", flush=True
        )
    return survivors


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
