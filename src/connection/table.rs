//! Connections as tables.

/// What a connection's table has beyond that of an action.
pub trait Variables {
    /// The variable of the environment of each field.
    const VARIABLES: &'static [&'static str];
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
                const SPEC: $crate::parameter::Spec = $spec;
                SPEC.variable
            }),*];
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
