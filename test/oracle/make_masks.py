"""Norms, statistics and their gradients with masks: writes masks.json beside this file, with the means
and in the format of make_family.py. PyTorch has no masks, so each group is the dense array of its
valid elements, each as often as its whole weight says, and PyTorch's functions are of that array.
Gradients are autograd's through it. PyTorch 1.13 gives these values."""

import sys

sys.dont_write_bytecode = True

import itertools

import numpy as np
import torch

from make import add, normal, positive, random, write
from make_family import affine, composed, along

FLAGS = (0, 1)
WHOLE = (0, 1, 2, 3)


def weights(shape, values, share=0.7):
    """Whole weights; none of the first group along the first axis counts where it has several."""
    drawn = random.choice(values[1:], shape) * (random.random(shape) < share)
    if shape[0] > 2:
        drawn[0] = 0
    return torch.from_numpy(np.asarray(drawn, np.float64))


def groups_of(shape, axes):
    """Lists of the flat indices that share statistics, the kept axes row-major."""
    kept = [a for a in range(len(shape)) if a not in axes]
    index = np.arange(int(np.prod(shape))).reshape(shape).transpose(kept + list(axes))
    return torch.from_numpy(index.reshape(-1, int(np.prod([shape[a] for a in axes]))).copy())


def valid(x, w, group):
    """The dense array of a group: valid elements, as often as they weigh."""
    own = group[w.reshape(-1)[group] > 0]
    return x.reshape(-1)[own].repeat_interleave(w.reshape(-1)[own].long())


def by_moments(eps, correction=0, on="variance"):
    def normalize(x, v):
        spread = torch.var(v, unbiased=correction == 1)
        if on == "variance":
            return (x - v.mean()) / torch.sqrt(spread + eps)
        return (x - v.mean()) / (torch.sqrt(spread) + eps)
    return normalize


def by_square(eps):
    return lambda x, v: x / torch.sqrt((v * v).mean() + eps)


def by_norm(p, eps):
    return lambda x, v: x / torch.linalg.vector_norm(v, p).clamp(min=eps)


def normalized(x, w, groups, normalize):
    """The normalized x, 0 in groups without a valid element."""
    flat = torch.zeros(x.numel())
    for group in groups:
        dense = valid(x, w, group)
        if len(dense) > 0:
            flat = flat.index_put((group,), normalize(x.reshape(-1)[group], dense))
    return flat.reshape(x.shape)


def filled(y, x, w, fill):
    if fill == "apply":
        return y
    return torch.where(w > 0, y, x if fill == "keep" else torch.full_like(x, fill))


def norm(op, inputs, options, groups, normalize, place=lambda p, k: p[k], more=None, dtype="u8"):
    """The vector of y and the vector of the gradients of sum(dy * y)."""
    def compute(p):
        w = p["mask"].expand(p["x"].shape)
        own = {k: place(p, k) for k in ("weight", "bias") if k in p}
        y = composed(normalized(p["x"], w, groups, normalize), own)
        return filled(y, p["x"], w, options["fill"])
    types = {"x": "f32", "mask": dtype}
    plain = {k: v for k, v in inputs.items() if not k.startswith("running")}
    add(op, inputs, options, {"y": compute(plain), **(more or {})}, types)
    leaves = {k: v.clone().requires_grad_(k != "mask") for k, v in plain.items()}
    y = compute(leaves)
    dy = normal(*y.shape)
    names = [k for k in leaves if k != "mask"]
    made = torch.autograd.grad(y, [leaves[k] for k in names], dy, allow_unused=True)
    found = {
        {"x": "dx", "weight": "dWeight", "bias": "dBias"}[k]:
            torch.zeros(inputs[k].shape) if g is None else g for k, g in zip(names, made)
    }
    own = {k: v for k, v in options.items() if k != "momentum"}
    add(f"{op}Backward", {"x": plain["x"], "dy": dy, **{k: v for k, v in plain.items() if k != "x"}},
        own, found, types)


FILLS = [0, -2.5, "keep", "apply"]


def norms():
    for fill, (own, values, dtype) in itertools.product(FILLS, [
        ([4, 7], FLAGS, "u8"), ([4, 1], FLAGS, "u32"), ([7], FLAGS, "f32"), ([4, 7], WHOLE, "f32"),
    ]):
        shape = [4, 7]
        mask = weights(own, values)
        inputs = {"x": normal(*shape, offset=2), "mask": mask, **affine([7], "wb")}
        rows = groups_of(shape, [1])
        norm("layerNorm", inputs, {"normalizedShape": [7], "fill": fill}, rows, by_moments(1e-5),
             dtype=dtype)
        inputs = {"x": normal(*shape), "mask": mask, **affine([7], "w")}
        norm("rmsNorm", inputs, {"normalizedShape": [7], "eps": 1e-3, "fill": fill}, rows,
             by_square(1e-3), dtype=dtype)
    for fill, values in itertools.product(FILLS, [FLAGS, WHOLE]):
        dtype = "u8" if values == FLAGS else "f32"
        shape = [3, 4, 5]
        def channels(p, k):
            return along(p[k], shape, 1)
        inputs = {"x": normal(*shape, offset=-3), "mask": weights([3, 1, 5], values),
                  **affine([4], "wb")}
        norm("instanceNorm", inputs, {"fill": fill}, groups_of(shape, [2]), by_moments(1e-5),
             channels, dtype=dtype)
        grouped = groups_of([3, 2, 2, 5], [2, 3])
        norm("groupNorm", {**inputs, "x": normal(*shape)}, {"groups": 2, "fill": fill}, grouped,
             by_moments(1e-5), channels, dtype=dtype)
        for p in (1, 2, 3):
            # the slope of a norm whose elements are not differentiable at 0 is that of the others
            inputs = {"x": normal(*shape), "mask": weights([3, 4, 1], values)}
            norm("lpNormalize", inputs, {"axes": [1], "p": p, "eps": 1e-6, "fill": fill},
                 groups_of(shape, [1]), by_norm(p, 1e-6), dtype=dtype)


