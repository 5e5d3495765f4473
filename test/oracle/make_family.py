"""The norms with what comes before and after them, the operations around them, and all gradients:
writes family.json beside this file, with the means and in the format of make.py.

What PyTorch 2.14 has no function of is a composition of its functions by the definition; gradients
are autograd's. Each case is a forward vector and the vector of the gradients of sum(dy * y), and
with a residual of sum(dy * y) + sum(dSum * sum): there x is the sum.
"""

import sys

sys.dont_write_bytecode = True

import torch
import torch.nn.functional as F

from make import add, normal, positive, write

GRADIENTS = {
    "x": "dx", "weight": "dWeight", "bias": "dBias", "scale": "dScale", "shift": "dShift",
    "residualBias": "dResidualBias", "threshold": "dThreshold", "alpha": "dAlpha",
    "offset": "dOffset",
}
ACTIVATIONS = {
    "relu": F.relu, "silu": F.silu, "gelu": F.gelu, "hardswish": F.hardswish,
    "geluTanh": lambda z: F.gelu(z, approximate="tanh"),
    "tanh": torch.tanh, "sigmoid": torch.sigmoid,
    "quickGelu": lambda z, alpha=1.702: z * torch.sigmoid(alpha * z),
    "swish": lambda z, alpha=1.0: z * torch.sigmoid(alpha * z),
    "leakyRelu": lambda z, alpha=0.01: F.leaky_relu(z, alpha),
    "relu6": F.relu6, "relu2": lambda z: F.relu(z) ** 2, "mish": F.mish, "softplus": F.softplus,
    "hardSigmoid": lambda z, alpha=1 / 6, beta=0.5: torch.clamp(alpha * z + beta, 0, 1),
}
TYPES = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}
FORWARD_ONLY = ("momentum", "numBatchesTracked", "residualOut")


def stored(tensor, dtype):
    """The values as the type holds them."""
    return tensor.to(TYPES[dtype]).double() if dtype else tensor


def finished(y, p, options):
    if "scale" in p:
        y = y * (1 + p["scale"])
    if "shift" in p:
        y = y + p["shift"]
    given = options.get("activation")
    if given is None:
        return y
    if "slope" in p:  # prelu
        return torch.where(y > 0, y, p["slope"] * y)
    name, numbers = (given, {}) if isinstance(given, str) else (given["name"], {**given})
    numbers.pop("name", None)
    return ACTIVATIONS[name](y, **numbers)


def expect_same(name, function):
    """A composition here is PyTorch's own function."""
    z = normal(100, scale=4)
    assert (ACTIVATIONS[name](z) - function(z)).abs().max() < 1e-15


def both(op, compute, inputs, options):
    """compute(x, inputs) gives y before `finished`, or a dictionary with it."""
    forward(op, compute, inputs, options)
    backward(op, compute, inputs, options)


def named(result):
    return result if isinstance(result, dict) else {"y": result}


def forward(op, compute, inputs, options, types=None):
    total = inputs["x"]
    for name in ("residual", "residualBias"):
        if name in inputs:
            total = total + inputs[name]
    outputs = named(compute(total, inputs))
    outputs["y"] = finished(outputs["y"], inputs, options)
    if "residual" in inputs:
        options = {**options, "residualOut": True}
        outputs["sum"] = total
    add(op, inputs, options, outputs, types)


def backward(op, compute, inputs, options, types=None):
    leaves = {k: v.clone().requires_grad_(k in GRADIENTS) for k, v in inputs.items()}
    total = leaves["x"]
    if "residualBias" in leaves:  # x has it already
        total = total + (leaves["residualBias"] - inputs["residualBias"])
    y = finished(named(compute(total, leaves))["y"], leaves, options)
    arriving = {"dy": stored(normal(*y.shape), (types or {}).get("dy"))}
    results = [y]
    if "residual" in inputs:
        arriving["dSum"] = normal(*y.shape)
        results.append(total)
    wanted = [k for k in inputs if k in GRADIENTS]
    gradients = torch.autograd.grad(results, [leaves[k] for k in wanted], list(arriving.values()))
    given = {k: v for k, v in inputs.items() if k != "residual"}
    own = {k: v for k, v in options.items() if k not in FORWARD_ONLY}
    add(f"{op}Backward", {**arriving, **given}, own,
        {GRADIENTS[k]: g for k, g in zip(wanted, gradients)}, types)


