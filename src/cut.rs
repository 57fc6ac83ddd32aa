//! The cutting of texts that are too long: never inside what belongs together.

/// The unit of a limit that is cut at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Bytes in UTF-8.
    Bytes(usize),
    /// Unicode code points.
    Chars(usize),
}

impl Limit {
    /// Where the text has to end, at a boundary of characters; `None` where it is short enough.
    fn end(self, text: &str) -> Option<usize> {
        match self {
            // As many bytes are never more characters.
            Self::Bytes(max) | Self::Chars(max) if text.len() <= max => None,
            Self::Bytes(max) => Some(text.floor_char_boundary(max)),
            Self::Chars(max) => text.char_indices().nth(max).map(|(at, _)| at),
        }
    }
}

/// Cuts a text of somebody else, of which a part is enough, at the limit. Whether anything was cut.
pub fn cut_off(text: &mut String, limit: Limit) -> bool {
    let end = limit.end(text);
    text.truncate(end.unwrap_or(text.len()));
    end.is_some()
}

/// Cuts a message at the limit, before a link, a tag, a mark or a grapheme that would be parted. Whether anything was
/// cut. Where nothing would be left, only a grapheme is kept whole; and where not even one fits, a character.
pub fn cut(text: &mut String, limit: Limit) -> bool {
    let Some(end) = limit.end(text) else { return false };
    let ends = [grapheme_start(text, unit_start(text, end)), grapheme_start(text, end), end];
    let end = ends.into_iter().find(|end| !text[..*end].trim_end().is_empty()).unwrap_or(end);
    text.truncate(end);
    true
}

/// Where to cut so that neither a link nor a tag nor a mark is parted that a cut at `end` would part.
fn unit_start(text: &str, end: usize) -> usize {
    // An element may hold an address and an address a mark: the outermost that is parted starts first. What would cost more
    // than half of the message is parted: the rest is worth more.
    let starts = [element_start, tag_start, mark_start, address_start].into_iter().filter_map(|start| start(text, end));
    starts.filter(|start| *start > end / 2).min().unwrap_or(end)
}

/// The start of `<a …>…</a>` around `end`: a link whose end is missing shows as plain text.
fn element_start(text: &str, end: usize) -> Option<usize> {
    let opened = |at: &usize| {
        let tag = text[*at..].strip_prefix("<a").or_else(|| text[*at..].strip_prefix("<A"));
        tag.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_whitespace()))
    };
    let start = text[..end].rmatch_indices('<').map(|(at, _)| at).find(opened)?;
    let closed = [text[start..].find("</a>"), text[start..].find("</A>")].into_iter().flatten().min()?;
    // The end of another one is not that of this.
    if ["<a ", "<A "].iter().any(|next| text[start + 1..start + closed].contains(next)) {
        return None;
    }
    (end < start + closed + "</a>".len()).then_some(start)
}

/// The start of `<…>` around `end`: a tag, or a mention as in `<@ID>`.
fn tag_start(text: &str, end: usize) -> Option<usize> {
    let start = text[..end].rfind('<')?;
    let inside = &text[start + 1..];
    if !inside.starts_with(|c: char| c.is_ascii_alphabetic() || "/@!".contains(c)) {
        return None;
    }
    // Where another one opens first, or the line ends, this is a less-than sign.
    let closed = start + 1 + inside.find(['<', '>', '\n']).filter(|at| inside[*at..].starts_with('>'))?;
    (end <= closed).then_some(start)
}

/// The start of `$name=value$` around `end`, as in `$userName=zhangsan$`, which WeCom replaces by a name.
fn mark_start(text: &str, end: usize) -> Option<usize> {
    let start = text[..end].rfind('$')?;
    let (inside, _) = text[start + 1..].split_once('$')?;
    let (name, value) = inside.split_once('=')?;
    let is_mark =
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic()) && !value.contains(char::is_whitespace);
    (is_mark && end < start + 1 + inside.len() + 1).then_some(start)
}

/// The start of an address around `end`: half of it leads somewhere else.
fn address_start(text: &str, end: usize) -> Option<usize> {
    let is_part = |c: char| c.is_ascii_graphic() && !"<>\"'`".contains(c);
    if !text[end..].starts_with(is_part) {
        return None;
    }
    let run = text[..end]
        .rfind(|c: char| !is_part(c))
        .map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    let whole = &text[run..];
    let start = run + [whole.find("http://"), whole.find("https://")].into_iter().flatten().min()?;
    (start < end).then_some(start)
}

/// The start of the grapheme that a cut at `end` would part, or `end`.
///
/// These are the parts of Unicode's extended grapheme clusters that people meet in messages, in ranges instead of
/// tables: those would be a tenth of the component.
fn grapheme_start(text: &str, mut end: usize) -> usize {
    while let Some(last) = text[..end].chars().next_back() {
        let next = text[end..].chars().next();
        if !next.is_some_and(|next| belongs_together(text, end, last, next)) {
            break;
        }
        end -= last.len_utf8();
    }
    end
}

