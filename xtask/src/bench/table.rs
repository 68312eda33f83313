//! The table of a comparison: our column first, others beside it.

use std::fmt::Write;

/// A workload's best result by one column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cell {
    /// Median of a round, in milliseconds.
    pub(crate) ms: f64,
    /// Peak memory in MiB, where the system says.
    pub(crate) peak_mib: Option<u64>,
}

impl Cell {
    /// The shorter time and the smaller peak.
    pub(crate) fn best(self, other: Self) -> Self {
        let peak_mib = [self.peak_mib, other.peak_mib].into_iter().flatten().min();
        Self { ms: self.ms.min(other.ms), peak_mib }
    }
}

/// One workload.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) id: String,
    /// One for each column; `None` where it cannot run the workload.
    pub(crate) cells: Vec<Option<Cell>>,
}

/// All of it. A further library is a further column.
#[derive(Debug)]
pub(crate) struct Table {
    /// Names; the first is ours.
    pub(crate) columns: Vec<&'static str>,
    pub(crate) rows: Vec<Row>,
    /// What stands for the result of a column that cannot run a workload.
    pub(crate) absent: &'static str,
}

impl Row {
    /// How many times as long as ours column `index` takes.
    fn ratio(&self, index: usize) -> Option<f64> {
        Some(self.cells[index]?.ms / self.cells[0]?.ms)
    }

    /// The same for the fastest of the others.
    fn ratio_to_fastest(&self) -> Option<f64> {
        (1..self.cells.len()).filter_map(|index| self.ratio(index)).min_by(f64::total_cmp)
    }
}

impl Table {
    /// Words at the top of the columns.
    fn head(&self) -> Vec<String> {
        let mut head = vec!["workload".to_owned()];
        head.extend(self.columns.iter().map(|name| format!("{name} ms")));
        head.extend(self.columns[1..].iter().map(|name| format!("{name} / gradus")));
        head.push("fastest / gradus".to_owned());
        head.extend(self.columns.iter().map(|name| format!("{name} MiB")));
        head
    }

    fn fields(&self, row: &Row) -> Vec<String> {
        let mut fields = vec![row.id.clone()];
        fields
            .extend(row.cells.iter().map(|cell| cell.map_or(self.absent.to_owned(), |cell| format!("{:.3}", cell.ms))));
        fields.extend((1..self.columns.len()).map(|index| times(row.ratio(index))));
        fields.push(times(row.ratio_to_fastest()));
        fields.extend(
            row.cells
                .iter()
                .map(|cell| cell.and_then(|cell| cell.peak_mib).map_or("-".to_owned(), |peak| peak.to_string())),
        );
        fields
    }

    /// Geometric means of the ratios, over all rows whose name starts with `group`.
    fn means(&self, group: &str) -> Vec<String> {
        let rows = || self.rows.iter().filter(|row| row.id.starts_with(group));
        let count = rows().count();
        let mut fields = vec![format!("geometric mean of {count} {group}").trim_end_matches('/').to_owned()];
        fields.extend(self.columns.iter().map(|_| String::new()));
        fields.extend(
            (1..self.columns.len()).map(|index| times(geometric_mean(rows().filter_map(|row| row.ratio(index))))),
        );
        fields.push(times(geometric_mean(rows().filter_map(Row::ratio_to_fastest))));
        fields.extend(self.columns.iter().map(|_| String::new()));
        fields
    }

    /// Head, rows and means.
    fn lines(&self) -> Vec<Vec<String>> {
        let mut groups: Vec<&str> = self.rows.iter().filter_map(|row| row.id.split_inclusive('/').next()).collect();
        groups.dedup();
        let mut lines = vec![self.head()];
        lines.extend(self.rows.iter().map(|row| self.fields(row)));
        lines.extend(groups.iter().map(|group| self.means(group)));
        lines
    }

    /// One row as it is measured: the times.
    pub(crate) fn line(&self, row: &Row) -> String {
        let mut line = format!("{:42}", row.id);
        for (name, cell) in self.columns.iter().zip(&row.cells) {
            let ms = cell.map_or(self.absent.to_owned(), |cell| format!("{:.3} ms", cell.ms));
            let _ = write!(line, "  {name} {ms:>13}");
        }
        line
    }

