//! The two languages that people are spoken to in.

/// A language of this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English: where the environment asks for no language that is here.
    En,
    /// Chinese.
    Zh,
}

impl Language {
    /// The language of messages that the environment asks for, by the rule of POSIX: the first of the three that is set
    /// decides.
    pub fn of_environment() -> Self {
        Self::of(|name| std::env::var(name).ok())
    }

    fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let mut locales = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(variable);
        let locale = locales.find(|locale| !locale.is_empty()).unwrap_or_default().to_lowercase();
        let language = locale.split(['_', '-', '.', '@']).next();
        if language == Some("zh") { Self::Zh } else { Self::En }
    }

    /// The key of this language in texts that have both.
    pub fn key(self) -> &'static str {
        self.pick("en", "zh")
    }

    /// The one of two texts that is in this language.
    pub fn pick<T>(self, en: T, zh: T) -> T {
        match self {
            Self::En => en,
            Self::Zh => zh,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_is_set_decides() {
        for (variables, language) in [
            (&[] as &[(&str, &str)], Language::En),
            (&[("LANG", "zh_CN.UTF-8")], Language::Zh),
            (&[("LANG", "zh")], Language::Zh),
            (&[("LANG", "ZH-hans")], Language::Zh),
            (&[("LANG", "en_US.UTF-8")], Language::En),
            (&[("LANG", "zhx")], Language::En),
            (&[("LANG", "zh_CN"), ("LC_MESSAGES", "en_GB")], Language::En),
            (&[("LANG", "zh_CN"), ("LC_MESSAGES", "en_GB"), ("LC_ALL", "zh_TW.UTF-8")], Language::Zh),
            (&[("LANG", "zh_CN"), ("LC_ALL", "C")], Language::En),
            (&[("LANG", "zh_CN"), ("LC_ALL", "")], Language::Zh),
        ] {
            let variable =
                |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            assert_eq!(Language::of(variable), language, "{variables:?}");
        }
    }
}
