"""Writes tests/fixtures/text/encoder-*.safetensors with transformers' CLIPTextModel. See README.md."""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file
from transformers import CLIPTextConfig, CLIPTextModel

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "reference" / "shared"))
from hash_weights import fill  # noqa: E402

PROMPTS = ["", "a high-quality, detailed, and professional image"]


def reference(**sizes) -> CLIPTextModel:
    """Every size that is not given is that of openai/clip-vit-large-patch14."""
    large = dict(
        vocab_size=49408, hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12,
        max_position_embeddings=77, hidden_act="quick_gelu", layer_norm_eps=1e-5, bos_token_id=49406,
        eos_token_id=49407, pad_token_id=1,
    )  # fmt: skip
    model = CLIPTextModel(CLIPTextConfig(**{**large, **sizes}, attn_implementation="eager")).eval()
    fill(model)
    return model


def write(name: str, model: CLIPTextModel, ids: torch.Tensor, rows: slice) -> None:
    with torch.no_grad():
        states = model(ids).last_hidden_state
    shapes = {key: list(value.shape) for key, value in model.state_dict().items() if value.is_floating_point()}
    parameters = sum(int(np.prod(shape)) for shape in shapes.values())
    target = ROOT / "tests" / "fixtures" / "text" / f"encoder-{name}.safetensors"
    save_file(
        {"states": states[:, rows].contiguous().numpy(), "ids": ids.numpy()},
        target,
        metadata={"shapes": json.dumps(shapes)},
    )
    print(f"{name}: {parameters} parameters, {target.stat().st_size} bytes, deviation {states.std():.3f}")


small = dict(vocab_size=64, hidden_size=24, intermediate_size=40, num_hidden_layers=2, num_attention_heads=3)
ids = torch.from_numpy(np.random.default_rng(0).integers(0, 64, (2, 11)))
write("small", reference(**small, max_position_embeddings=11), ids, slice(None))

cases = {case["prompt"]: case["ids"] for case in json.loads((ROOT / "tests/fixtures/text/tokens.json").read_text())}
tokens = torch.tensor([(cases[prompt] + [49407] * 77)[:77] for prompt in PROMPTS])
# Every eleventh position keeps the file small.
write("large", reference(), tokens, slice(None, None, 11))
