//! What can be chosen about a world.

use std::time::Duration;

/// What can be chosen about a world. The defaults are WeCom's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Whether everything is refused that the documentation does not allow. Otherwise what WeCom is known to take is
    /// taken.
    pub strict: bool,
    /// The port on 127.0.0.1; 0 lets the system choose one.
    pub port: u16,
    /// How long a token serves; 7200 s. Whole seconds are what `expires_in` can say.
    pub expires_in: Duration,
    /// Whether `user/create` creates a department it does not know, as the newest page has it, and names it in
    /// `created_department_list`. Otherwise, by default, such a department is refused with 60123.
    pub create_unknown_departments: bool,
    /// How many direct superiors a member may have: 5 by default, 1 on the newest page.
    pub max_direct_leaders: usize,
    /// Whether apps are told mobile numbers, addresses and gender, as those are that were created before June 2022.
    pub tell_hidden_fields: bool,
    /// The most rows in a page of `user/list_id`, whatever its `limit`; WeCom does not promise full pages.
    pub rows_per_page: usize,
    /// How many calls of one API a corp may make in a minute before 45009; any number by default. WeCom allows 10,000.
    pub calls_per_minute: Option<u32>,
    /// How long the answer to a callback may take, and how long after a callback that failed the next one follows; 5 s.
    pub callback_timeout: Duration,
}

impl Options {
    /// The defaults, but for what the documentation demands: for clients that shall send what is documented.
    pub fn strict() -> Self {
        Self { strict: true, ..Self::default() }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            strict: false,
            port: 0,
            expires_in: Duration::from_secs(7200),
            create_unknown_departments: false,
            max_direct_leaders: 5,
            tell_hidden_fields: false,
            rows_per_page: 10_000,
            calls_per_minute: None,
            callback_timeout: Duration::from_secs(5),
        }
    }
}
