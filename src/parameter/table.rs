//! [`table!`] and [`output!`]: a struct, and everything that is known of its fields.

use serde_json::Value;

use super::field::{Field, Kind, Record};
use crate::json::MAX_VALUES;
use crate::text::{Message, message};

/// A struct of the contract.
pub trait Described {
    /// Its fields, in order.
    const FIELDS: &'static [Field];
    /// The same with all that is said of it. Nothing that a call reaches may use it: the texts would get into the
    /// component.
    const RECORD: &'static Record;
}

/// A struct as values: a parameter table, or an output.
pub trait Table: Described {
    /// The values of the fields, in order.
    fn into_values(self) -> Values;
}

/// The values of the fields of a table or an output, in order. They may be secrets, so this type has no `Debug`.
#[derive(Default)]
pub struct Values(pub(crate) Vec<Given>);

/// What was given for a parameter, or stands in a field of an output.
pub enum Given {
    /// Nothing.
    Nothing,
    /// A text, a number or a list of them.
    Value(Value),
    /// A record.
    Record(Values),
    /// A list of records.
    Records(Vec<Values>),
    /// So many entries that they are not looked at.
    TooMany(TooMany),
}

impl Given {
    /// How many entries it has, if it is a list.
    pub(crate) fn entries(&self) -> usize {
        match self {
            Self::Value(Value::Array(items)) => items.len(),
            Self::Records(records) => records.len(),
            Self::TooMany(TooMany(count)) => *count,
            Self::Nothing | Self::Value(_) | Self::Record(_) => 0,
        }
    }
}

impl Values {
    /// Adds the value of the next field.
    pub fn push(&mut self, value: impl Parameter) {
        self.0.push(value.given());
    }
}

/// A list of so many entries that they are not looked at: their faults alone could fill the memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany(pub(crate) usize);

impl From<TooMany> for Message {
    fn from(TooMany(count): TooMany) -> Self {
        message!("must have at most {} entries, and has {}", MAX_VALUES, count)
    }
}

/// A type that a field can have.
pub trait Type {
    /// The same where it must be there: `String` for `Option<String>`.
    type Required;
    /// What it is to [`Field`].
    const KIND: Kind;
    /// Whether it must be there.
    const REQUIRED: bool = true;
    /// The struct that it is, or lists.
    const RECORD: Option<&'static Record> = None;
}

/// A type that an entry of a list can have.
pub trait Entry {
    /// What a list of it is to [`Field`].
    const LIST: Kind;
    /// The struct that it is.
    const RECORD: Option<&'static Record> = None;
}

/// An entry that is no record.
pub trait Plain: Entry {}

/// A type whose values can stand in a table or an output.
pub trait Parameter: Type {
    /// The value.
    fn given(self) -> Given;
}

macro_rules! plain_types {
    ($($type:ty: $kind:expr),*) => {
        $(impl Type for $type {
            type Required = Self;
            const KIND: Kind = $kind;
        }

        impl Parameter for $type {
            fn given(self) -> Given {
                Given::Value(self.into())
            }
        })*
    };
}
plain_types!(
    String: Kind::Text,
    u64: Kind::Number { max: u64::MAX },
    u32: Kind::Number { max: u32::MAX as u64 },
    u8: Kind::Number { max: u8::MAX as u64 }
);

macro_rules! plain_lists {
    ($($type:ty: $kind:expr),*) => {
        $(impl Entry for $type {
            const LIST: Kind = $kind;
        }

        impl Plain for $type {}

        impl Parameter for Vec<$type> {
            fn given(self) -> Given {
                Given::Value(self.into())
            }
        })*
    };
}
plain_lists!(String: Kind::Texts, u32: Kind::Numbers);

impl<T: Entry> Type for Vec<T> {
    type Required = Self;
    const KIND: Kind = T::LIST;
    const RECORD: Option<&'static Record> = T::RECORD;
}

impl<T: Type> Type for Option<T> {
    type Required = T::Required;
    const KIND: Kind = T::KIND;
    const REQUIRED: bool = false;
    const RECORD: Option<&'static Record> = T::RECORD;
}

impl<T: Parameter> Parameter for Option<T> {
    fn given(self) -> Given {
        self.map_or(Given::Nothing, T::given)
    }
}

impl<T: Described> Type for T {
    type Required = Self;
    const KIND: Kind = Kind::Record(T::FIELDS);
    const RECORD: Option<&'static Record> = Some(<T as Described>::RECORD);
}

