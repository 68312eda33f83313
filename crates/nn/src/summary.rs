//! What a model is made of, as a table.

use std::collections::{HashMap, HashSet};
use std::fmt;

use gradus_autograd::{Param, ParamId, Traced, no_grad, trace};
use gradus_tensor::{Float, numel};

use crate::module::{Members, Module};

/// A model's layers in the order in which they compute: see [`Layer::summary`](crate::Layer::summary) and
/// [`Summary::of`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// A row for each layer that computes, and each operation outside of one that makes a result in memory of its own.
    pub rows: Vec<SummaryRow>,
    /// Numbers in all parameters, each parameter counted once.
    pub parameters: usize,
    /// Those of them that are trained.
    pub trainable: usize,
    /// Multiplications with an addition that one forward pass takes.
    pub multiply_adds: u64,
    /// Bytes of all results, which a backward pass may need.
    pub activation_bytes: u64,
}

/// A row of a [`Summary`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummaryRow {
    /// The layer's name in the model; empty for an operation outside of layers with parameters.
    pub name: String,
    /// The layer's type, or the operation's name.
    pub kind: String,
    /// The shape of its output.
    pub output: Vec<usize>,
    /// Numbers in parameters that no row before has counted.
    pub parameters: usize,
    /// Those of them that are trained.
    pub trainable: usize,
    /// Multiplications with an addition.
    pub multiply_adds: u64,
    /// Bytes of its results.
    pub activation_bytes: u64,
}

impl Summary {
    /// The summary of `module` from one forward pass, which `forward` makes: for models that take more than a variable.
    /// It runs in evaluation mode and records nothing.
    pub fn of<T: Float, M: Module<T> + ?Sized, R>(module: &M, forward: impl FnOnce() -> R) -> Self {
        let (_eval, all) = (module.eval_guard(), module.named_parameters());
        let trained: Vec<bool> = all.iter().map(|(_, parameter)| parameter.requires_grad()).collect();
        // A frozen parameter is a constant, which a trace knows nothing of.
        all.iter().for_each(|(_, parameter)| parameter.set_requires_grad(true));
        let (_, traced) = no_grad(|| trace(forward));
        all.iter().zip(&trained).for_each(|((_, parameter), &trained)| parameter.set_requires_grad(trained));
        let mut table = Table::new(module, &all);
        traced.iter().for_each(|operation| table.add(operation));
        Self {
            parameters: all.iter().map(|(_, parameter)| parameter.numel()).sum(),
            trainable: all.iter().zip(&trained).filter(|(_, trained)| **trained).map(|((_, p), _)| p.numel()).sum(),
            multiply_adds: table.rows.iter().map(|row| row.multiply_adds).sum(),
            activation_bytes: table.rows.iter().map(|row| row.activation_bytes).sum(),
            rows: table.rows,
        }
    }
}

/// Rows that grow by an operation at a time.
struct Table<T: Float> {
    parameters: HashMap<ParamId, (String, Param<T>)>,
    /// The types of modules by their names.
    kinds: HashMap<String, String>,
    counted: HashSet<ParamId>,
    rows: Vec<SummaryRow>,
}

impl<T: Float> Table<T> {
    fn new<M: Module<T> + ?Sized>(module: &M, parameters: &[(String, Param<T>)]) -> Self {
        let named = parameters.iter().map(|(name, p)| (ParamId::of(p), (name.clone(), p.clone())));
        let kinds = Members::of(module).modules.into_iter().collect();
        Self { parameters: named.collect(), kinds, counted: HashSet::new(), rows: Vec::new() }
    }

    fn add(&mut self, operation: &Traced) {
        let owner = operation.parameters().iter().find_map(|id| self.parameters.get(id));
        let name = owner.map(|(name, _)| name.rsplit_once('.').map_or("", |(module, _)| module).to_owned());
        if name.is_none() && !operation.allocates {
            return;
        }
        let kind = name.as_ref().and_then(|name| self.kinds.get(name)).map_or(operation.operation, String::as_str);
        let (mut numbers, mut trainable) = (0, 0);
        for id in operation.parameters() {
            if let Some((_, parameter)) = self.parameters.get(id)
                && self.counted.insert(*id)
            {
                numbers += parameter.numel();
                trainable += if parameter.requires_grad() { parameter.numel() } else { 0 };
            }
        }
        let bytes = if operation.allocates { numel(&operation.output) * size_of::<T>() } else { 0 };
        self.rows.push(SummaryRow {
            kind: kind.to_owned(),
            name: name.unwrap_or_default(),
            output: operation.output.clone(),
            parameters: numbers,
            trainable,
            multiply_adds: multiply_adds(operation),
            activation_bytes: bytes as u64,
        });
    }
}

/// Multiplications with an addition, of the operations that are made of them.
fn multiply_adds(operation: &Traced) -> u64 {
    let (inputs, output) = (&operation.inputs, numel(&operation.output));
    let last = |i: usize| inputs.get(i).and_then(|shape| shape.last()).copied().unwrap_or(1);
    let kernel = |i: usize| inputs.get(i).map_or(0, |shape| numel(&shape[1.min(shape.len())..]));
    let count = match (operation.operation, &inputs[..]) {
        ("linear" | "matmul", _) => output * last(0),
        (name, _) if name.starts_with("conv_transpose") => numel(&inputs[0]) * kernel(1),
        (name, _) if name.starts_with("conv") => output * kernel(1),
        ("scaled_dot_product_attention", [q, k, v, ..]) => numel(q) * k[k.len() - 2] + output * v[v.len() - 2],
        ("attention_packed", [qkv]) => 2 * numel(qkv) / 3 * qkv[1],
        ("lstm" | "gru" | "rnn", [x, ih, hh, ..]) => numel(&x[..x.len() - 1]) * (numel(ih) + numel(hh)),
        _ => 0,
    };
    count as u64
}

/// A table that fits a terminal and a log, and the totals below it.
impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["name", "type", "output", "parameters", "trainable", "multiply-adds", "activations"];
        let cells = |row: &SummaryRow| {
            let count = |n: u64| if n == 0 { "-".to_owned() } else { grouped(n) };
            let output: Vec<String> = row.output.iter().map(usize::to_string).collect();
            [
                row.name.clone(),
                row.kind.clone(),
                output.join("x"),
                count(row.parameters as u64),
                count(row.trainable as u64),
                count(row.multiply_adds),
                bytes(row.activation_bytes),
            ]
        };
        let rows: Vec<[String; 7]> =
            std::iter::once(head.map(str::to_owned)).chain(self.rows.iter().map(cells)).collect();
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: [usize; 7] = std::array::from_fn(width);
        for row in &rows {
            for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
                let gap = if column == 0 { "" } else { "  " };
                if column < 3 { write!(f, "{gap}{cell:<width$}")? } else { write!(f, "{gap}{cell:>width$}")? }
            }
            writeln!(f)?;
        }
        write!(
            f,
            "{} parameters, {} trainable; {} multiply-adds; {} of activations",
            grouped(self.parameters as u64),
            grouped(self.trainable as u64),
            grouped(self.multiply_adds),
            bytes(self.activation_bytes)
        )
    }
}

/// Digits in groups of three.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn bytes(n: u64) -> String {
    match n {
        0 => "-".to_owned(),
        1..1024 => format!("{n} B"),
        1024..1_048_576 => format!("{:.1} KiB", n as f64 / 1024.0),
        _ => format!("{:.1} MiB", n as f64 / 1_048_576.0),
    }
}
