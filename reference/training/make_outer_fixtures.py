"""Reference values for tests/training/rounds: DiLoCo's outer step by PyTorch's SGD with Nesterov momentum.

    pip install torch==2.5.1
    python reference/training/make_outer_fixtures.py > tests/fixtures/outer-step.json

Three workers hand in two tensors in each of four rounds; the outer gradient is what they changed on average.
"""

import json
import math

import torch

ROUNDS = 4
WORKERS = 3
RATE = 0.7
MOMENTUM = 0.9


def waves(count: int, seed: float) -> torch.Tensor:
    values = [math.sin(seed + 0.7 * i) + 0.5 * math.cos(seed * i * i * 0.013 + i) for i in range(count)]
    return torch.tensor(values, dtype=torch.float64)


def main() -> None:
    weight = torch.nn.Parameter(waves(6, 0.3).reshape(2, 3))
    bias = torch.nn.Parameter(waves(3, 1.1))
    optimizer = torch.optim.SGD([weight, bias], lr=RATE, momentum=MOMENTUM, nesterov=True)
    rounds = []
    for number in range(1, ROUNDS + 1):
        results = [
            [
                (weight.detach() - 0.1 * waves(6, 1.7 * number + worker).reshape(2, 3)).float(),
                (bias.detach() - 0.1 * waves(3, 2.9 * number + worker)).float(),
            ]
            for worker in range(WORKERS)
        ]
        for parameter, of_workers in zip([weight, bias], zip(*results)):
            parameter.grad = parameter.detach() - torch.stack([tensor.double() for tensor in of_workers]).mean(0)
        optimizer.step()
        rounds.append(
            {
                "results": [{"weight": w.flatten().tolist(), "bias": b.tolist()} for w, b in results],
                "weight": weight.detach().flatten().tolist(),
                "bias": bias.detach().tolist(),
            }
        )
    start = {"weight": waves(6, 0.3).tolist(), "bias": waves(3, 1.1).tolist()}
    print(json.dumps({"outerLearningRate": RATE, "outerMomentum": MOMENTUM, "start": start, "rounds": rounds}))


main()
