//! What is done to a text before any rule looks at it: what copying, templates and logs add is taken off, and a list
//! that was typed as one text becomes a list.

/// Whether people put the character between the entries of a list that is one text.
fn is_separator(c: char) -> bool {
    matches!(c, '|' | ',' | ';' | '，' | '、' | '；' | '｜') || is_break(c)
}

/// Those of them that lay a text out.
fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\t')
}

/// What stands around a value that was copied out of a program, a chat or an environment file.
const QUOTES: [char; 14] = ['"', '\'', '`', '“', '”', '‘', '’', '＂', '「', '」', '『', '』', '<', '>'];

/// The text without white space, control characters and invisible characters at its edges. A terminal's escape sequence is
/// not begun without its end: [`clean`] takes it out whole.
pub fn trimmed(text: &str) -> &str {
    let begins_sequence = |c: char| c == '\u{1b}' || c == '\u{9b}';
    text.trim_matches(|c: char| c.is_whitespace() || is_hidden(c) && !begins_sequence(c))
}

/// The same for what is a credential or an address: quotes go, too.
pub fn bare(text: &str) -> &str {
    let mut bare = trimmed(text);
    while bare.starts_with(QUOTES) || bare.ends_with(QUOTES) {
        bare = trimmed(bare.trim_matches(QUOTES));
    }
    bare
}

/// Takes the text's place where a part of it is all that counts.
pub fn keep(text: &mut String, part: fn(&str) -> &str) {
    let kept = part(text);
    if kept.len() < text.len() {
        *text = kept.to_owned();
    }
}

/// Whether nothing of the character is seen, though it is no control character: what editors and chats put around and
/// into what is copied. The two that part lines and paragraphs are among them. Unicode's category Cf has more, and they
/// stay: the signs before Arabic numbers are seen, and tags are the end of a flag such as that of Scotland.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Whether nobody can know that the character stands there. An ID with one is another ID.
pub fn is_hidden(c: char) -> bool {
    c.is_control() || is_invisible(c)
}

/// Whether a text is one entry of a list as it stands, as most IDs are: nothing in it parts entries or is taken off.
pub fn is_entry(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() && !is_separator(byte.into()))
}

/// The entries of a list that is one text; what is empty is none.
pub fn entries(text: &str) -> impl Iterator<Item = &str> {
    slots(text).filter(|entry| !entry.is_empty())
}

/// The same with the empty ones in their places, so that two lists can be held beside each other.
///
/// Tabs alone make a row of a spreadsheet, in which an empty cell has its place, the first one too; the line break at its
/// end is the spreadsheet's. Anywhere else a tab is what a line break is: beside another separator none of its own.
pub fn slots(text: &str) -> impl Iterator<Item = &str> {
    let text = text.trim_end_matches(is_break);
    let is_row = !text.contains(|c| c != '\t' && is_separator(c));
    let is_mark = move |c| if is_row { c == '\t' } else { is_separator(c) && !is_break(c) };
    text.split(is_mark).flat_map(|part| {
        let mut lines = part.split(is_break).map(trimmed).filter(|line| !line.is_empty()).peekable();
        let empty = lines.peek().is_none().then_some("");
        lines.chain(empty)
    })
}

/// Makes full-width characters those of ASCII.
pub fn narrow(text: &mut String) {
    // U+FF01 to U+FF5E in the order of U+0021 to U+007E.
    let ascii = |c: char| match c {
        '！'..='～' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        c => c,
    };
    if text.contains(|c| ascii(c) != c) {
        *text = text.chars().map(ascii).collect();
    }
}

/// The number that the digits stand for, full-width ones too. Behind a point there may be zeros: a spreadsheet makes
/// 1000002.0 of an ID.
pub fn whole_number(text: &str) -> Option<u64> {
    let mut number = bare(text).to_owned();
    narrow(&mut number);
    let digits = match number.trim_end_matches('0').strip_suffix('.') {
        Some(whole) if number.ends_with('0') => whole,
        _ => &number,
    };
    // `parse` takes a plus sign, too.
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
}

/// Takes control characters and the colour codes of terminals out of a text; line breaks and tabs stay where the text
/// may have `lines`, and are a space elsewhere. Whether anything was taken out.
pub fn clean(text: &mut String, lines: bool) -> bool {
    let is_kept = |c: char| !c.is_control() || lines && "\n\r\t".contains(c);
    if text.chars().all(is_kept) {
        return false;
    }
    let mut clean = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        rest = match c {
            '\u{1b}' => after_escape(after),
            '\u{9b}' => after_control_sequence(after),
            '\n' | '\r' | '\t' if !lines => {
                if !clean.ends_with(' ') {
                    clean.push(' ');
                }
                after
            }
            c => {
                if is_kept(c) {
                    clean.push(c);
                }
                after
            }
        };
    }
    *text = clean;
    true
}

