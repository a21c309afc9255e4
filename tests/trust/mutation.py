"""Change the numerical modules a little, one place at a time: do their unit tests notice?

    python -m tests.trust.mutation            every module that pyproject.toml names
    python -m tests.trust.mutation theory     this one alone

Cosmic Ray makes the changed modules, the mutants. Each stands in a scratch copy of the package and
is judged by the module's own tests and examples alone: if they fail, or find no end, it is killed.

Two kinds do not count. A mutant that lies within a ``raise`` statement changes what is said, and
messages are set apart. One that no test could tell from the code stands in ``EQUIVALENT`` with the
reason why. The score is the share of all others that was killed; what is found of a module is
written to ``results/mutation`` as soon as it is judged.
"""

import ast
import concurrent.futures
import contextlib
import io
import math
import multiprocessing
import os
import re
import shutil
import sys
import tempfile
import time
import tomllib
from pathlib import Path
from typing import NamedTuple

from tests.notebooks import ROOT
from tests.trust import stored

CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["cosmic-ray"]
REQUIRED = 0.95
PROCESSES = 2
PATIENCE = 10  # times the processor time that the tests take on the module as it is

# Of each module: what in the code becomes what, and why no test could tell.
EQUIVALENT = {
    "initializers": [
        ("(weights) > 2", "(weights) >= 2", "a law is the same without its end points"),
        ("gain * np.where(", "gain / np.where(", "a sign divides as it multiplies"),
        ("(R) < 0", "(R) <= 0", "a 0 on the diagonal of R has probability 0"),
        ("(R) < 0", "(R) > 0", "columns turned round leave a uniform Q uniform"),
        ("(R) < 0", "(R) >= 0", "the two reasons before, together"),
        ("rows >= outputs", "rows > outputs", "a uniform square Q transposed is uniform"),
    ],
    "activations": [
        ("np.abs(z), 40", "np.abs(z), 39", "exp(-760) is 0 too"),
        ("np.abs(z), 40", "np.abs(z), 41", "exp(-840) is 0 too"),
        ("z > 0, z, slope", "z >= 0, z, slope", "slope * 0 is 0 too"),
        ("TAIL = 800", "TAIL = 799", "exp(-799) is 0 too"),
        ("TAIL = 800", "TAIL = 801", "exp(-801) is 0 too"),
        ("range(11, ", "range( 12, ", "the term is below rounding"),
        ("range(11, ", "range( 10, ", "the term is below rounding"),
        ("z < 0.1", "z <= 0.1", "there both are right"),
        ("np.minimum(z, 0.1)", "np.minimum(z, 1.1)", "beyond 0.1 it is not taken"),
        ("clip(max=0)", "clip(max= 1)", "above 0 it is not taken"),
    ],
    "theory": [
        ("_STEP = 1", "_STEP = 2", "the rule is exact to rounding at both steps"),
        ("arange(-60", "arange(- 61", "what is promised holds for larger q too"),
        ("= 1e300", "= 1e+300", "the same number"),
        ("(q >= 0) & (q", "(q >= 0) * (q", "of two truths both hold where their product does"),
        ("(q >= 0) & (q", "(q >= 0) // (q", "1 only where both hold, and what is refused may warn"),
    ],
    "network": [
        ("(z) if layer < self", "(z) if layer != self", "no layer comes after the last"),
        ("if layer < self.depth - 1:", "if layer != self.depth - 1:", "the same"),
        ("dW[0].base", "dW[ 1].base", "all dW are parts of the one array"),
        ("dW[0].base", "dW[ -1].base", "the same"),
        ("sum(axis=-1) /", "sum(axis=1) /", "of two axes the last is axis 1"),
        ("total[:, 0]", "total[:, -1]", "the axis has one place"),
    ],
    "runs": [
        ("(set(values)) != len", "(set(values)) < len", "a set holds no more than its list"),
        ("(starts) != len", "(starts) < len", "the same of a dict"),
        ("(each) != 1", "(each) > 1", "an axis has a place at least"),
        ("found[0]", "found[ -1]", "there is one"),
    ],
    "comparing": [
        ("if best == 0 else", "if best <= 0 else", "it counts places"),
        ("rate, *, rng,", "rate, /, rng,", "its two calls name what follows"),
        (".dtype != bool", ".dtype > bool", "every other kind of number can hold a bool"),
        ("0 if chance is", "1 if chance is", "any number passes its check"),
        ("0 if chance is", "-1 if chance is", "the same"),
    ],
}


class Mutant(NamedTuple):
    """``change`` is the pair of the lines before and after, without their indentation."""

    module: str
    line: int
    change: tuple
    message: bool
    source: str


def read(module):
    return (ROOT / "initlib" / f"{module}.py").read_text(encoding="utf-8")


def code(module):
    """A sum of the module and of its tests: another one means that a result is older."""
    tests = ROOT / "tests" / "unit" / f"test_{module}.py"
    return stored.checksum([read(module), tests.read_text(encoding="utf-8")])