/// Whether the two characters around `at` are of one grapheme.
fn belongs_together(text: &str, at: usize, last: char, next: char) -> bool {
    const JOINER: char = '\u{200d}';
    if last == '\r' && next == '\n' {
        return true;
    }
    // Nothing joins a control character, a line break included.
    if last.is_control() {
        return false;
    }
    if extends(next) || next == JOINER || last == JOINER {
        return true;
    }
    if is_flag_half(last) && is_flag_half(next) {
        let halves = text[..at].chars().rev().take_while(|c| is_flag_half(*c)).count();
        return halves % 2 == 1;
    }
    is_hangul_part(last, next)
}

fn is_flag_half(c: char) -> bool {
    ('\u{1f1e6}'..='\u{1f1ff}').contains(&c)
}

/// Hangul written in single letters: a leading consonant is followed by one or a vowel, a vowel by one or a trailing
/// consonant, that by another one.
fn is_hangul_part(last: char, next: char) -> bool {
    let leads = matches!(last, '\u{1100}'..='\u{115f}' | '\u{a960}'..='\u{a97c}');
    let vowel = matches!(last, '\u{1160}'..='\u{11a7}');
    let trails = matches!(last, '\u{11a8}'..='\u{11ff}');
    let syllable = ('\u{ac00}'..='\u{d7a3}').contains(&last);
    match next {
        '\u{1100}'..='\u{115f}' | '\u{a960}'..='\u{a97c}' | '\u{ac00}'..='\u{d7a3}' => leads,
        '\u{1160}'..='\u{11a7}' => leads || vowel || syllable,
        '\u{11a8}'..='\u{11ff}' => vowel || trails || syllable,
        _ => false,
    }
}

/// Whether a character belongs to the one before it: combining marks, variation selectors, skin colours, keycaps, tags.
fn extends(c: char) -> bool {
    if c < '\u{300}' {
        return false;
    }
    let c = u32::from(c);
    let range = EXTENDING.partition_point(|(_, end)| *end < c);
    EXTENDING.get(range).is_some_and(|(start, _)| *start <= c)
}

