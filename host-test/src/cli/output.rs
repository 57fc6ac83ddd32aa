//! Standard output: a write that fails is a fault, and tables fit the terminal.

use std::fmt;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

use comfy_table::{Attribute, Cell, ContentArrangement, Table, presets};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::words::{io_error, say};
use super::{CommandError, Outcome};

/// A table with columns needs as many. A narrower terminal gets a list.
const MIN_TABLE_WIDTH: u16 = 60;
/// No line of words is broken for a terminal that says it is narrower: it has no size, or not said it.
const MIN_WIDTH: u16 = 20;

/// Rust opens `/dev/null` where standard output is closed, so that a write would succeed. Whoever can see that it was
/// closed, before Rust starts, says so here.
pub static IS_CLOSED: AtomicBool = AtomicBool::new(false);

/// Prints a line to standard output.
pub(super) fn print(text: impl fmt::Display) -> Outcome {
    if IS_CLOSED.load(Ordering::Relaxed) {
        return Err(CommandError::Failed(say!(
            "the output cannot be written: it is closed",
            "无法写入输出：输出已关闭"
        )));
    }
    let mut stdout = io::stdout();
    writeln!(stdout, "{text}").and_then(|()| stdout.flush()).map_err(|error| match error.kind() {
        // A reader who has seen enough is no failure: `host-test actions | head -1`.
        io::ErrorKind::BrokenPipe => CommandError::Gone,
        _ => {
            let cause = io_error(&error);
            CommandError::Failed(say!("the output cannot be written: {cause}", "无法写入输出：{cause}"))
        }
    })
}

/// A table in the style of this command line.
pub(super) fn table<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(header.map(|title| Cell::new(title).add_attribute(Attribute::Bold)));
    table
}

/// Prints a table, as a list where the terminal is too narrow for one.
pub(super) fn print_table(table: Table) -> Outcome {
    print(fitted(table, width(), is_plain()))
}

fn fitted(mut table: Table, width: Option<u16>, is_plain: bool) -> String {
    match width {
        Some(width) if width < MIN_TABLE_WIDTH => return list(&table, width.into()),
        Some(width) => table.set_width(width),
        None => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    if is_plain {
        table.force_no_tty();
    }
    table.to_string()
}

/// Each row as its first cell, and below it the others with their titles.
fn list(table: &Table, width: usize) -> String {
    let titles: Vec<String> = table.header().into_iter().flat_map(|row| row.cell_iter()).map(Cell::content).collect();
    let mut list = Vec::new();
    for row in table.row_iter() {
        for (index, (cell, title)) in row.cell_iter().zip(&titles).enumerate() {
            let content = cell.content();
            if index == 0 {
                list.push(wrapped(&content, "", width));
            } else if !content.is_empty() {
                list.push(wrapped(&say!("{title}: {content}", "{title}：{content}"), "    ", width));
            }
        }
    }
    list.join("\n")
}

/// The text in lines of at most that width, each with the indent. Lines end between words, or beside a Chinese
/// character; within a word only where it has no room in a line of its own.
fn wrapped(text: &str, indent: &str, width: usize) -> String {
    let mut lines = vec![String::new()];
    let room = width.saturating_sub(indent.len()).max(2);
    let mut taken = 0;
    let mut letters = text.trim_end().char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        // As far as the next place where a line may end.
        let is_single = |letter: char| letter == ' ' || letter.width() == Some(2);
        let mut end = at + letter.len_utf8();
        if !is_single(letter) {
            while let Some((at, letter)) = letters.next_if(|(_, letter)| !is_single(*letter)) {
                end = at + letter.len_utf8();
            }
        }
        let word = &text[at..end];
        let needed = word.width();
        if taken + needed > room && taken > 0 {
            lines.push(String::new());
            taken = 0;
        }
        // A blank ends a line; it does not begin one, but for the indent of the text itself.
        if letter == ' ' && taken == 0 && lines.len() > 1 {
            continue;
        }
        for letter in word.chars() {
            let letter_width = letter.width().unwrap_or_default();
            if taken + letter_width > room {
                lines.push(String::new());
                taken = 0;
            }
            if let Some(line) = lines.last_mut() {
                line.push(letter);
            }
            taken += letter_width;
        }
    }
    lines.iter().map(|line| format!("{indent}{line}").trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

/// How many columns the terminal has; none where the output goes elsewhere, or to a terminal that does not know.
pub(super) fn width() -> Option<u16> {
    Table::new().width().filter(|width| *width >= MIN_WIDTH)
}

/// Whether a person asked for text without colours and other escapes.
pub(super) fn is_plain() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    is_set("NO_COLOR") || std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// Whether standard error shows a person what moves.
pub(super) fn shows_progress() -> bool {
    io::stderr().is_terminal() && !is_plain()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(width: Option<u16>) -> String {
        let mut table = table(["Action", "Title"]);
        table.add_row(["push-text-message", "Push a text message to members of an application"]);
        table.add_row(["A chapter", ""]);
        fitted(table, width, true)
    }

    fn widest(text: &str) -> usize {
        text.lines().map(|line| line.trim_end().chars().count()).max().unwrap_or_default()
    }

    #[test]
    fn a_table_fits_its_terminal() {
        assert!(shown(None).contains("│ push-text-message ┆ Push a text message to members of an application │"));
        let table = shown(Some(60));
        assert!(table.contains('│') && widest(&table) <= 60, "{table}");
    }

    #[test]
    fn lines_end_between_words_and_beside_chinese_characters() {
        for (text, width, expected) in [
            ("one two three", 9, "  one two\n  three"),
            ("已送达，但没有送达qianqi", 20, "  已送达，但没有送达\n  qianqi"),
            ("abcdefghij", 6, "  abcd\n  efgh\n  ij"),
            ("中文", 3, "  中\n  文"),
            ("", 9, ""),
            ("e\u{301}e\u{301} e\u{301}", 4, "  e\u{301}e\u{301}\n  e\u{301}"),
        ] {
            assert_eq!(wrapped(text, "  ", width), expected, "{text}");
        }
        assert_eq!(wrapped("  push-text-message", "", 19), "  push-text-message");
    }

    #[test]
    fn a_narrow_terminal_gets_a_list_of_whole_words() {
        let list = shown(Some(40));
        assert!(widest(&list) <= 40 && !list.contains('│'), "{list}");
        let expected = "\
push-text-message
    Title: Push a text message to
    members of an application
A chapter";
        assert_eq!(list, expected);
    }
}
