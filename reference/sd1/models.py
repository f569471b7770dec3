"""The networks of Stable Diffusion v1 and FeatInv in diffusers, at full size and narrow, with hashed weights."""

import math
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, ControlNetModel, UNet2DConditionModel
from torch import nn

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "reference" / "shared"))
from hash_weights import hash_uniform, hash_values  # noqa: E402


@dataclass(frozen=True)
class Sizes:
    """`features`: channels, height and width of the map; `grid`: side of the latents."""

    channels: tuple[int, ...]
    autoencoder_channels: tuple[int, ...]
    context_width: int
    hint_width: int
    features: tuple[int, int, int]
    grid: int
    groups: int
    dtype: torch.dtype


FULL = Sizes((320, 640, 1280, 1280), (128, 256, 512, 512), 768, 512, (1024, 9, 9), 32, 32, torch.float32)
# With a channel to each group, as 32 groups of 32, biases before a norm would have no gradient.
NARROW = Sizes((32, 64, 64, 64), (32, 64, 64, 64), 48, 40, (24, 3, 3), 16, 16, torch.float64)
LEVELS = 4
CROSS = ("CrossAttnDownBlock2D",) * 3 + ("DownBlock2D",)


def fill(module: nn.Module, prefix: str, dtype: torch.dtype) -> nn.Module:
    """Hashed weights; those of the hint encoder by the authors' names."""
    with torch.no_grad():
        for name, tensor in module.state_dict().items():
            own = name.replace("controlnet_cond_embedding", "input_hint_block")
            tensor.copy_(torch.from_numpy(hash_values(prefix + own, tuple(tensor.shape))))
    return module.to(dtype).eval()


def unet(sizes: Sizes) -> UNet2DConditionModel:
    model = UNet2DConditionModel(
        sample_size=sizes.grid, in_channels=4, out_channels=4, layers_per_block=2, block_out_channels=sizes.channels,
        down_block_types=CROSS, up_block_types=("UpBlock2D",) + ("CrossAttnUpBlock2D",) * 3,
        cross_attention_dim=sizes.context_width, attention_head_dim=8, norm_num_groups=sizes.groups,
    )  # fmt: skip
    return fill(model, "unet.", sizes.dtype)


def autoencoder(sizes: Sizes) -> AutoencoderKL:
    model = AutoencoderKL(
        block_out_channels=sizes.autoencoder_channels, layers_per_block=2, latent_channels=4, norm_num_groups=sizes.groups,
        down_block_types=("DownEncoderBlock2D",) * LEVELS, up_block_types=("UpDecoderBlock2D",) * LEVELS,
        sample_size=8 * sizes.grid,
    )  # fmt: skip
    return fill(model, "vae.", sizes.dtype)


class HintEncoder(nn.Module):
    """FeatInv's: bilinear to the latents' grid, then three convolutions (arXiv 2505.21032)."""

    def __init__(self, sizes: Sizes):
        super().__init__()
        self.block = nn.Sequential(
            nn.Upsample(size=(sizes.grid, sizes.grid), mode="bilinear", align_corners=False),
            nn.Conv2d(sizes.features[0], sizes.hint_width, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(sizes.hint_width, sizes.hint_width, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(sizes.hint_width, sizes.channels[0], 3, padding=1),
        )

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return self.block(features)


def control_net(sizes: Sizes) -> ControlNetModel:
    model = ControlNetModel(
        in_channels=4, layers_per_block=2, block_out_channels=sizes.channels, down_block_types=CROSS,
        cross_attention_dim=sizes.context_width, attention_head_dim=8, norm_num_groups=sizes.groups,
    )  # fmt: skip
    model.controlnet_cond_embedding = HintEncoder(sizes)
    return fill(model, "control.", sizes.dtype)


def unit(sizes: Sizes, name: str, *shape: int) -> torch.Tensor:
    """An input of unit variance, rounded to float32."""
    values = hash_uniform(name, math.prod(shape)) * math.sqrt(3)
    return torch.from_numpy(values.astype(np.float32).reshape(shape)).to(sizes.dtype)


def latents_of(sizes: Sizes, name: str, batch: int) -> torch.Tensor:
    return unit(sizes, name, batch, 4, sizes.grid, sizes.grid)


def context_of(sizes: Sizes, batch: int) -> torch.Tensor:
    return unit(sizes, "context", batch, 77, sizes.context_width)


def features_of(sizes: Sizes, batch: int) -> torch.Tensor:
    return unit(sizes, "features", batch, *sizes.features)


def evenly(values: torch.Tensor, limit: int) -> np.ndarray:
    """At most `limit` evenly spaced elements."""
    flat = values.detach().flatten()
    return flat[:: math.ceil(flat.numel() / limit)].float().numpy()
