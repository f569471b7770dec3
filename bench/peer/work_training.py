"""Optimiser steps of an autoencoder, a denoiser or a ControlNet: forward, backward, clipping, AdamW."""

from collections.abc import Callable

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from networks import autoencoder, control_net, steered, to_patches, unet
from serve import Settings
from torch import nn
from torch.nn import functional
from work_extraction import create

KL = 0.0003


def open_work(spec: dict, settings: Settings) -> Callable[[], object]:
    network, batch = spec["network"], spec["batch"]
    side = network["imageSize"]
    images = torch.randn(batch, 3, side, side).clamp(-1, 1).to(memory_format=settings.memory_format)
    trained, loss = PARTS[spec["part"]](spec, network, images, settings)
    parameters = list(trained.parameters())
    optimiser = torch.optim.AdamW(parameters, lr=1e-5, weight_decay=0.01, fused=True)

    def work() -> float:
        with settings.autocast():
            value = loss()
        value.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        return value.item()

    return work


def frozen(module: nn.Module, settings: Settings) -> nn.Module:
    return module.requires_grad_(False).eval().to(memory_format=settings.memory_format)


def trainable(module: nn.Module, settings: Settings) -> nn.Module:
    return module.train().to(memory_format=settings.memory_format)


def encode(vae: AutoencoderKL, network: dict, images: torch.Tensor) -> torch.Tensor:
    """Normalised latents."""
    sizes = network["autoencoder"]
    mean, deviation = (
        torch.tensor(sizes[key]).reshape(1, -1, 1, 1) for key in ("latentMean", "latentDeviation")
    )
    with torch.no_grad():
        drawn = vae.encode(to_patches(network, images)).latent_dist.sample()
        return (drawn - mean) / deviation


def noised(latents: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Noisy latents, the noise and the timesteps."""
    timesteps = torch.randint(1000, (len(latents),))
    signal = torch.rand(len(latents), 1, 1, 1)
    noise = torch.randn_like(latents)
    return signal.sqrt() * latents + (1 - signal).sqrt() * noise, noise, timesteps


def context_of(network: dict, batch: int) -> torch.Tensor:
    sizes = network["unet"]
    return torch.randn(batch, sizes["contextLength"], sizes["contextWidth"])


def autoencoder_part(spec: dict, network: dict, images: torch.Tensor, settings: Settings):
    vae = trainable(autoencoder(network), settings)
    patches = to_patches(network, images)

    def difference(error: torch.Tensor) -> torch.Tensor:
        return error.diff(dim=2).abs().mean() + error.diff(dim=3).abs().mean()

    def loss() -> torch.Tensor:
        posterior = vae.encode(patches).latent_dist
        decoded = vae.decode(posterior.sample()).sample
        error = functional.pixel_shuffle(decoded, network["autoencoder"]["patchSize"]) - images
        kl = 0.5 * (posterior.mean**2 + posterior.var - 1 - posterior.logvar).mean()
        return error.abs().mean() + (error**2).mean() + difference(error) + KL * kl

    return vae, loss


def denoiser_part(spec: dict, network: dict, images: torch.Tensor, settings: Settings):
    vae = frozen(autoencoder(network), settings)
    base: UNet2DConditionModel = trainable(unet(network["unet"]), settings)
    context = nn.Parameter(context_of(network, 2))
    base.register_parameter("contexts", context)

    def loss() -> torch.Tensor:
        noisy, noise, timesteps = noised(encode(vae, network, images))
        prompts = context[torch.randint(2, (len(images),))]
        return functional.mse_loss(base(noisy, timesteps, prompts).sample, noise)

    return base, loss


def inverter_part(spec: dict, network: dict, images: torch.Tensor, settings: Settings):
    vae = frozen(autoencoder(network), settings)
    base = frozen(unet(network["unet"]), settings)
    control = trainable(control_net(network), settings)
    backbone = frozen(create(spec["timm"]), settings)
    context = context_of(network, len(images))

    def features() -> torch.Tensor:
        size = (spec["size"], spec["size"])
        with torch.no_grad():
            enlarged = functional.interpolate(images, size=size, mode="bilinear", align_corners=False)
            return backbone.forward_intermediates(
                enlarged, indices=[spec["stage"]], stop_early=True, intermediates_only=True
            )[0]

    def loss() -> torch.Tensor:
        noisy, noise, timesteps = noised(encode(vae, network, images))
        predicted = steered(base, control, noisy, timesteps, context, features())
        return functional.mse_loss(predicted, noise)

    return control, loss


PARTS = {"autoencoder": autoencoder_part, "denoiser": denoiser_part, "inverter": inverter_part}
