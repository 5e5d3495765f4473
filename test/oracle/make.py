"""What PyTorch computes, as small vectors for the tests: writes vectors.json beside this file.

To make them again with PyTorch 2.14 for the CPU, on any Debian as root (a folder has Debian 14; its
own apt needs -o Acquire::Check-Valid-Until=false where the mirror is a snapshot):
    apt-get install -y debootstrap
    debootstrap --variant=minbase forky FOLDER http://deb.debian.org/debian
    chroot FOLDER apt-get install -y --no-install-recommends python3-torch python3-numpy
    cp -r test/oracle FOLDER/oracle
    chroot FOLDER sh -c 'cd oracle && for each in make make_family make_small make_masks make_gates make_nn; do python3 $each.py; done'
    cp FOLDER/oracle/*.json test/oracle/
The same seed gives the same file. PyTorch 1.13 gave the same values, of what it had.

Inputs are exact in float32 and written with the digits that identify the float32. Expected values
are computed in float64 from those inputs and written in full. Statistics come from PyTorch too:
native_layer_norm, native_group_norm and native_batch_norm return mean and rstd. Layouts that
PyTorch does not have (`channelAxis`) go through movedim.
"""

import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
random = np.random.default_rng(20240517)
cases = []


def normal(*shape, offset=0.0, scale=1.0):
    """A float32-exact array as a float64 tensor."""
    values = np.asarray(random.standard_normal(shape) * scale + offset, np.float32)
    return torch.from_numpy(np.asarray(values, np.float64))


def positive(*shape):
    values = random.uniform(0.2, 3.0, shape).astype(np.float32)
    return torch.from_numpy(np.asarray(values, np.float64))


def number(value):
    if np.isnan(value):
        return "NaN"
    if np.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return int(value) if value == int(value) and abs(value) < 1e15 else float(value)


def written_input(tensor):
    narrow = tensor.numpy().astype(np.float32)
    assert (narrow.astype(np.float64) == tensor.numpy()).all() or torch.isnan(tensor).any()
    data = [number(float(str(v))) for v in narrow.ravel()]
    return {"shape": list(tensor.shape), "data": data}


def written_output(tensor):
    return {"shape": list(tensor.shape), "data": [number(v) for v in tensor.numpy().ravel()]}


def add(op, inputs, options, outputs, types=None):
    name = f"{op} {list(inputs['x'].shape)} {json.dumps(options)} {'+'.join(list(inputs)[1:])}"
    if types:
        name += f" {types['x']}"
    cases.append({
        "id": f"{len(cases)}: {name.strip()}",
        "op": op,
        "options": options,
        **({"types": types} if types else {}),
        "inputs": {k: written_input(v) for k, v in inputs.items()},
        "outputs": {k: written_output(v) for k, v in outputs.items()},
    })


def reductions():
    for shape, axes in [
        ([7], [0]), ([3, 5], [1]), ([5, 3], [0]), ([2, 3, 4], [0, 2]), ([2, 3, 4], [1]),
        ([2, 3, 2, 4], [0, 2, 3]), ([2, 3, 2, 4], [-1, -3]), ([2, 2, 3, 2, 2], [1, 3]),
        ([2, 2, 2, 3, 2], [0, 1, 2, 3, 4]),
    ]:
        keepdim = bool(random.integers(2))
        x = normal(*shape, offset=2)
        add("mean", {"x": x}, {"axes": axes, "keepdim": keepdim},
            {"y": x.mean(axes, keepdim=keepdim)})
        for correction in (0, 1):
            options = {"axes": axes, "correction": correction, "keepdim": keepdim}
            arguments = {"dim": axes, "correction": correction, "keepdim": keepdim}
            add("variance", {"x": x}, options, {"y": torch.var(x, **arguments)})
            add("std", {"x": x}, options, {"y": torch.std(x, **arguments)})
        add("moments", {"x": x}, {"axes": axes, "keepdim": keepdim}, {
            "mean": x.mean(axes, keepdim=keepdim),
            "variance": torch.var(x, dim=axes, correction=0, keepdim=keepdim),
        })
    x = normal(4, 1)
    add("variance", {"x": x}, {"axes": [1]}, {"y": torch.var(x, dim=[1])})  # of one value: NaN
    x = normal(3, 40, offset=1e4)
    add("variance", {"x": x}, {"axes": [1]}, {"y": torch.var(x, dim=[1])})


