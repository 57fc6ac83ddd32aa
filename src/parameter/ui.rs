//! What a form renderer may know of a parameter beyond JSON Schema: the `x-ui` object of its schema. Limits in bytes and
//! what happens beyond them come from the rules.

use crate::text::Text;

/// What a form should do for one parameter.
#[derive(Clone, Copy, Debug)]
pub struct Ui {
    /// `textarea` for text in several lines.
    pub widget: Option<&'static str>,
    /// Whether an editor folds it away.
    pub advanced: bool,
    /// Where to find the value.
    pub hint: Text,
    /// What separates entries of a list that is written as one text.
    pub separator: Option<&'static str>,
    /// Where an editor gets values to choose from.
    pub options_from: Option<Options>,
    /// The fields of the connection of which the first that is there serves where the parameter is left out: one of them
    /// all must be there.
    pub from_connection: &'static [&'static str],
}

/// One of our own read actions whose output offers the values of a parameter.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The action.
    pub action: &'static str,
    /// JSON pointer into its output: the list.
    pub items: &'static str,
    /// JSON pointer into an entry: the value.
    pub value: &'static str,
    /// JSON pointer into an entry: its name; empty where there is none.
    pub label: &'static str,
    /// The parameter of the action that has to be chosen first, from its own options; empty where there is none.
    pub parameter: &'static str,
    /// What offers the IDs alone, where WeCom does not tell the connection names.
    pub fallback: Option<&'static Options>,
}

impl Options {
    /// IDs alone.
    const fn ids(action: &'static str, items: &'static str, value: &'static str) -> Self {
        Self { action, items, value, label: "", parameter: "", fallback: None }
    }
}

/// The departments that the connection sees.
pub const DEPARTMENTS: Options = Options {
    label: "/name",
    fallback: Some(&Options::ids("list-department-ids", "/department_id", "/id")),
    ..Options::ids("list-departments", "/department", "/id")
};
/// The members that the connection sees.
pub const MEMBERS: Options = Options {
    label: "/name",
    parameter: "department_id",
    fallback: Some(&Options::ids("list-member-ids", "/dept_user", "/user_id")),
    ..Options::ids("list-members", "/user_list", "/user_id")
};
/// The tags of the enterprise.
pub const TAGS: Options = Options { label: "/tag_name", ..Options::ids("list-tags", "/tag_list", "/tag_id") };
/// The application whose secret the connection has.
pub const APPLICATIONS: Options =
    Options { label: "/name", ..Options::ids("list-applications", "/agent_list", "/agent_id") };

/// A field that an editor folds away.
pub const ADVANCED: Ui = Ui::NONE.advanced();
/// Text in several lines.
pub const TEXTAREA: Ui = Ui { widget: Some("textarea"), ..Ui::NONE };

/// A hint that says where to find the value.
pub const fn hint(hint: Text) -> Ui {
    Ui::NONE.hint(hint)
}

/// A list with what separates its entries in one text.
pub const fn list(separator: &'static str) -> Ui {
    Ui { separator: Some(separator), ..Ui::NONE }
}

/// Values from one of our own read actions.
pub const fn options(options: Options) -> Ui {
    Ui::NONE.options(options)
}

impl Ui {
    /// Nothing beyond the schema.
    pub const NONE: Self = Self {
        widget: None,
        advanced: false,
        hint: Text::NONE,
        separator: None,
        options_from: None,
        from_connection: &[],
    };

    /// Folds the field away.
    pub const fn advanced(self) -> Self {
        Self { advanced: true, ..self }
    }

    /// Sets the hint.
    pub const fn hint(self, hint: Text) -> Self {
        Self { hint, ..self }
    }

    /// Sets the fields of the connection that serve where the parameter is left out.
    pub const fn from_connection(self, fields: &'static [&'static str]) -> Self {
        Self { from_connection: fields, ..self }
    }

    /// Sets where the values come from.
    pub const fn options(self, options: Options) -> Self {
        Self { options_from: Some(options), ..self }
    }
}
