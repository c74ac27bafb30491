"""A network of ResNet-50's size with random weights: resnet50.py make|check FOLDER.

`make` writes FOLDER/resnet50.onnx, for images of 112x112, and three images. `check` compares FOLDER/vectors.npy, what siamese
makes of them, with what onnxruntime gives: 1e-4 in a component of a unit vector. Needs what onnx_requirements.txt names.
"""

import sys
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

STAGES = [(64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)]
TOLERANCE = 1e-4
IMAGES = 3


class Graph:
    """Operations one after the other, each with weights of its own."""

    def __init__(self):
        self.random, self.nodes, self.weights = np.random.default_rng(5), [], []

    def weight(self, *shape, low=None, high=None):
        name = f"w{len(self.weights)}"
        values = self.random.normal(0, (2 / np.prod(shape[1:])) ** 0.5, shape) if low is None else \
            self.random.uniform(low, high, shape)
        self.weights.append(numpy_helper.from_array(values.astype(np.float32), name))
        return name

    def node(self, operator, *inputs, **settings):
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name], **settings))
        return name

    def conv(self, x, inputs, outputs, kernel, stride=1):
        pad = kernel // 2
        x = self.node("Conv", x, self.weight(outputs, inputs, kernel, kernel), kernel_shape=[kernel] * 2,
                      strides=[stride] * 2, pads=[pad] * 4)
        figures = [self.weight(outputs, low=low, high=high) for low, high in ((0.5, 1), (-0.1, 0.1), (-0.1, 0.1), (0.8, 1.2))]
        return self.node("BatchNormalization", x, *figures)

    def block(self, x, inputs, inner, stride):
        y = self.node("Relu", self.conv(x, inputs, inner, 1))
        y = self.node("Relu", self.conv(y, inner, inner, 3, stride))
        y = self.conv(y, inner, 4 * inner, 1)
        if inputs != 4 * inner or stride > 1:
            x = self.conv(x, inputs, 4 * inner, 1, stride)
        return self.node("Relu", self.node("Add", x, y))

    def resnet50(self):
        x = self.node("Relu", self.conv("image", 3, 64, 7, 2))
        x = self.node("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
        inputs = 64
        for inner, blocks, stride in STAGES:
            for i in range(blocks):
                x = self.block(x, inputs, inner, stride if i == 0 else 1)
                inputs = 4 * inner
        x = self.node("Flatten", self.node("GlobalAveragePool", x))
        return self.node("Gemm", x, self.weight(512, inputs), self.weight(512, low=-0.1, high=0.1), transB=1)


def make(folder):
    graph = Graph()
    output = graph.resnet50()
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, 112, 112])
    vector = helper.make_tensor_value_info(output, TensorProto.FLOAT, ["n", 512])
    made = helper.make_graph(graph.nodes, "resnet50", [image], [vector], graph.weights)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, folder / "resnet50.onnx")
    random = np.random.default_rng(6)
    for i in range(IMAGES):
        small = random.integers(0, 256, (14, 14, 3), dtype=np.uint8)
        Image.fromarray(small).resize((112, 112)).save(folder / f"{i}.png")


def check(folder):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(folder / "resnet50.onnx"), options)
    images = np.stack([np.asarray(Image.open(folder / f"{i}.png")).transpose(2, 0, 1) for i in range(IMAGES)])
    images = (images.astype(np.float32) - np.float32(127.5)) / np.float32(127.5)
    begin = time.perf_counter()
    expected = session.run(None, {"image": images})[0]
    each = (time.perf_counter() - begin) / IMAGES
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    off = float(np.abs(np.load(folder / "vectors.npy") - expected).max())
    apart = float(np.linalg.norm(expected[0] - expected[1]))
    print(f"ResNet-50: {off:.1e} off at most; onnxruntime takes {1e3 * each:.0f} ms an image on one thread")
    return 0 if off <= TOLERANCE and apart > 0.01 else 1


if __name__ == "__main__":
    sys.exit({"make": make, "check": check}[sys.argv[1]](Path(sys.argv[2])))
