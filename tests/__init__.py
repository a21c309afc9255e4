"""What all rooms of the tests share: the one count of lines of code."""

import ast
import functools
import io
import tokenize

NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}


@functools.cache
def code_line_numbers(source):
    """Of a file or a cell, the lines that hold code: no blank, no comment, no docstring."""
    lines = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in NO_CODE:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            lines -= set(range(node.lineno, node.end_lineno + 1))
    return frozenset(lines)


def code_lines(source):
    """How many lines of a file or a cell hold code."""
    return len(code_line_numbers(source))


def function_lines(source):
    """Pairs of each function in a file or a cell and how many of its lines hold code."""
    lines = code_line_numbers(source)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, len(lines & set(range(node.lineno, node.end_lineno + 1)))
