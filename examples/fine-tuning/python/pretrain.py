"""Trains the checkpoint that the page begins with.

npm run digits && python3 python/pretrain.py
"""

import torch
from network import load_file, make_network, save_file
from torch.nn.functional import cross_entropy

EPOCHS, BATCH, HELD_OUT = 12, 64, 1000

torch.manual_seed(1)
digits = load_file("digits.safetensors")
images, labels = digits["images"], digits["labels"].long()
count = len(labels) - HELD_OUT

network = make_network()
optimizer = torch.optim.Adam(network.parameters(), lr=4e-3)
steps = EPOCHS * count // BATCH
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
for step in range(steps):
    batch = torch.randint(count, (BATCH,))
    loss = cross_entropy(network(images[batch]), labels[batch])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    schedule.step()
    if step % 300 == 0 or step == steps - 1:
        with torch.no_grad():
            guesses = network(images[count:]).argmax(1)
        right = (guesses == labels[count:]).float().mean().item()
        print(f"step {step}: loss {loss.item():.3f}, {100 * right:.1f} % of held-out digits right")
save_file(network.state_dict(), "pretrained.safetensors")
