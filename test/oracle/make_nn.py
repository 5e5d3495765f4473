"""What PyTorch's modules do over some steps: writes nn.json beside this file, with the means of make.py.

Each case is a module from a random state: three forwards and backwards in training, whose gradients add
up, then one of each in evaluation. PyTorch has no weightOffset: it is a composition.
The last case is two modules that are trained by gradient descent.
"""

import json
import pathlib
import sys

sys.dont_write_bytecode = True

import torch
import torch.nn as nn
import torch.nn.functional as F

from make import normal, positive, written_input

ACTIVATIONS = {"relu": F.relu, "silu": F.silu, "gelu": F.gelu}
cases = []


class OffsetRMSNorm(nn.RMSNorm):
    def forward(self, x):
        return F.rms_norm(x, self.normalized_shape, self.weight + 1, self.eps)


def randomized(module):
    with torch.no_grad():
        for name, tensor in module.state_dict().items():
            if name == "num_batches_tracked":
                continue
            make = positive if name in ("weight", "running_var") else normal
            tensor.copy_(make(*tensor.shape))
    return module


def expected(tensor):
    """With ten digits, three more than float32 has."""
    tensor = tensor.detach()
    return {"shape": list(tensor.shape), "data": [float(f"{v:.9e}") for v in tensor.ravel().tolist()]}


def written_state(module, write):
    write_one = lambda v: int(v) if v.dtype == torch.int64 else write(v)
    return {name: write_one(v) for name, v in module.state_dict().items()}


def gradients(module):
    return {name: expected(p.grad) for name, p in module.named_parameters()}


def step(module, shape, options):
    x, dy = normal(*shape, offset=1, scale=2).requires_grad_(), normal(*shape)
    axis = options.get("channelAxis", 1)
    y = module(x.movedim(axis, 1)).movedim(1, axis) if axis != 1 else module(x)
    if "activation" in options:
        y = ACTIVATIONS[options["activation"]](y)
    y.backward(dy)
    return {
        "x": written_input(x.detach()), "dy": written_input(dy),
        "y": expected(y), "dx": expected(x.grad),
    }


def add(name, module, arguments, options, shape):
    randomized(module)
    initial = written_state(module, written_input)
    steps = [step(module, shape, options) for _ in range(3)]
    case = {
        "id": f"{name}({', '.join(map(str, arguments))}) {json.dumps(options)} of {shape}",
        "module": name, "arguments": arguments, "options": options,
        "initial": initial, "steps": steps,
        "gradients": gradients(module), "trained": written_state(module, expected),
    }
    module.eval()
    module.zero_grad()
    evaluation = step(module, shape, options)
    cases.append({**case, "evaluation": {**evaluation, "gradients": gradients(module)}})


def modules():
    plain, tracked = {"affine": False}, {"affine": True, "trackRunningStats": True}
    add("BatchNorm", nn.BatchNorm2d(4), [4], {}, [3, 4, 2, 3])
    add("BatchNorm", nn.BatchNorm1d(3, momentum=None), [3], {"momentum": None}, [5, 3])
    add("BatchNorm", nn.BatchNorm2d(4, eps=1e-3, momentum=0.3), [4],
        {"channelAxis": -1, "eps": 1e-3, "momentum": 0.3}, [2, 3, 2, 4])
    add("BatchNorm", nn.BatchNorm1d(3, affine=False, track_running_stats=False), [3],
        {"affine": False, "trackRunningStats": False}, [4, 3, 2])
    add("BatchNorm", nn.BatchNorm1d(4), [4], {"activation": "silu"}, [3, 4, 3])
    add("BatchNorm", nn.BatchNorm1d(3, bias=False), [3], {"bias": False}, [4, 3])
    add("InstanceNorm", nn.InstanceNorm1d(3), [3], {}, [2, 3, 5])
    add("InstanceNorm", nn.InstanceNorm2d(3, affine=True, track_running_stats=True), [3],
        tracked, [2, 3, 4, 2])
    add("InstanceNorm", nn.InstanceNorm2d(4, affine=True), [4],
        {"affine": True, "channelAxis": -1}, [2, 3, 2, 4])
    add("GroupNorm", nn.GroupNorm(2, 6), [2, 6], {}, [3, 6, 2, 2])
    add("GroupNorm", nn.GroupNorm(3, 6, eps=1e-3), [3, 6],
        {"channelAxis": -1, "eps": 1e-3, "activation": "gelu"}, [2, 2, 3, 6])
    add("GroupNorm", nn.GroupNorm(2, 4, affine=False), [2, 4], plain, [2, 4, 3])
    add("LayerNorm", nn.LayerNorm([6]), [[6]], {}, [4, 6])
    add("LayerNorm", nn.LayerNorm([3, 4], bias=False), [[3, 4]], {"bias": False}, [2, 3, 4])
    add("LayerNorm", nn.LayerNorm([5], eps=0.1, elementwise_affine=False), [[5]],
        {"elementwiseAffine": False, "eps": 0.1}, [3, 2, 5])
    # by default the eps is that of the type, and the values here are of float64
    add("RMSNorm", nn.RMSNorm([6], eps=2.0 ** -23), [[6]], {}, [4, 6])
    add("RMSNorm", nn.RMSNorm([2, 4], eps=1e-3), [[2, 4]], {"eps": 1e-3}, [3, 2, 4])
    add("RMSNorm", OffsetRMSNorm([5], eps=2.0 ** -23), [[5]], {"weightOffset": 1}, [3, 5])
    no_bias = {"affine": True, "bias": False}
    add("GroupNorm", nn.GroupNorm(2, 4, bias=False), [2, 4], {"bias": False}, [2, 4, 3])
    add("InstanceNorm", nn.InstanceNorm1d(3, affine=True, bias=False), [3], no_bias, [2, 3, 4])


def training():
    """LayerNorm after BatchNorm, fitted to a target: the loss is half the sum of the squared errors."""
    model = nn.Sequential(randomized(nn.BatchNorm1d(3)), randomized(nn.LayerNorm([3, 4])))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    initial = written_state(model, written_input)
    x, target = normal(5, 3, 4, offset=1), normal(5, 3, 4)
    losses = []
    for _ in range(5):
        optimizer.zero_grad()
        loss = ((model(x) - target) ** 2).sum() / 2
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return {
        "rate": 0.05, "initial": initial, "trained": written_state(model, expected), "losses": losses,
        "x": written_input(x), "target": written_input(target),
    }


modules()
path = pathlib.Path(__file__).with_name("nn.json")
lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
trained = json.dumps(training(), separators=(",", ":"))
path.write_text(f'{{"modules":[\n{lines}\n],\n"training":{trained}}}\n')
print(f"{path.name}: {len(cases)} modules from PyTorch {torch.__version__}, {path.stat().st_size} bytes")
