#!/usr/bin/env python3
"""The PyTorch program that train_cuda_style.cpp and train_to_device.cpp follow line for line."""
import time

import torch
import torchvision
from torch import nn
from torch.utils.data import DataLoader
from torch.utils.tensorboard import SummaryWriter


class TrainModule(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = nn.Sequential(
            nn.Conv2d(3, 32, 5, padding=2),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 32, 5, padding=2),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 5, padding=2),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(64 * 4 * 4, 64),
            nn.Linear(64, 10),
        )

    def forward(self, x):
        return self.model(x)


to_tensor = torchvision.transforms.ToTensor()
train_data = torchvision.datasets.CIFAR10("data", train=True, transform=to_tensor, download=True)
test_data = torchvision.datasets.CIFAR10("data", train=False, transform=to_tensor, download=True)
print(f"length of the training set: {len(train_data)}")
print(f"length of the test set: {len(test_data)}")

train_loader = DataLoader(train_data, batch_size=64)
test_loader = DataLoader(test_data, batch_size=64)

torch.manual_seed(0)
model = TrainModule()
if torch.cuda.is_available():
    model = model.cuda()

loss_fn = nn.CrossEntropyLoss()
if torch.cuda.is_available():
    loss_fn = loss_fn.cuda()

optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

total_train_step = 0
writer = SummaryWriter("logs")
begin = time.time()

for epoch in range(1, 11):
    print(f"-------- epoch {epoch} --------")

    model.train()
    for images, targets in train_loader:
        if torch.cuda.is_available():
            images = images.cuda()
            targets = targets.cuda()
        outputs = model(images)
        loss = loss_fn(outputs, targets)

        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

        total_train_step += 1
        if total_train_step % 100 == 0:
            print(f"step {total_train_step}, loss: {loss.item():.7f}")
            writer.add_scalar("train_loss", loss.item(), total_train_step)

    model.eval()
    total_test_loss = 0.0
    total_correct = 0
    with torch.no_grad():
        for images, targets in test_loader:
            if torch.cuda.is_available():
                images = images.cuda()
                targets = targets.cuda()
            outputs = model(images)
            loss = loss_fn(outputs, targets)
            total_test_loss += loss.item()
            total_correct += (targets == outputs.argmax(1)).sum().item()

    accuracy = total_correct / len(test_data)
    print(f"summed loss on the test set: {total_test_loss:.4f}")
    print(f"accuracy on the test set: {accuracy:.4f}")
    writer.add_scalar("test_loss", total_test_loss, epoch)
    writer.add_scalar("test_accuracy", accuracy, epoch)

    torch.save(model.state_dict(), f"train_module_{epoch}.pth")
    print(f"saved train_module_{epoch}.pth")

print(f"total time: {time.time() - begin:.2f} s")
writer.close()
