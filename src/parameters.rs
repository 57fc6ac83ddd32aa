//! Parameter tables, and the parameters of one call.
//!
//! A table is a struct whose fields are the parameters; [`table!`](crate::parameters::table) declares it together with
//! the rules of each. From there on a call is the same for every action, whether its parameters came typed or as JSON:
//! a list of named values, held against the rules of their fields.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::cut;
use crate::error::{Argument, Fault};
use crate::json::MAX_VALUES;
use crate::rules::{self, Lines, Rule};
use crate::tidy;
use crate::words::{Words, phrase, words};

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

/// What it means that an optional parameter is given, and given empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Empty {
    /// As good as left out.
    LeftOut,
    /// What the field holds goes away.
    Clears,
    /// A fault: WeCom has no way to clear the field.
    Refused,
}

impl Field {
    /// A field without rules, whose name on the wire is its own.
    pub const fn of<T: Parameter>(name: &'static str) -> Self {
        Self { name, wire: name, kind: T::KIND, required: T::REQUIRED, rules: &[] }
    }

    /// What it means that the parameter is given empty.
    pub fn empty(&self) -> Empty {
        let meaning = |rule: &Rule| match rule {
            Rule::Clears => Some(Empty::Clears),
            Rule::CannotBeCleared => Some(Empty::Refused),
            _ => None,
        };
        self.rules.iter().find_map(meaning).unwrap_or(Empty::LeftOut)
    }

    fn narrow(&self, text: &mut String) {
        if self.rules.iter().any(|rule| matches!(rule, Rule::Narrow)) {
            tidy::narrow(text);
        }
    }

    /// The numbers that the parameter may be.
    pub(crate) fn bounds(&self) -> (u64, u64) {
        bounds(self.rules).unwrap_or((0, self.kind.greatest()))
    }

    /// The text as the rules are to see it. Whether something was taken out of it that stood between other characters.
    fn tidied(&self, text: &mut String) -> bool {
        self.narrow(text);
        let form = self.rules.iter().find(|rule| matches!(rule, Rule::Prose(_) | Rule::Base64));
        match form {
            Some(Rule::Prose(Lines::Many)) => tidy::clean(text, true),
            Some(Rule::Prose(Lines::One)) => {
                // At the edge may stand the end of an escape sequence, which goes with the whole of it.
                if !text.contains('\u{1b}') {
                    tidy::keep(text, tidy::trimmed);
                }
                let cleaned = tidy::clean(text, false);
                tidy::keep(text, tidy::trimmed);
                cleaned
            }
            Some(_) => {
                if let Cow::Owned(base64) = tidy::base64(text) {
                    *text = base64;
                }
                false
            }
            None => {
                tidy::keep(text, tidy::trimmed);
                false
            }
        }
    }
}

/// The numbers that the rules allow, where they speak of numbers.
fn bounds(rules: &[Rule]) -> Option<(u64, u64)> {
    rules.iter().find_map(|rule| match rule {
        Rule::Range { min, max } => Some((*min, *max)),
        Rule::Each(rules) => bounds(rules),
        _ => None,
    })
}

/// The type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// A whole number from 0 up.
    Number {
        /// The greatest.
        max: u64,
    },
    /// A list of texts.
    Texts,
    /// A list of whole numbers from 0 to 4294967295.
    Numbers,
}

