"""The PyTorch side of benches/data: an epoch of MNIST in memory and one of small PNG images, in samples a second.

python data.py --mnist FOLDER --images FOLDER --workers 0 2

FOLDER of MNIST holds MNIST/raw as torchvision keeps it, or the four IDX files; that of images a folder for each class
(`cargo run --release -p gradus-benches --bin data -- --images FOLDER --write-images 50000` writes one).
"""

import argparse
import gzip
import time
from pathlib import Path

import numpy
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms
from torchvision.datasets import ImageFolder


class Mnist(Dataset):
    """The training images as torchvision.datasets.MNIST gives them out: a Pillow image each, transformed."""

    def __init__(self, folder, transform):
        self.images, self.transform = idx(folder, "train-images-idx3-ubyte", 16).reshape(-1, 28, 28), transform
        self.labels = idx(folder, "train-labels-idx1-ubyte", 8)

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        return self.transform(Image.fromarray(self.images[index], mode="L")), int(self.labels[index])


def idx(folder, name, header):
    for path in [folder / name, folder / "MNIST/raw" / name]:
        if path.is_file():
            return numpy.frombuffer(path.read_bytes(), "u1", offset=header)
        if Path(f"{path}.gz").is_file():
            return numpy.frombuffer(gzip.open(f"{path}.gz").read(), "u1", offset=header)
    raise SystemExit(f"{folder} holds no {name}")


def measure(name, dataset, batch_size, workers, batches):
    loader = DataLoader(dataset, batch_size=batch_size, shuffle=True, num_workers=workers)
    start, samples = time.perf_counter(), 0
    for number, (inputs, _) in enumerate(loader, 1):
        samples += len(inputs)
        if number == batches:
            break
    seconds = time.perf_counter() - start
    rate = f"{samples / seconds:,.0f} samples/s ({samples} samples in {seconds:.2f} s)"
    print(f"{name}, {workers} workers: {rate}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mnist", type=Path)
    parser.add_argument("--images", type=Path)
    parser.add_argument("--workers", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--batches", type=int, default=None, help="stop each epoch after so many")
    options = parser.parse_args()
    augment = [transforms.RandomCrop(28, padding=4), transforms.ToTensor(), transforms.Normalize(0.1307, 0.3081)]
    for workers in options.workers:
        if options.mnist:
            measure("mnist", Mnist(options.mnist, transforms.Compose(augment)), 64, workers, options.batches)
        if options.images:
            measure("images", ImageFolder(options.images, transforms.ToTensor()), 64, workers, options.batches)


if __name__ == "__main__":
    main()
