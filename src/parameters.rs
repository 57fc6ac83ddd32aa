//! Parameter tables, and the parameters of one call.
//!
//! A table is a struct whose fields are the parameters; [`table!`](crate::parameters::table) declares it together with
//! the rules of each. From there on a call is the same for every action, whether its parameters came typed or as JSON:
//! a list of named values, held against the rules of their fields.

use serde_json::{Map, Value};

use crate::error::{Argument, Fault};
use crate::json::MAX_VALUES;
use crate::rules::{self, Rule};
use crate::words::{Words, words};

/// One line of a parameter table.
#[derive(Debug)]
pub struct Field {
    /// Its name in the contract.
    pub name: &'static str,
    /// Its name on the wire.
    pub wire: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Whether it must be there.
    pub required: bool,
    /// What its value must obey, one by one.
    pub rules: &'static [Rule],
}

impl Field {
    /// A field without rules, whose name on the wire is its own.
    pub const fn of<T: Parameter>(name: &'static str) -> Self {
        Self { name, wire: name, kind: T::KIND, required: T::REQUIRED, rules: &[] }
    }
}

/// The type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// A whole number from 0 up.
    Number {
        /// The greatest.
        max: u32,
    },
    /// A list of texts.
    Texts,
    /// A list of whole numbers from 0 to 4294967295.
    Numbers,
}

/// A struct that is a parameter table.
pub trait Table {
    /// Its lines, in order.
    const FIELDS: &'static [Field];

    /// The values of the fields, in order; null for what is absent.
    fn into_values(self) -> Values;
}

/// The values of a table's fields, in order.
#[derive(Default)]
pub struct Values(Vec<Result<Value, TooMany>>);

impl Values {
    /// Adds the value of the next field.
    pub fn push(&mut self, value: impl Parameter) {
        self.0.push(value.into_value());
    }
}

/// A list of so many entries that they are not looked at: their faults alone could fill the memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany(usize);

/// A type that a parameter can have.
pub trait Parameter {
    /// What it is to [`Field`].
    const KIND: Kind;
    /// Whether it must be there.
    const REQUIRED: bool;

    /// The value; null where it is absent.
    fn into_value(self) -> Result<Value, TooMany>;
}

macro_rules! parameter_types {
    ($($type:ty: $kind:expr),*) => {
        $(impl Parameter for $type {
            const KIND: Kind = $kind;
            const REQUIRED: bool = true;

            fn into_value(self) -> Result<Value, TooMany> {
                Ok(self.into())
            }
        })*
    };
}
parameter_types!(String: Kind::Text, u32: Kind::Number { max: u32::MAX }, u8: Kind::Number { max: u8::MAX as u32 });

impl<T: Parameter> Parameter for Option<T> {
    const KIND: Kind = T::KIND;
    const REQUIRED: bool = false;

    fn into_value(self) -> Result<Value, TooMany> {
        self.map_or(Ok(Value::Null), T::into_value)
    }
}

impl Parameter for Vec<String> {
    const KIND: Kind = Kind::Texts;
    const REQUIRED: bool = true;

    fn into_value(self) -> Result<Value, TooMany> {
        list(self)
    }
}

impl Parameter for Vec<u32> {
    const KIND: Kind = Kind::Numbers;
    const REQUIRED: bool = true;

    fn into_value(self) -> Result<Value, TooMany> {
        list(self)
    }
}

fn list<T: Into<Value>>(items: Vec<T>) -> Result<Value, TooMany> {
    if items.len() > MAX_VALUES { Err(TooMany(items.len())) } else { Ok(items.into()) }
}

/// Declares a parameter table: the struct with its schema, and the [`Field`] of each line with its rules. `as` gives the
/// name on the wire where WeCom's differs. The schema takes from the rules what JSON Schema and `x-ui` can say.
macro_rules! table {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $($(#[$attribute:meta])* pub $field:ident $(as $wire:literal)?: $type:ty => [$($rule:expr),* $(,)?],)*
        }
    ) => {
        #[derive(Clone, Debug, Default, PartialEq, Eq, schemars::JsonSchema)]
        #[schemars(deny_unknown_fields, transform = $crate::rules::describe::<Self>)]
        $(#[$meta])*
        pub struct $name {
            $($(#[$attribute])* pub $field: $type,)*
        }

        impl $crate::parameters::Table for $name {
            const FIELDS: &'static [$crate::parameters::Field] = &[$($crate::parameters::Field {
                name: stringify!($field),
                wire: $crate::parameters::table!(@wire $field $($wire)?),
                kind: <$type as $crate::parameters::Parameter>::KIND,
                required: <$type as $crate::parameters::Parameter>::REQUIRED,
                rules: &[$($rule),*],
            }),*];

            fn into_values(self) -> $crate::parameters::Values {
                let mut values = $crate::parameters::Values::default();
                $(values.push(self.$field);)*
                values
            }
        }
    };
    (@wire $field:ident) => { stringify!($field) };
    (@wire $field:ident $wire:literal) => { $wire };
}
pub(crate) use table;

