"""Writes the TorchScript programs that tests/torchscript.rs reads, with PyTorch on a CPU:

    python make.py

`good.pt` is a network of images [n, 1, 16, 12] that is saved in training mode, with batch normalisation, dropout and a
parameter that nothing uses. The others each have one fault, which their names tell. Prints the embeddings of two images
by `good.pt` in evaluation mode, before and after one step of gradient descent, which the tests expect.
"""

import zipfile
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

HERE = Path(__file__).parent


class Good(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.drop = nn.Dropout(0.5)
        self.head = nn.Linear(16, 8)
        self.spare = nn.Parameter(torch.zeros(3))

    def forward(self, x: Tensor) -> Tensor:
        x = F.adaptive_avg_pool2d(F.relu(self.norm(self.conv(x))), [2, 2])
        return self.head(self.drop(torch.flatten(x, 1)))


class Colour(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x.mean([2, 3]), x.amax([2, 3])], 1)


class FixedSize(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(20 * 20, 8)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(torch.flatten(x, 1))


class Raises(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        if x.size(1) != 5:
            raise ValueError("five channels are needed")
        return torch.flatten(x, 1)[:, :8]


class Tuple(nn.Module):
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = torch.flatten(x, 1)
        return x[:, :8], x


class Map(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x[:, :, :4, :2]


class Double(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.flatten(x, 1)[:, :8].double()


class NotANumber(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.log(torch.flatten(x, 1)[:, :8] * 0.0 - 1.0)


class OneImage(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.flatten(x)[:8].view(1, 8)


class OfTheBatch(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        x = torch.flatten(x, 1)[:, :8]
        return x - x.mean(0, keepdim=True)


class Chance(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return F.dropout(torch.flatten(x, 1)[:, :8] + 1.0, 0.5, True)


class Cuda(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.flatten(x, 1)[:, :8] + torch.zeros([8], device=torch.device("cuda:0"))


def save(script: torch.jit.ScriptModule, name: str):
    """Without the places in the source, which name this machine's folders."""
    path = HERE / f"{name}.pt"
    script.save(path)
    with zipfile.ZipFile(path) as file:
        parts = [(part, file.read(part)) for part in file.namelist() if not part.endswith(".debug_pkl")]
    with zipfile.ZipFile(path, "w") as file:
        for part, content in parts:
            file.writestr(zipfile.ZipInfo(part), content)


def images() -> Tensor:
    """Two images, as the Rust tests make them."""
    i, y, x = torch.meshgrid(torch.arange(2), torch.arange(16), torch.arange(12), indexing="ij")
    return ((i * 31 + y * 7 + x * 3) % 256).float().div(255).unsqueeze(1)


torch.manual_seed(1)
good = Good()
# Running figures that are not those of a fresh layer.
with torch.no_grad():
    for _ in range(20):
        good(torch.rand(16, 1, 16, 12))
save(torch.jit.script(good), "good")
for module, name in [
    (Colour(), "colour"),
    (FixedSize(), "fixed_size"),
    (Raises(), "raises"),
    (Tuple(), "tuple"),
    (Map(), "map"),
    (Double(), "double"),
    (NotANumber(), "not_a_number"),
    (OneImage(), "one_image"),
    (OfTheBatch(), "of_the_batch"),
    (Chance(), "chance"),
    (Cuda(), "cuda"),
]:
    save(torch.jit.script(module), name)
save(torch.jit.freeze(torch.jit.script(Good().eval())), "frozen")
torch.save(good.state_dict(), HERE / "state_dict.pt")

good.eval()
print("before", good(images()).flatten().tolist())
optimiser = torch.optim.SGD([p for name, p in good.named_parameters()], 0.1)
good(images()).square().sum().backward()
optimiser.step()
print("after", good(images()).flatten().tolist())
