//! The command line: what is to be measured, and whether for real.

use anyhow::{Result, bail};

/// What the command line asks for.
#[derive(Debug)]
pub(crate) enum Request {
    /// Figures for the report.
    Measure(Vec<&'static str>),
    /// Each thing once, to see that it works.
    Try(Vec<&'static str>),
    /// The names of the figures.
    List,
    /// How to call this.
    Help,
}

/// Reads the arguments after the program's name; `figures` are all there are.
///
/// # Errors
///
/// One line that says what is wrong.
pub(crate) fn read(arguments: impl IntoIterator<Item = String>, figures: &[&'static str]) -> Result<Request> {
    let arguments: Vec<String> = arguments.into_iter().collect();
    // `cargo bench` says so. Without it this is `cargo test --benches`, whose options are those of libtest, and whose
    // filter is for all tests there are.
    let tests = !arguments.iter().any(|argument| argument == "--bench");
    let mut once = tests;
    let mut wanted = Vec::new();
    for argument in &arguments {
        match argument.as_str() {
            "--bench" => {}
            "--test" => once = true,
            "--list" => return Ok(Request::List),
            "--help" | "-h" => return Ok(Request::Help),
            option if option.starts_with('-') && tests => {}
            option if option.starts_with('-') => {
                bail!("there is no option {option:?}; there are --test, --list and --help")
            }
            filter => {
                let before = wanted.len();
                wanted.extend(figures.iter().filter(|figure| !filter.is_empty() && figure.contains(filter)));
                if wanted.len() == before && !tests {
                    bail!("{filter:?} is no part of a figure's name; there are {}", figures.join(", "));
                }
            }
        }
    }
    let filtered = arguments.iter().any(|argument| !argument.starts_with('-'));
    let chosen = figures.iter().filter(|figure| !filtered || wanted.contains(figure)).copied().collect();
    Ok(if once { Request::Try(chosen) } else { Request::Measure(chosen) })
}
