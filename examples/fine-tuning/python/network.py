"""The network in PyTorch, and files of safetensors.

The package safetensors reads and writes them where it is installed; else 15 lines below do.
"""

import json
import struct
from collections import OrderedDict

import numpy
import torch
from torch import nn

try:
    from safetensors.torch import load_file, save_file
except ImportError:

    def load_file(path):
        with open(path, "rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            header, data = json.loads(file.read(length)), file.read()
        header.pop("__metadata__", None)
        state = {}
        for name, entry in header.items():
            assert entry["dtype"] == "F32", name
            start, end = entry["data_offsets"]
            values = numpy.frombuffer(data[start:end], dtype="<f4").copy()
            state[name] = torch.from_numpy(values.reshape(entry["shape"]))
        return state

    def save_file(state, path):
        header, data = {"__metadata__": {"format": "pt"}}, b""
        for name, tensor in state.items():
            values = tensor.detach().numpy().astype("<f4").tobytes()
            offsets = [len(data), len(data) + len(values)]
            header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": offsets}
            data += values
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 8)
        with open(path, "wb") as file:
            file.write(struct.pack("<Q", len(text)) + text + data)


def make_network():
    features = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1, bias=False),
        nn.GroupNorm(4, 8),
        nn.ReLU(),
        nn.Conv2d(8, 16, 3, stride=2, padding=1, bias=False),
        nn.GroupNorm(4, 16),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1, bias=False),
        nn.GroupNorm(8, 32),
        nn.ReLU(),
    )
    head = [("pool", nn.AdaptiveAvgPool2d(1)), ("flatten", nn.Flatten())]
    return nn.Sequential(
        OrderedDict([("features", features), *head, ("classifier", nn.Linear(32, 10))])
    )