def extra(shape, names, trailing=1):
    """The common inputs that are named by their first letters: residual r, residualBias b, scale s,
    shift h; capitals for x's own shape, otherwise the last `trailing` axes'."""
    inputs = {}
    for letter, name in [("r", "residual"), ("b", "residualBias"), ("s", "scale"), ("h", "shift")]:
        if letter in names:
            inputs[name] = normal(*shape[len(shape) - trailing:])
        elif letter.upper() in names:
            inputs[name] = normal(*shape)
    return inputs


def chosen(activation):
    return {"activation": activation} if activation else {}


def affine(shape, names):
    return {name: normal(*shape) for name in ("weight", "bias") if name[0] in names}


def composed(u, p, offset=0):
    """u * (weight + offset) + bias"""
    if "weight" in p:
        u = u * (p["weight"] + offset)
    return u + p["bias"] if "bias" in p else u


def along(v, shape, channel):
    """A value per channel, as it broadcasts."""
    sizes = [1] * len(shape)
    sizes[channel] = -1
    return v.reshape(sizes)


def per_channel(p, shape, channel):
    own = {k: along(p[k], shape, channel) for k in ("weight", "bias", "threshold") if k in p}
    return {**p, **own}


def layout(channel):
    return {} if channel == 1 else {"channelAxis": channel}


def layer_norm():
    for shape, dims, parameters, common, activation, eps, offset, deviation in [
        ([7], 1, "wb", "", None, 1e-5, 0, 1), ([4, 6], 1, "wb", "", None, 1e-5, 0, 1),
        ([3, 5], 1, "wb", "Rb", "gelu", 1e-5, 0, 1), ([2, 3, 4], 2, "w", "Rsh", None, 1e-3, 2, 1),
        ([2, 3, 4], 1, "b", "rbSH", "silu", 1e-5, 0, 1),
        ([2, 2, 2, 3], 2, "wb", "", None, 1e-5, 1e3, 1),
        ([2, 1, 2, 2, 3], 2, "wb", "h", "tanh", 1e-5, 0, 1),
        ([3, 1], 1, "wb", "s", None, 1e-5, 0, 1),
        ([3, 8], 1, "", "", None, 1e-5, -5, 1e3), ([3, 8], 1, "wb", "S", "relu", 0.1, 0, 1),
    ]:
        axes = shape[len(shape) - dims:]
        inputs = {"x": normal(*shape, offset=offset, scale=deviation), **affine(axes, parameters),
                  **extra(shape, common)}
        both("layerNorm",
             lambda x, p: F.layer_norm(x, axes, p.get("weight"), p.get("bias"), eps), inputs,
             {"normalizedShape": axes, "eps": eps, **chosen(activation)})


def activations():
    """Each over a wide range of z."""
    for activation in ACTIVATIONS:
        inputs = {"x": normal(2, 8), "weight": normal(8, scale=5), "bias": normal(8, scale=2)}
        both("layerNorm", lambda x, p: F.layer_norm(x, [8], p["weight"], p["bias"]), inputs,
             {"normalizedShape": [8], "activation": activation})


def group_norm():
    for shape, groups, channel, parameters, common, activation, eps, offset in [
        ([3, 6], 3, 1, "wb", "", None, 1e-5, 0), ([2, 4, 3], 2, 1, "w", "Rb", "silu", 1e-5, 0),
        ([2, 6, 2, 2], 3, 1, "wb", "SH", "silu", 1e-5, 1),
        ([2, 4, 2, 2], 1, 1, "wb", "", None, 1e-5, 1e3),
        ([2, 2, 2, 4], 2, -1, "wb", "sh", "gelu", 1e-5, 0),
        ([2, 2, 1, 2, 3], 1, 1, "b", "", None, 1e-2, 0),
        ([2, 3], 3, 1, "wb", "", "sigmoid", 1e-5, 0),
        ([2, 3, 4, 2], 2, 2, "wb", "R", None, 1e-5, 0),
    ]:
        def compute(x, p):
            first = x.movedim(channel, 1)
            y = F.group_norm(first, groups, p.get("weight"), p.get("bias"), eps)
            return y.movedim(1, channel)
        inputs = {"x": normal(*shape, offset=offset), **affine([shape[channel]], parameters),
                  **extra(shape, common)}
        both("groupNorm", compute, inputs,
             {"groups": groups, "eps": eps, **layout(channel), **chosen(activation)})