def standardized(x, axes, eps):
    mean = x.mean(axes, keepdim=True)
    return (x - mean) / torch.sqrt(torch.var(x, dim=axes, correction=0, keepdim=True) + eps)


def standardize():
    for shape, axes, weight, bias, eps in [
        ([6, 5], [1], None, None, 1e-5), ([6, 5], [0], [5], [6, 1], 1e-5),
        ([2, 3, 4], [0, 2], [3, 1], None, 1e-3), ([2, 3, 4], [1], None, [2, 1, 4], 1e-5),
        ([3, 2, 4, 2], [1, 3], [4, 1], [3, 2, 4, 2], 0.5), ([2, 2, 3, 2, 2], [0, 4], [1], [2], 1e-5),
    ]:
        inputs = {"x": normal(*shape, offset=1)}
        y = standardized(inputs["x"], axes, eps)
        if weight:
            inputs["weight"] = normal(*weight)
            y = y * inputs["weight"]
        if bias:
            inputs["bias"] = normal(*bias)
            y = y + inputs["bias"]
        add("standardize", inputs, {"axes": axes, "eps": eps}, {"y": y})


def affine(channels, weight, bias):
    inputs = {}
    if weight:
        inputs["weight"] = normal(*channels)
    if bias:
        inputs["bias"] = normal(*channels)
    return inputs


def layer_norm():
    for shape, dims, weight, bias, eps, offset in [
        ([4, 6], 1, True, True, 1e-5, 0), ([4, 6], 2, True, False, 1e-5, 3),
        ([2, 3, 5], 1, False, True, 1e-5, 0), ([2, 3, 5], 2, True, True, 0.1, 100),
        ([2, 2, 3, 4], 3, True, True, 1e-5, 1e4), ([2, 2, 3, 4], 1, False, False, 0, 0),
        ([2, 2, 2, 2, 3], 2, True, True, 1e-5, 0), ([9], 1, True, True, 1e-5, 1e6),
    ]:
        x = normal(*shape, offset=offset)
        normalized = shape[len(shape) - dims:]
        inputs = {"x": x, **affine(normalized, weight, bias)}
        y, mean, rstd = torch.native_layer_norm(
            x, normalized, inputs.get("weight"), inputs.get("bias"), eps)
        kept = shape[:len(shape) - dims]
        add("layerNorm", inputs, {"normalizedShape": normalized, "eps": eps},
            {"y": y, "mean": mean.reshape(kept), "rstd": rstd.reshape(kept)})


