//! Samples, and the table of figures at the end.

use std::time::Duration;

use comfy_table::{CellAlignment, Table, presets};

/// The times that the same thing took.
pub(crate) struct Samples(Vec<Duration>);

impl Samples {
    /// Of at least one sample.
    pub(crate) fn new(mut samples: Vec<Duration>) -> Self {
        samples.sort_unstable();
        Self(samples)
    }

    /// The one in the middle.
    pub(crate) fn median(&self) -> Duration {
        self.quantile(50)
    }

    /// So many of a hundred took no longer.
    pub(crate) fn quantile(&self, percent: usize) -> Duration {
        self.0.get((self.0.len() * percent / 100).min(self.0.len() - 1)).copied().unwrap_or_default()
    }

    /// Median, and how far it goes.
    pub(crate) fn text(&self) -> String {
        format!("{}, 95 % ≤ {}", time(self.median()), time(self.quantile(95)))
    }
}

/// The one in the middle of at least one number.
pub(crate) fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

/// A time with a unit that suits it.
pub(crate) fn time(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    match seconds {
        1.0.. => format!("{seconds:.2} s"),
        0.01.. => format!("{:.0} ms", seconds * 1e3),
        0.001.. => format!("{:.1} ms", seconds * 1e3),
        0.000_1.. => format!("{:.0} µs", seconds * 1e6),
        _ => format!("{:.1} µs", seconds * 1e6),
    }
}

/// What was measured, with the goals that there are.
#[derive(Default)]
pub(crate) struct Report {
    rows: Vec<[String; 4]>,
}

impl Report {
    /// A figure that informs.
    pub(crate) fn add(&mut self, figure: impl Into<String>, value: impl Into<String>) {
        self.rows.push([figure.into(), value.into(), String::new(), String::new()]);
    }

    /// A figure with a goal.
    pub(crate) fn judge(&mut self, figure: impl Into<String>, value: impl Into<String>, goal: &str, met: bool) {
        let met = if met { "yes" } else { "no" };
        self.rows.push([figure.into(), value.into(), goal.to_owned(), met.to_owned()]);
    }

    /// The table, in Markdown.
    pub(crate) fn table(&self) -> String {
        let mut table = Table::new();
        table.load_style(presets::ASCII_MARKDOWN).set_header(["figure", "value", "goal", "met"]).add_rows(&self.rows);
        if let Some(column) = table.column_mut(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        table.to_string()
    }
}
