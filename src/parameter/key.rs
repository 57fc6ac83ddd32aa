//! What a parameter is asked for by.

use std::marker::PhantomData;

/// The name of a parameter, with its type. [`table!`](super::table!) makes one for each field of a table.
#[derive(Debug)]
pub struct Key<T> {
    name: &'static str,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Key<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Key<T> {}

impl<T> Key<T> {
    /// The key of the field of that name, for [`table!`](super::table!), and where a list of names is gone through.
    pub const fn of(name: &'static str) -> Self {
        Self { name, of: PhantomData }
    }

    /// The name in the contract.
    pub const fn name(self) -> &'static str {
        self.name
    }
}