def mutants(module):
    """Every mutant of a module; one that is made twice counts once."""
    from cosmic_ray.ast import ast_nodes, get_ast  # here, since only `make mutation` brings it
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator, operator_names

    source = read(module)
    nodes, messages, made = list(ast_nodes(get_ast(source))), raised(source), {}
    for name in operator_names():
        operator = get_operator(name)
        # Those with arguments want the names of variables to change.
        if operator.arguments() or re.match("|".join(CONFIG["exclude-operators"]), name):
            continue
        places = [place for node in nodes for place in operator().mutation_positions(node)]
        for occurrence, (start, end) in enumerate(places):
            mutated = mutate_code(source, operator(), occurrence)
            message = any(first <= start and end <= last for first, last in messages)
            made[mutated] = Mutant(module, start[0], change(source, mutated), message, mutated)
    return sorted(made.values(), key=lambda mutant: mutant.line)


def raised(source):
    """Where each raise statement begins and ends, as (line, column)."""
    return [
        ((node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset))
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Raise)
    ]


def change(source, mutated):
    """The lines of both from the first difference to the last."""
    before, after = source.splitlines(), mutated.splitlines()
    for end in (0, -1):
        while before and after and before[end] == after[end]:
            del before[end], after[end]
    return tuple("\n".join(line.strip() for line in lines) for lines in (before, after))


def prepare():
    """Let each process begin with numpy and the tests' libraries imported, and use one thread."""
    os.environ |= {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    multiprocessing.get_context("forkserver").set_forkserver_preload(
        ["hypothesis", "mpmath", "nbformat", "numpy", "pytest", "scipy.stats"]
    )


def run_tests(folder, module, seconds):
    """In a process of its own: the exit status is the verdict. Past ``seconds`` of the processor's
    time, which other work on the machine does not use up, the system ends it."""
    import resource

    import pytest

    if seconds is not None:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    os.chdir(folder)
    sys.path.insert(0, folder)
    files = (f"initlib/{module}.py", f"tests/unit/test_{module}.py")
    with contextlib.redirect_stdout(io.StringIO()):
        status = pytest.main(["-x", "-p", "no:cacheprovider", "--doctest-modules", *files])
    Path("seconds").write_text(str(time.process_time()), encoding="utf-8")
    sys.exit(status)


def trial(module, source, seconds=None):
    """Whether the module's tests fail once it is ``source``, or take more than ``seconds`` of the
    processor's time; and how many they take, if they end."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        unwanted = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "initlib", copy / "initlib", ignore=unwanted)
        (copy / "initlib" / f"{module}.py").write_text(source, encoding="utf-8")
        (copy / "tests" / "unit").mkdir(parents=True)
        shutil.copy(ROOT / "tests" / "unit" / f"test_{module}.py", copy / "tests" / "unit")
        fresh = multiprocessing.get_context("forkserver")
        process = fresh.Process(target=run_tests, args=(folder, module, seconds))
        process.start()
        process.join()
        taken = copy / "seconds"
        took = float(taken.read_text(encoding="utf-8")) if taken.exists() else math.inf
    return process.exitcode != 0, took


def judge(module, pool):
    """[(mutant, whether it is killed)] of a module."""
    failed, took = trial(module, read(module))
    if failed:
        sys.exit(f"The tests of {module} fail on the module as it is.")
    seconds = math.ceil(PATIENCE * took)
    made = mutants(module)
    print(f"{module}: {len(made)} mutants", file=sys.stderr, flush=True)
    return list(zip(made, pool.map(lambda each: trial(module, each.source, seconds)[0], made)))


def tally(module, judged, equivalent):
    """What is kept of a module: its mutants, counted, the score, and what is wrong."""
    listed = {(old, new) for old, new, _ in equivalent}
    counted = [(mutant, killed) for mutant, killed in judged if not mutant.message]
    survivors = [mutant for mutant, killed in counted if not killed]
    found = {each: pair for each in survivors for pair in listed if is_the_change(*pair, each)}
    unlisted = [mutant for mutant in survivors if mutant not in found]
    killed = len(counted) - len(survivors)
    score = killed / max(1, killed + len(unlisted))
    wrong = []
    for mutant in unlisted:
        before, after = mutant.change
        wrong.append(f"initlib/{module}.py:{mutant.line} survives\n- {before}\n+ {after}")
    for old, new in sorted(listed - set(found.values())):
        wrong.append(f"{module}: {old} -> {new} is listed, but killed or no longer made")
    if score < REQUIRED:
        wrong.append(f"{module}: the score is below {REQUIRED:.0%}")
    return {
        "mutants": len(judged),
        "messages": len(judged) - len(counted),
        "equivalent": len(found),
        "killed": killed,
        "score": score,
        "wrong": wrong,
    }


def is_the_change(old, new, mutant):
    before, after = mutant.change
    return old in before and before.replace(old, new) == after


def report(results):
    """Print the table and what is wrong, and return whether nothing is."""
    print(f"{'module':14}{'mutants':>8}{'messages':>10}{'equivalent':>12}{'killed':>8}{'score':>9}")
    for module, found in results.items():
        print(
            f"{module:14}{found['mutants']:8}{found['messages']:10}{found['equivalent']:12}"
            f"{found['killed']:8}{found['score']:9.1%}"
        )
    wrong = [each for found in results.values() for each in found["wrong"]]
    print(*wrong, sep="\n")
    return not wrong


def main(*modules):
    prepare()
    made, results = stored.made(), {}
    with concurrent.futures.ThreadPoolExecutor(PROCESSES) as pool:
        for module in modules or CONFIG["modules"]:
            found = tally(module, judge(module, pool), EQUIVALENT.get(module, []))
            stored.write(f"mutation/{module}", made, code=code(module), **found)
            results[module] = found
    return 0 if report(results) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
