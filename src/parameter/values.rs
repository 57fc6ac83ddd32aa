//! The parameters of one call, or the fields of a connection.

use std::cell::Cell;

use serde_json::{Map, Value};

use super::field::{Empty, Field, Kind};
use super::key::Key;
use super::rules::{self, Lines, Rule};
use super::table::{Described, Given, Plain, TooMany, Values};
use crate::cut;
use crate::error::{Argument, Violation};
use crate::file;
use crate::json::MAX_VALUES;
use crate::text::{Message, message, phrase};
use crate::tidy;

/// The parameters of one call, the fields of a connection, or a record in either, with the rules that they break. They
/// may be secrets, so this type has no `Debug`.
pub struct Parameters {
    /// What they are to the call.
    argument: Argument,
    /// JSON pointer to them: empty, or that of a record.
    pointer: String,
    /// The table.
    fields: &'static [Field],
    /// Those that are set, in the order of the table.
    values: Vec<(&'static Field, Content)>,
    /// Where the entries of lists stood in what was given.
    places: Vec<(&'static str, Places)>,
    /// Those that are there or should be, and could not be read.
    misread: Vec<&'static str>,
    /// Those that characters were taken out of.
    cleaned: Vec<&'static str>,
    /// Every broken rule so far.
    pub violations: Vec<Violation>,
}

/// The value of a parameter.
pub(super) enum Content {
    /// A text, a number or a list of them.
    Value(Value),
    /// A record.
    Record(Parameters),
    /// A list of records.
    Records(Vec<Parameters>),
    /// A file that came as bytes.
    File(Vec<u8>),
}

impl Parameters {
    /// What a typed call gives as this argument: the values of a [`Table`](super::Table). The error names the lists that are
    /// absurdly long.
    pub fn new(argument: Argument, fields: &'static [Field], values: Values) -> Result<Self, Vec<Violation>> {
        let mut absurd = Vec::new();
        let parameters = Self::typed(argument, String::new(), fields, values, &Budget::default(), &mut absurd);
        if absurd.is_empty() { Ok(parameters) } else { Err(absurd) }
    }

    fn typed(
        argument: Argument,
        pointer: String,
        fields: &'static [Field],
        values: Values,
        budget: &Budget,
        absurd: &mut Vec<Violation>,
    ) -> Self {
        let mut parameters = Self::none(argument, pointer, fields);
        for (field, given) in fields.iter().zip(values.0) {
            let mut too_many = |parameters: &Self, many: TooMany| {
                let pointer = parameters.pointer_to(field.name);
                absurd.push(Violation { argument, pointer, rule: many.into() });
            };
            let count = given.entries();
            if count > MAX_VALUES {
                too_many(&parameters, TooMany(count));
                continue;
            }
            match (given, field.kind) {
                (Given::Value(Value::Array(items)), Kind::Texts) if !items.is_empty() => match entries(items, budget) {
                    Ok((items, places)) => parameters.settle(field, Value::Array(items), Some(places)),
                    Err(many) => too_many(&parameters, many),
                },
                (Given::Value(value), _) => match budget.take(value.as_array().map_or(0, Vec::len)) {
                    Ok(()) => parameters.settle(field, value, None),
                    Err(many) => too_many(&parameters, many),
                },
                (Given::Record(values), Kind::Record(fields)) => {
                    let place = parameters.pointer_to(field.name);
                    let record = Self::typed(argument, place, fields, values, budget, absurd);
                    parameters.settle_records(field, Content::Record(record), 1);
                }
                (Given::Records(records), Kind::Records(fields)) => {
                    let place = parameters.pointer_to(field.name);
                    let record = |(index, values)| {
                        Self::typed(argument, format!("{place}/{index}"), fields, values, budget, absurd)
                    };
                    let given = records.len();
                    let records = records.into_iter().enumerate().map(record).collect();
                    parameters.settle_records(field, Content::Records(records), given);
                }
                // A record is one by its kind, too: `table!` makes both of the same type.
                (Given::Nothing | Given::TooMany(_) | Given::Record(_) | Given::Records(_), _) => {}
            }
        }
        parameters
    }

    /// No parameters yet.
    pub(super) fn none(argument: Argument, pointer: String, fields: &'static [Field]) -> Self {
        Self {
            argument,
            pointer,
            fields,
            values: Vec::new(),
            places: Vec::new(),
            misread: Vec::new(),
            cleaned: Vec::new(),
            violations: Vec::new(),
        }
    }

    /// JSON pointer to the parameter of that name.
    pub(super) fn pointer_to(&self, name: &str) -> String {
        format!("{}/{name}", self.pointer)
    }

    /// Adds a value that was given, with where the entries of a list stood: its texts are tidied, and where nothing is
    /// left, that means what an empty parameter means. In a list, null stands for an entry that could not be read.
    pub(super) fn settle(&mut self, field: &'static Field, mut value: Value, places: Option<Places>) {
        if let Value::String(text) = &mut value
            && tidied(field, text)
        {
            self.cleaned.push(field.name);
        }
        if let Value::Array(items) = &mut value {
            for item in items {
                if let Value::String(text) = item {
                    narrow(field, text);
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
        self.values.push((field, Content::Value(value)));
    }

    /// Takes a file for what a parameter is: [`Violation`]s say where that cannot be.
    pub fn give_file(&mut self, name: &str, content: Vec<u8>) {
        let Some(field) = self.fields.iter().find(|field| field.name == name) else { return };
        // That it does not stand in the JSON is no fault.
        self.remove(Key::<()>::of(field.name));
        self.misread.retain(|misread| *misread != name);
        let content = if field.is_file() {
            Content::File(content)
        } else if let Some(max) = field.max_file_bytes() {
            // What is refused needs no memory for another form of it.
            if content.len() > max {
                return self.misread(field, message!("must have at most {} bytes, and has {}", max, content.len()));
            }
            Content::Value(file::encode(content).into())
        } else {
            return self.misread(field, phrase!("is no file: give it in the JSON of the parameters"));
        };
        self.values.push((field, content));
    }

    /// Adds a record, or a list of them; `given` is how many entries were given for a list, the empty ones counted.
    pub(super) fn settle_records(&mut self, field: &'static Field, mut content: Content, given: usize) {
        for record in content.records_mut() {
            self.violations.append(&mut record.violations);
        }
        match &content {
            // An empty list means what it means for every other.
            Content::Records(records) if records.is_empty() => {
                let places = (given > 0).then(Places::default);
                self.settle(field, Value::Array(Vec::new()), places);
            }
            // A record in which nothing is set is as good as left out.
            Content::Record(record) if !field.required && record.is_unset() => {}
            _ => self.values.push((field, content)),
        }
    }

    /// Whether nothing was given that counts.
    fn is_unset(&self) -> bool {
        self.values.is_empty() && self.misread.is_empty()
    }

    /// Notes a value that is missing or could not be read.
    pub(super) fn misread(&mut self, field: &'static Field, rule: impl Into<Message>) {
        self.misread.push(field.name);
        let pointer = self.pointer_to(field.name);
        self.violations.push(Violation { argument: self.argument, pointer, rule: rule.into() });
    }

    fn places(&self, name: &str) -> Option<&Places> {
        self.places.iter().find(|(list, _)| *list == name).map(|(_, places)| places)
    }

    /// Where the entry of a list stood in what was given.
    fn place(&self, name: &str, index: usize) -> usize {
        self.places(name).and_then(|places| places.given.get(index)).copied().unwrap_or(index)
    }

    fn get(&self, name: &str) -> Option<&Value> {
        debug_assert!(self.fields.iter().any(|field| field.name == name), "the table has no `{name}`");
        self.content(name).and_then(|content| match content {
            Content::Value(value) => Some(value),
            Content::Record(_) | Content::Records(_) | Content::File(_) => None,
        })
    }

    /// A text; empty where it is left out.
    pub fn text(&self, key: Key<String>) -> &str {
        self.get(key.name()).and_then(Value::as_str).unwrap_or_default()
    }

    /// A number.
    pub fn number<N: TryFrom<u64>>(&self, key: Key<N>) -> Option<N> {
        self.get(key.name())?.as_u64()?.try_into().ok()
    }

    /// The entries of a list of texts or numbers.
    pub fn entries<T: Plain>(&self, key: Key<Vec<T>>) -> &[Value] {
        self.get(key.name()).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// A record, where it is set.
    pub fn record<T: Described>(&self, key: Key<T>) -> Option<&Self> {
        self.records_of(key.name()).first()
    }

    /// The records of a list.
    pub fn records<T: Described>(&self, key: Key<Vec<T>>) -> &[Self] {
        self.records_of(key.name())
    }

    fn records_of(&self, name: &str) -> &[Self] {
        self.content(name).map_or(&[], Content::records)
    }

    /// Lets `check` look at a record, where it is set, for rules that speak of several of its fields.
    pub fn check_record<T: Described>(&mut self, key: Key<T>, mut check: impl FnMut(&mut Self)) {
        self.check_each(key.name(), &mut check);
    }

    /// Lets `check` look at each record of a list, for rules that speak of several of its fields. Where there are too
    /// many, what is in each is not looked at.
    pub fn check_records<T: Described>(&mut self, key: Key<Vec<T>>, mut check: impl FnMut(&mut Self)) {
        self.check_each(key.name(), &mut check);
    }

    fn check_each(&mut self, name: &str, check: &mut dyn FnMut(&mut Self)) {
        let (argument, pointer) = (self.argument, self.pointer_to(name));
        let is_broken = |violations: &[Violation], pointer: &str| {
            violations.iter().any(|violation| violation.argument == argument && violation.pointer == pointer)
        };
        if is_broken(&self.violations, &pointer) {
            return;
        }
        let content = self.values.iter_mut().find(|(field, _)| field.name == name).map(|(_, content)| content);
        for record in content.map_or(&mut [][..], Content::records_mut) {
            // The record has to know what is wrong in it: rules that speak of it are silent then.
            let violations = std::mem::take(&mut self.violations);
            let inside = |violation: &Violation| is_at(violation, argument, &record.pointer);
            (record.violations, self.violations) = violations.into_iter().partition(inside);
            // One that could not be read has no fields.
            if !is_broken(&record.violations, &record.pointer) {
                check(record);
            }
            self.violations.append(&mut record.violations);
        }
    }

    /// Notes each record of a list whose field has the value of that in a record before.
    pub fn check_unique<T: Described, V>(&mut self, list: Key<Vec<T>>, field: Key<V>) {
        let mut seen = Vec::new();
        self.check_records(list, |record| {
            let Some(value) = record.get(field.name()).filter(|_| record.is_good(field)).cloned() else { return };
            if seen.contains(&value) {
                record.violate(field, &[], phrase!("must differ from those of the entries before"));
            } else {
                seen.push(value);
            }
        });
    }

    /// Where the entries of a list stood among all, the empty ones counted.
    pub fn slots<T: Plain>(&self, key: Key<Vec<T>>) -> Vec<usize> {
        self.places(key.name()).map_or_else(|| (0..self.entries(key).len()).collect(), |places| places.slots.clone())
    }

    /// Sets a parameter, in whatever form WeCom wants it. What was wrong with what was given for it is no fault any more.
    pub fn set<T>(&mut self, key: Key<T>, value: impl Into<Value>) {
        self.remove(key);
        let field = self.fields.iter().find(|field| field.name == key.name());
        self.values.extend(field.map(|field| (field, Content::Value(value.into()))));
    }

    /// Leaves a parameter out, whatever was given for it.
    pub fn remove<T>(&mut self, key: Key<T>) {
        if !self.is_good(key) {
            let pointer = self.pointer_to(key.name());
            self.violations.retain(|violation| !is_at(violation, self.argument, &pointer));
        }
        self.values.retain(|(known, _)| known.name != key.name());
    }

    /// Takes a parameter out, with its name on the wire.
    pub fn take<T>(&mut self, key: Key<T>) -> Option<(&'static str, Value)> {
        let (field, content) = self.take_content(key.name())?;
        Some((field.wire, content.into_wire(field)))
    }

    fn take_content(&mut self, name: &str) -> Option<(&'static Field, Content)> {
        let index = self.values.iter().position(|(field, _)| field.name == name)?;
        Some(self.values.remove(index))
    }

    fn content(&self, name: &str) -> Option<&Content> {
        self.values.iter().find(|(field, _)| field.name == name).map(|(_, content)| content)
    }

    /// Takes a file out: what came as bytes, or a text in Base64.
    pub fn take_file(&mut self, key: Key<String>) -> Option<file::Content<'static>> {
        match self.take_content(key.name())?.1 {
            Content::File(bytes) => Some(file::Content::Bytes(bytes.into())),
            Content::Value(Value::String(text)) => Some(file::Content::Base64(text.into())),
            _ => None,
        }
    }

    /// The same where it stays.
    pub fn file(&self, key: Key<String>) -> Option<file::Content<'_>> {
        match self.content(key.name())? {
            Content::File(bytes) => Some(file::Content::Bytes(bytes.into())),
            Content::Value(Value::String(text)) => Some(file::Content::Base64(text.into())),
            _ => None,
        }
    }

    /// Takes a text out.
    pub fn take_text(&mut self, key: Key<String>) -> Option<String> {
        match self.take(key)? {
            (_, Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// Whether something is set for the parameter of that name.
    pub fn has(&self, name: &str) -> bool {
        self.values.iter().any(|(field, _)| field.name == name)
    }

    /// Whether all of these parameters could be read. A rule that speaks of several is silent where one of them could
    /// not: what seems to be missing is there, only not as it should be.
    pub fn are_known(&self, names: &[&str]) -> bool {
        !names.iter().any(|name| self.misread.contains(name))
    }

    /// Whether what was given for a parameter breaks no rule so far.
    pub fn is_good<T>(&self, key: Key<T>) -> bool {
        self.violations.is_empty() || {
            let pointer = self.pointer_to(key.name());
            !self.violations.iter().any(|violation| is_at(violation, self.argument, &pointer))
        }
    }

    /// Notes a broken rule that speaks of `others` too.
    pub fn violate<T>(&mut self, key: Key<T>, others: &[&str], rule: impl Into<Message>) {
        if self.are_known(&[key.name()]) && self.are_known(others) {
            let pointer = self.pointer_to(key.name());
            self.violations.push(Violation { argument: self.argument, pointer, rule: rule.into() });
        }
    }

    /// Holds every value against the rules of its field.
    pub fn check_fields(&mut self) {
        let mut violations = Vec::new();
        for (field, content) in &mut self.values {
            // Where there are too many, what is in each is not looked at.
            let count = content.records().len();
            if field.rules.iter().any(|rule| rules::count(rule, count).is_some()) {
                continue;
            }
            for record in content.records_mut() {
                record.check_fields();
                violations.append(&mut record.violations);
            }
        }
        for (field, content) in &self.values {
            let mut note = |index: Option<usize>, rule| {
                let mut pointer = self.pointer_to(field.name);
                if let Some(index) = index {
                    pointer.push_str(&format!("/{}", self.place(field.name, index)));
                }
                violations.push(Violation { argument: self.argument, pointer, rule });
            };
            for rule in field.rules {
                match content {
                    Content::Value(value) => rules::check(rule, value, &mut note),
                    Content::Records(records) => {
                        rules::count(rule, records.len()).into_iter().for_each(|rule| note(None, rule));
                    }
                    Content::Record(_) | Content::File(_) => {}
                }
            }
        }
        self.violations.append(&mut violations);
    }

    /// Cuts what may be cut to its limit; returns what was done to the texts.
    pub fn cut(&mut self) -> Edits {
        let mut edits = Edits::default();
        self.cut_into(&mut edits);
        edits
    }

    fn cut_into(&mut self, edits: &mut Edits) {
        let prefix = self.pointer.trim_start_matches('/').to_owned();
        let named = |name: &str| if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") };
        edits.cleaned.extend(self.cleaned.iter().map(|name| named(name)));
        for (field, content) in &mut self.values {
            let limit =
                field.rules.iter().find_map(|rule| if let Rule::Cut(limit) = rule { Some(*limit) } else { None });
            match content {
                Content::Value(Value::String(text)) => {
                    if limit.is_some_and(|limit| cut::cut(text, limit)) {
                        edits.truncated.push(named(field.name));
                    }
                }
                content => content.records_mut().iter_mut().for_each(|record| record.cut_into(edits)),
            }
        }
    }

    /// The values under their names on the wire. What is left out is absent: WeCom takes an empty text or list for an
    /// order to clear.
    pub fn into_wire(self) -> Map<String, Value> {
        // One after the other: collected they would be sorted first, and nothing else in the component sorts.
        let mut wire = Map::new();
        for (field, content) in self.values {
            wire.insert(field.wire.to_owned(), content.into_wire(field));
        }
        wire
    }
}

impl Content {
    fn records(&self) -> &[Parameters] {
        match self {
            Self::Value(_) | Self::File(_) => &[],
            Self::Record(record) => std::slice::from_ref(record),
            Self::Records(records) => records,
        }
    }

    fn records_mut(&mut self) -> &mut [Parameters] {
        match self {
            Self::Value(_) | Self::File(_) => &mut [],
            Self::Record(record) => std::slice::from_mut(record),
            Self::Records(records) => records,
        }
    }

    fn into_wire(self, field: &Field) -> Value {
        match self {
            Self::Value(Value::Number(number)) if field.rules.iter().any(|rule| matches!(rule, Rule::Switch)) => {
                (number.as_u64() != Some(0)).into()
            }
            Self::Value(value) => value,
            Self::File(bytes) => file::encode(bytes).into(),
            Self::Record(record) => record.into_wire().into(),
            Self::Records(records) => {
                let records = records.into_iter().map(|record| Value::Object(record.into_wire()));
                Value::Array(records.collect())
            }
        }
    }
}

/// Whether a rule is broken at the pointer into the argument, or below it.
fn is_at(violation: &Violation, argument: Argument, pointer: &str) -> bool {
    let below = violation.pointer.strip_prefix(pointer);
    violation.argument == argument && below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn narrow(field: &Field, text: &mut String) {
    if field.rules.iter().any(|rule| matches!(rule, Rule::Narrow)) {
        tidy::narrow(text);
    }
}

/// The word that it is, where only its case differs.
fn as_written(field: &Field, text: &mut String) {
    let words = field.rules.iter().find_map(|rule| if let Rule::OneOf(words) = rule { Some(words) } else { None });
    let same = words.and_then(|words| words.iter().find(|word| word.eq_ignore_ascii_case(text)));
    if let Some(word) = same {
        *text = (*word).to_owned();
    }
}

/// Gives the text the form in which the rules of the field are to see it. Whether something was taken out of it that stood
/// between other characters.
fn tidied(field: &Field, text: &mut String) -> bool {
    narrow(field, text);
    let form =
        field.rules.iter().find(|rule| matches!(rule, Rule::Prose(_) | Rule::Bare | Rule::Base64 { .. } | Rule::File));
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
        Some(Rule::Bare) => {
            tidy::keep(text, tidy::bare);
            tidy::narrow(text);
            false
        }
        Some(_) => {
            tidy::base64(text);
            false
        }
        None => {
            tidy::keep(text, tidy::trimmed);
            as_written(field, text);
            false
        }
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
    pub(super) slots: Vec<usize>,
}

/// How many entries the lists of one call may still have, those inside of records too: faults of all of them could fill
/// the memory.
pub(super) struct Budget(Cell<usize>);

impl Default for Budget {
    fn default() -> Self {
        Self(Cell::new(MAX_VALUES))
    }
}

impl Budget {
    fn take(&self, count: usize) -> Result<(), TooMany> {
        match self.0.get().checked_sub(count) {
            Some(left) => {
                self.0.set(left);
                Ok(())
            }
            None => Err(TooMany(count)),
        }
    }
}

/// Whether nothing is in a value.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    }
}

/// The entries of a list, without those that are empty. A text with separators in it is several entries: no ID and no
/// number has one.
pub(super) fn entries(items: Vec<Value>, budget: &Budget) -> Result<(Vec<Value>, Places), TooMany> {
    let several = |text: &&str| !tidy::is_entry(text);
    let count = |item: &Value| item.as_str().filter(several).map_or(1, |text| tidy::entries(text).count());
    let count: usize = items.iter().map(count).sum();
    budget.take(count)?;
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
            Value::String(text) if !tidy::is_entry(&text) => {
                tidy::slots(&text).for_each(|entry| push((!entry.is_empty()).then(|| entry.into())));
            }
            item => push(Some(item)),
        }
    }
    Ok((entries, places))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameter::{Spec, Table as _, table};
    use crate::text::message;

    const NAME: Spec =
        Spec { rules: &[rules::NOT_EMPTY, rules::LINE, rules::cut_at(cut::Limit::Chars(2))], ..Spec::NEW };
    const TO_USER: Spec = Spec { wire: "touser", ..Spec::NEW };

    table! {
        /// A table of every kind of parameter.
        pub struct Sample {
            pub name: String = NAME,
            pub to_user: Option<Vec<String>> = TO_USER,
            pub order: Option<u32> = Spec::NEW,
        }
    }

    #[test]
    fn what_is_unset_is_left_out_and_zero_is_not() {
        let table = Sample { name: "企业微信".into(), to_user: Some(Vec::new()), order: Some(0) };
        let mut parameters = Parameters::new(Argument::Parameters, Sample::FIELDS, table.into_values()).unwrap();
        assert_eq!(parameters.cut().truncated, ["name"]);
        assert_eq!(Value::Object(parameters.into_wire()), serde_json::json!({"name": "企业", "order": 0}));
    }

    #[test]
    fn an_absurd_list_is_refused_before_its_entries() {
        let table = Sample { to_user: Some(vec![String::new(); MAX_VALUES + 1]), ..Sample::default() };
        let faults = Parameters::new(Argument::Parameters, Sample::FIELDS, table.into_values()).err().unwrap();
        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].pointer, "/to_user");
        assert_eq!(faults[0].rule, message!("must have at most {} entries, and has {}", 16_384_usize, 16_385_usize));
    }

    #[test]
    fn texts_are_tidied_before_the_rules_look_at_them() {
        let table = Sample {
            name: " \u{1b}[1m张\u{7}三\u{1b}]8;;\u{7}\n".into(),
            to_user: Some(["a", " ", "b，c", ""].map(str::to_owned).to_vec()),
            order: None,
        };
        let mut parameters = Parameters::new(Argument::Parameters, Sample::FIELDS, table.into_values()).unwrap();
        assert_eq!(parameters.slots(Sample::to_user), [0, 2, 3]);
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
        assert!(Parameters::new(Argument::Parameters, Sample::FIELDS, table.into_values()).is_err());
    }
}
