//! Numbers and epochs as short text of known width.

use super::EpochReport;

/// A loss in 6 columns: `0.3512`, `12.345`, `1.2e-5`, `NaN`. (7 if it is negative and beyond 1e±99.)
pub(super) fn figure(x: f64) -> String {
    let magnitude = x.abs();
    if !x.is_finite() {
        return format!("{x:>6}");
    }
    if magnitude != 0.0 && !(1e-3..99_999.5).contains(&magnitude) {
        let text = format!("{x:.1e}");
        return if text.len() <= 6 { format!("{text:>6}") } else { format!("{x:>6.0e}") };
    }
    // As many decimals as there is room for.
    (0..=4).rev().map(|decimals| format!("{x:6.decimals$}")).find(|text| text.len() <= 6).unwrap_or_default()
}

/// A part from 0 to 1 in 7 columns: ` 89.43%`.
pub(super) fn percent(part: f64) -> String {
    format!("{:6.2}%", part * 100.0)
}

/// A count per second in 5 columns: `  981`, `12.3k`, ` 1.2M`.
pub(super) fn rate(per_second: f64) -> String {
    if !per_second.is_finite() {
        return format!("{:>5}", "-");
    }
    let (mut scaled, mut unit) = (per_second, "");
    for larger in ["k", "M", "G", "T"] {
        if scaled < 999.5 {
            break;
        }
        (scaled, unit) = (scaled / 1000.0, larger);
    }
    let decimals = usize::from(!unit.is_empty() && scaled < 99.95);
    format!("{:>5}", format!("{scaled:.decimals$}{unit}"))
}

/// A time in up to 7 columns: `0.4s`, `59.9s`, `12:05`, `3:12:05`, `12d 03h`.
pub(super) fn time(seconds: f64) -> String {
    if seconds < 59.95 {
        return format!("{seconds:.1}s");
    }
    if seconds.is_nan() {
        return "-".to_string();
    }
    clock(seconds)
}

/// The same in whole seconds: `0:04`, `12:05`, `3:12:05`, `12d 03h`.
pub(super) fn clock(seconds: f64) -> String {
    const LONGEST: u64 = 999 * 86_400;
    let total = (seconds.round() as u64).min(LONGEST); // what is below 0 or NaN is 0
    let (days, hours, minutes, seconds) = (total / 86_400, total / 3600 % 24, total / 60 % 60, total % 60);
    match (days, hours) {
        (0, 0) => format!("{minutes}:{seconds:02}"),
        (0, _) => format!("{hours}:{minutes:02}:{seconds:02}"),
        _ => format!("{days}d {hours:02}h"),
    }
}

/// An epoch in one line whose columns stand below those of the epoch before, in at most `width` columns: samples per
/// second and then the time are left out where there is no room for them. The rest takes 81 columns or fewer, up to
/// 9,999,999 epochs.
pub(super) fn epoch_line(report: &EpochReport, width: usize) -> String {
    let last = report.epochs.to_string();
    // Counted, not measured, so that it is the same for every epoch.
    let room = width.saturating_sub(67 + 2 * last.len());
    let time = if room >= 9 { format!("  {:>7}", time(report.seconds)) } else { String::new() };
    let rate = match room.saturating_sub(9) {
        ..9 => String::new(),
        9..17 => format!("  {}/s", rate(report.samples_per_second)),
        17.. => format!("  {} samples/s", rate(report.samples_per_second)),
    };
    let loss = figure(report.train_loss);
    let mut line = format!("epoch {:>digits$}/{last}{time}{rate}  loss {loss}", report.epoch + 1, digits = last.len());
    // What is not measured leaves its columns empty.
    for (label, text, width) in [
        ("  val loss ", report.val_loss.map(figure), 6),
        ("  acc ", report.train_accuracy.map(percent), 7),
        ("  val acc ", report.val_accuracy.map(percent), 7),
    ] {
        match text {
            Some(text) => line.extend([label, &text]),
            None => line.push_str(&" ".repeat(label.len() + width)),
        }
    }
    line.truncate(line.trim_end().len());
    line
}

/// One line without control characters, whatever `text` holds.
pub(super) fn plain(text: &str) -> String {
    text.trim_end().chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_six_columns() {
        for (x, text) in [
            (0.0, "0.0000"),
            (0.351_24, "0.3512"),
            (-0.351_24, "-0.351"),
            (9.99999, "10.000"),
            (12.3456, "12.346"),
            (99_999.0, " 99999"),
            (-99_999.0, "-99999"),
            (99_999.6, "1.0e5"),
            (0.000_999, "1.0e-3"),
            (0.001, "0.0010"),
            (1.23e-5, "1.2e-5"),
            (f64::NAN, "   NaN"),
            (f64::INFINITY, "   inf"),
        ] {
            assert_eq!(figure(x), format!("{text:>6}"), "{x}");
        }
        assert_eq!(
            (figure(-1.2e-5), figure(1.2e-10), figure(-1.2e-10)),
            (" -1e-5".into(), " 1e-10".into(), "-1e-10".into())
        );
    }

    #[test]
    fn rates_have_five_columns() {
        for (x, text) in [
            (0.0, "0"),
            (981.2, "981"),
            (999.4, "999"),
            (999.6, "1.0k"),
            (12_345.0, "12.3k"),
            (99_949.0, "99.9k"),
            (99_951.0, "100k"),
            (999_600.0, "1.0M"),
            (3.2e9, "3.2G"),
            (f64::NAN, "-"),
            (f64::INFINITY, "-"),
        ] {
            assert_eq!(rate(x), format!("{text:>5}"), "{x}");
        }
    }

    #[test]
    fn times_are_read_at_a_glance() {
        for (x, text) in [
            (0.04, "0.0s"),
            (59.94, "59.9s"),
            (59.96, "1:00"),
            (725.0, "12:05"),
            (11_525.0, "3:12:05"),
            (86_400.0 * 12.0 + 3.0 * 3600.0, "12d 03h"),
            (f64::NAN, "-"),
            (f64::INFINITY, "999d 00h"),
        ] {
            assert_eq!(time(x), text, "{x}");
        }
        assert_eq!(clock(f64::NAN), "0:00");
        assert_eq!(clock(4.4), "0:04");
    }

    #[test]
    fn an_epoch_fits_the_width_that_it_is_given() {
        let report = EpochReport {
            epoch: 6,
            epochs: 20,
            train_loss: 0.5,
            train_accuracy: Some(0.75),
            val_loss: Some(0.25),
            val_accuracy: Some(1.0),
            seconds: 0.4,
            samples_per_second: 12_345.0,
        };
        let figures = "  loss 0.5000  val loss 0.2500  acc  75.00%  val acc 100.00%";
        for (width, columns, start) in [
            (97, 97, "epoch  7/20     0.4s  12.3k samples/s"),
            (96, 89, "epoch  7/20     0.4s  12.3k/s"),
            (80, 80, "epoch  7/20     0.4s"),
            (79, 71, "epoch  7/20"),
            (40, 71, "epoch  7/20"),
        ] {
            let line = epoch_line(&report, width);
            assert_eq!((line.len(), line), (columns, format!("{start}{figures}")), "{width} columns");
        }
    }
}