/// What follows a terminal's escape sequence, given what follows its ESC (ECMA-48).
fn after_escape(text: &str) -> &str {
    if let Some(sequence) = text.strip_prefix('[') {
        return after_control_sequence(sequence);
    }
    if let Some(command) = text.strip_prefix([']', 'P', 'X', '^', '_']) {
        // A title, a link or the like ends with BEL or ESC \. Where neither comes, only the beginning is taken for one.
        let end = command.find(['\u{7}', '\u{1b}', '\u{9c}', '\n']);
        return end.map_or(command, |end| {
            let rest = &command[end..];
            rest.strip_prefix("\u{1b}\\").or_else(|| rest.strip_prefix(['\u{7}', '\u{9c}'])).unwrap_or(rest)
        });
    }
    let text = text.trim_start_matches(|c| matches!(c, ' '..='/'));
    text.strip_prefix(|c| matches!(c, '0'..='~')).unwrap_or(text)
}

/// What follows a control sequence: parameters, intermediates, and one final character.
fn after_control_sequence(text: &str) -> &str {
    let text = text.trim_start_matches(|c| matches!(c, '0'..='?')).trim_start_matches(|c| matches!(c, ' '..='/'));
    text.strip_prefix(|c| matches!(c, '@'..='~')).unwrap_or(text)
}

/// Base64 as WeCom wants it: without the prefix of a `data:` URL and without line breaks, in the standard alphabet, with
/// its padding. A file may be most of the memory, so the text is changed where it stands.
pub fn base64(text: &mut String) {
    let given = trimmed(text);
    let data = match given.get(..5).filter(|start| start.eq_ignore_ascii_case("data:")).and(given.split_once(',')) {
        Some((head, data)) if head.to_ascii_lowercase().ends_with(";base64") => trimmed(data),
        _ => given,
    };
    let data = data.trim_end_matches('=');
    let start = data.as_ptr().addr() - text.as_ptr().addr();
    let end = start + data.len();
    let mut bytes = std::mem::take(text).into_bytes();
    let mut kept = 0;
    for at in start..end {
        bytes[kept] = match bytes[at] {
            byte if byte.is_ascii_whitespace() => continue,
            b'-' => b'+',
            b'_' => b'/',
            byte => byte,
        };
        kept += 1;
    }
    bytes.truncate(kept);
    while bytes.len() % 4 > 1 {
        bytes.push(b'=');
    }
    // No part of a longer character was taken out or changed.
    *text = String::from_utf8(bytes).unwrap_or_default();
}

