"""Reference values for the backbones known by their timm names.

    .venv/bin/python reference/timm/make_fixtures.py [small] [full] [catalogue] [preprocessing]

Writes to tests/fixtures/timm/. Without names it makes all of them.
"""

import base64
import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import timm
import torch
from PIL import Image
from timm.data import create_transform, resolve_data_config
from timm.models import get_pretrained_cfg
from torchvision import transforms

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "reference" / "shared"))

from hash_weights import fill, hash_uniform  # noqa: E402
from networks import FULL, NAMES, SMALL, create, run  # noqa: E402

OUT = ROOT / "tests" / "fixtures" / "timm"
SAMPLES = 64


def summary(values: torch.Tensor) -> dict:
    """Evenly spaced values, and the largest magnitude of all."""
    flat = values.detach().reshape(-1)
    positions = [i * (len(flat) - 1) // (SAMPLES - 1) for i in range(SAMPLES)]
    kept = flat if len(flat) <= SAMPLES else flat[positions]
    return {
        "shape": list(values.shape),
        "largest": round_to_float(flat.abs().max()),
        "samples": [round_to_float(x) for x in kept],
    }


def is_head(key: str) -> bool:
    """What forward_features does not use."""
    return key.startswith(("head.", "fc."))


def round_to_float(x: torch.Tensor) -> float:
    """Nine digits, more than float32 has."""
    return float(f"{x.item():.9g}")


def hashed(name: str, shape: tuple[int, ...]) -> torch.Tensor:
    values = hash_uniform(name, int(np.prod(shape)))
    return torch.from_numpy(values).reshape(shape)


def network(name: str, size: int, with_gradient: bool) -> dict:
    torch.manual_seed(0)
    model = create(name).eval()
    fill(model)
    model.double()
    images = hashed("images", (1, 3, size, size)).requires_grad_(with_gradient)
    with torch.set_grad_enabled(with_gradient):
        maps, logits = run(model, images)
    last = list(maps.values())[-1]
    counts = {key: p.numel() for key, p in model.named_parameters()}
    result = {
        "size": size,
        "parameters": sum(counts.values()),
        "featureParameters": sum(n for key, n in counts.items() if not is_head(key)),
        "tensors": {
            key: list(value.shape)
            for key, value in model.state_dict().items()
            if not key.endswith("num_batches_tracked")
        },
        "maps": {layer: summary(x) for layer, x in maps.items()},
        "logits": summary(logits),
    }
    if with_gradient:
        loss = (last * hashed("loss", tuple(last.shape))).sum()
        (gradient,) = torch.autograd.grad(loss, images)
        result["gradient"] = summary(gradient)
    return result


def make_small() -> None:
    write("small.json", {name: network(name, size, True) for name, (size, _) in SMALL.items()})


def make_full() -> None:
    networks = {}
    for name, size in FULL.items():
        networks[name] = network(name, size, False)
        # Names and shapes are compared by the count of numbers: the list would be long.
        del networks[name]["tensors"]
        print(name, networks[name]["parameters"], flush=True)
    write("full.json", networks)


def make_catalogue() -> None:
    """What timm says of every known name."""
    entries = {}
    for name in sorted(NAMES):
        config = get_pretrained_cfg(name)
        test = resolve_data_config(pretrained_cfg=config.to_dict(), use_test_size=True)
        train = resolve_data_config(pretrained_cfg=config.to_dict())
        with torch.device("meta"):
            model = timm.create_model(name)
        entries[name] = {
            "size": test["input_size"][-1],
            "crop": test["crop_pct"],
            "trained": {"size": train["input_size"][-1], "crop": train["crop_pct"]},
            "filter": test["interpolation"],
            "cropMode": test["crop_mode"],
            "mean": test["mean"],
            "std": test["std"],
            "licence": config.license,
            "repository": config.hf_hub_id,
            "fixedSize": config.fixed_input_size,
            "parameters": sum(p.numel() for p in model.parameters()),
            "tensors": tensor_digest(model),
        }
    write("catalogue.json", entries)


def tensor_digest(model: torch.nn.Module) -> str:
    """Names and shapes of the state dict in one string, sorted, hashed."""
    lines = sorted(
        f"{key}{list(value.shape)}".replace(" ", "")
        for key, value in model.state_dict().items()
        if not key.endswith("num_batches_tracked")
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


PHOTOS = ["cat.jpg", "coffee.jpg"]


def make_preprocessing() -> None:
    """Squares of photographs as timm and as the authors of FeatInv cut them, as evenly spaced rows."""
    cases = []
    for photo in PHOTOS:
        image = Image.open(ROOT / "photos" / photo).convert("RGB")
        for name in ["resnet50.tv_in1k", "convnext_base.fb_in22k_ft_in1k"]:
            config = resolve_data_config(
                pretrained_cfg=get_pretrained_cfg(name).to_dict(), use_test_size=True
            )
            timms = create_transform(**config)
            pixels = transforms.Compose([t for t in timms.transforms if is_geometric(t)])(image)
            cases.append({"photo": photo, "name": name, "preprocessing": "own", **rows(pixels)})
        size = 288
        authors = transforms.Compose([transforms.Resize(size), transforms.CenterCrop(size)])
        name = "convnext_base.fb_in22k_ft_in1k"
        cases.append({"photo": photo, "name": name, "preprocessing": "featinv", **rows(authors(image))})
    write("preprocessing.json", cases)


def is_geometric(transform: object) -> bool:
    return isinstance(transform, (transforms.Resize, transforms.CenterCrop))


def rows(image: Image.Image) -> dict:
    pixels = np.asarray(image)
    kept = list(range(0, pixels.shape[0], 24))
    return {
        "size": pixels.shape[0],
        "rows": kept,
        "mean": float(pixels.mean()),
        "pixels": base64.b64encode(pixels[kept].tobytes()).decode(),
    }


def write(file: str, content: object) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / file).write_text(json.dumps(content, separators=(",", ":")) + "\n")


MAKERS = {
    "small": make_small,
    "full": make_full,
    "catalogue": make_catalogue,
    "preprocessing": make_preprocessing,
}

if __name__ == "__main__":
    for part in sys.argv[1:] or MAKERS:
        MAKERS[part]()
