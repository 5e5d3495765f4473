"""Gates and skips around norms: writes gates.json beside this file, with the means of make_family.py
and in its format. PyTorch has no function of them; these are compositions of its functions by the
definition, and gradients are autograd's of sum(dy * y) + sum(dSum * sum). With a gate of the residual
a gradient has x and the sum, otherwise x is the sum.
"""

import sys

sys.dont_write_bytecode = True

import torch
import torch.nn.functional as F

from make import add, normal, write
from make_family import ACTIVATIONS, affine, composed, finished

NAMES = {
    "x": "dx", "weight": "dWeight", "bias": "dBias", "scale": "dScale", "shift": "dShift",
    "residualBias": "dResidualBias", "residual": "dResidual", "residualGate": "dResidualGate",
    "gate": "dGate", "skip": "dSkip", "skipGate": "dSkipGate",
}
GATES = {**ACTIVATIONS, "none": lambda z: z}


def summed(p):
    total = p["x"]
    if "residualBias" in p:
        total = total + p["residualBias"]
    if "residualGate" in p:
        total = p["residualGate"] * total
    return p["residual"] + total if "residual" in p else total


def gated(norm, total, p, options):
    """The result for a sum."""
    gate = GATES[options.get("gateActivation", "silu")](p["gate"]) if "gate" in p else 1
    first = options.get("gateFirst", False)
    y = norm(total * gate if first else total, p)
    if "scale" in p:  # finished() has 1 + scale
        p = {**p, "scale": p["scale"] + options.get("scaleOffset", 1) - 1}
    y = finished(y, p, options)
    if not first:
        y = y * gate
    return p.get("skip", 0) + p.get("skipGate", 1) * y


def both(op, norm, inputs, options):
    total = summed(inputs)
    outputs = {"y": gated(norm, total, inputs, options)}
    of_forward = {**options, "residualOut": True}
    add(op, inputs, of_forward, {**outputs, "sum": total})
    leaves = {k: v.clone().requires_grad_(True) for k, v in inputs.items()}
    total = summed(leaves)
    results = [gated(norm, total, leaves, options), total]
    arriving = [normal(*r.shape) for r in results]
    apart = "residualGate" in inputs
    wanted = [k for k in inputs if apart or k != "residual"]
    gradients = torch.autograd.grad(results, [leaves[k] for k in wanted], arriving)
    given = {k: v for k, v in inputs.items() if k != "residual"}
    # exact in float32, as inputs are; the values at which gradients are taken move with it
    if apart or "residual" in inputs or "residualBias" in inputs:
        rounded = total.detach().float().double()
        leaves = {k: v.clone().requires_grad_(True) for k, v in inputs.items()}
        exact = summed(leaves)
        exact = exact + (rounded - exact.detach())
        results = [gated(norm, exact, leaves, options), exact]
        gradients = torch.autograd.grad(results, [leaves[k] for k in wanted], arriving)
        given = {**given, **({"sum": rounded} if apart else {"x": rounded})}
    made = {NAMES[k]: g for k, g in zip(wanted, gradients)}
    if apart and "residual" not in inputs:  # it is that of the sum
        leaf = rounded.clone().requires_grad_(True)
        fixed = {k: v.detach() for k, v in inputs.items()}
        of_sum = torch.autograd.grad([gated(norm, leaf, fixed, options), leaf], [leaf], arriving)
        made["dResidual"] = of_sum[0]
    add(f"{op}Backward", {"dy": arriving[0], **given, "dSum": arriving[1]}, options, made)


def rms(x, p, eps=1e-5):
    return composed(x / torch.sqrt((x * x).mean(-1, keepdim=True) + eps), p)


def layer_norm(length):
    return lambda x, p: F.layer_norm(x, [length], p.get("weight"), p.get("bias"))


def group_norm(groups):
    return lambda x, p: F.group_norm(x, groups, p.get("weight"), p.get("bias"))


def batch_norm(x, p):
    return F.batch_norm(x, None, None, p.get("weight"), p.get("bias"), True)


def gates_of_models():
    """Mamba-2, Gated DeltaNet, Kimi; several groups of channels by a reshape."""
    for shape, options in [
        ([3, 8], {}), ([2, 3, 16], {"gateFirst": True}), ([2, 12], {"gateActivation": "sigmoid"}),
        ([2, 3, 4, 8], {"gateActivation": "none"}), ([4, 5], {"gateActivation": "gelu"}),
        ([4, 5], {"gateActivation": "tanh", "gateFirst": True}),
    ]:
        inputs = {"x": normal(*shape), **affine(shape[-1:], "w"), "gate": normal(*shape)}
        both("rmsNorm", rms, inputs, {"axes": [-1], "eps": 1e-5, **options})


def skips_of_models():
    """Sandwich norms, adaLN-Zero, LayerScale, drop path."""
    for shape, gate, skip_gate in [([3, 8], None, None), ([2, 4, 6], [2, 1, 6], [2, 1, 6]),
                                   ([2, 4, 6], [6], None), ([4, 3, 5], [4, 1, 1], [5])]:
        options = {"normalizedShape": shape[-1:], "eps": 1e-5}
        inputs = {"x": normal(*shape, offset=1), **affine(shape[-1:], "wb"), "skip": normal(*shape)}
        if skip_gate:
            inputs["skipGate"] = normal(*skip_gate)
        if gate:
            inputs |= {"residual": normal(*shape), "residualGate": normal(*gate)}
            inputs |= {"scale": normal(*gate), "shift": normal(*gate)}
            options["scaleOffset"] = 0
        both("layerNorm", layer_norm(shape[-1]), inputs, options)


def everything():
    for op, norm, shape, options in [
        ("groupNorm", group_norm(2), [2, 4, 3], {"groups": 2, "activation": "silu"}),
        ("batchNorm", batch_norm, [3, 4, 2], {"training": True, "gateActivation": "mish"}),
        ("layerNorm", layer_norm(6), [3, 4, 6], {"normalizedShape": [6], "activation": "gelu"}),
    ]:
        for first in (False, True):
            channels = shape[1:2] if op != "layerNorm" else shape[-1:]
            inputs = {
                "x": normal(*shape), **affine(channels, "wb"), "residualBias": normal(shape[-1]),
                "residualGate": normal(shape[1], 1), "scale": normal(shape[-1]),
                "gate": normal(*shape), "skip": normal(shape[1], 1), "skipGate": normal(*shape),
            }
            both(op, norm, inputs, {**options, "gateFirst": first, "scaleOffset": 0.5})


if __name__ == "__main__":
    gates_of_models()
    skips_of_models()
    everything()
    write("gates.json")
