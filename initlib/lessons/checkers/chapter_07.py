import math

from initlib import theory
from initlib.initializers import fans
from initlib.lessons.checkers import function


def preserving_std(phi, shape):
    return theory.gain(phi) / math.sqrt(fans(shape)[0])


WRONG = {
    "variance": lambda phi, shape: preserving_std(phi, shape) ** 2,
    "channels_alone": lambda phi, shape: theory.gain(phi) / math.sqrt(shape[-2]),
    "first_of_the_shape": lambda phi, shape: theory.gain(phi) / math.sqrt(shape[0]),
    "fan_out": lambda phi, shape: theory.gain(phi) / math.sqrt(fans(shape)[1]),
    "gain_squared": lambda phi, shape: theory.gain(phi) * preserving_std(phi, shape),
    "he": lambda phi, shape: math.sqrt(2 / fans(shape)[0]),
    "root_forgotten": lambda phi, shape: theory.gain(phi) / fans(shape)[0],
    "gain_forgotten": lambda phi, shape: 1 / math.sqrt(fans(shape)[0]),
    "pytorch_order": lambda phi, shape: theory.gain(phi) / math.sqrt(math.prod(shape[1:])),
    "five_thirds": lambda phi, shape: (
        (5 / 3 if phi == "tanh" else theory.gain(phi)) / math.sqrt(fans(shape)[0])
    ),
    "xavier": lambda phi, shape: theory.gain(phi) / math.sqrt(sum(fans(shape)) / 2),
}

CASES = [("relu", (128, 64)), ("tanh", (3, 3, 16, 32)), ("gelu", (50, 200))]

CHECKERS = {"preserving-std": function(preserving_std, CASES, WRONG)}
