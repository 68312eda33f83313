//! The option `--only`, which the programs share.

use clap::Args;

/// What is chosen of all that can be measured.
#[derive(Args, Debug)]
pub struct Only {
    /// Only those whose group/name contains one of these texts, separated by commas.
    #[arg(long = "only", value_name = "TEXT", value_delimiter = ',')]
    texts: Vec<String>,
}

impl Only {
    /// Whether what is called `id` is chosen: without a text, everything is.
    pub fn takes(&self, id: &str) -> bool {
        self.texts.is_empty() || self.texts.iter().any(|text| id.contains(text.as_str()))
    }

    /// The texts, for messages.
    pub fn texts(&self) -> &[String] {
        &self.texts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_of_several_is_enough() {
        let only = |texts: &[&str]| Only { texts: texts.iter().map(|&text| text.to_owned()).collect() };
        assert!(only(&[]).takes("step/mlp"));
        assert!(only(&["cnn", "step/"]).takes("step/mlp"));
        assert!(!only(&["cnn", "lstm"]).takes("step/mlp"));
    }
}