def running(channels, offset=0):
    return {"runningMean": normal(channels, offset=offset), "runningVar": positive(channels)}


def batch_norm():
    for shape, channel, parameters, common, activation, training, tracked, eps, offset in [
        ([5, 3], 1, "wb", "", None, True, False, 1e-5, 0),
        ([4, 3], 1, "wb", "", None, False, True, 1e-5, 0),
        ([3, 2, 4], 1, "w", "Rb", "relu", True, True, 1e-5, 1),
        ([2, 3, 2, 2], 1, "wb", "", "relu", False, True, 1e-3, 0),
        ([2, 3, 2, 2], 1, "wb", "SH", "hardswish", True, True, 1e-5, 1e3),
        ([2, 2, 2, 3], -1, "wb", "b", "silu", True, True, 1e-5, 0),
        ([2, 2, 2, 3], -1, "b", "R", None, False, True, 1e-5, 0),
        ([2, 2, 2, 1, 3], 1, "wb", "", None, True, False, 1e-5, 0),
        ([4, 2, 3], 0, "wb", "", "gelu", True, True, 1e-5, 0),
        ([2, 3, 2], 1, "wb", "", None, False, False, 1e-5, 0),
    ]:
        def compute(x, p):
            first = x.movedim(channel, 1)
            stats = [p[k].clone() if tracked else None for k in ("runningMean", "runningVar")]
            own = training or not tracked
            y = F.batch_norm(first, *stats, p.get("weight"), p.get("bias"), own, 0.1, eps)
            names = ("runningMean", "runningVar") if tracked and training else ()
            return {"y": y.movedim(1, channel), **dict(zip(names, stats))}
        inputs = {"x": normal(*shape, offset=offset), **affine([shape[channel]], parameters),
                  **(running(shape[channel]) if tracked else {}), **extra(shape, common)}
        both("batchNorm", compute, inputs,
             {"training": training, "eps": eps, **layout(channel), **chosen(activation)})


def ghost_batch_norm():
    """Hoffer et al., Train longer, generalize better: each part of the batch for itself."""
    for shape, size, channel, tracked, momentum in [
        ([6, 3], 2, 1, True, 0.1), ([4, 2, 3], 2, 1, True, 0.25), ([4, 2, 2, 3], 2, -1, True, 0.1),
        ([4, 3, 2], 1, 1, False, 0.1), ([4, 2, 2], 4, 1, True, None),
    ]:
        def compute(x, p):
            names = ("runningMean", "runningVar") if tracked else ()
            stats = {k: p[k].clone() for k in names}
            parts = [
                F.batch_norm(part.movedim(channel, 1), stats.get("runningMean"),
                             stats.get("runningVar"), p["weight"], p["bias"], True,
                             1 / (k + 1) if momentum is None else momentum).movedim(1, channel)
                for k, part in enumerate(x.split(size))
            ]
            return {"y": torch.cat(parts), **stats}
        inputs = {"x": normal(*shape, offset=2), **affine([shape[channel]], "wb"),
                  **(running(shape[channel]) if tracked else {})}
        seen = {"numBatchesTracked": 0} if momentum is None else {}
        both("batchNorm", compute, inputs,
             {"training": True, "virtualBatchSize": size, "momentum": momentum, **seen,
              **layout(channel)})


def batch_renorm():
    """Ioffe, Batch Renormalization: r and d are constants in the gradient."""
    for shape, channel, parameters, common, activation, r_max, d_max, offset in [
        ([6, 3], 1, "wb", "", None, 3, 5, 0), ([3, 4, 2], 1, "w", "R", None, 1.5, 0.5, 0),
        ([2, 3, 2, 2], 1, "wb", "sh", "silu", 1.25, 0.25, 1),
        ([2, 2, 2, 3], -1, "wb", "", "relu", 2, 1, 0),
        ([2, 2, 2, 2, 2], 1, "", "", None, 1, 0, 0), ([5, 2], 1, "wb", "", None, 3, 5, 1e3),
    ]:
        axes = [k for k in range(len(shape)) if k != channel % len(shape)]

        def compute(x, p):
            mean = x.mean(axes, keepdim=True)
            sigma = torch.sqrt(torch.var(x, dim=axes, correction=0, keepdim=True) + 1e-5)
            old_mean, old_var = (along(p[k], shape, channel) for k in ("runningMean", "runningVar"))
            old = torch.sqrt(old_var + 1e-5)
            r = (sigma / old).clamp(1 / r_max, r_max).detach()
            d = ((mean - old_mean) / old).clamp(-d_max, d_max).detach()
            unbiased = torch.var(x, dim=axes, correction=1, keepdim=True)
            return {
                "y": composed((x - mean) / sigma * r + d, per_channel(p, shape, channel)),
                "runningMean": (0.9 * old_mean + 0.1 * mean).reshape(-1),
                "runningVar": (0.9 * old_var + 0.1 * unbiased).reshape(-1),
            }
        inputs = {"x": normal(*shape, offset=offset), **affine([shape[channel]], parameters),
                  **running(shape[channel], offset), **extra(shape, common)}
        options = {"training": True, "rMax": r_max, "dMax": d_max}
        both("batchRenorm", compute, inputs,
             {**options, **layout(channel), **chosen(activation)})


