"""Takes the page's first steps again, with autograd and PyTorch's Adam.

python3 python/steps.py checkpoint.safetensors steps.safetensors

The second file has the batches of some steps, `images.0`, `labels.0` and so on, the gradients of the
first step, `gradient.NAME`, the losses, and the state after the last step, `after.NAME`. Prints the
largest difference of each gradient and of each array of the state, relative to its largest value.
"""

import json
import sys

import torch
from network import load_file, make_network
from torch.nn.functional import cross_entropy

checkpoint, steps = map(load_file, sys.argv[1:])
network = make_network()
network.load_state_dict(checkpoint, strict=True)
parameters = dict(network.named_parameters())
optimizer = torch.optim.Adam(parameters.values(), lr=steps["rate"].item())


def difference(found, right):
    assert found.shape == right.shape
    return ((found - right).abs().max() / right.abs().max()).item()


gradients, losses = {}, []
for step in range(len(steps["losses"])):
    labels = steps[f"labels.{step}"].long()
    loss = cross_entropy(network(steps[f"images.{step}"]), labels)
    optimizer.zero_grad()
    loss.backward()
    if step == 0:
        for name, parameter in parameters.items():
            gradients[name] = difference(steps[f"gradient.{name}"], parameter.grad)
    losses.append(loss.item())
    optimizer.step()
after = {name: difference(steps[f"after.{name}"], p.detach()) for name, p in parameters.items()}
losses = difference(steps["losses"], torch.tensor(losses))
print(json.dumps({"gradients": gradients, "after": after, "losses": losses}))
