"""Makes tests/fixtures/backbones: logits and samples of every layer for the test picture."""

import json
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

import efficientnet_lite
import mobilenet_v1
from shared import BACKBONES, FIXTURES, as_float32, normalised, samples, test_picture
from tfjs_graph import TfjsGraph


def save(identifier, taps, logits):
    FIXTURES.mkdir(parents=True, exist_ok=True)
    tensors = {f"layer.{name}": samples(value) for name, value in taps.items()}
    tensors["logits"] = np.ascontiguousarray(logits, np.float32)
    save_file(tensors, FIXTURES / f"{identifier}.safetensors")


directory = BACKBONES / "efficientnet_lite0"
config = json.loads((directory / "config.json").read_text())
model = efficientnet_lite.load()
efficientnet_lite.use_weights(model, as_float32(load_file(directory / "model.safetensors")))
save("efficientnet_lite0", *efficientnet_lite.taps_and_logits(model, normalised(test_picture(), config)))

graph = TfjsGraph(Path(sys.argv[1]) / "dist" / "models")
taps, logits = mobilenet_v1.taps_and_logits(graph, test_picture(), mobilenet_v1.rounded_weights(graph))
# Without the background class, as the backbone gives them.
save("mobilenet_v1_025", taps, logits[:, 1:])
