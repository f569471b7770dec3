"""Last map and logits of a timm classifier."""

from collections.abc import Callable

import timm
import torch
from timm.models.efficientnet import _gen_mobilenet_v1

from serve import Settings


def create(name: str) -> torch.nn.Module:
    # timm has this network in full width only under a name.
    if name == "mobilenetv1_025":
        return _gen_mobilenet_v1("mobilenetv1_100", channel_multiplier=0.25)
    return timm.create_model(name)


def open_work(spec: dict, settings: Settings) -> Callable[[], object]:
    model = create(spec["timm"]).eval().to(memory_format=settings.memory_format)
    images = torch.randn(spec["batch"], 3, spec["size"], spec["size"])
    images = images.to(memory_format=settings.memory_format)

    def work() -> object:
        with torch.inference_mode(), settings.autocast():
            features = model.forward_features(images)
            return features, model.forward_head(features)

    return work
