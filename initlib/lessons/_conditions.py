"""Conditions on what an experiment gives, such as "2.25 < value < 2.35" or "min(he) > 0.7"."""

import ast
import math

import numpy as np

KNOWN = {"abs": abs, "len": len, "max": max, "min": min, "all": np.all, "any": np.any}
KNOWN |= {"sqrt": np.sqrt, "log": np.log, "inf": math.inf}
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
