"""Checks which crates of the workspace name which, and that no two folders of a crate import each other."""

import json
import re
import subprocess
import sys
from pathlib import Path

# Each crate with those that it may name. Nothing points back up.
MAY_NAME = {
    "pgm-io": set(),
    "image-stack": {"pgm-io"},
    "near-duplicates": {"image-stack"},
    "pairgen": set(),
    "verification-figures": set(),
    "recognition-baselines": set(),
    "gallery": {"verification-figures"},
    "map-kernels": set(),
    "onnx-backbone": {"siamese-net"},
    "siamese-net": {"image-stack", "pairgen", "verification-figures"},
    "siamese-onnx": {"siamese-net"},
    "siamese-infer": {"siamese-net", "map-kernels", "onnx-backbone"},
    "op-count": {"siamese-libtorch"},
    "siamese-libtorch": set(),
    "siamese-c10d": {"siamese-libtorch"},
    "libtorch-cuda": {"siamese-libtorch"},
    "siamese-model": {"siamese-net", "siamese-libtorch", "siamese-c10d", "libtorch-cuda", "map-kernels", "pairgen", "onnx-backbone"},
    "siamese-report": {"verification-figures"},
    "siamese-use": {"siamese-net", "siamese-infer", "gallery", "image-stack", "near-duplicates", "verification-figures"},
    "siamese-lab": {
        "onnx-backbone", "siamese-net", "siamese-infer", "siamese-model", "siamese-libtorch", "siamese-report", "image-stack",
        "near-duplicates", "pairgen", "recognition-baselines", "verification-figures",
    },
    "siamese-serve": {"siamese-use", "siamese-net", "gallery", "verification-figures"},
    "siamese-cli": {"siamese-lab", "siamese-use", "siamese-serve", "siamese-libtorch", "siamese-net", "siamese-onnx", "siamese-report", "image-stack",
                    "near-duplicates", "pairgen", "verification-figures"},
}
BINDINGS = {"tch", "torch-sys"}


def wrong_arrows(packages):
    """Yields a sentence for each dependency that the table does not allow; tests may need more than the crate."""
    for package in packages:
        name = package["name"]
        if name not in MAY_NAME:
            yield f"{name} has no place in scripts/layers.py and docs/architecture.md: give it one"
            continue
        for dependency in package["dependencies"]:
            other, kind = dependency["name"], dependency["kind"]
            if other in BINDINGS and name not in ("siamese-model", "siamese-c10d", "libtorch-cuda", "op-count"):
                yield f"{name} names libtorch's bindings ({other}); only siamese-model, siamese-c10d, libtorch-cuda and op-count may"
            if other in MAY_NAME and kind != "dev" and other not in MAY_NAME[name]:
                yield f"{name} must not depend on {other}"


def imports(source):
    """The top-level modules of a crate, each with those that its files import from, tests left out."""
    found = {}
    for path in sorted(source.rglob("*.rs")):
        parts = path.relative_to(source).with_suffix("").parts
        if parts[0] in ("lib", "main") or "tests" in parts:
            continue
        text = path.read_text(encoding="utf-8").split("#[cfg(test)]")[0]
        text = re.sub(r"//.*", "", text)
        names = set(re.findall(r"\bcrate::(\w+)", text))
        for group in re.findall(r"\bcrate::\{(.*?)\};", text, re.S):
            names |= set(re.findall(r"(?:^|[,{])\s*(\w+)\s*(?:::|,|$)", group))
        found.setdefault(parts[0], set()).update(names - {parts[0]})
    return {module: {name for name in names if name in found} for module, names in found.items()}


def circle(graph):
    """A circle of modules, first and last the same; nothing where there is none."""
    done, path = set(), []

    def visit(module):
        if module in path:
            return path[path.index(module):] + [module]
        if module in done:
            return None
        path.append(module)
        for other in sorted(graph[module]):
            if found := visit(other):
                return found
        done.add(path.pop())
        return None

    for module in sorted(graph):
        if found := visit(module):
            return found
    return None


def main():
    metadata = subprocess.run(
        ["cargo", "metadata", "--locked", "--no-deps", "--format-version", "1"],
        check=True, stdout=subprocess.PIPE,
    )
    packages = json.loads(metadata.stdout)["packages"]
    complaints = list(wrong_arrows(packages))
    for package in packages:
        if found := circle(imports(Path(package["manifest_path"]).parent / "src")):
            complaints.append(f"{package['name']}: these modules import each other: {' -> '.join(found)}")
    for complaint in complaints:
        print(f"layering: {complaint}", file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
