"""The two small CIFAR networks in PyTorch, of any image size; their layers are named as src/models names them."""
import torch
import torch.nn.functional as F
from torch import nn

CLASSES = 10


class CifarCNN(nn.Module):
    def __init__(self, width, image):
        super().__init__()
        self.conv1 = nn.Conv2d(image[0], width, 3)
        self.conv2 = nn.Conv2d(width, 2 * width, 3)
        self.conv3 = nn.Conv2d(2 * width, 2 * width, 3)
        height, across = [((side - 2) // 2 - 2) // 2 - 2 for side in image[1:]]
        self.fc1 = nn.Linear(2 * width * height * across, 2 * width)
        self.fc2 = nn.Linear(2 * width, CLASSES)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = torch.flatten(F.relu(self.conv3(x)), 1)
        return self.fc2(F.relu(self.fc1(x)))


class CifarLeNet(nn.Module):
    def __init__(self, image):
        super().__init__()
        self.conv1 = nn.Conv2d(image[0], 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        height, across = [((side - 4) // 2 - 4) // 2 for side in image[1:]]
        self.fc1 = nn.Linear(16 * height * across, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, CLASSES)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.relu(self.fc1(torch.flatten(x, 1)))
        return self.fc3(F.relu(self.fc2(x)))
