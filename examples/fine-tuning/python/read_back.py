"""Reads a network back that the page has fine-tuned, and asks it about the same digits.

python3 python/read_back.py model.safetensors held_out.safetensors
"""

import sys

import torch
from network import load_file, make_network

model, held_out = map(load_file, sys.argv[1:])
network = make_network()
network.load_state_dict(model, strict=True)
network.eval()

labels = held_out["labels"].long()
with torch.no_grad():
    logits = network(held_out["images"])
right = (logits.argmax(1) == labels).float().mean().item()
furthest = (logits - held_out["logits"]).abs().max().item()

print(f"accuracy of {len(labels)} held-out digits: {100 * right:.1f} %")
print("logits of the first:", " ".join(f"{value:.5f}" for value in logits[0].tolist()))
print("the page's logits:  ", " ".join(f"{v:.5f}" for v in held_out["logits"][0].tolist()))
print(f"largest difference of all: {furthest:.1e}")
