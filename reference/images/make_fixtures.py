"""Reference values for tests/images/resize.test.ts, from Pillow.

    pip install pillow numpy
    python reference/images/make_fixtures.py > tests/fixtures/resize.json

Pictures are base64 of their RGB bytes.
"""

import base64
import json

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 37, 29
FILTERS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}
# Width and height of the result, then left, top, right and bottom of the box. None enlarges across and
# reduces down at once: Pillow 13 then filters columns first, older ones and this project always rows.
CASES = [
    ((16, 12), (0, 0, WIDTH, HEIGHT)),
    ((48, 40), (0, 0, WIDTH, HEIGHT)),
    ((10, 60), (0, 0, WIDTH, HEIGHT)),
    ((16, 16), (3.25, 2.5, 30.75, 28.125)),
    ((20, 21), (30.5, 20.25, 36.75, 29)),
]


def picture() -> np.ndarray:
    """Noise, a ramp and hard edges, so that clipping and borders are met."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    pixels[:14, :18] = np.linspace(0, 255, 18).astype(np.uint8)[None, :, None]
    pixels[14:, 20:28] = 0
    pixels[14:, 28:] = 255
    return pixels


def encode(pixels: np.ndarray) -> str:
    return base64.b64encode(pixels.tobytes()).decode()


def main() -> None:
    pixels = picture()
    image = Image.fromarray(pixels)
    cases = [
        {
            "filter": name,
            "width": width,
            "height": height,
            "box": {"left": x0, "top": y0, "width": x1 - x0, "height": y1 - y0},
            "pixels": encode(np.asarray(image.resize((width, height), value, (x0, y0, x1, y1)))),
        }
        for name, value in FILTERS.items()
        for (width, height), (x0, y0, x1, y1) in CASES
    ]
    source = {"width": WIDTH, "height": HEIGHT, "pixels": encode(pixels)}
    print(json.dumps({"source": source, "cases": cases}, indent=1))


if __name__ == "__main__":
    main()