def instance_norm():
    for shape, channel, parameters, common, activation, own, eps, offset in [
        ([2, 3, 4], 1, "wb", "", None, True, 1e-5, 0),
        ([2, 2, 2, 3], 1, "wb", "RB", "relu", True, 1e-5, 0),
        ([2, 2, 2, 3], 1, "wb", "", "tanh", False, 1e-5, 0),
        ([2, 2, 3, 2], -1, "w", "SH", None, True, 1e-2, 1),
        ([2, 2, 2, 1, 3], 1, "wb", "", None, True, 1e-5, 1e3),
        ([2, 3, 2], -1, "b", "b", "gelu", False, 1e-5, 0),
    ]:
        def compute(x, p):
            first = x.movedim(channel, 1)
            stats = (None, None) if own else (p["runningMean"], p["runningVar"])
            y = F.instance_norm(first, *stats, p.get("weight"), p.get("bias"), own, 0.1, eps)
            return y.movedim(1, channel)
        inputs = {"x": normal(*shape, offset=offset), **affine([shape[channel]], parameters),
                  **({} if own else running(shape[channel])), **extra(shape, common)}
        both("instanceNorm", compute, inputs,
             {"useInputStats": own, "eps": eps, **layout(channel), **chosen(activation)})


def standardized(x, axes, eps):
    mean = x.mean(axes, keepdim=True)
    return (x - mean) / torch.sqrt(torch.var(x, dim=axes, correction=0, keepdim=True) + eps)


def standardize():
    for shape, axes, weight, bias, common, activation, eps, offset in [
        ([6], [0], None, [1], "", None, 1e-5, 0), ([4, 5], [0], [5], [4, 1], "Rb", None, 1e-5, 0),
        ([2, 3, 4], [0, 2], [3, 1], None, "SH", "hardswish", 1e-3, 0),
        ([2, 3, 2, 2], [1, 3], [2, 1], [2, 3, 2, 2], "", "silu", 1e-5, 1e3),
        ([2, 2, 3, 1, 2], [0, 4], [1], [2], "s", None, 0.5, 0),
        ([3, 1, 4], [1], None, None, "", None, 1e-5, 0),
    ]:
        inputs = {"x": normal(*shape, offset=offset)}
        if weight:
            inputs["weight"] = normal(*weight)
        if bias:
            inputs["bias"] = normal(*bias)
        inputs.update(extra(shape, common))
        both("standardize", lambda x, p: composed(standardized(x, axes, eps), p), inputs,
             {"axes": axes, "eps": eps, **chosen(activation)})


def rms_norm():
    for shape, axes, weight, common, activation, offset, mean, deviation in [
        ([5], [0], [5], "", None, 0, 1, 1), ([3, 6], [1], [6], "R", None, 1, 0, 1),
        ([2, 3, 4], [1, 2], [3, 4], "rb", "silu", 0, 0, 1),
        ([2, 2, 3, 2], [3], [2], "SH", "gelu", 0, 0, 1e3),
        ([2, 1, 2, 2, 2], [2, 3, 4], [2, 2, 2], "", "sigmoid", 1, 1e3, 1),
        ([4, 1], [1], [1], "", None, 0, 0, 1),
        ([3, 4, 2], [1], None, "s", "relu", 0, 0, 1),
    ]:
        last = axes[-1] == len(shape) - 1

        def compute(x, p):
            rstd = torch.rsqrt(x.pow(2).mean(axes, keepdim=True) + 1e-5)
            kept = [n for k, n in enumerate(shape) if k not in axes]
            if last:  # of other axes PyTorch has none
                given = p["weight"] + offset if "weight" in p else None
                y = F.rms_norm(x, shape[axes[0]:], given, 1e-5)
            else:
                y = composed(x * rstd, p, offset)
            return {"y": y, "rstd": rstd.reshape(kept)}
        inputs = {"x": normal(*shape, offset=mean, scale=deviation)}
        if weight:
            inputs["weight"] = normal(*weight)
        inputs.update(extra(shape, common))
        over = {"normalizedShape": shape[axes[0]:]} if last else {"axes": axes}
        both("rmsNorm", compute, inputs,
             {**over, "eps": 1e-5, "weightOffset": offset, **chosen(activation)})


