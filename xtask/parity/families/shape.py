"""The same elements in another shape or order."""

from cases import case, normal

CASES = [
    case("torch.reshape", "flat", normal(2, 3, 4), shape=[24]),
    case("torch.permute", "rank_3", normal(2, 3, 4), dims=[2, 0, 1]),
]