/// The parameters of one call, or the fields of a connection, with the faults that were found in them. They may be
/// secrets, so this type has no `Debug`.
#[derive(Default)]
pub struct Parameters {
    /// Those that are set, in the order of the table.
    values: Vec<(&'static Field, Value)>,
    /// Those that are there or should be, and could not be read.
    misread: Vec<&'static str>,
    /// Every fault so far.
    pub faults: Vec<Fault>,
}

impl Parameters {
    /// The parameters of a typed call: the values of a [`Table`]. The error names the lists that are absurdly long.
    pub fn new(fields: &'static [Field], values: Values) -> Result<Self, Vec<Fault>> {
        let mut parameters = Self::default();
        let mut absurd = Vec::new();
        for (field, value) in fields.iter().zip(values.0) {
            match value {
                Ok(value) if field.required || !is_unset(&value) => parameters.values.push((field, value)),
                Ok(_) => {}
                Err(TooMany(count)) => absurd.push(Fault::parameter(
                    format!("/{}", field.name),
                    words!("must have at most {} entries, and has {}", MAX_VALUES, count),
                )),
            }
        }
        if absurd.is_empty() { Ok(parameters) } else { Err(absurd) }
    }

    /// No parameters yet, and faults that belong to none of them.
    pub(crate) fn with_faults(faults: Vec<Fault>) -> Self {
        Self { faults, ..Self::default() }
    }

    /// Adds a value. In a list, null stands for an entry that could not be read.
    pub(crate) fn push(&mut self, field: &'static Field, value: Value) {
        self.values.push((field, value));
    }

    /// Notes a value that is missing or could not be read.
    pub(crate) fn misread(&mut self, argument: Argument, field: &'static Field, rule: impl Into<Words>) {
        self.misread.push(field.name);
        self.faults.push(Fault { argument, pointer: format!("/{}", field.name), rule: rule.into() });
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|(field, _)| field.name == name).map(|(_, value)| value)
    }

    /// A text; empty where it is left out.
    pub fn text(&self, name: &str) -> &str {
        self.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// A number.
    pub fn number(&self, name: &str) -> Option<u32> {
        self.get(name)?.as_u64()?.try_into().ok()
    }

    /// The entries of a list.
    pub fn entries(&self, name: &str) -> &[Value] {
        self.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// Takes a text out.
    pub fn take_text(&mut self, name: &str) -> Option<String> {
        match self.values.iter_mut().find(|(field, _)| field.name == name)?.1.take() {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// Whether all of these parameters could be read. A rule that speaks of several is silent where one of them could
    /// not: what seems to be missing is there, only not as it should be.
    fn known(&self, names: &[&str]) -> bool {
        !names.iter().any(|name| self.misread.contains(name))
    }

    /// Notes a broken rule that speaks of `others` too.
    pub fn fault(&mut self, name: &'static str, others: &[&str], rule: impl Into<Words>) {
        if self.known(&[name]) && self.known(others) {
            self.faults.push(Fault::parameter(format!("/{name}"), rule));
        }
    }

    /// Holds every value against the rules of its field.
    pub fn check_fields(&mut self) {
        for (field, value) in &self.values {
            for rule in field.rules {
                rules::check(rule, field.name, value, &mut self.faults);
            }
        }
    }

    /// Cuts what may be cut to its limit; returns the names of what was cut.
    pub fn cut(&mut self) -> Vec<String> {
        let mut cut = Vec::new();
        for (field, value) in &mut self.values {
            let limit =
                field.rules.iter().find_map(|rule| if let Rule::Cut(limit) = rule { Some(*limit) } else { None });
            if let (Some(limit), Value::String(text)) = (limit, value)
                && rules::cut(text, limit)
            {
                cut.push(field.name.to_owned());
            }
        }
        cut
    }

    /// The values under their names on the wire. What is left out is absent: WeCom takes an empty text or list for an
    /// order to clear.
    pub fn into_wire(self) -> Map<String, Value> {
        // One after the other: collected they would be sorted first, and nothing else in the component sorts.
        let mut wire = Map::new();
        for (field, value) in self.values {
            wire.insert(field.wire.to_owned(), value);
        }
        wire
    }
}

/// Whether an optional parameter with this value counts as left out.
pub(crate) fn is_unset(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    table! {
        #[doc = "A table of every kind of parameter."]
        pub struct Sample {
            #[doc = "A text."]
            pub name: String => [rules::NOT_EMPTY, rules::cut_at(rules::Limit::Chars(2))],
            #[doc = "A list."]
            pub to_user as "touser": Option<Vec<String>> => [],
            #[doc = "A number."]
            pub order: Option<u32> => [],
        }
    }

    #[test]
    fn what_is_unset_is_left_out_and_zero_is_not() {
        let table = Sample { name: "企业微信".into(), to_user: Some(Vec::new()), order: Some(0) };
        let mut parameters = Parameters::new(Sample::FIELDS, table.into_values()).unwrap();
        assert_eq!(parameters.cut(), ["name"]);
        assert_eq!(Value::Object(parameters.into_wire()), serde_json::json!({"name": "企业", "order": 0}));
    }

    #[test]
    fn an_absurd_list_is_refused_before_its_entries() {
        let table = Sample { to_user: Some(vec![String::new(); MAX_VALUES + 1]), ..Sample::default() };
        let faults = Parameters::new(Sample::FIELDS, table.into_values()).err().unwrap();
        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].pointer, "/to_user");
        assert_eq!(faults[0].rule, words!("must have at most {} entries, and has {}", 16_384_usize, 16_385_usize));
    }
}
