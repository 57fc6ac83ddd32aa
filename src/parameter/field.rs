//! One line of a table.

use serde_json::{Map, Value};

use super::rules::{self, Rule};
use super::ui::Ui;
use crate::text::{Text, text};

/// What a table says of one parameter, or an output of one of its fields. The same value serves every table that has it.
///
/// Only what a call needs of it gets into the component: see [`Field`]. Texts are for the generators.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Its name on the wire. The name in the contract serves where it is empty.
    pub wire: &'static str,
    /// What a form shows above it.
    pub title: Text,
    /// What it means, in one or two sentences.
    pub description: Text,
    /// Values that break no rule, each as JSON.
    pub examples: &'static [Text],
    /// Every value that a number can have, where it stands for a choice.
    pub choices: &'static [Choice],
    /// Every word that a text can be, where it stands for a choice: those of its rule [`Rule::OneOf`].
    pub words: &'static [Word],
    /// What its value must obey, one by one.
    pub rules: &'static [Rule],
    /// What a form may know beyond that.
    pub ui: Ui,
    /// The variable of the environment that it is read from. Only fields of a connection have one.
    pub variable: &'static str,
    /// Whether nobody may see it.
    pub secret: bool,
    /// What it is an ID of, or each of its entries.
    pub names: Names,
    /// What JSON Schema can say of a record, or of each entry of a list, beyond the rules of its fields: see
    /// [`conditions`](super::conditions).
    pub conditions: fn() -> Map<String, Value>,
}

impl Spec {
    /// A spec that says nothing yet, to be filled in: `Spec { title: …, ..Spec::NEW }`.
    pub const NEW: Self = Self {
        wire: "",
        title: Text::NONE,
        description: Text::NONE,
        examples: &[],
        choices: &[],
        words: &[],
        rules: &[],
        ui: Ui::NONE,
        variable: "",
        secret: false,
        names: Names::Nothing,
        conditions: Map::new,
    };
}

impl Spec {
    /// Every value that it can have with what that stands for, where it is a choice.
    pub fn alternatives(&self) -> Vec<(Value, Text)> {
        let numbers = self.choices.iter().map(|choice| (choice.value.into(), choice.title));
        numbers.chain(self.words.iter().map(|word| (word.value.into(), word.title))).collect()
    }
}

/// What a value names that WeCom gave out: what one action returns as such, every other one takes as such.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Names {
    /// It is no ID.
    Nothing,
    /// The application that sends.
    Application,
    /// A card that can be updated once.
    Card,
    /// An option of a card.
    CardOption,
    /// An enterprise that something is shared with, or that is linked.
    Corp,
    /// Where a list goes on.
    Cursor,
    /// A customer of the enterprise.
    Customer,
    /// A group chat with customers.
    CustomerGroup,
    /// A tag of customers.
    CustomerTag,
    /// A department.
    Department,
    /// Something as another enterprise calls it. By itself it means nothing here.
    Elsewhere,
    /// Uploaded material.
    File,
    /// A group chat.
    GroupChat,
    /// A department of a linked enterprise, with the link before it.
    LinkedDepartment,
    /// A member of a linked enterprise, with that before it.
    LinkedMember,
    /// A member.
    Member,
    /// A message.
    Message,
    /// A WeChat mini program.
    MiniProgram,
    /// A member, as third-party applications name it.
    OpenMember,
    /// A place among siblings.
    Order,
    /// A tag.
    Tag,
    /// A card, as its sender names it.
    Task,
    /// A person, as the open platform of WeChat names them.
    WechatUser,
}

/// A value of a number that stands for something.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    /// The value.
    pub value: u8,
    /// What it stands for.
    pub title: Text,
}

/// A text that stands for something.
#[derive(Clone, Copy, Debug)]
pub struct Word {
    /// The text.
    pub value: &'static str,
    /// What it stands for.
    pub title: Text,
}

/// A text that stands for something.
pub const fn word(value: &'static str, title: Text) -> Word {
    Word { value, title }
}

/// A value of a number that stands for something.
pub const fn choice(value: u8, title: Text) -> Choice {
    Choice { value, title }
}

/// The choices of a number that is a switch.
pub const NO_YES: &[Choice] = &[choice(0, text("No", "否")), choice(1, text("Yes", "是"))];

/// What a call has to know of one line of a table.
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
    /// What it means that the parameter is given empty.
    pub fn empty(&self) -> Empty {
        let meaning = |rule: &Rule| match rule {
            Rule::Clears => Some(Empty::Clears),
            Rule::CannotBeCleared => Some(Empty::Refused),
            _ => None,
        };
        self.rules.iter().find_map(meaning).unwrap_or(Empty::LeftOut)
    }

    /// Whether it is the content of a file.
    pub fn is_file(&self) -> bool {
        self.rules.iter().any(|rule| matches!(rule, Rule::File))
    }

    /// How many bytes a file has at most that goes as Base64 wherever it comes from; `None` where the parameter is none.
    pub(super) fn max_file_bytes(&self) -> Option<usize> {
        self.rules.iter().find_map(|rule| match rule {
            Rule::Base64 { max_bytes } => Some(*max_bytes),
            _ => None,
        })
    }

    /// The numbers that the parameter may be.
    pub(crate) fn bounds(&self) -> (u64, u64) {
        rules::bounds(self.rules).unwrap_or((0, self.kind.greatest()))
    }
}

/// The type of a parameter.
#[derive(Clone, Copy, Debug)]
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
    /// A record: its fields.
    Record(&'static [Field]),
    /// A list of records: the fields of each.
    Records(&'static [Field]),
}

impl Kind {
    /// The greatest number that a value, or an entry, of this type can be.
    pub(crate) fn greatest(self) -> u64 {
        if let Self::Number { max } = self { max } else { u32::MAX.into() }
    }

    /// Whether it is a list.
    pub fn is_list(self) -> bool {
        matches!(self, Self::Texts | Self::Numbers | Self::Records(_))
    }
}

/// A struct of the contract, for the generators.
#[derive(Debug)]
pub struct Record {
    /// The struct's name: `CreateMemberParameters`.
    pub name: &'static str,
    /// The module that it stands in.
    pub module: &'static str,
    /// What it is, in English.
    pub docs: &'static str,
    /// Whether nothing else may stand in it: it is given, not returned.
    pub closed: bool,
    /// Its fields, in order.
    pub fields: &'static [Field],
    /// What is said of each of them.
    pub specs: &'static [Spec],
    /// The struct that a field, or an entry of it, is; `None` for texts and numbers.
    pub records: &'static [Option<&'static Record>],
}

impl Record {
    /// Every field with what is said of it, and the struct that it is or lists.
    pub fn lines(&self) -> impl Iterator<Item = (&'static Field, &'static Spec, Option<&'static Record>)> {
        self.fields.iter().zip(self.specs).zip(self.records).map(|((field, spec), record)| (field, spec, *record))
    }

    /// Every field that is no record, in it or in a record of it, by its place: `/dept_user/*/user_id`, with a star for
    /// the entries of a list.
    pub fn leaves(&self) -> Vec<(String, &'static Field, &'static Spec)> {
        let mut leaves = Vec::new();
        for (field, spec, record) in self.lines() {
            let entries = if field.kind.is_list() { "/*" } else { "" };
            let place = format!("/{}{entries}", field.name);
            match record {
                Some(record) => leaves.extend(
                    record.leaves().into_iter().map(|(below, field, spec)| (format!("{place}{below}"), field, spec)),
                ),
                None => leaves.push((place, field, spec)),
            }
        }
        leaves
    }
}
