"""PyTorch on the workloads of `npm run bench:native`, in the same JSON format, for a comparison on one GPU.

  python3 torch_bench.py --workloads workloads.json --json torch.json [--workload TEXT] [--cpu] [--rounds N]

Forward and backward, eager and torch.compile, times by CUDA events; without CUDA by the wall clock. Each result is
compared with the same function in float64 before it is timed. What this PyTorch does not have is "none".
"""

import argparse
import datetime
import json
import math
import os
import platform
import statistics
import sys
import time

import torch
import torch.nn.functional as F

SAMPLE_MS = 20.0
MOST_RUNS = 500
# relative to the largest value, as in bench/check.ts; f16 and bf16 parameters are rounded, too
ALLOWED = {"f32": 1e-4, "f16": 4e-3, "bf16": 3e-2}
TYPES = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}
ACTIVATIONS = {"silu": F.silu, "relu": F.relu, "gelu": F.gelu}
MOMENTUM = 0.1


def options():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--workloads", default=os.path.join(here, "workloads.json"))
    parser.add_argument("--json", default="torch.json")
    parser.add_argument("--workload", default="", help="workloads whose title contains it")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--cpu", action="store_true", help="on the CPU even where there is CUDA")
    return parser.parse_args()


def forward(workload):
    """The function of (x, inputs) -> results by name; None where this PyTorch has no such operation."""
    op = workload["op"].replace("Backward", "")
    o = workload["options"]
    eps = o.get("eps", 1e-5)
    activation = ACTIVATIONS.get(o.get("activation"), lambda y: y)
    if op == "layerNorm":
        return lambda x, i: layer_norm(x, i, o["normalizedShape"], eps)
    if op == "rmsNorm":
        if not hasattr(F, "rms_norm"):
            return None
        return lambda x, i: {"y": F.rms_norm(x, o["normalizedShape"], i["weight"], eps)}
    if op == "batchNorm":
        return lambda x, i: batch_norm(x, i, o.get("training", False), eps)
    if op == "moments":
        return lambda x, i: moments(x, o["axes"])
    if op == "instanceNorm":
        return lambda x, i: {"y": F.instance_norm(x, None, None, i["weight"], i["bias"], eps=eps)}
    if op == "groupNorm":
        if o.get("channelAxis") == -1:  # NHWC: PyTorch's channels-last strides
            return lambda x, i: {
                "y": F.group_norm(
                    x.permute(0, 3, 1, 2), o["groups"], i["weight"], i["bias"], eps
                ).permute(0, 2, 3, 1)
            }
        return lambda x, i: {
            "y": activation(F.group_norm(x, o["groups"], i["weight"], i["bias"], eps))
        }
    return None


def layer_norm(x, i, shape, eps):
    if "residual" not in i:
        return {"y": F.layer_norm(x, shape, i["weight"], i["bias"], eps)}
    added = x + i["residual"]
    return {"y": F.layer_norm(added, shape, i["weight"], i["bias"], eps), "sum": added}


def batch_norm(x, i, training, eps):
    """Training updates the running statistics in place, as PyTorch's does."""
    mean, var = i.get("runningMean"), i.get("runningVar")
    y = F.batch_norm(x, mean, var, i["weight"], i["bias"], training, MOMENTUM, eps)
    return {"y": y}


def moments(x, axes):
    variance, mean = torch.var_mean(x, axes, unbiased=False)
    return {"mean": mean, "variance": variance}


def tensors(workload, device, dtype, exact=False):
    """x and the others, the same values for each dtype as that dtype holds them; `exact` gives them in float64."""
    generator = torch.Generator().manual_seed(20261122)

    def value(name, shape):
        normal = torch.randn(shape, generator=generator)
        if shape == workload["shape"]:
            normal = normal + 0.5
        elif name == "weight":
            normal = 1 + 0.1 * normal
        elif name == "runningVar":
            normal = 1 + 0.01 * normal * normal
        else:
            normal = 0.1 * normal
        stays = workload["op"].startswith("batchNorm") and shape != workload["shape"]
        own = normal.to(torch.float32 if stays else dtype)
        return (own.double() if exact else own).to(device)

    shapes = {"x": workload["shape"], **workload["inputs"]}
    return {name: value(name, shape) for name, shape in shapes.items()}


def computation(workload, compiled, given):
    """What is run: forward, or backward alone, for which a forward has kept what it keeps; None: no such operation."""
    norm = forward(workload)
    if norm is None:
        return None
    norm = torch.compile(norm) if compiled else norm
    if not workload["op"].endswith("Backward"):

        def run_forward():
            with torch.no_grad():
                return norm(given["x"], given)

        return run_forward

    names = {"dx": "x", "dWeight": "weight", "dBias": "bias"}
    wanted = {name: names[name] for name in workload["results"]}
    leaves = {key: given[key].detach().requires_grad_() for key in wanted.values()}
    y = norm(leaves["x"], {**given, **leaves})["y"]

    def run_backward():
        gradients = torch.autograd.grad(y, list(leaves.values()), given["dy"], retain_graph=True)
        return dict(zip(wanted, gradients))

    return run_backward


def results_of(workload, run, given):
    made = dict(run())
    for name in ("runningMean", "runningVar"):
        if name in workload["results"]:
            made[name] = given[name]
    return made


def largest_error(made, expected):
    errors = []
    for name, reference in expected.items():
        difference = (made[name].double() - reference).abs().max().item()
        scale = max(reference.abs().max().item(), 1.0)
        errors.append(math.inf if math.isnan(difference) else difference / scale)
    return max(errors)


