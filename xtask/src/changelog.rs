//! What CHANGELOG.md says of versions.

/// Its name, from the root.
pub(crate) const CHANGELOG: &str = "CHANGELOG.md";

/// The versions that are released, each with the number of its line: `## [VERSION] - DATE`. The next one has `unreleased`
/// in the date's place.
pub(crate) fn released(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().filter_map(|(index, line)| {
        let (version, when) = line.strip_prefix("## [")?.split_once("] - ")?;
        (!when.trim().eq_ignore_ascii_case("unreleased")).then_some((index + 1, version))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_with_a_date_is_released() {
        let text = "# Changelog\n\n## [0.3.0] - unreleased\n\n### Added\n\n## [0.2.0] - 2027-01-31\n## [0.1.0] - 2026-11-21 [YANKED]\n";
        assert_eq!(released(text).collect::<Vec<_>>(), [(7, "0.2.0"), (8, "0.1.0")]);
    }
}
