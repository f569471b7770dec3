"""diffusers' networks of the sizes in bench/network-spec.ts, with weights of unit gain."""

import math

import torch
from diffusers import AutoencoderKL, ControlNetModel, UNet2DConditionModel
from torch import nn
from torch.nn import functional


def build(make) -> nn.Module:
    """Made without values first: the default initialisation of a billion weights takes half a minute."""
    with torch.device("meta"):
        module = make()
    module = module.to_empty(device="cpu")
    with torch.no_grad():
        for parameter in module.parameters():
            if parameter.dim() > 1:
                bound = math.sqrt(3 / parameter[0].numel())
                parameter.uniform_(-bound, bound)
            else:
                parameter.uniform_(0.5, 1)
    return module


def unet(spec: dict) -> UNet2DConditionModel:
    return build(lambda: UNet2DConditionModel(**unet_sizes(spec), **up_blocks(spec), out_channels=spec["latentChannels"]))


def unet_sizes(spec: dict) -> dict:
    return {
        "in_channels": spec["latentChannels"],
        "layers_per_block": spec["layersPerLevel"],
        "block_out_channels": tuple(spec["channels"]),
        "down_block_types": tuple("CrossAttnDownBlock2D" if attends else "DownBlock2D" for attends in spec["attention"]),
        "cross_attention_dim": spec["contextWidth"],
        "attention_head_dim": spec["heads"],
        "norm_num_groups": spec["groups"],
    }


def up_blocks(spec: dict) -> dict:
    attention = reversed(spec["attention"])
    return {"up_block_types": tuple("CrossAttnUpBlock2D" if attends else "UpBlock2D" for attends in attention)}


class HintEncoder(nn.Module):
    """FeatInv's: bilinear to the latents' grid, then three convolutions (arXiv 2505.21032)."""

    def __init__(self, features: int, width: int, out: int, grid: int):
        super().__init__()
        self.grid = grid
        self.block = nn.Sequential(
            nn.Conv2d(features, width, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(width, width, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(width, out, 3, padding=1),
        )

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        size = (self.grid, self.grid)
        return self.block(functional.interpolate(features, size=size, mode="bilinear", align_corners=False))


def control_net(network: dict) -> ControlNetModel:
    spec = network["unet"]

    def make() -> ControlNetModel:
        model = ControlNetModel(**unet_sizes(spec))
        features = network["mapShape"][0]
        model.controlnet_cond_embedding = HintEncoder(
            features, network["hintWidth"], spec["channels"][0], network["grid"]
        )
        return model

    return build(make)


def autoencoder(network: dict) -> AutoencoderKL:
    """Patches of pixels are channels of its input, see `to_patches`."""
    spec = network["autoencoder"]
    levels = len(spec["channels"])
    pixels = 3 * spec["patchSize"] ** 2
    return build(
        lambda: AutoencoderKL(
            in_channels=pixels,
            out_channels=pixels,
            block_out_channels=tuple(spec["channels"]),
            layers_per_block=spec["layersPerLevel"][0],
            latent_channels=spec["latentChannels"],
            norm_num_groups=spec["groups"],
            down_block_types=("DownEncoderBlock2D",) * levels,
            up_block_types=("UpDecoderBlock2D",) * levels,
        )
    )


def to_patches(network: dict, images: torch.Tensor) -> torch.Tensor:
    return functional.pixel_unshuffle(images, network["autoencoder"]["patchSize"])


def from_patches(network: dict, patches: torch.Tensor) -> torch.Tensor:
    return functional.pixel_shuffle(patches, network["autoencoder"]["patchSize"])


def steered(unet: nn.Module, control: nn.Module, latents, timesteps, context, features) -> torch.Tensor:
    """Noise predicted under a feature map."""
    down, middle = control(latents, timesteps, context, features, return_dict=False)
    return unet(
        latents, timesteps, context, down_block_additional_residuals=down, mid_block_additional_residual=middle
    ).sample