def clock_of(device):
    """Milliseconds of so many runs."""

    def cuda(run, runs):
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        for _ in range(runs):
            run()
        end.record()
        torch.cuda.synchronize()
        return start.elapsed_time(end)

    def wall(run, runs):
        start = time.perf_counter()
        for _ in range(runs):
            run()
        return 1e3 * (time.perf_counter() - start)

    return cuda if device == "cuda" else wall


def timed(run, clock, rounds):
    for _ in range(3):
        clock(run, 1)
    once = clock(run, 3) / 3
    runs = int(min(MOST_RUNS, max(1, SAMPLE_MS / max(once, 1e-3))))
    clock(run, runs)
    return runs, [clock(run, runs) / runs for _ in range(rounds)]


def outcome(workload, compiled, device, rounds):
    if compiled and not hasattr(torch, "compile"):
        return {"status": "none"}
    dtype = TYPES[workload["dtype"]]
    try:
        doubles = tensors(workload, device, dtype, exact=True)
        plain = computation(workload, False, doubles)
        if plain is None:
            return {"status": "none"}
        exact = results_of(workload, plain, doubles)
        given = tensors(workload, device, dtype)
        run = computation(workload, compiled, given)
        made = results_of(workload, run, given)
        error = largest_error(made, {name: exact[name] for name in workload["results"]})
        if not error <= ALLOWED[workload["dtype"]]:
            return {"status": "wrong", "maxError": error}
        del exact, made, doubles, plain
        runs, samples = timed(run, clock_of(device), rounds)
    except Exception as refused:  # out of memory, no half on this CPU, no compiler: said in the report
        return {"status": "failed", "message": f"{type(refused).__name__}: {refused}"[:300]}
    ms = statistics.median(samples)
    size = 4 if workload["dtype"] == "f32" else 2
    gbs = 2 * size * math.prod(workload["shape"]) / (ms * 1e6)
    way = "torch.compile" if compiled else "eager"
    if workload["op"].endswith("Backward"):
        way += ", backward alone"
    return dict(status="timed", way=way, ms=ms, samples=samples, runs=runs, gbs=gbs, maxError=error)


def copy_outcome(workload, device, rounds):
    x = torch.zeros(workload["shape"], device=device)
    y = torch.empty_like(x)
    runs, samples = timed(lambda: y.copy_(x), clock_of(device), rounds)
    ms = statistics.median(samples)
    gbs = 8 * x.numel() / (ms * 1e6)
    return dict(status="timed", way="copy_", ms=ms, samples=samples, runs=runs, gbs=gbs)


def title(workload):
    return "%s [%s]" % (workload["name"], ", ".join(map(str, workload["shape"])))


def row_of(workload, device, rounds):
    print(title(workload), file=sys.stderr)
    results = {
        "copy": copy_outcome(workload, device, rounds),
        "torch": outcome(workload, False, device, rounds),
        "torchCompile": outcome(workload, True, device, rounds),
    }
    unit = results["copy"]["ms"]
    for result in results.values():
        if result["status"] == "timed":
            result["multiple"] = result["ms"] / unit
    keys = ("name", "shape", "dtype", "oursAlone")
    return {**{key: workload[key] for key in keys}, "results": results}


def main():
    given = options()
    if hasattr(torch, "_functorch") and hasattr(torch._functorch, "config"):
        torch._functorch.config.donated_buffer = False  # a backward is run more than once
    with open(given.workloads, encoding="utf-8") as file:
        workloads = json.load(file)
    device = "cpu" if given.cpu or not torch.cuda.is_available() else "cuda"
    missing = [name for name in ("rms_norm",) if not hasattr(F, name)]
    missing += [] if hasattr(torch, "compile") else ["torch.compile"]
    print(f"PyTorch {torch.__version__} on {device}", file=sys.stderr)
    if device == "cpu":
        print("no CUDA: these are times of the CPU, not of a GPU", file=sys.stderr)
    if missing:
        print(f"this PyTorch has no {', '.join(missing)}: none", file=sys.stderr)
    wanted = [w for w in workloads if given.workload.lower() in title(w).lower() and "masked" not in w]
    adapter = torch.cuda.get_device_name() if device == "cuda" else platform.processor() or "CPU"
    report = {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(),
        "engine": f"PyTorch {torch.__version__}",
        "adapter": adapter,
        "software": device == "cpu",
        "clock": "CUDA events" if device == "cuda" else "wall clock",
        "machine": f"{os.cpu_count()} cores, {platform.system()}",
        "libraries": [
            {"id": "torch", "name": "PyTorch, eager", "version": torch.__version__},
            {"id": "torchCompile", "name": "PyTorch, torch.compile", "version": torch.__version__},
            {"id": "copy", "name": "Tensor.copy_", "version": ""},
        ],
        "rows": [],
    }
    for workload in wanted:
        row = row_of(workload, device, given.rounds)
        report["rows"].append(row)
        with open(given.json, "w", encoding="utf-8") as file:  # each row, since a time limit may end this
            json.dump(report, file, indent=1)
        texts = [
            "%s %s" % (name, "%.4f ms" % r["ms"] if r["status"] == "timed" else r["status"])
            for name, r in row["results"].items()
        ]
        print(title(row) + ": " + ", ".join(texts), flush=True)
    print(f"saved: {given.json}")


if __name__ == "__main__":
    main()
