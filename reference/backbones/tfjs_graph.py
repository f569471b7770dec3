"""Executes a TensorFlow.js graph model node by node with PyTorch kernels: an independent reference."""

import base64
import json

import numpy as np
import torch
import torch.nn.functional as F


class TfjsGraph:
    """`directory` holds model.json and its weight files."""

    def __init__(self, directory):
        model = json.loads((directory / "model.json").read_text())
        self.nodes = model["modelTopology"]["node"]
        self.weights = {}
        for group in model["weightsManifest"]:
            data = b"".join((directory / path).read_bytes() for path in group["paths"])
            at = 0
            for weight in group["weights"]:
                dtype = np.dtype(weight["dtype"])
                count = int(np.prod(weight["shape"], dtype=int))
                values = np.frombuffer(data, dtype, count, at).reshape(weight["shape"])
                at += values.nbytes
                self.weights[weight["name"]] = values
            assert at == len(data)

    def run(self, feeds, weights=None):
        """Values of all nodes by name, images as NHWC."""
        known = weights or self.weights
        values = {}
        for node in self.nodes:
            name, op = node["name"], node["op"]
            if op == "Const":
                values[name] = torch.from_numpy(known[name].copy())
            elif op == "Placeholder":
                values[name] = torch.from_numpy(feeds[name])
            else:
                inputs = [values[each.split(":")[0]] for each in node["input"]]
                values[name] = OPS[op](node.get("attr", {}), *inputs)
        return {name: value.numpy() for name, value in values.items()}


def text(value):
    return base64.b64decode(value).decode()


def numbers(attribute):
    return [int(value) for value in attribute["list"]["i"]]


def same_padding(x, kernel, strides):
    """TensorFlow's SAME: the output is ceil(size / stride), an odd row of zeros goes to the end."""
    amounts = []
    for axis in (3, 2):
        size, k, stride = x.shape[axis], kernel[axis - 2], strides[axis - 1]
        total = max((-(-size // stride) - 1) * stride + k - size, 0)
        amounts += [total // 2, total - total // 2]
    return F.pad(x, amounts)


def convolve(attributes, x, weight, groups):
    assert text(attributes["padding"]["s"]) == "SAME"
    assert text(attributes["data_format"]["s"]) == "NHWC"
    assert numbers(attributes["dilations"]) == [1, 1, 1, 1]
    strides = numbers(attributes["strides"])
    padded = same_padding(x.permute(0, 3, 1, 2), weight.shape[2:], strides)
    return F.conv2d(padded, weight, stride=strides[1:3], groups=groups).permute(0, 2, 3, 1)


def fused_conv(attributes, x, weight, bias):
    y = convolve(attributes, x, weight.permute(3, 2, 0, 1), 1)
    for fused in attributes["fused_ops"]["list"]["s"]:
        y = {"BiasAdd": lambda z: z + bias, "Relu6": lambda z: z.clamp(0, 6)}[text(fused)](y)
    return y


def depthwise_conv(attributes, x, weight):
    assert weight.shape[3] == 1
    return convolve(attributes, x, weight.permute(2, 3, 0, 1), weight.shape[2])


OPS = {
    "Mul": lambda _, a, b: a * b,
    "Sub": lambda _, a, b: a - b,
    "BiasAdd": lambda _, x, bias: x + bias,
    "Relu6": lambda _, x: x.clamp(0, 6),
    "_FusedConv2D": fused_conv,
    "DepthwiseConv2dNative": depthwise_conv,
    "Mean": lambda a, x, axes: x.mean(axes.tolist(), keepdim=a["keep_dims"]["b"]),
    "Squeeze": lambda a, x: x.reshape(
        [n for i, n in enumerate(x.shape) if i not in numbers(a["squeeze_dims"])]
    ),
}
