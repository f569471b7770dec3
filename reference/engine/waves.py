"""The formula for parameters and inputs; tests/nn/pytorch-case.ts repeats it."""

import math

import numpy as np
import torch


def waves(name: str, shape: tuple[int, ...]) -> torch.Tensor:
    """Values of about unit variance that depend on the name and the index alone."""
    seed = 0
    for character in name:
        seed = (seed * 31 + ord(character)) % 9973
    i = np.arange(math.prod(shape), dtype=np.float64)
    values = 1.4 * np.sin(seed + 1.7 * i + 0.01 * i * i)
    return torch.from_numpy(values.astype(np.float32).reshape(shape)).double()


def parameter(name: str, shape: tuple[int, ...]) -> torch.Tensor:
    """Weights by fan-in, scales near 1, biases near 0."""
    values = waves(name, shape)
    if len(shape) >= 2:
        values = values / math.sqrt(math.prod(shape[1:]))
    elif name.endswith("weight"):
        values = 1 + 0.2 * values
    else:
        values = 0.2 * values
    return values.float().double()