/// What extends a grapheme, in order: the blocks of combining marks, and those of the scripts that are written with
/// marks today.
const EXTENDING: &[(u32, u32)] = &[
    (0x300, 0x36f),
    (0x483, 0x489),
    (0x591, 0x5bd),
    (0x5bf, 0x5bf),
    (0x5c1, 0x5c2),
    (0x5c4, 0x5c5),
    (0x5c7, 0x5c7),
    (0x610, 0x61a),
    (0x64b, 0x65f),
    (0x670, 0x670),
    (0x6d6, 0x6dc),
    (0x6df, 0x6e4),
    (0x6e7, 0x6e8),
    (0x6ea, 0x6ed),
    (0x711, 0x711),
    (0x730, 0x74a),
    (0x7a6, 0x7b0),
    (0x816, 0x819),
    (0x8d3, 0x8e1),
    (0x8e3, 0x903),
    (0x93a, 0x93c),
    (0x93e, 0x94f),
    (0x951, 0x957),
    (0x962, 0x963),
    (0x981, 0x983),
    (0x9bc, 0x9bc),
    (0x9be, 0x9cd),
    (0x9d7, 0x9d7),
    (0xa01, 0xa03),
    (0xa3c, 0xa4d),
    (0xa70, 0xa71),
    (0xa81, 0xa83),
    (0xabc, 0xabc),
    (0xabe, 0xacd),
    (0xb01, 0xb03),
    (0xb3c, 0xb3c),
    (0xb3e, 0xb57),
    (0xb82, 0xb82),
    (0xbbe, 0xbcd),
    (0xbd7, 0xbd7),
    (0xc00, 0xc04),
    (0xc3e, 0xc56),
    (0xc81, 0xc83),
    (0xcbc, 0xcbc),
    (0xcbe, 0xcd6),
    (0xd00, 0xd03),
    (0xd3b, 0xd3c),
    (0xd3e, 0xd4d),
    (0xd57, 0xd57),
    (0xdca, 0xddf),
    (0xe31, 0xe31),
    (0xe33, 0xe3a),
    (0xe47, 0xe4e),
    (0xeb1, 0xeb1),
    (0xeb3, 0xebc),
    (0xec8, 0xecd),
    (0xf18, 0xf19),
    (0xf35, 0xf39),
    (0xf71, 0xf84),
    (0xf8d, 0xfbc),
    (0x102b, 0x103e),
    (0x17b4, 0x17d3),
    (0x1ab0, 0x1aff),
    (0x1dc0, 0x1dff),
    (0x200c, 0x200c),
    (0x20d0, 0x20ff),
    (0x302a, 0x302f),
    (0x3099, 0x309a),
    (0xfe00, 0xfe2f),
    (0x1f3fb, 0x1f3ff),
    (0xe0020, 0xe007f),
    (0xe0100, 0xe01ef),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn cut_to(text: &str, limit: Limit) -> (String, bool) {
        let mut text = text.to_owned();
        let was_cut = cut(&mut text, limit);
        (text, was_cut)
    }

    #[test]
    fn a_cut_never_parts_a_character() {
        assert_eq!(cut_to("企业微信", Limit::Bytes(7)), ("企业".into(), true));
        assert_eq!(cut_to("企业微信", Limit::Bytes(12)), ("企业微信".into(), false));
        assert_eq!(cut_to("查看详情吧", Limit::Chars(4)), ("查看详情".into(), true));
        assert_eq!(cut_to("详情", Limit::Chars(4)), ("详情".into(), false));
        assert_eq!(cut_to("é", Limit::Bytes(1)), (String::new(), true));
    }

    #[test]
    fn a_cut_parts_nothing_that_belongs_together() {
        for whole in [
            "<a href=\"https://jenkins.example.com/job/1\">查看</a>",
            "<A HREF='x'>y</A>",
            "<div class=\"gray\">",
            "</div>",
            "<@zhangsan>",
            "$userName=zhangsan$",
            "$departmentName=2$",
            "https://jenkins.example.com/job/1?a=b&c=d#e",
            "🇨🇳",
            "👨\u{200d}👩\u{200d}👧\u{200d}👦",
            "👍🏽",
            "1\u{fe0f}\u{20e3}",
            "e\u{301}\u{323}",
            "❤\u{fe0f}\u{200d}🔥",
            "นี้",
            "हि",
            "\r\n",
        ] {
            for before in ["前文 ".repeat(20), "前<b 1>2 $5 ".repeat(10)] {
                let text = format!("{before}{whole}");
                for end in before.len() + 1..text.len() {
                    assert_eq!(cut_to(&text, Limit::Bytes(end)), (before.clone(), true), "{whole:?} at {end}");
                }
                assert_eq!(cut_to(&format!("{text}后"), Limit::Bytes(text.len())), (text.clone(), true), "{whole:?}");
            }
        }
    }

    #[test]
    fn what_only_looks_like_a_unit_is_cut() {
        for (text, end) in [
            ("a < b and so on", 8),
            ("<b <a more", 8),
            ("it costs $5 = 7 USD$", 15),
            ("see http and more", 10),
            ("🇨🇳🇨🇳", 8),
            ("<a href=\"x\">never closed", 20),
            ("retries <max, see log\nand so on and so on and so on -> end", 40),
            ("x <y\nthen\n -> z", 12),
            ("see <a href=\"x\">never closed, see <a href=\"y\">here</a>", 30),
            ("http://a.cn/,b,b,b,b,b,b,b,b,b", 20),
        ] {
            assert_eq!(cut_to(text, Limit::Bytes(end)), (text[..end].into(), true), "{text:?}");
        }
    }

    #[test]
    fn something_is_always_left() {
        let link = format!("<a href=\"https://a.cn\">{}</a>", "很".repeat(9));
        assert_eq!(cut_to(&link, Limit::Bytes(29)).0, "<a href=\"https://a.cn\">很很");
        assert_eq!(cut_to("👨\u{200d}👩\u{200d}👧", Limit::Bytes(8)).0, "👨\u{200d}");
        assert_eq!(cut_to("https://a.cn/很长", Limit::Bytes(9)).0, "https://a");
    }

    /// The ranges above against Unicode's own tables: nothing that a person would write is cut where they allow no cut.
    #[test]
    fn a_grapheme_is_what_unicode_takes_for_one() {
        use unicode_segmentation::UnicodeSegmentation as _;
        let parts = [
            "a",
            "中",
            "👍",
            "🏽",
            "\u{200d}",
            "👩",
            "❤",
            "\u{fe0f}",
            "🇨",
            "🇳",
            "1",
            "\u{20e3}",
            "\u{301}",
            "\r",
            "\n",
            "ᄒ",
            "ᅡ",
            "ᆫ",
            "한",
            "का",
            "ि",
            "\u{e33}",
            "น",
            "\u{64e}",
            " ",
            "\u{200c}",
            "🏴",
            "\u{e0067}",
            "\u{e007f}",
        ];
        let mut random = 1_u64;
        for _ in 0..20_000 {
            let mut text = String::new();
            for _ in 0..8 {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                text.push_str(parts[(random >> 33) as usize % parts.len()]);
            }
            for (end, _) in text.char_indices() {
                let cut = grapheme_start(&text, end);
                let may = text.grapheme_indices(true).any(|(start, _)| start == cut);
                assert!(may, "{text:?} is cut at {cut} instead of {end}");
            }
        }
    }
}
