"""Makes the networks beside it, and what they give: make.py, in Python with torch 2.13, onnxscript and onnxruntime.

Each takes images [n, c, h, w] of f32. NAME.onnx is the network as PyTorch exports it; NAME.f32 holds three images, and then
their vectors as onnxruntime computes them, all as f32, least byte first. Weights are random: what is tested is arithmetic.
"""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import nn
from torch.nn import functional as F

HERE = Path(__file__).resolve().parent


class Residual(nn.Module):
    """As in networks for faces: normalisation first, PReLU, a stride in the second convolution."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.body = nn.Sequential(
            nn.BatchNorm2d(inputs), nn.Conv2d(inputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs),
            nn.PReLU(outputs), nn.Conv2d(outputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs))
        self.direct = nn.Identity() if stride == 1 and inputs == outputs else nn.Sequential(
            nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        return self.body(x) + self.direct(x)


class Faces(nn.Module):
    def __init__(self, widths=(8, 8, 12), side=6, embedding=10):
        super().__init__()
        inner = [Residual(a, b, 2) for a, b in zip(widths, widths[1:])]
        self.stem = nn.Sequential(nn.Conv2d(3, widths[0], 3, 1, 1, bias=False), nn.BatchNorm2d(widths[0]),
                                  nn.PReLU(widths[0]))
        self.blocks = nn.Sequential(*inner)
        self.head = nn.Sequential(nn.BatchNorm2d(widths[-1]), nn.Dropout(0.4), nn.Flatten(),
                                  nn.Linear(widths[-1] * side * side, embedding), nn.BatchNorm1d(embedding))

    def forward(self, x):
        return self.head(self.blocks(self.stem(x)))


class Mobile(nn.Module):
    """Depthwise convolutions, squeeze and excitation, a mean over each map, vectors of length 1."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(1, 8, 3, 2, 1), nn.Hardswish())
        self.deep = nn.Sequential(nn.Conv2d(8, 8, 5, 1, 2, groups=8), nn.BatchNorm2d(8), nn.Hardswish())
        self.squeeze = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(8, 4, 1), nn.ReLU(), nn.Conv2d(4, 8, 1),
                                     nn.Hardsigmoid())
        self.wide = nn.Sequential(nn.Conv2d(8, 16, 1), nn.ReLU6(), nn.MaxPool2d(2, ceil_mode=True))
        self.last = nn.Linear(16, 6)

    def forward(self, x):
        x = self.deep(self.stem(x))
        x = self.wide(x * self.squeeze(x))
        return F.normalize(self.last(x.mean([2, 3]).view(x.size(0), -1)))


class Attention(nn.Module):
    """A vision transformer of two layers."""

    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, 16, 8, 8)
        self.token = nn.Parameter(torch.randn(1, 1, 16))
        self.places = nn.Parameter(torch.randn(1, 10, 16))
        layer = nn.TransformerEncoderLayer(16, 4, 32, activation="gelu", batch_first=True, norm_first=True)
        self.layers = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.last = nn.Linear(16, 8)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.places
        return self.last(self.layers(x)[:, 0])


def save(name, network, shape, **settings):
    for module in network.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            nn.init.normal_(module.running_mean, 0, 0.2)
            nn.init.uniform_(module.running_var, 0.5, 2)
    network.eval()
    path = str(HERE / f"{name}.onnx")
    images = torch.randn(3, *shape)
    torch.onnx.export(network, (images[:1],), path, input_names=["input"], output_names=["vectors"], **settings)
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    # Where in PyTorch each operation came from is a large part of a small file.
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    del model.graph.value_info[:]
    onnx.save(model, path)
    session = onnxruntime.InferenceSession(path)
    vectors = np.concatenate([session.run(None, {"input": images[i:i + 1].numpy()})[0] for i in range(3)])
    with torch.no_grad():
        off = float(np.abs(vectors - network(images).numpy()).max())
    print(f"{name}: {len(model.graph.node)} operations, {vectors.shape}, {off:.1e} from PyTorch")
    (HERE / f"{name}.f32").write_bytes(images.numpy().tobytes() + vectors.tobytes())


def main():
    torch.manual_seed(1)
    old = {"dynamo": False, "dynamic_axes": {"input": {0: "n"}}}
    new = {"dynamo": True, "external_data": False, "verbose": False}
    save("faces-11", Faces(), (3, 24, 24), opset_version=11, **old)
    save("faces-18", Faces(), (3, 24, 24), opset_version=18, **new)
    save("mobile-13", Mobile(), (1, 30, 26), opset_version=13, **old)
    save("mobile-20", Mobile(), (1, 30, 26), opset_version=20, **new)
    save("attention-17", Attention(), (3, 24, 24), opset_version=17, **old)
    save("attention-18", Attention(), (3, 24, 24), opset_version=18, **new)


if __name__ == "__main__":
    main()
