//! The `x-ui` object of a schema: what a form renderer may know beyond JSON Schema. Limits in
//! bytes and what happens beyond them come from the rules: see [`rules::describe`](crate::rules::describe).

use serde::Serialize;

/// The group of fields that an editor folds away.
pub const ADVANCED: &str = "advanced";

/// What a form should do for one parameter. Keys that do not apply are absent.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ui {
    /// `textarea` for text in several lines, `password` for a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    widget: Option<&'static str>,
    /// `advanced`: fold away.
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'static str>,
    /// Where to find the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'static str>,
    /// What separates entries of a list that is written as one text.
    #[serde(skip_serializing_if = "Option::is_none")]
    separator: Option<&'static str>,
    /// Where an editor gets values to choose from.
    #[serde(skip_serializing_if = "Option::is_none")]
    options_from: Option<Options>,
    /// The field of the connection that serves where the parameter is left out: one of the two must be there.
    #[serde(skip_serializing_if = "Option::is_none")]
    from_connection: Option<&'static str>,
}

/// One of our own read actions whose output offers the values of a parameter.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Options {
    /// The action.
    action: &'static str,
    /// JSON pointer into its output: the list.
    items: &'static str,
    /// JSON pointer into an entry: the value.
    value: &'static str,
}

/// The departments that the connection sees.
pub const DEPARTMENTS: Options = Options { action: "list-department-ids", items: "/department_id", value: "/id" };
/// The members that the connection sees.
pub const MEMBERS: Options = Options { action: "list-member-ids", items: "/dept_user", value: "/user_id" };

/// A hint that says where to find the value.
pub fn hint(hint: &'static str) -> Ui {
    Ui { hint: Some(hint), ..Ui::default() }
}

/// A place in the form.
pub fn group(group: &'static str) -> Ui {
    Ui { group: Some(group), ..Ui::default() }
}

/// Text in several lines.
pub fn textarea() -> Ui {
    Ui::default().widget("textarea")
}

/// A list with what separates its entries in one text.
pub fn list(separator: &'static str) -> Ui {
    Ui { separator: Some(separator), ..Ui::default() }
}

/// Values from one of our own read actions.
pub fn options(options: Options) -> Ui {
    Ui { options_from: Some(options), ..Ui::default() }
}

impl Ui {
    /// Sets the widget.
    pub fn widget(self, widget: &'static str) -> Self {
        Self { widget: Some(widget), ..self }
    }

    /// Sets the group.
    pub fn group(self, group: &'static str) -> Self {
        Self { group: Some(group), ..self }
    }

    /// Sets the hint.
    pub fn hint(self, hint: &'static str) -> Self {
        Self { hint: Some(hint), ..self }
    }

    /// Sets the field of the connection that serves where the parameter is left out.
    pub fn from_connection(self, field: &'static str) -> Self {
        Self { from_connection: Some(field), ..self }
    }

    /// Sets where the values come from.
    pub fn options(self, options: Options) -> Self {
        Self { options_from: Some(options), ..self }
    }
}
