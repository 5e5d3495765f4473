"""Gradients of the reductions, activations with numbers and the small operations: writes small.json
beside this file, with the means and in the format of make_family.py. PyTorch 1.13 and 2.14 give the
same values."""

import sys

sys.dont_write_bytecode = True

import torch

import torch.nn.functional as F

from make import add, normal, positive, write
from make_family import affine, both, composed, expect_same


def reduction_gradients():
    """Autograd's, of torch.mean, torch.var, torch.std and torch.var_mean."""
    for shape, axes, keepdim, correction, offset in [
        ([7], [0], False, 1, 0), ([3, 5], [1], False, 0, 1e3), ([5, 3], [0], True, 1, 0),
        ([2, 3, 4], [0, 2], False, 1, -20), ([2, 3, 4], [1], True, 0, 0),
        ([2, 3, 2, 4], [0, 2, 3], False, 0, 3), ([2, 2, 3, 2, 2], [-2, 1], False, 1, 0),
        ([2, 1, 3], [1], False, 0, 1),
    ]:
        own = {"axes": axes, "keepdim": keepdim}
        for op in ("mean", "variance", "std", "moments"):
            x = normal(*shape, offset=offset)
            leaf = x.clone().requires_grad_()
            at = {"dim": axes, "keepdim": keepdim}
            bessel = {**at, "unbiased": correction == 1}
            y = {
                "mean": lambda: [leaf.mean(**at)],
                "variance": lambda: [leaf.var(**bessel)],
                "std": lambda: [leaf.std(**bessel)],
                "moments": lambda: [leaf.mean(**at), leaf.var(**at, unbiased=False)],
            }[op]()
            names = ["dMean", "dVariance"] if op == "moments" else ["dy"]
            arriving = {name: normal(*one.shape) for name, one in zip(names, y)}
            (dx,) = torch.autograd.grad(y, [leaf], list(arriving.values()))
            more = {"correction": correction} if op in ("variance", "std") else {}
            first, *others = arriving
            inputs = {first: arriving[first], "x": x, **{k: arriving[k] for k in others}}
            add(f"{op}Backward", inputs, {**own, **more}, {"dx": dx})


def numbered_activations():
    for activation in [
        "quickGelu", {"name": "quickGelu", "alpha": 1.5}, "swish", {"name": "swish", "alpha": 2.5},
        "leakyRelu", {"name": "leakyRelu", "alpha": 0.3}, "relu6", "relu2", "softplus", "mish",
        "hardSigmoid", {"name": "hardSigmoid", "alpha": 0.2, "beta": 0.25},
    ]:
        shape = [3, 9]
        def compute(x, p):
            return composed(F.layer_norm(x, [9]), p)
        inputs = {"x": normal(*shape, scale=3), **affine([9], "wb"), "scale": normal(9)}
        both("layerNorm", compute, inputs, {"normalizedShape": [9], "activation": activation})
    expect_same("hardSigmoid", F.hardsigmoid)
    for op, shape, slope in [("layerNorm", [3, 5], [5]), ("layerNorm", [2, 3, 4], [3, 1]),
                             ("groupNorm", [2, 4, 3], [4, 1])]:
        own = {"groups": 2} if op == "groupNorm" else {"normalizedShape": shape[-1:]}
        def compute(x, p):
            return F.group_norm(x, 2) if op == "groupNorm" else F.layer_norm(x, shape[-1:])
        inputs = {"x": normal(*shape), "slope": normal(*slope)}
        both(op, compute, inputs, {**own, "activation": "leakyRelu"})


def dynamic_erf():
    """Derf, arXiv 2512.10938."""
    for shape, dims, parameters, offset in [
        ([6], 1, "wb", True), ([3, 5], 1, "wb", True), ([2, 3, 4], 2, "w", False),
        ([2, 2, 2, 3], 1, "b", True),
    ]:
        normalized = shape[len(shape) - dims:]
        inputs = {"x": normal(*shape), "alpha": positive(1), **affine(normalized, parameters)}
        if offset:
            inputs["offset"] = normal(1)
        def compute(x, p):
            return composed(torch.erf(p["alpha"] * x + p.get("offset", 0)), p)
        both("dynamicErf", compute, inputs, {"normalizedShape": normalized})


def layer_norm_over_axes():
    """LayerNorm2d of ConvNeXt and SAM, and others by movedim."""
    for shape, axis, own, offset in [
        ([2, 4, 3, 5], 1, [4], 0), ([3, 5, 2], 0, [3], 10), ([2, 3, 4], -2, [3, 1], 0),
    ]:
        def compute(x, p):
            y = F.layer_norm(x.movedim(axis, -1), [shape[axis]]).movedim(-1, axis)
            at = [1] * (len(shape) - axis % len(shape))
            at[0] = -1
            return composed(y, {k: p[k].reshape(at) for k in ("weight", "bias")})
        inputs = {"x": normal(*shape, offset=offset), **affine(own, "wb")}
        both("layerNorm", compute, inputs, {"axes": [axis]})


if __name__ == "__main__":
    reduction_gradients()
    numbered_activations()
    dynamic_erf()
    layer_norm_over_axes()
    write("small.json")
