"""
The protocol of recipes/bias-variance-target.yaml in float64, sharing no code with the project: 60 networks 1-h-1 with tanh, each on 25
points of its own, 4,000 full-batch steps of Adam. Prints the variance of 100 units over that of 3, population by population:
python3 tools/science/bias_variance_target.py [glorot|lecun|torch|normal] [populations] [steps] [the first one's number]   (needs torch, 1.13 or later)
"""
import math
import sys

import torch

torch.set_default_dtype(torch.float64)


def predictions(units, first, steps, population, networks=60, points=25, noise=0.3, rate=1e-2):
    draws = torch.Generator().manual_seed(1_000 * population + 7)
    normal = lambda *shape: torch.randn(networks, *shape, generator=draws)
    uniform = lambda bound, *shape: bound * (2 * torch.rand(networks, *shape, generator=draws) - 1)
    zeros = lambda *shape: torch.zeros(networks, *shape)
    x = torch.rand(networks, points, 1, generator=draws)
    y = torch.sin(2 * math.pi * x) + noise * normal(points, 1)
    bound, root = math.sqrt(6 / (1 + units)), 1 / math.sqrt(units)
    w1, b1, w2, b2 = {
        'glorot': lambda: (uniform(bound, 1, units), zeros(1, units), uniform(bound, units, 1), zeros(1, 1)),
        'lecun': lambda: (normal(1, units), zeros(1, units), root * normal(units, 1), zeros(1, 1)),
        'torch': lambda: (uniform(1, 1, units), uniform(1, 1, units), uniform(root, units, 1), uniform(root, 1, 1)),
        'normal': lambda: (normal(1, units), normal(1, units), root * normal(units, 1), zeros(1, 1)),
    }[first]()
    weights = [w1, b1, w2, b2]
    means, squares = ([torch.zeros_like(w) for w in weights] for _ in range(2))
    for t in range(1, steps + 1):
        hidden = torch.tanh(x * w1 + b1)
        slope = 2 * (hidden @ w2 + b2 - y) / points
        back = (slope @ w2.transpose(1, 2)) * (1 - hidden * hidden)
        gradients = [(x * back).sum(1, keepdim=True), back.sum(1, keepdim=True), hidden.transpose(1, 2) @ slope, slope.sum(1, keepdim=True)]
        for w, m, v, g in zip(weights, means, squares, gradients):
            m.mul_(0.9).add_(0.1 * g)
            v.mul_(0.999).add_(0.001 * g * g)
            w.sub_(rate * (m / (1 - 0.9**t)) / ((v / (1 - 0.999**t)).sqrt() + 1e-7))
    at = (0.02 + 0.96 * torch.arange(97) / 96).reshape(1, 97, 1)
    return (torch.tanh(at * w1 + b1) @ w2 + b2)[:, :, 0]


given = sys.argv[1:]
first, populations, steps, start = given + ['glorot', 3, 4_000, 0][len(given) :]
said = {units: [predictions(units, first, int(steps), int(start) + i) for i in range(int(populations))] for units in (3, 100)}
variance = lambda answers: float(((answers - answers.mean(0)) ** 2).mean())
for few, many in zip(said[3], said[100]):
    print(f'{first}, {steps} steps: {variance(few):.4f} with 3 units, {variance(many):.4f} with 100, {variance(many) / variance(few):.2f} times')
print(f'all: {variance(torch.cat(said[100])) / variance(torch.cat(said[3])):.2f} times')