def rms_norm_by_default():
    """Without eps PyTorch takes that of float32 for all of these types, since it computes in
    float32; the values are of float64. What it gives in the type itself is asserted to be within
    one step of them (two for gradients, which it rounds twice)."""
    pair = torch.full([1, 2], 0.05)
    for dtype, type in TYPES.items():
        for x, affine in [
            (pair, False), (normal(3, 8, scale=1e-3), True), (normal(2, 6, scale=2.0 ** -12), True),
            (normal(2, 3, 4), True), (torch.zeros(2, 4), True), (normal(2, 5, scale=1e-4), False),
        ]:
            shape = list(x.shape[1:])
            inputs = {"x": stored(x, dtype)}
            if affine:
                inputs["weight"] = stored(normal(*shape), dtype)
            types = {name: dtype for name in ("x", "weight", "dy")}
            options = {"normalizedShape": shape}

            def compute(x, p):
                return F.rms_norm(x, shape, p.get("weight"), 2.0 ** -23)
            forward("rmsNorm", compute, inputs, options, types)
            backward("rmsNorm", compute, inputs, options, types)
            expect_near(lambda x, p: F.rms_norm(x, shape, p.get("weight")), compute, inputs, type)


def expect_near(native, compute, inputs, type):
    """What PyTorch computes in a type, forward and backward, is that of float64, rounded."""
    step = torch.finfo(type).eps
    dy = normal(*inputs["x"].shape).to(type)
    for precision, function in [(type, native), (torch.float64, compute)]:
        leaves = {k: v.to(precision).requires_grad_() for k, v in inputs.items()}
        y = function(leaves["x"], leaves)
        found = [y, *torch.autograd.grad(y, list(leaves.values()), dy.to(precision))]
        if precision is type:
            given = [v.detach().double() for v in found]
    for steps, one, other in zip([1, 2, 2], given, found):
        most = steps * step * other.abs().max()
        assert (one - other).abs().max() <= most, (type, one, other)


def over_axes(op, function, cases):
    """PyTorch's function of one axis, and of several by flattening them."""
    for x, axes, inputs, options in cases:
        kept = [k for k in range(x.dim()) if k not in axes]
        order = kept + axes

        def compute(x, p):
            turned = x.permute(order)
            flat = turned.reshape([x.shape[k] for k in kept] + [-1])
            y = function(flat, len(kept), options).reshape(turned.shape)
            return y.permute([order.index(k) for k in range(x.dim())])
        both(op, compute, {"x": x, **inputs}, {"axes": axes, **options})


def lp_normalize():
    def function(x, axis, options):
        return F.normalize(x, float(options.get("p", 2)), axis, options.get("eps", 1e-12))
    shape = [2, 3, 4]
    for p in [1, 2, 3, "Infinity", 1.5]:
        over_axes("lpNormalize", function, [
            (normal(5), [0], {}, {"p": p}), (normal(2, 4, scale=1e3), [1], {}, {"p": p}),
            (normal(*shape), [0, 2], extra(shape, "R"), {"p": p, "activation": "tanh"}),
        ])
    exact = torch.tensor([[1.0, -1.0, 0.5, 0.0], [0.0, 2.0, 2.0, -2.0], [0.0, 0.0, 3.0, 1.0]])
    small = torch.tensor([[0.0, 0.0], [1e-5, -1e-5], [3.0, 4.0]]).float()
    for p in [1, 2, "Infinity"]:
        over_axes("lpNormalize", function, [
            (exact.double(), [1], {}, {"p": p}), (small.double(), [1], {}, {"p": p, "eps": 1e-3}),
        ])
    over_axes("lpNormalize", function, [
        (normal(2, 3, 2, 2), [1], extra([2, 3, 2, 2], "sh"), {"activation": "gelu"}),
        (normal(2, 2, 2, 1, 2), [4], extra([2, 2, 2, 1, 2], "b"), {}), (normal(3, 1), [1], {}, {}),
    ])


