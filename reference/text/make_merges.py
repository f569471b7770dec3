"""Writes models/text/clip-bpe/merges.txt.gz from open_clip_torch's copy of CLIP's merges. See README.md."""

import gzip
from pathlib import Path

import open_clip

TARGET = Path(__file__).parents[2] / "models" / "text" / "clip-bpe" / "merges.txt.gz"

# CLIP uses the first merges only: 49,408 tokens less 2 x 256 bytes and two special tokens.
MERGES = 49408 - 2 * 256 - 2

source = Path(open_clip.__file__).with_name("bpe_simple_vocab_16e6.txt.gz")
lines = gzip.decompress(source.read_bytes()).decode().split("\n")[1 : 1 + MERGES]
assert len(lines) == MERGES and all(len(line.split(" ")) == 2 for line in lines)
TARGET.parent.mkdir(parents=True, exist_ok=True)
TARGET.write_bytes(gzip.compress(("\n".join(lines) + "\n").encode(), 9, mtime=0))
print(f"{len(lines)} merges, {TARGET.stat().st_size} bytes, last: {lines[-1]}")