    /// Aligned columns.
    pub(crate) fn text(&self) -> String {
        let lines = self.lines();
        let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..lines[0].len()).map(width).collect();
        let mut text = String::new();
        for line in &lines {
            let _ = write!(text, "\n{:1$}", line[0], widths[0]);
            for (field, width) in line.iter().zip(&widths).skip(1) {
                let _ = write!(text, "  {field:>width$}");
            }
        }
        text
    }

    /// The same as a table of Markdown.
    pub(crate) fn markdown(&self) -> String {
        let mut text = String::new();
        for (number, line) in self.lines().iter().enumerate() {
            let _ = writeln!(text, "| {} |", line.join(" | "));
            if number == 0 {
                let _ = writeln!(text, "| --- |{}", " ---: |".repeat(line.len() - 1));
            }
        }
        text
    }
}

fn times(ratio: Option<f64>) -> String {
    ratio.map_or("-".to_owned(), |ratio| format!("{ratio:.2}"))
}

fn geometric_mean(ratios: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, n) = ratios.fold((0.0, 0), |(sum, n), ratio| (sum + ratio.ln(), n + 1));
    (n > 0).then(|| (sum / f64::from(n)).exp())
}

const BEGIN: &str = "<!-- cargo xtask bench compare: begin -->";
const END: &str = "<!-- cargo xtask bench compare: end -->";

/// `document` with `section` between the markers, which go to its end if it has none.
pub(crate) fn place(document: &str, section: &str) -> String {
    let marked = format!("{BEGIN}\n{}\n{END}", section.trim_end());
    match (document.find(BEGIN), document.find(END)) {
        (Some(begin), Some(end)) if begin < end => {
            format!("{}{marked}{}", &document[..begin], &document[end + END.len()..])
        }
        _ if document.is_empty() => marked + "\n",
        _ => format!("{}\n\n{marked}\n", document.trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(ms: f64) -> Option<Cell> {
        Some(Cell { ms, peak_mib: Some(10) })
    }

    fn table() -> Table {
        let row = |id: &str, cells: Vec<Option<Cell>>| Row { id: id.to_owned(), cells };
        Table {
            columns: vec!["gradus", "stock", "tuned"],
            rows: vec![
                row("step/a", vec![cell(2.0), cell(4.0), cell(8.0)]),
                row("step/b", vec![cell(1.0), cell(8.0), None]),
                row("backward/c", vec![cell(3.0), cell(1.5), cell(6.0)]),
            ],
            absent: "none",
        }
    }

    #[test]
    fn ratios_say_how_many_times_as_long_the_others_take() {
        let lines = table().lines();
        assert_eq!(lines[1], ["step/a", "2.000", "4.000", "8.000", "2.00", "4.00", "2.00", "10", "10", "10"]);
        assert_eq!(lines[2], ["step/b", "1.000", "8.000", "none", "8.00", "-", "8.00", "10", "10", "-"]);
        assert_eq!(lines[3][4..7], ["0.50", "2.00", "0.50"]);
    }

    #[test]
    fn means_are_geometric_and_by_group() {
        let lines = table().lines();
        assert_eq!(lines[4], ["geometric mean of 2 step", "", "", "", "4.00", "4.00", "4.00", "", "", ""]);
        assert_eq!(lines[5][0], "geometric mean of 1 backward");
        assert_eq!(lines[5][4..7], ["0.50", "2.00", "0.50"]);
    }

    #[test]
    fn the_best_of_two_rounds_counts() {
        let other = Cell { ms: 1.0, peak_mib: None };
        assert_eq!(cell(2.0).unwrap().best(other), Cell { ms: 1.0, peak_mib: Some(10) });
    }

    #[test]
    fn the_section_is_replaced_and_the_rest_stays() {
        let first = place("# Title\n\nText.\n", "old");
        assert_eq!(first, format!("# Title\n\nText.\n\n{BEGIN}\nold\n{END}\n"));
        let after = first + "\nMore.\n";
        assert_eq!(place(&after, "new\n"), format!("# Title\n\nText.\n\n{BEGIN}\nnew\n{END}\n\nMore.\n"));
        assert_eq!(place("", "x"), format!("{BEGIN}\nx\n{END}\n"));
    }
}
