"""MobileNetV1 0.25: names of the published graph and their translation."""

import numpy as np

PREFIX = "module_apply_default/MobilenetV1/MobilenetV1/"
INPUT = "images"
LOGITS = "module_apply_default/MobilenetV1/Logits/SpatialSqueeze"
LAYERS = ["Conv2d_0"] + [
    f"Conv2d_{i}_{part}" for i in range(1, 14) for part in ("depthwise", "pointwise")
]


def source_name(name):
    """Name of a stored tensor (`Conv2d_1_depthwise.weight`) in the graph."""
    layer, kind = name.split(".")
    if layer == "Logits":
        return f"module/MobilenetV1/Logits/Conv2d_1c_1x1/{'weights' if kind == 'weight' else 'biases'}"
    op = "depthwise" if layer.endswith("depthwise") else "Conv2D"
    return f"{PREFIX}{layer}/{op}_{'weights' if kind == 'weight' else 'bn_offset'}"


def stored_names():
    return [f"{layer}.{kind}" for layer in [*LAYERS, "Logits"] for kind in ("weight", "bias")]


def to_stored(name, value):
    """TensorFlow's layout to [out, in / groups, h, w], [out, in] for the classifier."""
    if value.ndim == 1:
        return value
    if name.startswith("Logits"):
        return value[0, 0].T
    return value.transpose((2, 3, 0, 1) if "depthwise" in name else (3, 2, 0, 1))


def rounded_weights(graph):
    """The graph's weights as they are stored: kernels rounded to half precision."""
    weights = dict(graph.weights)
    for name in stored_names():
        if name.endswith("weight"):
            source = source_name(name)
            weights[source] = weights[source].astype(np.float16).astype(np.float32)
    return weights


def taps_and_logits(graph, pixels, weights=None):
    """Maps [1, C, H, W] by layer name and logits [1, 1001]. pixels: [3, H, W], 0..255."""
    images = (pixels.astype(np.float32) / 255).transpose(1, 2, 0)[None].copy()
    values = graph.run({INPUT: images}, weights)
    taps = {layer: values[f"{PREFIX}{layer}/Relu6"].transpose(0, 3, 1, 2) for layer in LAYERS}
    return taps, values[LOGITS]
