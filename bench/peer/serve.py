"""The peer's side of bench/protocol.ts: JSON lines on stdin, answers on stdout.

A module for each kind of work has `open_work(spec, settings)`, which returns a `Work`.
"""

import importlib
import json
import resource
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from statistics import median

import torch
from torch.utils.flop_counter import FlopCounterMode

PACKAGES = ["torch", "timm", "diffusers"]


@dataclass(frozen=True)
class Settings:
    threads: int
    precision: str
    layout: str

    @property
    def memory_format(self) -> torch.memory_format:
        return torch.channels_last if self.layout == "channels_last" else torch.contiguous_format

    def autocast(self) -> AbstractContextManager:
        if self.precision == "fp32":
            return nullcontext()
        return torch.autocast("cpu", dtype=torch.bfloat16)


def timed(work: Callable[[], object], times: int) -> list[float]:
    milliseconds = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        milliseconds.append((time.perf_counter() - started) * 1e3)
    return milliseconds


def peak_rss_mb() -> float:
    """VmHWM where there is one: getrusage also counts what the parent held when it forked."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / 1e6
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


class Server:
    work: Callable[[], object]

    def open(self, request: dict) -> dict:
        torch.set_num_threads(request["threads"])
        torch.manual_seed(0)
        spec = request["open"]
        module = importlib.import_module(f"work_{spec['kind'].replace(' ', '_')}")
        settings = Settings(request["threads"], request["precision"], request["layout"])
        flops = None
        if settings.layout == "probe":
            layout, flops = probe(module, spec, settings)
            settings = replace(settings, layout=layout)
        else:
            self.work = module.open_work(spec, settings)
            self.work()
        versions = {name: version(name) for name in PACKAGES}
        return {"flops": flops, "layout": settings.layout, "versions": versions}

    def run(self, request: dict) -> dict:
        timed(self.work, request["settle"])
        return {"milliseconds": timed(self.work, request["run"])}

    def answer(self, request: dict) -> dict:
        if "open" in request:
            return self.open(request)
        if "run" in request:
            return self.run(request)
        return {"peakRssMB": peak_rss_mb()}


def probe(module, spec: dict, settings: Settings) -> tuple[str, int | None]:
    """The faster layout, and the operations of one run, which are counted while it warms up."""
    seconds = {}
    counter = FlopCounterMode(display=False)
    for layout in ("contiguous", "channels_last"):
        work = module.open_work(spec, replace(settings, layout=layout))
        with nullcontext() if seconds else counter:
            work()
        times = timed(work, 1)
        # Short work is timed until the noise of single runs is gone.
        times += timed(work, min(20, int(1000 / max(times[0], 1))))
        seconds[layout] = median(times)
        del work
    return min(seconds, key=seconds.get), counter.get_total_flops() or None


def main() -> None:
    server = Server()
    # Libraries may print to stdout, which belongs to the answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply = server.answer(request)
        except Exception as error:
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), file=answers, flush=True)
        if "end" in request:
            return


if __name__ == "__main__":
    main()
