"""Writes small checkpoints with PyTorch, and what PyTorch reads from them, for tests/checkpoints."""

import argparse
import builtins
import io
import json
import os
import pickle
import sys
import tarfile
import types
import zipfile
from collections import OrderedDict
from pathlib import Path

import numpy
import torch

OUT = Path(__file__).resolve().parents[2] / "tests" / "fixtures" / "checkpoints"

# The names that safetensors has for PyTorch's types.
DTYPES = {
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.float64: "F64",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.int16: "I16",
    torch.int8: "I8",
    torch.uint8: "U8",
    torch.bool: "BOOL",
}


def waves(*shape):
    count = int(numpy.prod(shape))
    return torch.sin(torch.arange(count, dtype=torch.float64) * 0.7 + 0.3).reshape(shape).float()


def all_dtypes():
    tensors = OrderedDict()
    for dtype, name in DTYPES.items():
        values = torch.tensor([[1, 0, 3], [0, 5, 6]]) if name in ("BOOL", "U8") else torch.tensor([[1, -2, 3], [-4, 5, 100]])
        if dtype.is_floating_point:
            values = values / 8 + 1 / 3
        tensors[f"of.{name}"] = values.to(dtype)
    return tensors


def views():
    base = waves(4, 6)
    cube = waves(2, 3, 4)
    shared = waves(5)
    return OrderedDict(
        [
            ("whole", base),
            ("row", base[2]),
            ("rows", base[1:3]),
            ("column", base[:, 1]),
            ("transposed", base.t()),
            ("every_other", base[::2, 1::2]),
            ("permuted", cube.permute(2, 0, 1)),
            ("channels_last", waves(2, 3, 2, 2).to(memory_format=torch.channels_last)),
            ("expanded", torch.tensor([1.5, -2.5]).unsqueeze(0).expand(3, 2)),
            ("scalar", torch.tensor(0.25)),
            ("empty", torch.zeros(0, 4)),
            ("empty_view", base[:, 6:]),
            ("one_by_one", waves(3)[1:2].unsqueeze(0)),
            ("tied.a", shared),
            ("tied.b", shared),
            ("tied.tail", shared[2:]),
        ]
    )


def network():
    torch.manual_seed(0)
    return torch.nn.Sequential(
        OrderedDict(conv=torch.nn.Conv2d(3, 4, 3), norm=torch.nn.BatchNorm2d(4), out=torch.nn.Linear(4, 2))
    )


class ModelCheckpoint:
    """Stands for the class that Lightning uses as a key: it is referred to and never made."""


def lightning():
    """As PyTorch Lightning lays its checkpoints out, with all that stands beside the state dict."""
    module = types.ModuleType("pytorch_lightning.callbacks.model_checkpoint")
    ModelCheckpoint.__module__ = module.__name__
    module.ModelCheckpoint = ModelCheckpoint
    for name in ("pytorch_lightning", "pytorch_lightning.callbacks"):
        sys.modules[name] = types.ModuleType(name)
    sys.modules[module.__name__] = module
    model = network()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
    model.out(torch.ones(1, 4)).sum().backward()
    optimizer.step()
    return {
        "epoch": 3,
        "global_step": 12345678901,
        "pytorch-lightning_version": "1.4.2",
        "state_dict": OrderedDict((f"model.{name}", tensor) for name, tensor in model.state_dict().items()),
        "callbacks": {ModelCheckpoint: {"monitor": "val/loss", "best_model_score": torch.tensor(0.5), "best": None}},
        "optimizer_states": [optimizer.state_dict()],
        "lr_schedulers": [{"base_lrs": [numpy.float64(1e-4)], "last": numpy.int64(-7), "seen": numpy.float32(0.5)}],
        "hyper_parameters": argparse.Namespace(
            size=torch.Size([3, 4]), device=torch.device("cuda:1"), dtype=torch.float16, kinds={"a"}, frozen=frozenset([1]), on=True
        ),
    }


def parameters():
    weight = torch.nn.Parameter(waves(2, 3))
    tagged = torch.nn.Parameter(waves(2))
    tagged.note = "kept beside the values"
    return {"model": {"model": {"weight": weight, "tagged": tagged, "frozen": torch.nn.Parameter(waves(3), requires_grad=False)}}}


def float8():
    return {"w": torch.tensor([1.0, -2.0]).to(torch.float8_e4m3fn), "plain": waves(2)}


def flatten(value, name=""):
    if isinstance(value, torch.Tensor):
        yield name, value
    elif isinstance(value, dict):
        for key, child in value.items():
            yield from flatten(child, f"{name}.{key}" if name else str(key))


def expectation(loaded, wrappers=()):
    for key in wrappers:
        loaded = loaded[key]
    return {
        name: {"dtype": DTYPES[tensor.dtype], "shape": list(tensor.shape), "values": tensor.detach().double().flatten().tolist()}
        for name, tensor in flatten(loaded)
    }


