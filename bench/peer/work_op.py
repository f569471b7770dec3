"""Single operations, as bench/workloads/op.ts has them."""

from collections.abc import Callable

import torch
from serve import Settings
from torch import nn
from torch.nn import functional

GROUPS = 32
HEADS = 8


class Attention(nn.Module):
    """Self-attention as in diffusers: without biases before, with one after."""

    def __init__(self, width: int):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(width, width, bias=False) for _ in range(3))
        self.out = nn.Linear(width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        def heads(y: torch.Tensor) -> torch.Tensor:
            return y.unflatten(2, (HEADS, -1)).transpose(1, 2)

        mixed = functional.scaled_dot_product_attention(
            heads(self.query(x)), heads(self.key(x)), heads(self.value(x))
        )
        return self.out(mixed.transpose(1, 2).flatten(2))


def layer(op: str, shape: list[int]) -> nn.Module:
    match op:
        case "matmul":
            return nn.Linear(shape[-1], shape[-1], bias=False)
        case "conv3x3":
            return nn.Conv2d(shape[1], shape[1], 3, padding=1, bias=False)
        case "attention":
            return Attention(shape[-1])
        case "group norm":
            return nn.GroupNorm(GROUPS, shape[1])
        case "layer norm":
            return nn.LayerNorm(shape[-1])
        case "gelu":
            return nn.GELU()
    raise ValueError(f"there is no op {op}")


def open_work(spec: dict, settings: Settings) -> Callable[[], object]:
    model = nn.Sequential(*(layer(spec["op"], spec["shape"]) for _ in range(spec["repeats"])))
    x = torch.randn(spec["shape"])
    if x.dim() == 4:
        model, x = model.to(memory_format=settings.memory_format), x.to(memory_format=settings.memory_format)
    if spec["pass"] in ("frozen", "forward"):
        return forward(model, x, settings)
    inputs, weights = [x], list(model.parameters())
    wanted = {
        "input gradient": inputs,
        "weight gradient": weights,
        "gradients": inputs + weights,
    }[spec["pass"]]
    for tensor in (*inputs, *weights):
        tensor.requires_grad_(any(tensor is each for each in wanted))
    return gradients(model, x, wanted, settings, again=spec["pass"] == "gradients")


def forward(model: nn.Module, x: torch.Tensor, settings: Settings) -> Callable[[], object]:
    def work() -> torch.Tensor:
        with torch.inference_mode(), settings.autocast():
            return model(x)

    return work


def gradients(
    model: nn.Module, x: torch.Tensor, wanted: list[torch.Tensor], settings: Settings, again: bool
) -> Callable[[], object]:
    """With `again` the forward pass is part of the work; otherwise it is done once, before."""

    def output() -> torch.Tensor:
        with settings.autocast():
            return model(x)

    y = output()
    dy = torch.randn_like(y)

    def work() -> None:
        (output() if again else y).backward(dy, inputs=wanted, retain_graph=not again)
        for tensor in wanted:
            tensor.grad = None

    return work
