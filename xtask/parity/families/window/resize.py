"""Columns, sizes, places, borders, and the order of channels and dimensions."""

from cases import case, exactly, normal, uniform

from .layer import layer

# Places exactly on entries of three by three, and on edges.
ENTRIES = [[-1.0, -1.0], [0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [-1.0, 0.5], [2.0, 0.0]]


def resize(name, *x, **options):
    return case("F.interpolate", name, normal(*x), **options)


def sample(name, x, grid, low=-0.9, high=0.9, **options):
    """PyTorch has no second derivatives here."""
    return case("F.grid_sample", name, normal(*x), uniform(*grid, low=low, high=high), second=False, **options)


CASES = [
    case("F.unfold", "k2", normal(2, 2, 3, 4), kernel_size=[2, 2]),
    case("F.unfold", "all", normal(1, 2, 4, 5), kernel_size=[2, 3], dilation=[2, 1], padding=[1, 2], stride=[1, 2]),
    case("F.unfold", "unbatched", normal(2, 3, 3), kernel_size=[3, 2]),
    case("F.fold", "k2", normal(2, 8, 6), output_size=[3, 4], kernel_size=[2, 2]),
    case(
        "F.fold",
        "all",
        normal(1, 6, 6),
        output_size=[4, 3],
        kernel_size=[2, 3],
        dilation=[2, 1],
        padding=[1, 1],
        stride=[2, 1],
    ),
    case("F.fold", "unbatched", normal(4, 4), output_size=[4, 4], kernel_size=[2, 2], stride=[2, 2]),
    resize("nearest_1d", 2, 2, 4, size=[7]),
    resize("nearest_2d", 1, 2, 3, 4, size=[5, 2]),
    resize("nearest_3d", 1, 1, 2, 3, 2, scale_factor=[2.0, 1.0, 1.5]),
    resize("nearest_scale", 1, 2, 5, scale_factor=[1.7]),
    resize("nearest_exact", 1, 2, 5, 4, size=[3, 7], mode="nearest-exact"),
    resize("nearest_exact_scale", 1, 2, 5, scale_factor=[2.3], mode="nearest-exact"),
    resize("linear", 2, 2, 5, size=[8], mode="linear"),
    resize("linear_down", 2, 2, 7, size=[3], mode="linear"),
    resize("linear_corners", 2, 2, 5, size=[8], mode="linear", align_corners=True),
    resize("linear_scale", 1, 2, 6, scale_factor=[1.6], mode="linear"),
    resize("linear_scale_recomputed", 1, 2, 6, scale_factor=[1.6], mode="linear", recompute_scale_factor=True),
    resize("bilinear", 1, 2, 3, 4, size=[5, 6], mode="bilinear"),
    resize("bilinear_corners", 1, 2, 3, 4, size=[5, 2], mode="bilinear", align_corners=True),
    resize("bilinear_one", 1, 2, 3, 4, size=[1, 1], mode="bilinear", align_corners=True),
    resize("bilinear_scale", 1, 1, 4, 4, scale_factor=2.0, mode="bilinear"),
    # PyTorch's short cuts: a size that stays, or doubles, whatever the factor.
    resize("linear_size_stays", 1, 2, 4, scale_factor=1.2, mode="linear"),
    resize("bilinear_size_stays", 1, 1, 4, 4, scale_factor=1.2, mode="bilinear"),
    resize("trilinear_size_stays", 1, 1, 3, 2, 4, scale_factor=1.2, mode="trilinear"),
    resize("nearest_size_stays", 1, 1, 4, 4, scale_factor=1.2),
    resize("nearest_size_doubles", 1, 1, 4, 4, scale_factor=2.2),
    resize("same_size", 1, 2, 3, 4, size=[3, 4], mode="bilinear"),
    resize("trilinear", 1, 1, 2, 3, 2, size=[3, 4, 3], mode="trilinear"),
    resize("trilinear_corners", 1, 1, 2, 3, 2, scale_factor=1.5, mode="trilinear", align_corners=True),
    resize("bicubic", 1, 1, 4, 5, size=[6, 7], mode="bicubic"),
    resize("bicubic_down", 1, 1, 6, 5, size=[3, 4], mode="bicubic"),
    resize("bicubic_corners", 1, 1, 3, 4, size=[6, 5], mode="bicubic", align_corners=True),
    resize("area_1d", 2, 2, 5, size=[3], mode="area"),
    resize("area_2d", 1, 2, 4, 5, size=[2, 3], mode="area"),
    resize("area_scale", 1, 1, 2, 4, 3, scale_factor=0.5, mode="area"),
    sample("inside", (2, 2, 3, 4), (2, 2, 3, 2)),
    sample("corners", (1, 2, 3, 4), (1, 3, 2, 2), align_corners=True),
    sample("zeros", (1, 2, 3, 4), (1, 4, 3, 2), low=-2.0, high=2.0),
    sample("border", (1, 2, 3, 4), (1, 4, 3, 2), low=-2.0, high=2.0, padding_mode="border"),
    sample("reflection", (1, 2, 3, 4), (1, 4, 3, 2), low=-5.0, high=5.0, padding_mode="reflection"),
    sample(
        "reflection_corners",
        (1, 2, 4, 3),
        (1, 4, 3, 2),
        low=-5.0,
        high=5.0,
        padding_mode="reflection",
        align_corners=True,
    ),
    sample("reflection_one", (1, 2, 1, 3), (1, 2, 3, 2), padding_mode="reflection", align_corners=True),
    sample("nearest", (1, 2, 3, 4), (1, 3, 3, 2), low=-1.5, high=1.5, mode="nearest"),
    sample("nearest_border", (1, 2, 3, 4), (1, 3, 3, 2), low=-2.0, high=2.0, mode="nearest", padding_mode="border"),
    sample(
        "nearest_reflection", (1, 2, 3, 4), (1, 3, 3, 2), low=-4.0, high=4.0, mode="nearest", padding_mode="reflection"
    ),
    sample("bicubic", (1, 2, 4, 5), (1, 3, 2, 2), low=-1.2, high=1.2, mode="bicubic"),
    sample("bicubic_border", (1, 1, 3, 4), (1, 3, 3, 2), low=-1.5, high=1.5, mode="bicubic", padding_mode="border"),
    sample(
        "bicubic_reflection", (1, 2, 3, 4), (1, 3, 2, 2), mode="bicubic", padding_mode="reflection", align_corners=True
    ),
    sample("volumes", (1, 2, 2, 3, 2), (1, 2, 2, 2, 3), low=-1.3, high=1.3),
    sample(
        "volumes_border",
        (2, 1, 2, 2, 3),
        (2, 1, 3, 2, 3),
        low=-1.5,
        high=1.5,
        padding_mode="border",
        align_corners=True,
    ),
    sample("volumes_nearest", (1, 2, 2, 3, 2), (1, 2, 2, 2, 3), low=-1.3, high=1.3, mode="nearest", align_corners=True),
    sample("empty", (2, 3, 2, 2), (2, 0, 3, 2)),
    *(
        case(
            "F.grid_sample",
            f"on_entries_{padding}",
            normal(1, 2, 3, 3),
            exactly([[ENTRIES]]),
            second=False,
            padding_mode=padding,
            align_corners=True,
        )
        for padding in ("zeros", "border", "reflection")
    ),
    case("F.affine_grid", "images", normal(2, 2, 3), size=[2, 3, 3, 2], align_corners=False),
    case("F.affine_grid", "images_corners", normal(1, 2, 3), size=[1, 1, 4, 3], align_corners=True),
    case("F.affine_grid", "one_entry", normal(2, 2, 3), size=[2, 1, 1, 2], align_corners=True),
    case("F.affine_grid", "volumes", normal(1, 3, 4), size=[1, 2, 2, 3, 2], align_corners=False),
    case("F.affine_grid", "volumes_corners", normal(2, 3, 4), size=[2, 1, 2, 1, 3], align_corners=True),
    case("F.channel_shuffle", "three_groups", normal(2, 6, 2, 2), groups=3),
    case("F.channel_shuffle", "sequence", normal(1, 4, 3), groups=2),
    layer("Unfold", "k2", 1, 2, 3, 4, kernel_size=2, padding=1, stride=2),
    layer("Fold", "k2", 1, 8, 4, output_size=[4, 4], kernel_size=2, stride=2),
    layer("Upsample", "bilinear", 1, 2, 3, 3, scale_factor=2.0, mode="bilinear"),
    layer("Upsample", "nearest", 1, 2, 4, size=[6]),
    layer("UpsamplingNearest2d", "twice", 1, 2, 2, 3, scale_factor=2.0),
    layer("UpsamplingBilinear2d", "size", 1, 2, 2, 3, size=[4, 4]),
    layer("PixelShuffle", "two", 1, 8, 2, 2, upscale_factor=2),
    layer("PixelUnshuffle", "two", 1, 2, 4, 2, downscale_factor=2),
    layer("ChannelShuffle", "two", 1, 4, 2, 3, groups=2),
    layer("Flatten", "default", 2, 3, 2),
    layer("Flatten", "middle", 2, 3, 2, 2, start_dim=1, end_dim=2),
    layer("Unflatten", "rest", 2, 6, 2, dim=1, unflattened_size=(2, -1)),
    *(layer(f"ZeroPad{d}d", "unequal", *[2] * (d + 2), padding=tuple(range(2 * d))) for d in (1, 2, 3)),
    *(layer(f"ConstantPad{d}d", "cut", *[2] * (d + 2), padding=(1, -1) * d, value=2.5) for d in (1, 2, 3)),
    *(layer(f"ReflectionPad{d}d", "two", 1, 1, *[3] * d, padding=(1, 2) * d) for d in (1, 2, 3)),
    *(layer(f"ReplicationPad{d}d", "two", 1, 2, *[2] * d, padding=(1, 2) * d) for d in (1, 2, 3)),
    *(layer(f"CircularPad{d}d", "two", 1, 1, *[3] * d, padding=(2, 1) * d) for d in (1, 2, 3)),
]
