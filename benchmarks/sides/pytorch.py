"""PyTorch eager on one thread, Adam as it is by default or foreach (FORM)."""
import json
import os
import sys
import time

os.environ['OMP_NUM_THREADS'] = os.environ.get('THREADS', '1')
import torch
import torch.nn as nn

torch.set_num_threads(int(os.environ['OMP_NUM_THREADS']))
FOREACH = os.environ.get('FORM') == 'foreach'
CASES = {'tiny': (32, 2, [16, 16], 2), 'mlp32': (32, 784, [256, 128], 10), 'mlp128': (128, 784, [256, 128], 10), 'mlp512': (512, 784, [256, 128], 10), 'cnn64': (64, None, None, 10)}


def trainer(name):
    batch, inputs, hidden, classes = CASES[name]
    if hidden is None:
        model = nn.Sequential(nn.Conv2d(1, 8, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(256, classes))
        x = torch.randn(batch, 1, 28, 28)
    else:
        layers = [layer for a, b in zip([inputs] + hidden[:-1], hidden) for layer in (nn.Linear(a, b), nn.ReLU())]
        model = nn.Sequential(*layers, nn.Linear(hidden[-1], classes))
        x = torch.randn(batch, inputs)
    y = torch.arange(batch) % classes
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, foreach=FOREACH)
    criterion = nn.CrossEntropyLoss()

    def steps(n):
        for _ in range(n):
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            loss.item()

    return steps


trainers = {}
for line in sys.stdin:
    asked = json.loads(line)
    name = asked['case']
    work = trainers.setdefault(name, trainer(name))
    work(3)
    start = time.perf_counter()
    work(5)
    units = max(5, int(asked['seconds'] * 5 / (time.perf_counter() - start)))
    cpu, start = time.process_time(), time.perf_counter()
    work(units)
    print(json.dumps({'units': units, 'wall': time.perf_counter() - start, 'cpu': time.process_time() - cpu}), flush=True)
