"""Gradients of the reductions, activations with numbers and the small operations: writes small.json
beside this file, with the means and in the format of make_family.py. PyTorch 1.13 and 2.14 give the
same values."""

import sys

sys.dont_write_bytecode = True

import torch

from make import add, normal, write


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


if __name__ == "__main__":
    reduction_gradients()
    write("small.json")