def softmax():
    for op, function in [("softmax", F.softmax), ("logSoftmax", F.log_softmax)]:
        over_axes(op, lambda x, axis, _: function(x, axis), [
            (normal(6), [0], {}, {}), (normal(3, 5, scale=3), [1], {}, {}),
            (normal(2, 3, 4, offset=1e3), [0, 2], {}, {}),
            (normal(2, 2, 3, 2, scale=10), [2], {}, {}),
            (normal(2, 1, 2, 3, 2), [0, 1, 4], {}, {}), (normal(4, 1), [1], {}, {}),
        ])


def mean_variance_norm():
    for shape, axes, common, activation, offset, deviation in [
        ([2, 3, 2, 2], [0, 2, 3], "", None, 3, 2), ([3, 5], [1], "RB", None, 0, 1),
        ([4, 2, 2], [0], "SH", "silu", 0, 1e3), ([2, 2, 2, 2, 2], [1, 3], "", "relu", 1e3, 1),
    ]:
        def compute(x, p):
            deviation = x.std(axes, unbiased=False, keepdim=True)
            return (x - x.mean(axes, keepdim=True)) / (deviation + 1e-9)
        inputs = {"x": normal(*shape, offset=offset, scale=deviation), **extra(shape, common)}
        both("meanVarianceNorm", compute, inputs, {"axes": axes, **chosen(activation)})


def weight_norm():
    for shape, dim, common in [
        ([4, 5], 0, ""), ([3, 2, 4], 0, "R"), ([3, 2, 4], 1, ""), ([2, 3, 2, 2], 3, ""),
        ([3, 4], None, ""), ([2, 2, 1, 2, 3], 0, "s"), ([3, 1], 0, ""), ([5], 0, ""),
    ]:
        def compute(x, p):
            if dim is None:
                return torch._weight_norm(x, p["weight"].reshape([]), -1)
            return torch._weight_norm(x, along(p["weight"], shape, dim), dim)
        lengths = [1] if dim is None else [shape[dim]]
        inputs = {"x": normal(*shape), "weight": normal(*lengths), **extra(shape, common)}
        both("weightNorm", compute, inputs, {"dim": dim})


def weight_standardize():
    for shape, axes, eps, offset in [
        ([4, 6], None, 1e-5, 0), ([3, 2, 2, 2], None, 1e-5, 1e3), ([2, 3, 4], [0, 1], 1e-3, 0),
        ([2, 2, 2, 1, 2], None, 1e-10, 0),
    ]:
        over = axes or list(range(1, len(shape)))
        both("weightStandardize", lambda x, p: standardized(x, over, eps),
             {"x": normal(*shape, offset=offset)}, {**({"axes": axes} if axes else {}), "eps": eps})


def spatial(shape, channel):
    return [k for k in range(1, len(shape)) if k != channel % len(shape)]


def global_response_norm():
    """Woo et al., ConvNeXt V2."""
    for shape, channel, offset, deviation in [
        ([2, 3, 4], 1, 0, 1), ([2, 2, 2, 4], -1, 0, 1), ([2, 3, 2, 2], 1, 1e3, 1),
        ([1, 3, 2, 1, 2], 1, 0, 1e3), ([2, 2, 3, 2], 2, 1, 1), ([2, 4, 1], 1, 0, 1),
    ]:
        def compute(x, p):
            G = x.norm(p=2, dim=spatial(shape, channel), keepdim=True)
            N = G / (G.mean(channel, keepdim=True) + 1e-6)
            return composed(x * N, per_channel(p, shape, channel)) + x
        inputs = {"x": normal(*shape, offset=offset, scale=deviation),
                  **affine([shape[channel]], "wb")}
        both("globalResponseNorm", compute, inputs, {"channelAxis": channel})


