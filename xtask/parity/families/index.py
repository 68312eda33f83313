"""Elements chosen by place."""

from cases import case, exactly, integers, normal

CASES = [
    case("F.embedding", "repeated", integers(3, 5, below=7), normal(7, 4)),
    case("F.embedding", "unused", integers(4, below=20), normal(20, 3)),
    case("F.embedding", "scalar", exactly(2), normal(4, 5)),
]
