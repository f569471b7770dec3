"""timm's networks with weights from a formula, and their maps under this project's layer names."""

from collections.abc import Callable

import timm
import torch
from timm.models.convnext import ConvNeXt
from timm.models.resnet import BasicBlock, Bottleneck, ResNet
from timm.models.swin_transformer_v2 import SwinTransformerV2
from timm.models.vision_transformer import VisionTransformer

Maps = dict[str, torch.Tensor]

# Small members of every family: (input size, constructor). tests/backbones/timm-parity.test.ts repeats the
# numbers. The Swin ones meet clipped windows, shifts, and both kinds of position bias.
SMALL: dict[str, tuple[int, Callable[[], torch.nn.Module]]] = {
    "resnet-basic": (64, lambda: ResNet(BasicBlock, (1, 2, 1, 1), num_classes=10)),
    "resnet-bottleneck": (64, lambda: ResNet(Bottleneck, (1, 1, 1, 1), num_classes=10)),
    "convnext": (64, lambda: ConvNeXt(depths=(1, 1, 2, 1), dims=(16, 32, 64, 128), num_classes=10)),
    "swinv2": (
        128,
        lambda: SwinTransformerV2(
            img_size=128,
            embed_dim=24,
            depths=(2, 2, 2, 2),
            num_heads=(2, 3, 4, 6),
            window_size=8,
            pretrained_window_sizes=(4, 4, 4, 2),
            num_classes=10,
        ),
    ),
    "swinv2-own-windows": (
        64,
        lambda: SwinTransformerV2(
            img_size=64,
            embed_dim=16,
            depths=(2, 1, 2, 1),
            num_heads=(1, 2, 4, 4),
            window_size=4,
            num_classes=10,
        ),
    ),
    "vit": (
        64,
        lambda: VisionTransformer(
            img_size=64, patch_size=16, embed_dim=48, depth=2, num_heads=3, num_classes=10
        ),
    ),
}

# Full size, each at the input at which the project uses it.
FULL: dict[str, int] = {
    "resnet50.a1_in1k": 288,
    "convnext_base.fb_in22k_ft_in1k": 288,
    "swinv2_base_window12to24_192to384.ms_in22k_ft_in1k": 384,
    "vit_base_patch16_224.augreg_in21k_ft_in1k": 224,
}

# Everything in src/backbones/timm-catalogue.ts.
RESNETS = ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152"]
CONVNEXTS = ["convnext_tiny", "convnext_small", "convnext_base", "convnext_large"]
NAMES = [
    *(f"{name}.{tag}" for name in RESNETS for tag in ("a1_in1k", "tv_in1k")),
    *(f"{name}.tv2_in1k" for name in RESNETS[2:]),
    "resnet26.bt_in1k",
    "resnet50.a2_in1k",
    "resnet50.a3_in1k",
    *(f"{name}.{tag}" for name in CONVNEXTS for tag in ("fb_in1k", "fb_in22k_ft_in1k")),
    *(f"swinv2_{s}_window{w}_256.ms_in1k" for s in ("tiny", "small", "base") for w in (8, 16)),
    *(
        f"swinv2_{size}_window12to{window}_192to{pixels}.ms_in22k_ft_in1k"
        for size in ("base", "large")
        for window, pixels in ((16, 256), (24, 384))
    ),
    *(f"vit_{s}_patch16_224.augreg_in21k_ft_in1k" for s in ("tiny", "small", "base", "large")),
    "vit_base_patch16_384.augreg_in21k_ft_in1k",
    "vit_small_patch16_224.augreg_in1k",
    "vit_base_patch16_224.augreg_in1k",
]


def run(model: torch.nn.Module, images: torch.Tensor) -> tuple[Maps, torch.Tensor]:
    """Maps [N, C, H, W] by layer name, the last one being forward_features', and logits."""
    features = model.forward_features(images)
    logits = model.forward_head(features)
    if isinstance(model, ResNet):
        # timm's own intermediates begin with the stem.
        stages = model.forward_intermediates(images, intermediates_only=True)[1:]
        return {f"layer{i + 1}": x for i, x in enumerate(stages)}, logits
    if isinstance(model, ConvNeXt):
        stages = model.forward_intermediates(images, intermediates_only=True)
        return {f"stages.{i}": x for i, x in enumerate(stages)}, logits
    if isinstance(model, SwinTransformerV2):
        stages = model.forward_intermediates(images, intermediates_only=True)
        maps = {f"stages.{i}": x for i, x in enumerate(stages)}
        return maps | {"norm": features.permute(0, 3, 1, 2)}, logits
    blocks = model.forward_intermediates(images, intermediates_only=True)
    side = blocks[0].shape[-1]
    tokens = features[:, 1:].transpose(1, 2).unflatten(2, (side, side))
    return {f"blocks.{i}": x for i, x in enumerate(blocks)} | {"norm": tokens}, logits


def create(name: str) -> torch.nn.Module:
    return SMALL[name][1]() if name in SMALL else timm.create_model(name)
