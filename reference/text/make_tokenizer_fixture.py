"""Writes tests/fixtures/text/tokens.json with transformers' CLIPTokenizer (in Python, without ftfy). See README.md."""

import gzip
import json
import sys
import tempfile
from pathlib import Path

from prompts import PROMPTS

sys.modules["ftfy"] = None  # open_clip_torch brings it; Stable Diffusion's own environments lack it
from transformers import CLIPTokenizer  # noqa: E402
from transformers.models.clip.tokenization_clip import bytes_to_unicode  # noqa: E402

ROOT = Path(__file__).parents[2]


def reference_tokenizer() -> CLIPTokenizer:
    """The tokenizer of openai/clip-vit-large-patch14, whose vocabulary follows from the merges."""
    packed = (ROOT / "models" / "text" / "clip-bpe" / "merges.txt.gz").read_bytes()
    merges = gzip.decompress(packed).decode()
    characters = list(bytes_to_unicode().values())
    tokens = characters + [c + "</w>" for c in characters]
    tokens += [line.replace(" ", "") for line in merges.splitlines()]
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    assert len(tokens) == len(set(tokens)) == 49408
    with tempfile.TemporaryDirectory() as folder:
        vocabulary = Path(folder, "vocab.json")
        vocabulary.write_text(json.dumps({token: i for i, token in enumerate(tokens)}))
        list_of_merges = Path(folder, "merges.txt")
        list_of_merges.write_text("#version: 0.2\n" + merges)
        return CLIPTokenizer(str(vocabulary), str(list_of_merges), model_max_length=77)


tokenizer = reference_tokenizer()
assert tokenizer.fix_text is None
cases = []
for prompt in PROMPTS:
    ids = tokenizer(prompt, padding="max_length", truncation=True, max_length=77).input_ids
    assert len(ids) == 77
    used = max([i + 1 for i, token in enumerate(ids) if token != 49407], default=0)
    cases.append({"prompt": prompt, "ids": ids[:used]})
target = ROOT / "tests" / "fixtures" / "text" / "tokens.json"
target.parent.mkdir(parents=True, exist_ok=True)
target.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
print(f"{len(cases)} prompts, {target.stat().st_size} bytes")