impl Kind {
    /// The greatest number that a value, or an entry, of this type can be.
    pub(crate) fn greatest(self) -> u64 {
        match self {
            Self::Number { max } => max,
            Self::Text | Self::Texts | Self::Numbers => u32::MAX.into(),
        }
    }
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

impl From<TooMany> for Words {
    fn from(TooMany(count): TooMany) -> Self {
        words!("must have at most {} entries, and has {}", MAX_VALUES, count)
    }
}

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
parameter_types!(
    String: Kind::Text,
    u64: Kind::Number { max: u64::MAX },
    u32: Kind::Number { max: u32::MAX as u64 },
    u8: Kind::Number { max: u8::MAX as u64 }
);

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
pub struct Parameters {
    /// What they are to the call.
    argument: Argument,
    /// Those that are set, in the order of the table.
    values: Vec<(&'static Field, Value)>,
    /// Where the entries of lists stood in what was given.
    places: Vec<(&'static str, Places)>,
    /// Those that are there or should be, and could not be read.
    misread: Vec<&'static str>,
    /// Those that characters were taken out of.
    cleaned: Vec<&'static str>,
    /// Every fault so far.
    pub faults: Vec<Fault>,
}

impl Parameters {
    /// The parameters of a typed call: the values of a [`Table`]. The error names the lists that are absurdly long.
    pub fn new(fields: &'static [Field], values: Values) -> Result<Self, Vec<Fault>> {
        let mut parameters = Self::with_faults(Argument::Parameters, Vec::new());
        let mut absurd = Vec::new();
        for (field, value) in fields.iter().zip(values.0) {
            match value {
                Ok(Value::Null) => {}
                Ok(Value::Array(items)) if field.kind == Kind::Texts && !items.is_empty() => match entries(items) {
                    Ok((items, places)) => parameters.settle(field, Value::Array(items), Some(places)),
                    Err(many) => absurd.push(Fault::parameter(format!("/{}", field.name), many)),
                },
                Ok(value) => parameters.settle(field, value, None),
                Err(many) => absurd.push(Fault::parameter(format!("/{}", field.name), many)),
            }
        }
        if absurd.is_empty() { Ok(parameters) } else { Err(absurd) }
    }

    /// No parameters yet, and faults that belong to none of them.
    pub(crate) fn with_faults(argument: Argument, faults: Vec<Fault>) -> Self {
        Self { argument, values: Vec::new(), places: Vec::new(), misread: Vec::new(), cleaned: Vec::new(), faults }
    }

    /// Adds a value that was given, with where the entries of a list stood: its texts are tidied, and where nothing is
    /// left, that means what an empty parameter means. In a list, null stands for an entry that could not be read.
    pub(crate) fn settle(&mut self, field: &'static Field, mut value: Value, places: Option<Places>) {
        if let Value::String(text) = &mut value
            && field.tidied(text)
        {
            self.cleaned.push(field.name);
        }
        if let Value::Array(items) = &mut value {
            for item in items {
                if let Value::String(text) = item {
                    field.narrow(text);
                }
            }
        }
        if !field.required
            && let Value::String(text) = &mut value
            && tidy::trimmed(text).is_empty()
        {
            text.clear();
        }
        if !field.required && is_empty(&value) {
            match field.empty() {
                Empty::LeftOut => return,
                // Something was given, and came to nothing: whether the field is to be cleared, that does not say.
                Empty::Clears if places.is_some() => {
                    let rule = phrase!("has nothing but empty entries: to clear it, give an empty list");
                    return self.misread(field, rule);
                }
                Empty::Clears => {}
                Empty::Refused => {
                    let rule = phrase!("cannot be cleared in WeCom: leave it out to keep it as it is");
                    return self.misread(field, rule);
                }
            }
        }
        if let Some(places) = places {
            self.places.push((field.name, places));
        }
        self.values.push((field, value));
    }

    /// Notes a value that is missing or could not be read.
    pub(crate) fn misread(&mut self, field: &'static Field, rule: impl Into<Words>) {
        self.misread.push(field.name);
        self.faults.push(Fault { argument: self.argument, pointer: format!("/{}", field.name), rule: rule.into() });
    }

    fn places(&self, name: &str) -> Option<&Places> {
        self.places.iter().find(|(list, _)| *list == name).map(|(_, places)| places)
    }

    /// Where the entry of a list stood in what was given.
    fn place(&self, name: &str, index: usize) -> usize {
        self.places(name).and_then(|places| places.given.get(index)).copied().unwrap_or(index)
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|(field, _)| field.name == name).map(|(_, value)| value)
    }

    /// A text; empty where it is left out.
    pub fn text(&self, name: &str) -> &str {
        self.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// A number.
    pub fn number(&self, name: &str) -> Option<u64> {
        self.get(name)?.as_u64()
    }

    /// The entries of a list.
    pub fn entries(&self, name: &str) -> &[Value] {
        self.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// Where the entries of a list stood among all, the empty ones counted.
    pub fn slots(&self, name: &str) -> Vec<usize> {
        self.places(name).map_or_else(|| (0..self.entries(name).len()).collect(), |places| places.slots.clone())
    }

    /// Puts a value in the place of what was given for the parameter of that name; `None` leaves it out. What was wrong with
    /// what was given is no fault any more.
    pub fn replace(&mut self, fields: &'static [Field], name: &str, value: Option<Value>) {
        let Some(field) = fields.iter().find(|field| field.name == name) else { return };
        let is_of = |pointer: &str| {
            let rest = pointer.strip_prefix('/').and_then(|pointer| pointer.strip_prefix(field.name));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.faults.retain(|fault| fault.argument != self.argument || !is_of(&fault.pointer));
        self.values.retain(|(known, _)| known.name != field.name);
        self.values.extend(value.map(|value| (field, value)));
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
    pub fn known(&self, names: &[&str]) -> bool {
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
        let mut faults = Vec::new();
        for (field, value) in &self.values {
            let name = field.name;
            for rule in field.rules {
                rules::check(rule, value, |index, message| {
                    let pointer = match index {
                        None => format!("/{name}"),
                        Some(index) => format!("/{name}/{}", self.place(name, index)),
                    };
                    faults.push(Fault { argument: self.argument, pointer, rule: message });
                });
            }
        }
        self.faults.append(&mut faults);
    }

    /// Cuts what may be cut to its limit; returns what was done to the texts.
    pub fn cut(&mut self) -> Edits {
        let mut truncated = Vec::new();
        for (field, value) in &mut self.values {
            let limit =
                field.rules.iter().find_map(|rule| if let Rule::Cut(limit) = rule { Some(*limit) } else { None });
            if let (Some(limit), Value::String(text)) = (limit, value)
                && cut::cut(text, limit)
            {
                truncated.push(field.name.to_owned());
            }
        }
        Edits { truncated, cleaned: self.cleaned.iter().map(|name| (*name).to_owned()).collect() }
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

/// What was done to the texts of a call, by the names of the parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edits {
    /// What was cut to its limit.
    pub truncated: Vec<String>,
    /// What control characters or colour codes were taken out of.
    pub cleaned: Vec<String>,
}

/// Where the entries of a list stood in what was given.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// The index of the value that each was, or was a part of.
    pub given: Vec<usize>,
    /// How many entries stood before each, the empty ones counted.
    slots: Vec<usize>,
}

/// Whether nothing is in a value.
pub(crate) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    }
}

/// The entries of a list, without those that are empty. A text with separators in it is several entries: no ID and no
/// number has one.
pub(crate) fn entries(items: Vec<Value>) -> Result<(Vec<Value>, Places), TooMany> {
    let count = |item: &Value| item.as_str().map_or(1, |text| tidy::entries(text).count());
    let count: usize = items.iter().map(count).sum();
    if count > MAX_VALUES {
        return Err(TooMany(count));
    }
    let mut entries = Vec::with_capacity(count);
    let mut places = Places::default();
    let mut slot = 0;
    for (given, item) in items.into_iter().enumerate() {
        let mut push = |entry: Option<Value>| {
            if let Some(entry) = entry {
                entries.push(entry);
                places.given.push(given);
                places.slots.push(slot);
            }
            slot += 1;
        };
        match item {
            Value::Null => push(None),
            Value::String(text) => tidy::slots(&text).for_each(|entry| push((!entry.is_empty()).then(|| entry.into()))),
            item => push(Some(item)),
        }
    }
    Ok((entries, places))
}

#[cfg(test)]
mod tests {
    use super::*;

    table! {
        #[doc = "A table of every kind of parameter."]
        pub struct Sample {
            #[doc = "A text."]
            pub name: String => [rules::NOT_EMPTY, rules::LINE, rules::cut_at(cut::Limit::Chars(2))],
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
        assert_eq!(parameters.cut().truncated, ["name"]);
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

    #[test]
    fn texts_are_tidied_before_the_rules_look_at_them() {
        let table = Sample {
            name: " \u{1b}[1m张\u{7}三\u{1b}]8;;\u{7}\n".into(),
            to_user: Some(["a", " ", "b，c", ""].map(str::to_owned).to_vec()),
            order: None,
        };
        let mut parameters = Parameters::new(Sample::FIELDS, table.into_values()).unwrap();
        assert_eq!(parameters.slots("to_user"), [0, 2, 3]);
        assert_eq!([0, 1, 2].map(|index| parameters.place("to_user", index)), [0, 2, 2]);
        assert_eq!(parameters.cut(), Edits { truncated: Vec::new(), cleaned: vec!["name".into()] });
        assert_eq!(
            Value::Object(parameters.into_wire()),
            serde_json::json!({"name": "张三", "touser": ["a", "b", "c"]})
        );
    }

    #[test]
    fn many_entries_in_one_are_many() {
        let table = Sample { to_user: Some(vec!["a,".repeat(MAX_VALUES + 1)]), ..Sample::default() };
        assert!(Parameters::new(Sample::FIELDS, table.into_values()).is_err());
    }
}
