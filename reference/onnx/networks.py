"""Small classifiers with the parts that exported ones consist of. All take pictures [N, 3, 32, 32]."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

CLASSES = 6


def conv_norm(inputs: int, outputs: int, kernel: int, stride: int = 1, **options) -> nn.Sequential:
    padding = options.pop("padding", kernel // 2)
    conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False, **options)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs))


class ResidualBlock(nn.Module):
    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.one = conv_norm(inputs, outputs, 3, stride)
        self.two = conv_norm(outputs, outputs, 3)
        self.shortcut = conv_norm(inputs, outputs, 1, stride) if stride > 1 else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.two(F.relu(self.one(x))) + self.shortcut(x))


class ResNet(nn.Module):
    """Batch normalisation, max pooling with padding, skips, pool and linear head."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(conv_norm(3, 8, 5, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1))
        self.stages = nn.Sequential(ResidualBlock(8, 8, 1), ResidualBlock(8, 16, 2))
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, CLASSES))

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.stages(self.stem(x)))


class SqueezeExcite(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.reduce = nn.Conv2d(channels, channels // 2, 1)
        self.expand = nn.Conv2d(channels // 2, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        pooled = x.mean((2, 3), keepdim=True)
        return x * F.hardsigmoid(self.expand(F.relu(self.reduce(pooled))))


class InvertedResidual(nn.Module):
    def __init__(self, channels: int, dilation: int, activation: nn.Module) -> None:
        super().__init__()
        wide = 2 * channels
        spatial = conv_norm(wide, wide, 3, groups=wide, padding=dilation, dilation=dilation)
        self.layers = nn.Sequential(
            *(conv_norm(channels, wide, 1), activation, spatial, activation),
            *(SqueezeExcite(wide), conv_norm(wide, channels, 1)),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layers(x)


class MobileNet(nn.Module):
    """Depthwise and dilated kernels, squeeze and excitation, hard activations, ReLU6."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(conv_norm(3, 8, 3, 2), nn.Hardswish())
        first, second = InvertedResidual(8, 1, nn.Hardswish()), InvertedResidual(8, 2, nn.ReLU6())
        self.blocks = nn.Sequential(first, conv_norm(8, 8, 3, 2), nn.Hardswish(), second)
        self.head = nn.Sequential(nn.Linear(8, 16), nn.Hardswish(), nn.Dropout(), nn.Linear(16, CLASSES))

    def forward(self, x: Tensor) -> Tensor:
        return self.head(F.adaptive_avg_pool2d(self.blocks(self.stem(x)), 1).flatten(1))


class Attention(nn.Module):
    """As timm writes it: one product for queries, keys and values."""

    def __init__(self, width: int, heads: int, fused: bool) -> None:
        super().__init__()
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)
        self.heads, self.fused = heads, fused

    def forward(self, x: Tensor, bias: Tensor | None = None, mask: Tensor | None = None) -> Tensor:
        n, length, width = x.shape
        split = self.qkv(x).reshape(n, length, 3, self.heads, width // self.heads)
        q, k, v = split.permute(2, 0, 3, 1, 4).unbind(0)
        if self.fused:
            mixed = F.scaled_dot_product_attention(q, k, v)
        else:
            scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-2, -1)
            if bias is not None:
                scores = scores + bias.unsqueeze(0)
            if mask is not None:
                windows = mask.shape[0]
                open_ = scores.view(n // windows, windows, self.heads, length, length)
                scores = (open_ + mask.unsqueeze(1).unsqueeze(0)).view(-1, self.heads, length, length)
            mixed = scores.softmax(-1) @ v
        return self.proj(mixed.transpose(1, 2).reshape(n, length, width))


class Mlp(nn.Sequential):
    def __init__(self, width: int) -> None:
        super().__init__(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))


class VisionTransformer(nn.Module):
    """Class token, position embedding, attention and MLP; classes are read from the token."""

    def __init__(self, fused: bool) -> None:
        super().__init__()
        width = 16
        self.patches = nn.Conv2d(3, width, 8, 8)
        self.class_token = nn.Parameter(torch.zeros(1, 1, width))
        self.positions = nn.Parameter(torch.zeros(1, 17, width))
        self.norm1, self.norm2, self.norm = (nn.LayerNorm(width, 1e-6) for _ in range(3))
        self.attention, self.mlp = Attention(width, 4, fused), Mlp(width)
        self.head = nn.Linear(width, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.class_token.expand(x.shape[0], -1, -1), x], 1) + self.positions
        x = x + self.attention(self.norm1(x))
        x = x + self.mlp(self.norm2(x))
        return self.head(self.norm(x)[:, 0])


class ChannelNorm(nn.LayerNorm):
    """Layer normalisation over the channels of an image."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class ConvNextBlock(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv_dw = nn.Conv2d(width, width, 7, padding=3, groups=width)
        self.norm, self.mlp = nn.LayerNorm(width, 1e-6), Mlp(width)
        self.gamma = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        y = self.mlp(self.norm(self.conv_dw(x).permute(0, 2, 3, 1))) * self.gamma
        return x + y.permute(0, 3, 1, 2)


class ConvNext(nn.Module):
    """Layer normalisation over channels, wide depthwise kernels, a normalised pool before the classes."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 4, 4), ChannelNorm(8, 1e-6))
        self.block = ConvNextBlock(8)
        self.down = nn.Sequential(ChannelNorm(8, 1e-6), nn.Conv2d(8, 16, 2, 2))
        self.last = ConvNextBlock(16)
        self.norm, self.head = nn.LayerNorm(16, 1e-6), nn.Linear(16, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.norm(self.last(self.down(self.block(self.stem(x)))).mean((2, 3))))


def windows_of(x: Tensor, side: int) -> Tensor:
    n, h, w, c = x.shape
    open_ = x.view(n, h // side, side, w // side, side, c)
    return open_.permute(0, 1, 3, 2, 4, 5).reshape(-1, side * side, c)


def joined(windows: Tensor, side: int, h: int, w: int) -> Tensor:
    n = windows.shape[0] // (h * w // side**2)
    open_ = windows.view(n, h // side, w // side, side, side, -1)
    return open_.permute(0, 1, 3, 2, 4, 5).reshape(n, h, w, -1)


class SwinBlock(nn.Module):
    """Attention in shifted windows of 4 with relative positions."""

    side, grid, shift, heads = 4, 8, 2, 2

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention, self.mlp = Attention(width, self.heads, False), Mlp(width)
        self.table = nn.Parameter(torch.zeros((2 * self.side - 1) ** 2, self.heads))
        rows, columns = torch.meshgrid(*(torch.arange(self.side),) * 2, indexing="ij")
        places = torch.stack([rows, columns]).flatten(1)
        offsets = places[:, :, None] - places[:, None, :] + self.side - 1
        self.register_buffer("index", offsets[0] * (2 * self.side - 1) + offsets[1])
        bands = torch.tensor([0, 0, 0, 0, 1, 1, 2, 2])
        regions = (bands[:, None] * 3 + bands[None, :]).view(1, self.grid, self.grid, 1)
        cut = windows_of(regions, self.side).squeeze(-1)
        self.register_buffer("mask", (cut[:, None, :] != cut[:, :, None]).float() * -100)

    def forward(self, x: Tensor) -> Tensor:
        length = self.side**2
        bias = self.table[self.index.view(-1)].view(length, length, -1).permute(2, 0, 1).contiguous()
        shifted = torch.roll(self.norm1(x), (-self.shift, -self.shift), (1, 2))
        seen = self.attention(windows_of(shifted, self.side), bias, self.mask)
        back = torch.roll(joined(seen, self.side, self.grid, self.grid), (self.shift,) * 2, (1, 2))
        x = x + back
        return x + self.mlp(self.norm2(x))


class Swin(nn.Module):
    """Shifted windows and patch merging; maps are [N, H, W, C] inside."""

    def __init__(self) -> None:
        super().__init__()
        self.patches, self.norm0 = nn.Conv2d(3, 8, 4, 4), nn.LayerNorm(8)
        self.block = SwinBlock(8)
        self.norm1, self.merge = nn.LayerNorm(32), nn.Linear(32, 16, bias=False)
        self.norm, self.head = nn.LayerNorm(16), nn.Linear(16, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        x = self.block(self.norm0(self.patches(x).permute(0, 2, 3, 1)))
        parts = [x[:, i::2, j::2] for j in (0, 1) for i in (0, 1)]
        x = self.norm(self.merge(self.norm1(torch.cat(parts, -1))))
        return self.head(x.mean((1, 2)))


class Mixed(nn.Module):
    """Branches, average pooling of every kind, other normalisations and activations, resizing."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.GroupNorm(4, 8), nn.Mish())
        row = nn.Conv2d(8, 8, (1, 3), padding=(0, 1))
        self.wide = nn.Sequential(row, nn.InstanceNorm2d(8, affine=True), nn.ELU())
        grouped = nn.Conv2d(8, 8, 3, padding=1, groups=2)
        self.deep = nn.Sequential(grouped, nn.PReLU(8), nn.Conv2d(8, 16, 1), nn.PixelShuffle(2))
        pool = nn.AvgPool2d(3, 2, 1, ceil_mode=True, count_include_pad=False)
        self.small = nn.Sequential(pool, nn.LeakyReLU(0.2))
        self.down = nn.Sequential(nn.AvgPool2d(3, 2, 1), nn.Conv2d(16, 8, 1), nn.Softplus())
        self.head = nn.Linear(20, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        resized = F.interpolate(self.small(x), x.shape[2:], mode="bilinear")
        first, second = torch.cat([self.wide(x), resized], 1).chunk(2, 1)
        doubled = F.interpolate(F.avg_pool2d(second, 2), scale_factor=2)
        y = self.down(torch.cat([first, doubled], 1))
        deep = F.max_pool2d(self.deep(x), 3, 2, 1).flatten(2)
        pooled = torch.cat([y.mean((2, 3)), y.amax((2, 3)), deep.norm(dim=2)], 1)
        return F.log_softmax(self.head(torch.tanh(F.silu(pooled))), 1)