/// Bytes in hexadecimal, in lower case.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A character as an error shows it: itself where it can be seen, and its number where it could be taken for another.
pub fn shown(c: char) -> String {
    let is_seen = !c.is_whitespace() && !is_hidden(c);
    match (is_seen, c.is_ascii()) {
        (true, true) => format!("\"{c}\""),
        (true, false) => format!("\"{c}\" (U+{:04X})", u32::from(c)),
        (false, _) => format!("U+{:04X}", u32::from(c)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_go_and_what_is_inside_stays() {
        for (text, kept) in [
            (" 磁盘 告警\r\n", "磁盘 告警"),
            ("\u{feff}a\u{200b}", "a"),
            ("\u{3000}\u{a0}\u{0}a\u{7}", "a"),
            ("\u{1b}[1ma\n", "\u{1b}[1ma"),
            ("\u{9b}1ma\u{7f}", "\u{9b}1ma"),
            ("\u{61c}\u{206f}a\u{2066}", "a"),
            ("\u{601}1", "\u{601}1"),
            ("🏴\u{e0067}\u{e007f}", "🏴\u{e0067}\u{e007f}"),
            ("", ""),
            (" \n", ""),
        ] {
            assert_eq!(trimmed(text), kept, "{text:?}");
        }
        assert_eq!(trimmed("\"a\""), "\"a\"", "a text may begin with quotes");
    }

    #[test]
    fn a_credential_loses_what_copying_added() {
        for text in ["S", " S ", "「S」", "<S>", "\"S\"", "'S", "“S” ", "\" S\n\"", "`S`", "\u{200b}\"S\u{200b}\""]
        {
            assert_eq!(bare(text), "S", "{text:?}");
        }
        assert_eq!(bare("\""), "");
        assert_eq!(bare("S\"x"), "S\"x");
    }

    #[test]
    fn a_list_is_split_at_what_people_type() {
        let text = "a|b,c;d，e、f；g｜h\ni\r\n j ,, ,k\tl\t";
        assert_eq!(entries(text).collect::<Vec<_>>(), ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"]);
        assert_eq!(entries(" ，| ").count(), 0);
        assert_eq!(slots("5,,6").collect::<Vec<_>>(), ["5", "", "6"]);
        assert_eq!(slots("1,\n2\r\n3").collect::<Vec<_>>(), ["1", "2", "3"]);
        assert_eq!(slots("").collect::<Vec<_>>(), [""]);
    }

    #[test]
    fn what_is_one_entry_as_it_stands_is_so_when_it_is_split() {
        for text in ["zhangsan", "a@b.cn", "$x-1_2", "@all"] {
            assert!(is_entry(text) && slots(text).eq([text]), "{text:?}");
        }
        for text in ["", " a", "a b", "a\n", "a|b", "a,b", "a;b", "张三", "\u{7f}a"] {
            assert!(!is_entry(text), "{text:?}");
        }
    }

    #[test]
    fn an_empty_cell_has_its_place_and_a_tab_for_looks_has_none() {
        for (text, expected) in [
            ("1\t2\t3", &["1", "2", "3"][..]),
            ("1\t\t3\t\r\n", &["1", "", "3"]),
            ("\t2 \t 3", &["", "2", "3"]),
            ("\t", &[""]),
            ("1\t", &["1"]),
            ("1,\t2", &["1", "2"]),
            ("1\t,2", &["1", "2"]),
            ("\t1,\n\t2", &["1", "2"]),
            ("\n\t1\n", &["1"]),
            ("1\t2\n3\t4", &["1", "2", "3", "4"]),
            ("1\t\n2\t\n", &["1", "2"]),
            ("1,,\t2", &["1", "", "2"]),
            ("1,\t,2", &["1", "", "2"]),
        ] {
            assert_eq!(slots(text).collect::<Vec<_>>(), expected, "{text:?}");
        }
    }

    #[test]
    fn digits_are_a_number_and_nothing_else_is() {
        for (text, number) in [
            ("2", Some(2)),
            (" 1000002\n", Some(1_000_002)),
            ("１０", Some(10)),
            ("＋１", None),
            ("007", Some(7)),
            ("", None),
            ("+1", None),
            ("-1", None),
            ("1.0", Some(1)),
            (" \"1000002.00\"", Some(1_000_002)),
            ("１．０", Some(1)),
            ("1.", None),
            (".0", None),
            ("1.5", None),
            ("1.0.0", None),
            ("1。0", None),
            ("1e3", None),
            ("-0", None),
            ("0x1", None),
            ("1 2", None),
            ("18446744073709551616", None),
        ] {
            assert_eq!(whole_number(text), number, "{text:?}");
        }
    }

    #[test]
    fn colour_codes_and_control_characters_are_taken_out() {
        for (text, one_line, lines) in [
            ("\u{1b}[31mERROR\u{1b}[0m: disk", "ERROR: disk", "ERROR: disk"),
            ("\u{1b}[38;2;1;2;3mx\u{1b}[K", "x", "x"),
            ("\u{9b}1mx", "x", "x"),
            ("\u{1b}]8;;https://a.cn\u{1b}\\link\u{1b}]8;;\u{7}", "link", "link"),
            ("\u{1b}(Bx\u{1b}", "x", "x"),
            ("a\u{0}b\u{7}\u{7f}c\u{85}", "abc", "abc"),
            ("a\r\n\tb", "a b", "a\r\n\tb"),
            ("[31m", "[31m", "[31m"),
        ] {
            let cleaned = |lines| {
                let mut cleaned = text.to_owned();
                let changed = clean(&mut cleaned, lines);
                assert_eq!(changed, cleaned != text, "{text:?}");
                cleaned
            };
            assert_eq!(cleaned(false), one_line, "{text:?}");
            assert_eq!(cleaned(true), lines, "{text:?}");
        }
    }

    #[test]
    fn base64_has_one_form() {
        let form = |text: &str| {
            let mut text = text.to_owned();
            base64(&mut text);
            text
        };
        for text in [
            "+/+/aA==",
            "-_-_aA",
            " +/+/\r\naA==\n",
            "data:image/png;base64,+/+/aA==",
            "DATA:image/png;charset=x;Base64, +/+/aA",
            "+/+/aA=",
        ] {
            assert_eq!(form(text), "+/+/aA==", "{text:?}");
        }
        for (text, same) in [("", ""), ("aaaa", "aaaa"), ("a", "a"), ("=", ""), (" 企业-\n", "企业+=")] {
            assert_eq!(form(text), same, "{text:?}");
        }
    }

    #[test]
    fn a_refused_character_is_shown() {
        assert_eq!(shown('*'), "\"*\"");
        assert_eq!(shown('？'), "\"？\" (U+FF1F)");
        assert_eq!(shown('\n'), "U+000A");
        assert_eq!(shown('\u{200b}'), "U+200B");
    }
}