def filter_response_norm():
    """Singh and Krishnan, Filter Response Normalization Layer."""
    for shape, channel, limited, common, activation, eps, deviation in [
        ([2, 3, 4], 1, True, "", None, 1e-6, 1), ([2, 3, 2, 2], 1, True, "", None, -1e-3, 1e3),
        ([2, 2, 2, 4], -1, True, "R", None, 1e-6, 1),
        ([2, 2, 2, 1, 3], 1, False, "", None, 1e-6, 1),
        ([2, 3, 2], 1, False, "sh", "silu", 0.5, 1), ([2, 4, 1], 1, True, "", None, 1e-2, 1),
    ]:
        def compute(x, p):
            own = per_channel(p, shape, channel)
            nu2 = x.pow(2).mean(spatial(shape, channel), keepdim=True)
            z = composed(x * torch.rsqrt(nu2 + abs(eps)), own)
            return torch.max(z, own["threshold"]) if limited else z
        channels = [shape[channel]]
        inputs = {"x": normal(*shape, scale=deviation), **affine(channels, "wb")}
        if limited:
            inputs["threshold"] = normal(*channels)
        inputs.update(extra(shape, common))
        both("filterResponseNorm", compute, inputs,
             {"eps": eps, **layout(channel), **chosen(activation)})


def local_response_norm():
    """For an even size ONNX's window is PyTorch's in a mirror."""
    for shape, size, channel, convention, rest, deviation in [
        ([2, 5, 3], 3, 1, "torch", {}, 30),
        ([1, 6, 2, 2], 4, 1, "torch", {"alpha": 0.5, "k": 2}, 1),
        ([1, 6, 2, 2], 4, 1, "onnx", {"alpha": 0.5, "beta": 0.5}, 1),
        ([2, 2, 7], 5, -1, "torch", {"alpha": 1}, 1),
        ([2, 3, 2], 9, 1, "torch", {"alpha": 0.1, "beta": 2, "k": 0.5}, 1),
        ([1, 4, 1, 2, 2], 2, 1, "onnx", {"alpha": 1}, 1),
        ([2, 4, 2], 2, 1, "torch", {"alpha": 1}, 1e3),
        ([2, 3, 2], 1, 1, "torch", {"alpha": 1}, 1), ([2, 5, 2], 3, 1, "onnx", {"alpha": 1}, 1),
    ]:
        def compute(x, p):
            arguments = {"alpha": 1e-4, "beta": 0.75, "k": 1, **rest}
            turn = (lambda t: t.flip(1)) if convention == "onnx" else (lambda t: t)
            y = turn(F.local_response_norm(turn(x.movedim(channel, 1)), size, **arguments))
            return y.movedim(1, channel)
        both("localResponseNorm", compute, {"x": normal(*shape, scale=deviation)},
             {"size": size, **rest, **layout(channel), "convention": convention})


def dynamic_tanh():
    """Zhu et al., Transformers without Normalization."""
    for shape, dims, parameters, offset in [
        ([6], 1, "wb", 0), ([3, 5], 1, "wb", 0), ([2, 3, 4], 2, "w", 3), ([2, 2, 2, 3], 1, "b", 0),
        ([2, 1, 2, 2, 2], 1, "", 0),
    ]:
        normalized = shape[len(shape) - dims:]
        inputs = {"x": normal(*shape, offset=offset), "alpha": positive(1),
                  **affine(normalized, parameters)}
        both("dynamicTanh", lambda x, p: composed(torch.tanh(p["alpha"] * x), p), inputs,
             {"normalizedShape": normalized})


def apply_moments():
    for shape, axes, common, activation, offset in [
        ([3, 4], [1], "", None, 0),
        ([2, 3, 4], [0, 2], "R", "relu", 1e3),
        ([2, 3, 2, 2], [2, 3], "sh", None, 0),
    ]:
        kept = [n for k, n in enumerate(shape) if k not in axes]
        keep = [1 if k in axes else n for k, n in enumerate(shape)]

        def compute(x, p):
            mean, variance = p["mean"].reshape(keep), p["variance"].reshape(keep)
            return composed((x - mean) / torch.sqrt(variance + 1e-5), p)
        inputs = {"x": normal(*shape, offset=offset), "mean": normal(*kept, offset=offset),
                  "variance": positive(*kept), **affine(shape[-1:], "wb"), **extra(shape, common)}
        both("applyMoments", compute, inputs, {"axes": axes, **chosen(activation)})


if __name__ == "__main__":
    layer_norm()
    activations()
    group_norm()
    batch_norm()
    ghost_batch_norm()
    batch_renorm()
    instance_norm()
    standardize()
    rms_norm()
    lp_normalize()
    softmax()
    mean_variance_norm()
    weight_norm()
    weight_standardize()
    global_response_norm()
    filter_response_norm()
    local_response_norm()
    dynamic_tanh()
    apply_moments()
    rms_norm_by_default()
    write("family.json")