def save(name, value, **options):
    path = OUT / name
    torch.save(value, path, **options)
    return path


def rewritten(source, target, change):
    """A zip checkpoint with members replaced, removed (None) or compressed."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for info in old.infolist():
            data = change(info.filename.split("/", 1)[1], old.read(info))
            if data is not None:
                new.writestr(info.filename, data)


def swapped(member, data):
    """A float32 checkpoint as a big-endian machine writes it."""
    if member == "byteorder":
        return b"big"
    return numpy.frombuffer(data, "<f4").astype(">f4").tobytes() if member.startswith("data/") else data


class Call:
    """Pickles as a call of `function`."""

    def __init__(self, function, *args):
        self.function, self.args = function, args

    def __reduce__(self):
        return self.function, self.args


def evil():
    """Each file asks for something that is no constructor of a state dict, or misuses one that is."""
    harm = "echo a checkpoint ran a command >&2"
    state = {"state_dict": {"w": waves(2)}}
    save("evil-system.ckpt", {**state, "x": Call(os.system, harm)})
    save("evil-eval.pth", {**state, "x": Call(builtins.eval, "print('ran')")}, _use_new_zipfile_serialization=False)
    save("evil-getattr.pt", {**state, "x": Call(getattr, "text", "upper")})
    save("evil-import.pt", {**state, "x": Call(__import__, "os")})
    save("evil-before.pt", [Call(os.system, harm), waves(2)])
    save("evil-args.pt", {**state, "x": Call(torch._utils._rebuild_tensor_v2, 1, 2, 3, 4, 5, 6)})
    save("evil-encode.pt", {**state, "x": Call(__import__("_codecs").encode, "abc", "rot13")})
    save("complex.pt", {"w": torch.zeros(2, dtype=torch.complex64)})
    save("module.pt", torch.nn.Linear(2, 2))
    (OUT / "evil-plain.pkl").write_bytes(pickle.dumps(Call(os.system, harm), protocol=0))
    (OUT / "plain.pkl").write_bytes(pickle.dumps({"w": [1.0]}, protocol=4))


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    for old in OUT.iterdir():
        old.unlink()
    cases = {"dtypes": (all_dtypes(), ()), "views": (views(), ()), "network": (network().state_dict(), ()),
             "lightning": (lightning(), ("state_dict",)), "parameters": (parameters(), ("model", "model")),
             "tensor": (waves(2, 2), ()), "bare-list": ([waves(2), {"x": waves(1)}], ())}
    expected = {}
    for name, (value, wrappers) in cases.items():
        for suffix, options in {
            ".pt": {},
            ".legacy.pth": {"_use_new_zipfile_serialization": False},
            ".protocol4.ckpt": {"pickle_protocol": 4},
            ".protocol1.legacy.pth": {"pickle_protocol": 1, "_use_new_zipfile_serialization": False},
        }.items():
            if suffix.startswith(".protocol") and name not in ("lightning", "views", "dtypes"):
                continue
            if name == "lightning" and suffix.startswith(".protocol1"):
                continue  # protocol 1 makes objects through copyreg, which no state dict needs
            path = save(name + suffix, value, **options)
            loaded = torch.load(path, weights_only=False)
            if name == "bare-list":
                loaded = {"0": loaded[0], "1": loaded[1]}
            if name == "tensor":
                loaded = {"tensor": loaded}
            expected[path.name] = {"wrappers": list(wrappers), "tensors": expectation(loaded, wrappers)}
    rewritten(OUT / "network.pt", OUT / "no-byteorder.pt", lambda member, data: None if member == "byteorder" else data)
    floats = {name: tensor for name, tensor in views().items()}
    rewritten(save("views.pt", floats), OUT / "big-endian.pt", swapped)
    for copy, original in {"no-byteorder.pt": "network.pt", "big-endian.pt": "views.pt"}.items():
        expected[copy] = expected[original]
    assert expectation(torch.load(OUT / "big-endian.pt", weights_only=True)) == expected["views.pt"]["tensors"]
    save("float8.pt", float8())
    with zipfile.ZipFile(OUT / "network.pt") as old, zipfile.ZipFile(OUT / "compressed.pt", "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, old.read(info))
    with tarfile.open(OUT / "tar.pth", "w", format=tarfile.USTAR_FORMAT) as tar:
        info = tarfile.TarInfo("storages")
        info.size = 3
        tar.addfile(info, io.BytesIO(b"abc"))
    torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), OUT / "torchscript.pt")
    evil()
    (OUT / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")
    print(sum(path.stat().st_size for path in OUT.iterdir()), "bytes in", len(list(OUT.iterdir())), "files")


if __name__ == "__main__":
    main()
