"""Guided samples of the tiny scale, from feature maps to pictures."""

from collections.abc import Callable

import torch
from diffusers import DDIMScheduler, DPMSolverMultistepScheduler
from networks import autoencoder, control_net, from_patches, steered, unet
from serve import Settings

SCHEDULERS = {"dpm++": DPMSolverMultistepScheduler, "ddim": DDIMScheduler}


def open_work(spec: dict, settings: Settings) -> Callable[[], object]:
    network, batch = spec["network"], spec["batch"]
    sizes = network["unet"]
    base, control, vae = (
        module.eval().to(memory_format=settings.memory_format)
        for module in (unet(sizes), control_net(network), autoencoder(network))
    )
    scheduler = SCHEDULERS[spec["sampler"]](
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear"
    )
    context = torch.randn(2 * batch, sizes["contextLength"], sizes["contextWidth"])
    features = torch.randn(batch, *network["mapShape"])
    features = torch.cat([torch.zeros_like(features), features]).to(memory_format=settings.memory_format)

    def work() -> torch.Tensor:
        scheduler.set_timesteps(spec["steps"])
        latents = torch.randn(batch, sizes["latentChannels"], network["grid"], network["grid"])
        latents = latents.to(memory_format=settings.memory_format)
        with torch.inference_mode(), settings.autocast():
            for t in scheduler.timesteps:
                both = torch.cat([latents, latents])
                plain, guided = steered(base, control, both, t, context, features).chunk(2)
                noise = plain + spec["guidance"] * (guided - plain)
                latents = scheduler.step(noise, t, latents).prev_sample
            return from_patches(network, vae.decode(latents).sample)

    return work
