"""Numbers by a formula in place of numpy's random ones: tests/robustness/corruptions/scripted-random.ts repeats it."""

import numpy as np
from scipy.stats import poisson


def hashed(index: np.ndarray) -> np.ndarray:
    """Murmur's finaliser of 32-bit integers."""
    h = index.astype(np.uint32)
    h ^= h >> np.uint32(16)
    h *= np.uint32(0x85EBCA6B)
    h ^= h >> np.uint32(13)
    h *= np.uint32(0xC2B2AE35)
    return h ^ (h >> np.uint32(16))


class ScriptedRandom:
    """Draws uniform and normal numbers from two sequences, each in the order of the calls."""

    def __init__(self) -> None:
        self.uniforms = 0
        self.normals = 0

    def _uniform(self, count: int) -> np.ndarray:
        index = np.arange(self.uniforms + 1, self.uniforms + 1 + count)
        self.uniforms += count
        return (hashed(index) + 0.5) / 2**32

    def _shaped(self, values: np.ndarray, size):
        return values[0] if size is None else values.reshape(size)

    def random(self, size=None):
        return self._shaped(self._uniform(1 if size is None else int(np.prod(size))), size)

    def uniform(self, low=0.0, high=1.0, size=None):
        return low + (high - low) * self.random(size)

    def randint(self, low, high=None, size=None):
        low, high = (0, low) if high is None else (low, high)
        return np.floor(self.random(size) * (high - low)).astype(int) + low

    def normal(self, loc=0.0, scale=1.0, size=None):
        count = int(np.prod(size))
        index = np.arange(self.normals + 1, self.normals + 1 + count) + 2**31
        self.normals += count
        h = hashed(index)
        parts = sum(((h >> np.uint32(8 * byte)) & np.uint32(255)).astype(float) for byte in range(4))
        # Four bytes: mean 510, variance 4 * (256^2 - 1) / 12.
        deviates = ((parts - 510) / np.sqrt((256**2 - 1) / 3)).astype(np.float32)
        return loc + scale * deviates.astype(float).reshape(size)

    def poisson(self, lam):
        return poisson.ppf(self.random(lam.shape), lam)
