//! Connections as tables.

use crate::parameter::{Key, Parameters};

/// What a connection's table has beyond that of an action.
pub trait Variables: Sized {
    /// The variable of the environment of each field.
    const VARIABLES: &'static [&'static str];

    /// The connection of the fields that are set.
    fn of(fields: Parameters) -> Self;
}

/// Declares a connection: a struct, with a [`Spec`](crate::parameter::Spec) for each field, and with the variables of the
/// environment. Its `Debug` tells which fields are set, and no value: most are secrets.
macro_rules! connection {
    (
        $(#[doc = $docs:literal])+
        pub struct $name:ident {
            $(pub $field:ident: $type:ty = $spec:expr,)*
        }
    ) => {
        $(#[doc = $docs])+
        #[derive(Clone, Default, PartialEq, Eq)]
        #[allow(missing_docs, unreachable_pub, reason = "the spec of each field says what it is; some tables are of tests")]
        pub struct $name {
            $(pub $field: $type,)*
        }

        $crate::parameter::table::described! { true [$($docs)+] $name { $($field: $type = $spec,)* } }
        $crate::parameter::table::keys! { $name { $($field: $type,)* } }

        impl $crate::connection::table::Variables for $name {
            const VARIABLES: &'static [&'static str] = &[$({
                const SPEC: Spec = $spec;
                SPEC.variable
            }),*];

            fn of(mut fields: $crate::parameter::Parameters) -> Self {
                Self { $($field: $crate::connection::table::Taken::taken(&mut fields, Self::$field),)* }
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let none = Self::default();
                let mut debug = f.debug_tuple(stringify!($name));
                $(if self.$field != none.$field {
                    debug.field(&format_args!(stringify!($field)));
                })*
                debug.finish()
            }
        }
    };
}
pub(super) use connection;

/// A type that a connection's field can have.
pub(crate) trait Taken {
    /// The same where it must be there.
    type Required;

    /// The value of the field.
    fn taken(fields: &mut Parameters, key: Key<Self::Required>) -> Self;
}

impl Taken for String {
    type Required = Self;

    fn taken(fields: &mut Parameters, key: Key<Self>) -> Self {
        fields.take_text(key).unwrap_or_default()
    }
}

impl Taken for Option<String> {
    type Required = String;

    fn taken(fields: &mut Parameters, key: Key<String>) -> Self {
        fields.take_text(key)
    }
}

macro_rules! numbers {
    ($($type:ty),*) => {
        $(impl Taken for Option<$type> {
            type Required = $type;

            fn taken(fields: &mut Parameters, key: Key<$type>) -> Self {
                let (_, value) = fields.take(key)?;
                value.as_u64()?.try_into().ok()
            }
        })*
    };
}
numbers!(u32, u64);
