"""Milliseconds an image of an ONNX model on one thread of onnxruntime, to set beside `cargo bench --bench engines`.

usage: onnxruntime_engine.py MODEL.onnx [BATCH ...]

The model takes bytes [n, c, h, w]. Needs numpy and onnxruntime. Prints the median of the runs of a few seconds.
"""

import statistics
import sys
import time

import numpy
import onnxruntime

SECONDS = 3.0


def main():
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
    taken = session.get_inputs()[0]
    sides = [side for side in taken.shape[1:]]
    for batch in [int(word) for word in sys.argv[2:]] or [1, 64]:
        images = numpy.random.default_rng(1).integers(0, 256, [batch, *sides], dtype=numpy.uint8)
        session.run(None, {taken.name: images})
        times, end = [], time.perf_counter() + SECONDS
        while time.perf_counter() < end or len(times) < 5:
            begin = time.perf_counter()
            session.run(None, {taken.name: images})
            times.append((time.perf_counter() - begin) * 1e3 / batch)
        least, median = min(times), statistics.median(times)
        print(f"batch {batch}: median {median:.3f} ms an image, least {least:.3f}, of {len(times)} runs")


main()
