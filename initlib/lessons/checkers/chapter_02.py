import inspect

import numpy as np

from initlib.lessons.answers import Unreadable, Verdict, as_array


def distinct_start(mistakes):
    def checker(answer):
        if not callable(answer):
            raise Unreadable("a function is asked for: write `def my_start(rng, shape, dtype)`")
        for shape in ((64, 100), (100, 10)):
            if amiss := what_is_amiss(answer, shape):
                name, numbers = amiss
                return Verdict(False, mistakes[name].format(**numbers))
        return Verdict(True, "")

    return checker


def what_is_amiss(answer, shape):
    """The name of the start's mistake at this shape and the numbers in it, or None."""
    given = np.random.default_rng(0), shape, np.float64
    try:
        inspect.signature(answer).bind(*given)
    except TypeError:
        return "other_arguments", {}
    except ValueError:  # of a function that does not tell
        pass
    W = answer(*given)
    if W is None:
        return "no_return", {}
    W = as_array(W)
    if W.shape != shape:
        return "other_shape", {"shape": shape, "returned": W.shape}
    if not np.isfinite(W).all():
        return "not_finite", {}
    off = np.abs(W - 0.1)
    if off.max() > 0.01 + 1e-12:
        return "too_far", {"weight": W.flat[off.argmax()]}
    again = as_array(answer(np.random.default_rng(1), shape, np.float64))
    if not np.array_equal(W, again):
        return "chance", {}
    W = np.round(W, 12)
    rows, columns = (len({line.tobytes() for line in lines}) for lines in (W, W.T))
    if columns == shape[1]:
        return None
    if columns > 1:
        return "some_alike", {"columns": columns, "units": shape[1]}
    return "along_the_inputs" if rows > 1 else "all_alike", {}


CHECKERS = {"distinct-start": distinct_start}
