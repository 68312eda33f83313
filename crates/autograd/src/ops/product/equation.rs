//! The equations of `einsum`.

/// A dimension's name: the letters in alphabetical order, capitals first, then the dimensions of `...`.
pub(super) type Label = usize;

/// The first of the dimensions that `...` stands for.
const ELLIPSIS: Label = 52;

/// What an equation says about the dimensions of operands.
#[derive(Debug, PartialEq)]
pub(super) struct Equation {
    /// The label of each dimension of each operand.
    pub(super) inputs: Vec<Vec<Label>>,
    /// The labels of the output.
    pub(super) output: Vec<Label>,
}

/// The letters of an operand before and after `...`, where it has it.
struct Term {
    before: Vec<Label>,
    after: Option<Vec<Label>>,
}

impl Equation {
    /// The equation for operands of these shapes, or what is wrong with it.
    pub(super) fn parse(text: &str, shapes: &[&[usize]]) -> Result<Self, String> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let (left, right) = match text.split_once("->") {
            Some((left, right)) => (left, Some(Term::parse(right)?)),
            None => (&text[..], None),
        };
        let terms = left.split(',').map(Term::parse).collect::<Result<Vec<_>, _>>()?;
        if terms.len() != shapes.len() || shapes.is_empty() {
            return Err(format!("{} operands are given, and the equation has {}", shapes.len(), terms.len()));
        }
        // How many dimensions `...` is, for each operand, and at most.
        let widths = terms.iter().zip(shapes).map(|(term, shape)| term.width(shape)).collect::<Result<Vec<_>, _>>()?;
        let width = widths.iter().copied().max().unwrap_or(0);
        let inputs: Vec<Vec<Label>> =
            terms.iter().zip(widths).map(|(term, own)| term.labels(width - own..width)).collect();
        let count = |label| inputs.iter().flatten().filter(|&&own| own == label).count();
        let output = match right {
            Some(term) => term.labels(0..if term.after.is_some() { width } else { 0 }),
            None => (0..width).map(|i| ELLIPSIS + i).chain((0..ELLIPSIS).filter(|&label| count(label) == 1)).collect(),
        };
        if let Some(&label) = output.iter().find(|&&label| count(label) == 0) {
            return Err(format!("the output's {} is in no operand", name(label)));
        }
        if let Some(i) = (0..output.len()).find(|&i| output[..i].contains(&output[i])) {
            return Err(format!("the output has {} twice", name(output[i])));
        }
        check_sizes(&inputs, shapes)?;
        Ok(Self { inputs, output })
    }
}

impl Term {
    fn parse(text: &str) -> Result<Self, String> {
        let letters = |text: &str| text.bytes().map(label).collect::<Result<Vec<_>, _>>();
        Ok(match text.split_once("...") {
            Some((before, after)) => Self { before: letters(before)?, after: Some(letters(after)?) },
            None => Self { before: letters(text)?, after: None },
        })
    }

    /// How many dimensions of `shape` the `...` stands for.
    fn width(&self, shape: &[usize]) -> Result<usize, String> {
        let named = self.before.len() + self.after.as_ref().map_or(0, Vec::len);
        match shape.len().checked_sub(named) {
            Some(width) if width == 0 || self.after.is_some() => Ok(width),
            _ => Err(format!("{named} letters for the dimensions of {shape:?}")),
        }
    }

    /// All labels, with these of the `...`.
    fn labels(&self, ellipsis: std::ops::Range<usize>) -> Vec<Label> {
        let after = self.after.iter().flatten().copied();
        self.before.iter().copied().chain(ellipsis.map(|i| ELLIPSIS + i)).chain(after).collect()
    }
}

fn label(letter: u8) -> Result<Label, String> {
    match letter {
        b'A'..=b'Z' => Ok((letter - b'A').into()),
        b'a'..=b'z' => Ok((letter - b'a' + 26).into()),
        _ => Err(format!("{:?} is no letter", char::from(letter))),
    }
}

fn name(label: Label) -> String {
    match u8::try_from(label) {
        Ok(label @ 0..26) => char::from(b'A' + label).to_string(),
        Ok(label @ 26..52) => char::from(b'a' + label - 26).to_string(),
        _ => "...".to_owned(),
    }
}

/// That dimensions with one label have one size, or 1; within an operand one size.
fn check_sizes(inputs: &[Vec<Label>], shapes: &[&[usize]]) -> Result<(), String> {
    let all = || {
        inputs
            .iter()
            .zip(shapes)
            .enumerate()
            .flat_map(|(i, (labels, shape))| labels.iter().zip(*shape).map(move |(&label, &size)| (i, label, size)))
    };
    for (i, label, size) in all() {
        for (j, other, other_size) in all() {
            if label == other && size != other_size && (i == j || (size != 1 && other_size != 1)) {
                return Err(format!("{} is {size} and {other_size}", name(label)));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equations_name_dimensions() {
        let parse = |text, shapes: &[&[usize]]| Equation::parse(text, shapes);
        let equation = parse("ab, bc", &[&[2, 3], &[3, 4]]).unwrap();
        assert_eq!(equation, Equation { inputs: vec![vec![26, 27], vec![27, 28]], output: vec![26, 28] });
        let equation = parse("...a,a... -> a...", &[&[2, 3], &[3]]).unwrap();
        assert_eq!(equation, Equation { inputs: vec![vec![52, 26], vec![26]], output: vec![26, 52] });
        for (text, shapes, reason) in [
            ("ab,bc", &[&[2, 3][..]][..], "1 operands are given, and the equation has 2"),
            ("ab", &[&[2]], "2 letters for the dimensions of [2]"),
            ("a1", &[&[2, 3]], "'1' is no letter"),
            ("a->b", &[&[2]], "the output's b is in no operand"),
            ("a->aa", &[&[2]], "the output has a twice"),
            ("aB,B", &[&[2, 3], &[2]], "B is 3 and 2"),
            ("aa", &[&[1, 3]], "a is 1 and 3"),
        ] {
            assert_eq!(parse(text, shapes).unwrap_err(), reason, "{text}");
        }
    }
}
