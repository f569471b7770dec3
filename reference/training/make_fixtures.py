"""Reference values for tests/training, from PyTorch's AdamW and gradient clipping.

    pip install torch==1.13.1 "numpy<2"
    python reference/training/make_fixtures.py > tests/fixtures/adamw.json

A 2×3 weight and a bias of 3 take five steps with gradients of a formula that the tests repeat.
"""

import json
import math

import torch

STEPS = 5
CLIP = 1.5
RATES = [0.1, 0.05, 0.02, 0.05, 0.1]


def waves(count: int, seed: float) -> torch.Tensor:
    values = [math.sin(seed + 0.7 * i) + 0.5 * math.cos(seed * i * i * 0.013 + i) for i in range(count)]
    return torch.tensor(values, dtype=torch.float32)


def main() -> None:
    weight = torch.nn.Parameter(waves(6, 0.3).reshape(2, 3))
    bias = torch.nn.Parameter(waves(3, 1.1))
    groups = [{"params": [weight], "weight_decay": 0.1}, {"params": [bias], "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=RATES[0], betas=(0.8, 0.95), eps=1e-6)
    steps = []
    for step in range(1, STEPS + 1):
        for group in optimizer.param_groups:
            group["lr"] = RATES[step - 1]
        weight.grad = waves(6, step * 1.7).reshape(2, 3)
        bias.grad = waves(3, step * 2.9)
        norm = torch.nn.utils.clip_grad_norm_([weight, bias], CLIP)
        optimizer.step()
        steps.append(
            {
                "norm": norm.item(),
                "weight": weight.flatten().tolist(),
                "bias": bias.tolist(),
                "weightFirst": optimizer.state[weight]["exp_avg"].flatten().tolist(),
                "weightSecond": optimizer.state[weight]["exp_avg_sq"].flatten().tolist(),
            }
        )
    print(json.dumps({"clip": CLIP, "rates": RATES, "steps": steps}, indent=2))


main()