def group_norm():
    for shape, groups, channel, weight, bias, eps, offset in [
        ([3, 6], 3, 1, True, True, 1e-5, 0), ([2, 4, 5], 4, 1, True, False, 1e-5, 2),
        ([2, 6, 2, 3], 2, 1, True, True, 1e-5, 1e4), ([2, 6, 2, 2], 1, 1, False, True, 1e-2, 0),
        ([2, 4, 2, 2, 2], 2, 1, True, True, 1e-5, 0), ([2, 2, 3, 6], 3, -1, True, True, 1e-5, 1),
        ([2, 5, 4], 2, -1, False, False, 1e-5, 0), ([2, 3, 4, 2], 2, 2, True, True, 1e-5, 0),
    ]:
        x = normal(*shape, offset=offset)
        channels = shape[channel]
        inputs = {"x": x, **affine([channels], weight, bias)}
        first = x.movedim(channel, 1).contiguous()
        y, mean, rstd = torch.native_group_norm(
            first, inputs.get("weight"), inputs.get("bias"), shape[0], channels,
            x.numel() // shape[0] // channels, groups, eps)
        functional = F.group_norm(first, groups, inputs.get("weight"), inputs.get("bias"), eps)
        assert torch.allclose(y, functional, rtol=1e-12, atol=1e-12)
        options = {"groups": groups, "eps": eps}
        if channel != 1:
            options["channelAxis"] = channel
        add("groupNorm", inputs, options, {"y": y.movedim(1, channel), "mean": mean, "rstd": rstd})


def running(channels):
    return {"runningMean": normal(channels), "runningVar": positive(channels)}


def batch_norm():
    for shape, channel, weight, bias, training, tracked, momentum, eps, offset in [
        ([4, 3], 1, True, True, True, True, 0.1, 1e-5, 0),
        ([4, 3], 1, False, False, False, True, 0.1, 1e-5, 0),
        ([3, 4, 5], 1, True, False, True, True, 0.25, 1e-3, 10),
        ([3, 4, 5], 1, False, True, False, True, 0.1, 1e-5, 0),
        ([2, 3, 3, 4], 1, True, True, True, True, 0.1, 1e-5, 1e4),
        ([2, 3, 3, 4], 1, True, True, False, True, 0.1, 1e-5, 0),
        ([2, 3, 3, 4], 1, True, True, True, False, 0.1, 1e-5, 0),
        ([2, 3, 3, 4], 1, False, True, False, False, 0.1, 1e-5, 0),
        ([2, 2, 2, 3, 2], 1, True, True, True, True, 1.0, 1e-5, 0),
        ([2, 2, 2, 3, 2], 1, True, True, False, True, 0.1, 1e-5, 0),
        ([2, 3, 4, 3], -1, True, True, True, True, 0.1, 1e-5, 1),
        ([2, 3, 4, 3], -1, True, True, False, True, 0.1, 1e-5, 0),
        ([4, 3, 5], 0, True, False, True, True, 0.1, 1e-5, 0),
        ([2, 3, 4, 2], 2, False, False, True, True, 0.0, 1e-5, 0),
    ]:
        x = normal(*shape, offset=offset)
        channels = shape[channel]
        inputs = {"x": x, **affine([channels], weight, bias)}
        if tracked:
            inputs.update(running(channels))
        first = x.movedim(channel, 1).contiguous()
        stats = [inputs[k].clone() if tracked else None for k in ("runningMean", "runningVar")]
        own = training or not tracked
        y = F.batch_norm(first, *stats, inputs.get("weight"), inputs.get("bias"), own, momentum, eps)
        outputs = {"y": y.movedim(1, channel)}
        if own:
            _, outputs["mean"], outputs["rstd"] = torch.native_batch_norm(
                first, None, None, None, None, True, momentum, eps)
        if tracked and training:
            outputs["runningMean"], outputs["runningVar"] = stats
        options = {"training": training, "momentum": momentum, "eps": eps}
        if channel != 1:
            options["channelAxis"] = channel
        add("batchNorm", inputs, options, outputs)


def cumulative_batch_norm():
    """momentum=None: three batches in a row through the modules."""
    for module, shape in [
        (torch.nn.BatchNorm1d, [4, 3]), (torch.nn.BatchNorm2d, [2, 2, 3, 3]),
        (torch.nn.BatchNorm3d, [2, 2, 2, 2, 2]),
    ]:
        layer = module(shape[1], momentum=None)
        for batch in range(3):
            x = normal(*shape, offset=batch)
            with torch.no_grad():
                layer.running_mean.copy_(layer.running_mean.float())  # inputs are exact in float32
                layer.running_var.copy_(layer.running_var.float())
                inputs = {"x": x, "weight": layer.weight.data.clone(),
                          "bias": layer.bias.data.clone(),
                          "runningMean": layer.running_mean.clone(),
                          "runningVar": layer.running_var.clone()}
                y = layer(x)
            assert layer.num_batches_tracked == batch + 1
            options = {"training": True, "momentum": None, "numBatchesTracked": batch}
            add("batchNorm", inputs, options, {
                "y": y, "runningMean": layer.running_mean.clone(),
                "runningVar": layer.running_var.clone()})


def instance_norm():
    for shape, channel, weight, bias, tracked, own, momentum, eps, offset in [
        ([2, 3, 5], 1, True, True, False, True, 0.1, 1e-5, 0),
        ([2, 3, 5], 1, False, False, True, True, 0.1, 1e-5, 5),
        ([3, 2, 3, 4], 1, True, True, True, True, 0.3, 1e-5, 1e4),
        ([3, 2, 3, 4], 1, True, True, True, False, 0.1, 1e-5, 0),
        ([2, 2, 2, 2, 3], 1, True, False, True, True, 0.1, 1e-2, 0),
        ([2, 2, 2, 2, 3], 1, False, True, False, True, 0.1, 1e-5, 0),
        ([2, 3, 4, 3], -1, True, True, True, True, 0.1, 1e-5, 1),
        ([2, 5, 3], -1, False, False, True, False, 0.1, 1e-5, 0),
    ]:
        x = normal(*shape, offset=offset)
        examples, channels = shape[0], shape[channel]
        inputs = {"x": x, **affine([channels], weight, bias)}
        if tracked:
            inputs.update(running(channels))
        first = x.movedim(channel, 1).contiguous()
        stats = [inputs[k].clone() if tracked else None for k in ("runningMean", "runningVar")]
        y = F.instance_norm(first, *stats, inputs.get("weight"), inputs.get("bias"), own, momentum, eps)
        outputs = {"y": y.movedim(1, channel)}
        if own:
            flat = first.reshape(1, examples * channels, -1)
            _, mean, rstd = torch.native_batch_norm(
                flat, None, None, None, None, True, momentum, eps)
            outputs["mean"] = mean.reshape(examples, channels)
            outputs["rstd"] = rstd.reshape(examples, channels)
        if tracked and own:
            outputs["runningMean"], outputs["runningVar"] = stats
        options = {"useInputStats": own, "momentum": momentum, "eps": eps}
        if channel != 1:
            options["channelAxis"] = channel
        add("instanceNorm", inputs, options, outputs)


def over_axes(op, compute, options=lambda dim: {}):
    """PyTorch's function of one axis `dim`, and of several by flattening them."""
    for shape, dim in [([7], 0), ([3, 5], 1), ([5, 3], 0), ([2, 3, 4], -2), ([2, 3, 2, 2, 3], 2)]:
        x = normal(*shape, offset=0.5, scale=3)
        add(op, {"x": x}, {"axes": [dim], **options(dim)}, {"y": compute(x, dim)})
    x = normal(2, 3, 4, scale=2)
    y = compute(x.movedim(1, 0).reshape(3, 8), 1).reshape(3, 2, 4).movedim(0, 1)
    add(op, {"x": x}, {"axes": [0, 2], **options(1)}, {"y": y})


def softmax():
    over_axes("softmax", lambda x, dim: F.softmax(x, dim))
    over_axes("logSoftmax", lambda x, dim: F.log_softmax(x, dim))
    x = torch.tensor([[1.0, -float("inf"), 2.0], [-float("inf")] * 3, [1e30, -1e30, 0.0]])
    add("softmax", {"x": x.float().double()}, {}, {"y": F.softmax(x.float().double(), -1)})


def lp_normalize():
    for p in [1, 2, 3, float("inf")]:
        given = {"p": "Infinity" if p == float("inf") else p}
        over_axes("lpNormalize", lambda x, dim: F.normalize(x, p, dim), lambda _: given)
    x = torch.tensor([[0.0, 0.0], [1e-5, 0.0]]).float().double()
    add("lpNormalize", {"x": x}, {"eps": 1e-3}, {"y": F.normalize(x, dim=1, eps=1e-3)})


def rms_norm():
    """PyTorch has no weightOffset: it is added before."""
    for shape, normalized, weight, offset in [
        ([5], [5], True, 0), ([3, 8], [8], False, 0), ([2, 3, 4], [3, 4], True, 1), ([4, 2, 6], [6], True, 0),
    ]:
        x = normal(*shape, offset=1, scale=2)
        inputs = {"x": x}
        if weight:
            inputs["weight"] = normal(*normalized)
        given = inputs["weight"] + offset if weight else None
        y = F.rms_norm(x, normalized, given, 1e-5)
        add("rmsNorm", inputs, {"normalizedShape": normalized, "eps": 1e-5, "weightOffset": offset},
            {"y": y})


def mean_variance_norm():
    """By its definition in ONNX, with PyTorch's mean and deviation."""
    for shape, axes in [([2, 3, 2, 4], [0, 2, 3]), ([3, 7], [1]), ([4, 5, 2], [0])]:
        x = normal(*shape, offset=3, scale=2)
        mean, deviation = x.mean(axes, keepdim=True), x.std(axes, unbiased=False, keepdim=True)
        add("meanVarianceNorm", {"x": x}, {"axes": axes}, {"y": (x - mean) / (deviation + 1e-9)})


def write(name):
    path = pathlib.Path(__file__).with_name(name)
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    path.write_text(f"[\n{lines}\n]\n")
    size = path.stat().st_size
    print(f"{path.name}: {len(cases)} cases from PyTorch {torch.__version__}, {size} bytes")


if __name__ == "__main__":
    reductions()
    standardize()
    layer_norm()
    group_norm()
    batch_norm()
    cumulative_batch_norm()
    instance_norm()
    softmax()
    lp_normalize()
    rms_norm()
    mean_variance_norm()
    write("vectors.json")