def batch_norm():
    """Running statistics take the variance of valid elements times W / (W - 1)."""
    shape = [4, 3, 5]
    for fill, values in itertools.product(FILLS, [FLAGS, WHOLE]):
        mask = weights([4, 1, 5], values)
        inputs = {"x": normal(*shape, offset=1), "mask": mask, **affine([3], "wb"),
                  "runningMean": normal(3), "runningVar": positive(3)}
        groups = groups_of(shape, [0, 2])
        dense = [valid(inputs["x"], mask.expand(shape), group) for group in groups]
        mean = torch.stack([v.mean() for v in dense])
        variance = torch.stack([torch.var(v, unbiased=True) for v in dense])
        running = {"runningMean": 0.75 * inputs["runningMean"] + 0.25 * mean,
                   "runningVar": 0.75 * inputs["runningVar"] + 0.25 * variance}
        norm("batchNorm", inputs, {"training": True, "momentum": 0.25, "fill": fill}, groups,
             by_moments(1e-5), lambda p, k: along(p[k], shape, 1), running,
             "u8" if values == FLAGS else "f32")


def feature_norms():
    """Of audio models, over the valid frames of each bin: wav2vec2, seamless, parakeet."""
    shape = [3, 9, 4]
    for options, normalize in [
        ({"eps": 1e-7}, by_moments(1e-7)),
        ({"eps": 1e-7, "correction": 1}, by_moments(1e-7, 1)),
        ({"eps": 1e-5, "correction": 1, "epsOn": "deviation"}, by_moments(1e-5, 1, "deviation")),
    ]:
        frames = torch.arange(9.0)[None, :, None] < torch.tensor([9.0, 4.0, 6.0])[:, None, None]
        inputs = {"x": normal(*shape, offset=-4, scale=3), "mask": frames.double()}
        norm("standardize", inputs, {"axes": [1], **options, "fill": 0}, groups_of(shape, [1]),
             normalize)


def statistics():
    for shape, axes, keepdim, correction, own, values in [
        ([7], [0], False, 1, [7], FLAGS), ([4, 5], [1], True, 0, [4, 5], WHOLE),
        ([5, 4], [0], False, 1, [5, 1], FLAGS), ([3, 4, 5], [0, 2], False, 1, [3, 1, 5], WHOLE),
        ([3, 4, 5], [1], True, 0, [3, 4, 1], FLAGS),
    ]:
        mask = weights(own, values)
        x = normal(*shape, offset=3)
        groups = groups_of(shape, axes)
        kept = [1 if a in axes else n for a, n in enumerate(shape)] if keepdim else [
            n for a, n in enumerate(shape) if a not in axes]
        types = {"x": "f32", "mask": "u8" if values == FLAGS else "f32"}
        at = {"axes": axes, "keepdim": keepdim}
        def of(leaf, what):
            dense = [valid(leaf, mask.expand(shape), group) for group in groups]
            return torch.stack([what(v) for v in dense]).reshape(kept)
        def mean(v):
            return v.mean() if len(v) else v.sum()
        def population(v):
            return torch.var(v, unbiased=False) if len(v) else v.sum()
        def spread(v):
            return ((v - v.mean()) ** 2).sum() / max(0, len(v) - correction)
        counts = of(x, lambda v: torch.tensor(float(len(v))))
        usual = bool((counts > correction).all())
        for op, outputs in [
            ("mean", {"y": mean}), ("variance", {"y": spread}),
            ("std", {"y": lambda v: torch.sqrt(spread(v))}),
            ("moments", {"mean": mean, "variance": population}),
        ]:
            if not usual and op in ("variance", "std"):
                continue
            own = {**at, **({"correction": correction} if op in ("variance", "std") else {})}
            leaf = x.clone().requires_grad_()
            made = {name: of(leaf, what) for name, what in outputs.items()}
            results = {name: one.detach() for name, one in made.items()}
            if op == "moments":
                results["count"] = counts
            add(op, {"x": x, "mask": mask}, own, results, types)
            names = ["dMean", "dVariance"] if op == "moments" else ["dy"]
            arriving = {name: normal(*kept) for name in names}
            (dx,) = torch.autograd.grad(list(made.values()), [leaf], list(arriving.values()))
            first, *others = arriving
            inputs = {first: arriving[first], "x": x, "mask": mask,
                      **{k: arriving[k] for k in others}}
            add(f"{op}Backward", inputs, own, {"dx": dx}, types)


if __name__ == "__main__":
    norms()
    batch_norm()
    feature_norms()
    statistics()
    write("masks.json")
