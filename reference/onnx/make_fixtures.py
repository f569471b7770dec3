"""Small classifiers exported by PyTorch, with what PyTorch computes of them.

    .venv/bin/python reference/onnx/make_fixtures.py [NAME...]

Writes NAME.onnx and NAME.reference.json to tests/fixtures/onnx/. Without names it makes all of them.
"""

import copy
import json
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "reference" / "shared"))

from hash_weights import fill, hash_uniform  # noqa: E402
from networks import CLASSES, ConvNext, Mixed, MobileNet, ResNet, Swin, VisionTransformer  # noqa: E402

OUT = ROOT / "tests" / "fixtures" / "onnx"
SIZE = 32
SAMPLES = 64


@dataclass
class Case:
    network: nn.Module
    opset: int
    # The number of pictures stays open, so shapes are computed in the graph.
    any_batch: bool = False
    # Keeps batch normalisation and constants as the network has them.
    unfolded: bool = False


CASES = {
    "resnet-11": Case(ResNet(), 11),
    "resnet-bn-17": Case(ResNet(), 17, any_batch=True, unfolded=True),
    "mobilenet-13": Case(MobileNet(), 13),
    "mobilenet-bn-17": Case(MobileNet(), 17, any_batch=True, unfolded=True),
    "vit-11": Case(VisionTransformer(fused=False), 11, any_batch=True),
    "vit-17": Case(VisionTransformer(fused=True), 17, any_batch=True),
    "convnext-11": Case(ConvNext(), 11),
    "convnext-20": Case(ConvNext(), 20, any_batch=True),
    "swin-13": Case(Swin(), 13, any_batch=True),
    "mixed-13": Case(Mixed(), 13),
    "mixed-18": Case(Mixed(), 18, any_batch=True),
}


def nine_digits(x: torch.Tensor) -> float:
    return float(f"{x.item():.9g}")


def reference_of(network: nn.Module) -> dict:
    """Logits of one picture, and the gradient of their weighted sum by the picture, in float64."""
    network = copy.deepcopy(network).double()
    picture = torch.from_numpy(hash_uniform("picture", 3 * SIZE * SIZE)).reshape(1, 3, SIZE, SIZE)
    picture.requires_grad_()
    weights = torch.from_numpy(hash_uniform("weights", CLASSES))
    logits = network(picture)
    (logits[0] * weights).sum().backward()
    gradient = picture.grad.reshape(-1)
    places = [i * (len(gradient) - 1) // (SAMPLES - 1) for i in range(SAMPLES)]
    return {
        "logits": [nine_digits(x) for x in logits[0]],
        "gradient": {
            "largest": nine_digits(gradient.abs().max()),
            "samples": [nine_digits(x) for x in gradient[places]],
        },
    }


def make(name: str, case: Case) -> None:
    network = case.network.eval()
    fill(network)
    modes = torch.onnx.TrainingMode
    torch.onnx.export(
        network,
        torch.zeros(1, 3, SIZE, SIZE),
        str(OUT / f"{name}.onnx"),
        opset_version=case.opset,
        input_names=["pixels"],
        output_names=["scores"],
        training=modes.PRESERVE if case.unfolded else modes.EVAL,
        do_constant_folding=not case.unfolded,
        **({"dynamic_axes": {"pixels": {0: "n"}, "scores": {0: "n"}}} if case.any_batch else {}),
    )
    reference = {"opset": case.opset, "anyBatch": case.any_batch, **reference_of(network)}
    (OUT / f"{name}.reference.json").write_text(json.dumps(reference) + "\n")


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    OUT.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[1:] or CASES:
        make(name, CASES[name])
