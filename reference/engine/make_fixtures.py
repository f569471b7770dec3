"""Writes tests/fixtures/engine/*.safetensors: see README.md in this folder."""

import json
import math
import pathlib
from collections.abc import Callable

import torch
from diffusers import AutoencoderKL, ControlNetModel, UNet2DConditionModel
from diffusers.models.attention_processor import Attention
from diffusers.models.resnet import Downsample2D, ResnetBlock2D, Upsample2D
from diffusers.models.transformer_2d import Transformer2DModel
from safetensors.torch import save_file
from torch import nn

from waves import parameter, waves

FOLDER = pathlib.Path(__file__).parents[2] / "tests/fixtures/engine"
Inputs = dict[str, torch.Tensor]


def sample(values: torch.Tensor, limit: int) -> torch.Tensor:
    """At most `limit` evenly spaced elements."""
    flat = values.detach().reshape(-1)
    return flat[:: max(1, math.ceil(flat.numel() / limit))].float().contiguous()


def write(
    name: str,
    module: nn.Module,
    shapes: dict[str, tuple[int, ...]],
    run: Callable[[Inputs], torch.Tensor],
    limit: int = 512,
    rename: Callable[[str], str] = lambda key: key,
    given: Inputs | None = None,
) -> None:
    """Output and gradients of sum(output · waves). Only parameters that the output needs are recorded."""
    module.double()
    for key, tensor in module.named_parameters():
        tensor.data = parameter(rename(key), tuple(tensor.shape))
    inputs = {key: waves(key, shape).requires_grad_() for key, shape in shapes.items()}
    output = run({**inputs, **(given or {})})
    (output * waves("loss", tuple(output.shape))).sum().backward()
    tensors = {"output": output.detach().float().contiguous()}
    for key, tensor in inputs.items():
        tensors[f"d input {key}"] = sample(tensor.grad, limit)
    used = {rename(k): t for k, t in module.named_parameters() if t.grad is not None}
    for key, tensor in used.items():
        tensors[f"d parameter {key}"] = sample(tensor.grad, limit)
    metadata = {
        "inputs": json.dumps({key: list(shape) for key, shape in shapes.items()}),
        "parameters": json.dumps({key: list(t.shape) for key, t in sorted(used.items())}),
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    save_file(tensors, FOLDER / f"{name}.safetensors", metadata)


def layers() -> None:
    image = {"x": (2, 6, 3, 5)}
    norm = nn.GroupNorm(3, 6, eps=1e-5)
    write("group-norm", norm, image, lambda i: norm(i["x"]))

    layer = nn.LayerNorm(8, eps=1e-5)
    write("layer-norm", layer, {"x": (2, 3, 8)}, lambda i: layer(i["x"]))

    batch = nn.BatchNorm2d(4, eps=1e-3).eval()
    batch.running_mean.copy_(parameter("running_mean", (4,)))
    batch.running_var.copy_(parameter("running_var.weight", (4,)))
    write("batch-norm", batch, {"x": (2, 4, 3, 2)}, lambda i: batch(i["x"]))

    linear = nn.Linear(5, 4)
    write("linear", linear, {"x": (2, 3, 5)}, lambda i: linear(i["x"]))

    strided = nn.Conv2d(3, 4, 3, stride=2, padding=1)
    write("strided-conv", strided, {"x": (2, 3, 7, 6)}, lambda i: strided(i["x"]))

    depthwise = nn.Conv2d(4, 4, 3, stride=2, padding=1, groups=4, bias=False)
    write("depthwise-conv", depthwise, {"x": (1, 4, 6, 5)}, lambda i: depthwise(i["x"]))

    transposed = nn.ConvTranspose2d(4, 3, 4, stride=2, padding=1)
    write("transposed-conv", transposed, {"x": (2, 4, 3, 5)}, lambda i: transposed(i["x"]))

    def bilinear(i: Inputs) -> torch.Tensor:
        return nn.functional.interpolate(i["x"], size=(8, 5), mode="bilinear", align_corners=False)

    write("bilinear", nn.Module(), {"x": (2, 2, 3, 7)}, bilinear)

    pool = nn.MaxPool2d(3, stride=2, padding=1)
    write("max-pool", pool, {"x": (1, 2, 5, 6)}, lambda i: pool(i["x"]))

    gelu = nn.GELU()
    write("gelu", gelu, {"x": (40,)}, lambda i: gelu(i["x"]))


def blocks() -> None:
    resnet = ResnetBlock2D(
        in_channels=4, out_channels=8, temb_channels=12, groups=2, eps=1e-5, non_linearity="silu"
    )
    shapes = {"x": (2, 4, 4, 3), "time": (2, 12)}
    write("resnet-block", resnet, shapes, lambda i: resnet(i["x"], i["time"]))

    transformer = Transformer2DModel(
        num_attention_heads=2,
        attention_head_dim=4,
        in_channels=8,
        norm_num_groups=4,
        cross_attention_dim=6,
    )
    shapes = {"x": (2, 8, 3, 4), "context": (2, 5, 6)}
    write(
        "spatial-transformer",
        transformer,
        shapes,
        lambda i: transformer(i["x"], encoder_hidden_states=i["context"]).sample,
    )

    attention = Attention(
        8,
        heads=1,
        dim_head=8,
        norm_num_groups=4,
        eps=1e-6,
        bias=True,
        residual_connection=True,
        _from_deprecated_attn_block=True,
    )
    write("vae-attention", attention, {"x": (2, 8, 3, 4)}, lambda i: attention(i["x"]))

    for name, padding in (("downsample-symmetric", 1), ("downsample-after", 0)):
        down = Downsample2D(4, use_conv=True, padding=padding, name="op")
        write(name, down, {"x": (2, 4, 6, 4)}, lambda i, down=down: down(i["x"]))

    up = Upsample2D(4, use_conv=True)
    write("upsample", up, {"x": (2, 4, 3, 2)}, lambda i: up(i["x"]))


class HintEncoder(nn.Module):
    """Bilinear upsampling first, as the paper words it."""

    def __init__(self, channels: int, grid: tuple[int, int], width: int, out: int) -> None:
        super().__init__()
        self.block = nn.Sequential(
            nn.Upsample(size=grid, mode="bilinear", align_corners=False),
            nn.Conv2d(channels, width, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(width, width, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(width, out, 3, padding=1),
        )

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return self.block(features)


TINY = dict(
    in_channels=4,
    block_out_channels=(8, 16),
    layers_per_block=2,
    cross_attention_dim=6,
    attention_head_dim=2,  # the number of heads, whatever its name says
    norm_num_groups=4,
    down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
)
LATENTS = {"latents": (2, 4, 8, 4), "context": (2, 5, 6)}
TIMESTEPS = {"timesteps": torch.tensor([7.0, 503.0], dtype=torch.float64)}


def networks() -> None:
    hint = HintEncoder(5, (8, 4), 6, 8)
    write("hint-encoder", hint, {"features": (2, 5, 3, 3)}, lambda i: hint(i["features"]))

    def make_unet() -> UNet2DConditionModel:
        return UNet2DConditionModel(
            out_channels=4, up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"), **TINY
        )

    unet = make_unet()
    write(
        "unet",
        unet,
        LATENTS,
        lambda i: unet(i["latents"], i["timesteps"], i["context"]).sample,
        limit=12,
        given=TIMESTEPS,
    )

    base = make_unet()
    control = ControlNetModel(**TINY)
    control.controlnet_cond_embedding = HintEncoder(5, (8, 4), 6, 8)
    pair = nn.ModuleDict({"base": base, "control": control})

    def steered(i: Inputs) -> torch.Tensor:
        skips, middle = control(
            i["latents"], i["timesteps"], i["context"], i["features"], return_dict=False
        )
        return base(
            i["latents"],
            i["timesteps"],
            i["context"],
            down_block_additional_residuals=skips,
            mid_block_additional_residual=middle,
        ).sample

    write(
        "controlnet",
        pair,
        {**LATENTS, "features": (2, 5, 3, 3)},
        steered,
        limit=12,
        rename=lambda key: key.replace("controlnet_cond_embedding", "input_hint_block"),
        given=TIMESTEPS,
    )


def autoencoder() -> None:
    vae = AutoencoderKL(
        block_out_channels=(8, 16),
        layers_per_block=1,
        latent_channels=3,
        norm_num_groups=4,
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
    )

    def encode(i: Inputs) -> torch.Tensor:
        posterior = vae.encode(i["images"]).latent_dist
        return torch.cat([posterior.mean, posterior.logvar], 1)

    write("autoencoder-encode", vae, {"images": (2, 3, 8, 4)}, encode, limit=12)
    vae.zero_grad(set_to_none=True)
    shapes = {"latents": (2, 3, 4, 2)}
    write("autoencoder-decode", vae, shapes, lambda i: vae.decode(i["latents"]).sample, limit=12)


if __name__ == "__main__":
    torch.manual_seed(0)
    torch.set_num_threads(1)
    layers()
    blocks()
    networks()
    autoencoder()
