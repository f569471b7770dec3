"""Writes tests/fixtures/sd1/{narrow,full,full-training,full-trajectory}.safetensors with diffusers. See README.md."""

import sys

import numpy as np
import torch
from diffusers import DDIMScheduler
from models import (
    FULL,
    NARROW,
    ROOT,
    Sizes,
    autoencoder,
    context_of,
    control_net,
    evenly,
    features_of,
    latents_of,
    unet,
    unit,
)
from safetensors.numpy import save_file

OUTPUTS = 1024
RESIDUALS = 128
GRADIENTS = 24
TIMESTEPS = [1, 21, 500, 981]
GUIDANCE = 1.75
STEPS = 10


def predict(base, control, latents, timesteps, context, features=None):
    residuals = {}
    if features is not None:
        down, mid = control(latents, timesteps, context, features, return_dict=False)
        residuals = dict(down_block_additional_residuals=down, mid_block_additional_residual=mid)
    return base(latents, timesteps, context, **residuals).sample


def forwards(sizes: Sizes, batch: int, timesteps: list[int]) -> dict[str, np.ndarray]:
    base, control = unet(sizes), control_net(sizes)
    latents = latents_of(sizes, "latents", batch)
    context = context_of(sizes, batch)
    features = features_of(sizes, batch)
    out = {}
    with torch.no_grad():
        for t in timesteps:
            steps = torch.full((batch,), t)
            out[f"plain {t}"] = evenly(predict(base, control, latents, steps, context), OUTPUTS)
            out[f"steered {t}"] = evenly(predict(base, control, latents, steps, context, features), OUTPUTS)
        down, mid = control(latents, torch.full((batch,), timesteps[0]), context, features, return_dict=False)
        for i, residual in enumerate([*down, mid]):
            out[f"residual {i}"] = evenly(residual, RESIDUALS)
        out["hint"] = evenly(control.controlnet_cond_embedding(features), OUTPUTS)
    return out


def autoencoding(sizes: Sizes) -> dict[str, np.ndarray]:
    vae = autoencoder(sizes)
    side = 8 * sizes.grid
    with torch.no_grad():
        posterior = vae.encode(unit(sizes, "images", 1, 3, side, side)).latent_dist
        return {
            "mean": evenly(posterior.mean, OUTPUTS),
            "log variance": evenly(posterior.logvar, OUTPUTS),
            "images": evenly(vae.decode(latents_of(sizes, "codes", 1)).sample, OUTPUTS),
        }


def training(sizes: Sizes, timesteps: list[int]) -> dict[str, np.ndarray]:
    """Gradients of the ControlNet's loss, and three AdamW steps on one batch of an image for each timestep."""
    base, control = unet(sizes).requires_grad_(False), control_net(sizes)
    batch = len(timesteps)
    latents = latents_of(sizes, "latents", batch)
    noise = latents_of(sizes, "noise", batch)
    context = context_of(sizes, batch)
    features = features_of(sizes, batch)
    optimiser = torch.optim.AdamW(control.parameters(), lr=1e-4, weight_decay=0.01)
    named = sorted(
        (name.replace("controlnet_cond_embedding", "input_hint_block"), value)
        for name, value in control.named_parameters()
    )
    start = {name: value.detach().clone() for name, value in named}
    losses, out = [], {}
    for step in range(4):
        optimiser.zero_grad()
        predicted = predict(base, control, latents, torch.tensor(timesteps), context, features)
        loss = ((predicted - noise) ** 2).mean()
        loss.backward()
        losses.append(loss.item())
        if step == 0:
            out["gradients"] = np.concatenate([evenly(value.grad, GRADIENTS) for _, value in named])
            out["gradient maxima"] = np.array([value.grad.abs().max() for _, value in named], dtype=np.float32)
        if step < 3:
            optimiser.step()
        else:
            out["changes"] = np.concatenate([evenly(value - start[name], GRADIENTS) for name, value in named])
    return {**out, "losses": np.array(losses, dtype=np.float32)}


def trajectory(sizes: Sizes) -> dict[str, np.ndarray]:
    """Guided DDIM steps; the branch without the prompt keeps the hint."""
    base, control = unet(sizes), control_net(sizes)
    scheduler = DDIMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False,
        set_alpha_to_one=False, steps_offset=1,
    )  # fmt: skip
    scheduler.set_timesteps(STEPS)
    latents = latents_of(sizes, "latents", 1)
    context = context_of(sizes, 2)
    features = features_of(sizes, 1).repeat(2, 1, 1, 1)
    out = {}
    with torch.no_grad():
        for i, t in enumerate(scheduler.timesteps):
            both = predict(base, control, latents.repeat(2, 1, 1, 1), t.repeat(2), context, features)
            plain, prompted = both.chunk(2)
            latents = scheduler.step(plain + GUIDANCE * (prompted - plain), t, latents).prev_sample
            out[f"latents {i}"] = evenly(latents, OUTPUTS if i == STEPS - 1 else RESIDUALS)
    return out


def write(name: str, tensors: dict[str, np.ndarray]) -> None:
    target = ROOT / "tests" / "fixtures" / "sd1" / f"{name}.safetensors"
    save_file({key: np.ascontiguousarray(value) for key, value in tensors.items()}, target)
    print(f"{name}: {len(tensors)} tensors, {target.stat().st_size} bytes")
    for key, value in tensors.items():
        print(f"  {key}: deviation {value.std():.4g}, largest {np.abs(value).max():.4g}")


torch.manual_seed(0)
if "full" in sys.argv[1:]:
    parts = [forwards(FULL, 1, [500]), autoencoding(FULL)]
    write("full", {key: value for part in parts for key, value in part.items()})
elif "full-training" in sys.argv[1:]:
    write("full-training", training(FULL, [500]))
elif "full-trajectory" in sys.argv[1:]:
    write("full-trajectory", trajectory(FULL))
else:
    parts = [forwards(NARROW, 2, TIMESTEPS), autoencoding(NARROW), training(NARROW, [21, 500]), trajectory(NARROW)]
    write("narrow", {key: value for part in parts for key, value in part.items()})
