"""A denoising step of UNet and ControlNet."""

from collections.abc import Callable

import torch
from networks import control_net, steered, unet

from serve import Settings


def open_work(spec: dict, settings: Settings) -> Callable[[], object]:
    network, batch = spec["network"], spec["batch"]
    sizes = network["unet"]
    base = unet(sizes).eval().to(memory_format=settings.memory_format)
    control = control_net(network).eval().to(memory_format=settings.memory_format)
    latents = torch.randn(batch, sizes["latentChannels"], network["grid"], network["grid"])
    latents = latents.to(memory_format=settings.memory_format)
    timesteps = torch.full((batch,), 500)
    context = torch.randn(batch, sizes["contextLength"], sizes["contextWidth"])
    features = torch.randn(batch, *network["mapShape"]).to(memory_format=settings.memory_format)

    def work() -> object:
        with torch.inference_mode(), settings.autocast():
            return steered(base, control, latents, timesteps, context, features)

    return work