impl<T: Described> Entry for T {
    const LIST: Kind = Kind::Records(T::FIELDS);
    const RECORD: Option<&'static Record> = Some(<T as Described>::RECORD);
}

impl<T: Table> Parameter for T {
    fn given(self) -> Given {
        Given::Record(self.into_values())
    }
}

impl<T: Table> Parameter for Vec<T> {
    fn given(self) -> Given {
        Given::Records(self.into_iter().map(T::into_values).collect())
    }
}

/// The name of a field in the contract. One that Rust has for itself, such as `type`, is written with an underscore behind
/// it.
pub const fn contract_name(field: &'static str) -> &'static str {
    match field.as_bytes() {
        [.., b'_'] => field.split_at(field.len() - 1).0,
        _ => field,
    }
}

/// Declares a parameter table: a struct, with a [`Spec`](super::Spec) for each field, which has everything that is known
/// of it. Beside the struct there is a [`Key`](super::Key) of the field's name for each.
macro_rules! table {
    (
        $(#[doc = $docs:literal])+
        pub struct $name:ident {
            $(pub $field:ident: $type:ty = $spec:expr,)*
        }
    ) => {
        $(#[doc = $docs])+
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        #[allow(missing_docs, unreachable_pub, reason = "the spec of each field says what it is; some tables are of tests")]
        pub struct $name {
            $(pub $field: $type,)*
        }

        $crate::parameter::table::described! { true [$($docs)+] $name { $($field: $type = $spec,)* } }
        $crate::parameter::table::keys! { $name { $($field: $type,)* } }
    };
}
pub(crate) use table;

/// What a struct has that is given: a key for each of its fields.
macro_rules! keys {
    ($name:ident { $($field:ident: $type:ty,)* }) => {
        #[allow(non_upper_case_globals, missing_docs, unreachable_pub, dead_code, reason = "a key has the name of its field, and not every one is asked for")]
        impl $name {
            $(pub const $field: $crate::parameter::Key<<$type as $crate::parameter::table::Type>::Required> =
                $crate::parameter::Key::of($crate::parameter::table::contract_name(stringify!($field)));)*
        }
    };
}
pub(crate) use keys;

/// Declares the output of an action, or a part of it: a struct, with a [`Spec`](super::Spec) for each field.
macro_rules! output {
    (
        $(#[doc = $docs:literal])+
        pub struct $name:ident {
            $(pub $field:ident: $type:ty = $spec:expr,)*
        }
    ) => {
        $(#[doc = $docs])+
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[allow(missing_docs, unreachable_pub, reason = "the spec of each field says what it is; some tables are of tests")]
        pub struct $name {
            $(pub $field: $type,)*
        }

        $crate::parameter::table::described! { false [$($docs)+] $name { $($field: $type = $spec,)* } }
    };
}
pub(crate) use output;

/// What [`table!`] and [`output!`] have in common.
macro_rules! described {
    ($closed:literal [$($docs:literal)+] $name:ident { $($field:ident: $type:ty = $spec:expr,)* }) => {
        impl $crate::parameter::Described for $name {
            const FIELDS: &'static [$crate::parameter::Field] = &[$({
                const SPEC: $crate::parameter::Spec = $spec;
                $crate::parameter::Field {
                    name: $crate::parameter::table::contract_name(stringify!($field)),
                    wire: if SPEC.wire.is_empty() {
                        $crate::parameter::table::contract_name(stringify!($field))
                    } else {
                        SPEC.wire
                    },
                    kind: <$type as $crate::parameter::table::Type>::KIND,
                    required: <$type as $crate::parameter::table::Type>::REQUIRED,
                    rules: SPEC.rules,
                }
            }),*];
            const RECORD: &'static $crate::parameter::Record = &$crate::parameter::Record {
                name: stringify!($name),
                module: module_path!(),
                docs: concat!($($docs),+),
                closed: $closed,
                fields: Self::FIELDS,
                specs: &[$($spec),*],
                records: &[$(<$type as $crate::parameter::table::Type>::RECORD),*],
            };
        }

        impl $crate::parameter::Table for $name {
            fn into_values(self) -> $crate::parameter::Values {
                #[allow(unused_mut, reason = "of what has no fields")]
                let mut values = $crate::parameter::Values::default();
                $(values.push(self.$field);)*
                values
            }
        }

        #[cfg(not(target_family = "wasm"))]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                $crate::parameter::schema::of_record(<Self as $crate::parameter::Described>::RECORD)
            }

            fn inline_schema() -> bool {
                true
            }
        }
    };
}
pub(crate) use described;
