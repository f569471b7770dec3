"""Reference trajectories for tests/diffusion/samplers, from diffusers' schedulers.

    pip install torch==1.13.1 diffusers==0.29.2 "numpy<2"
    python reference/schedule/make_fixtures.py > tests/fixtures/samplers.json

The "model" is a formula of sample and timestep that the test repeats.
"""

import json

import torch
from diffusers import DDIMScheduler, DPMSolverMultistepScheduler

COMMON = dict(
    num_train_timesteps=1000,
    beta_start=0.00085,
    beta_end=0.012,
    beta_schedule="scaled_linear",
    steps_offset=1,
    timestep_spacing="leading",
)
START = [-1.7, -0.4, 0.05, 0.9, 2.1]


def predict(x: torch.Tensor, t: int) -> torch.Tensor:
    return torch.tanh(x) * (0.4 + 0.6 * t / 1000) + 0.1 * torch.cos(3 * x)


def run(scheduler, steps: int) -> dict:
    scheduler.set_timesteps(steps)
    if isinstance(scheduler, DPMSolverMultistepScheduler):
        visit_ddim_timesteps(scheduler, steps)
    x = torch.tensor(START, dtype=torch.float64)
    for t in scheduler.timesteps:
        x = scheduler.step(predict(x, int(t)), t, x).prev_sample
    return {"steps": steps, "timesteps": [int(t) for t in scheduler.timesteps], "result": x.tolist()}


def visit_ddim_timesteps(scheduler: DPMSolverMultistepScheduler, steps: int) -> None:
    """This scheduler's own leading spacing divides by steps + 1; samplers here share DDIM's."""
    reference = ddim()
    reference.set_timesteps(steps)
    abar = scheduler.alphas_cumprod.double()
    visited = torch.cat([abar[reference.timesteps], abar[:1]])
    scheduler.timesteps = reference.timesteps
    scheduler.sigmas = ((1 - visited) / visited).sqrt()


def ddim() -> DDIMScheduler:
    return DDIMScheduler(**COMMON, clip_sample=False, set_alpha_to_one=False)


def dpm_solver() -> DPMSolverMultistepScheduler:
    # The sample ends at the first noise level, and the last step is of first order, as euler_at_final says.
    return DPMSolverMultistepScheduler(
        **COMMON, solver_order=2, final_sigmas_type="sigma_min", euler_at_final=True
    )


print(
    json.dumps(
        {
            "start": START,
            "ddim": [run(ddim(), steps) for steps in (3, 50, 101)],
            "dpm++": [run(dpm_solver(), steps) for steps in (3, 10, 25)],
        },
        separators=(",", ":"),
    )
)
