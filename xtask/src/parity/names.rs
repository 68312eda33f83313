//! What PyTorch's names are called here, where they are not found by the same name.

/// PyTorch's name and ours. A star at the end of ours says that there is a case under another name; see the note.
pub(super) const OURS: &[(&str, &str)] = &[
    ("torch.add", "`+`"),
    ("torch.sub", "`-`"),
    ("torch.mul", "`*`"),
    ("torch.div", "`/`"),
    ("torch.true_divide", "`/`"),
    ("torch.neg", "`-x`"),
    ("torch.sum", "`Var::sum_dims`"),
    ("torch.mean", "`Var::mean_dims`"),
];
