"""Products of matrices."""

from cases import case, normal

CASES = [
    case("F.linear", "bias", normal(4, 3), normal(5, 3), normal(5)),
    case("F.linear", "no_bias", normal(4, 3), normal(5, 3)),
    case("F.linear", "batch_1", normal(1, 3), normal(5, 3), normal(5)),
    case("F.linear", "leading_dims", normal(2, 3, 4), normal(5, 4), normal(5)),
    case("torch.matmul", "matrices", normal(3, 4), normal(4, 5)),
    case("torch.matmul", "batched", normal(2, 3, 4), normal(2, 4, 5)),
    case("torch.matmul", "broadcast", normal(2, 3, 4), normal(4, 5)),
]
