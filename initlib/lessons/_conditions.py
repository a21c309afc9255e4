"""Conditions on what an experiment gives, such as "2.25 < value < 2.35" or "min(he) > 0.7"."""

import ast
import math

import numpy as np


def _of_one_or_many(over_array, over_arguments):
    """min and max: of an array's elements, or of several arguments."""
    return lambda *of: over_array(of[0]) if len(of) == 1 else over_arguments(of)


KNOWN = {
    "abs": np.abs,
    "all": lambda each: bool(np.all(each)),
    "any": lambda each: bool(np.any(each)),
    "inf": math.inf,
    "len": len,
    "log": np.log,
    "max": _of_one_or_many(np.max, max),
    "min": _of_one_or_many(np.min, min),
    "sqrt": np.sqrt,
}
LOGIC = (ast.Expression, ast.BoolOp, ast.Compare, ast.boolop, ast.cmpop)
ARITHMETIC = (ast.UnaryOp, ast.BinOp, ast.Constant, ast.Name, ast.Call, ast.unaryop, ast.operator)
PARTS = (ast.Subscript, ast.Slice, ast.Tuple, ast.expr_context)


def parse(condition):
    """The condition's tree, made of nothing but arithmetic, comparisons and the known functions."""
    try:
        tree = ast.parse(condition.strip(), mode="eval")
    except SyntaxError as problem:
        raise ValueError(f"{condition!r} is no condition: {problem.msg}") from None
    for node in ast.walk(tree):
        function = getattr(node, "func", None)
        strange = function is not None and getattr(function, "id", None) not in KNOWN
        if strange or not isinstance(node, LOGIC + ARITHMETIC + PARTS):
            raise ValueError(f"{condition!r} may not have {ast.unparse(node)!r}")
    return tree


def is_true(condition, names):
    """Whether the condition holds for these named numbers or arrays."""
    code = compile(parse(condition), "<condition>", "eval")
    try:
        with np.errstate(all="ignore"):
            truth = eval(code, {"__builtins__": {}, **KNOWN, **names})
    except Exception as problem:
        raise ValueError(f"{condition!r} cannot be asked: {problem}") from None
    if not isinstance(truth, (bool, np.bool_)):
        raise ValueError(f"{condition!r} is {truth!r}, neither true nor false")
    return bool(truth)
