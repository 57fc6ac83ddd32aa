//! The canonical ABI of the component model, as far as the actions need it: arguments of a call that the host has put
//! into memory become [`Values`], and an output or an error becomes memory that the host reads.
//!
//! `wit_bindgen` makes code of its own for every function, some 4 KB each, which is most of a component with many
//! actions. The tables say all that such code knows, so that here one reader and one writer go along them. What a table
//! lies like in memory is in [`layout`], which has no address in it; the tests of xtask hold it against the WIT.
//!
//! The addresses are those of the target: natively the tests go the same way with wider ones.

use std::alloc;

pub mod error;
pub mod layout;
mod lift;
mod lower;

pub use lift::{arguments, flat_arguments};
pub use lower::Lowered;

use self::layout::Layout;

/// What the allocator needs to know of a block.
fn of_block(Layout { size, align }: Layout) -> Option<alloc::Layout> {
    alloc::Layout::from_size_align(size, align).ok().filter(|block| block.size() > 0)
}

#[cfg(test)]
mod tests {
    use super::lower::Writer;
    use super::*;
    use crate::error::{Argument, Category, Credential, Error, Failure, InvalidParameter};
    use crate::parameter::example::{Article, ExampleParameters, Source};
    use crate::parameter::{Described as _, Field, Given, Kind, Spec, Table, Values, encode, table};
    use crate::text::Localized;

    table! {
        /// What stands for a connection.
        pub struct Key {
            pub key: Option<String> = Spec::NEW,
        }
    }

    table! {
        /// A table whose fields lie at odd places: a `u64` behind bytes, records within records, lists of them.
        pub struct Odd {
            pub first: u8 = Spec::NEW,
            pub wide: Option<u64> = Spec::NEW,
            pub inner: Option<Inner> = Spec::NEW,
            pub last: u8 = Spec::NEW,
            pub rows: Vec<Inner> = Spec::NEW,
        }
    }

    table! {
        /// A record that holds one, and a list of them.
        pub struct Inner {
            pub flag: Option<u8> = Spec::NEW,
            pub number: u32 = Spec::NEW,
            pub texts: Option<Vec<String>> = Spec::NEW,
            pub innermost: Innermost = Spec::NEW,
            pub more: Option<Vec<Innermost>> = Spec::NEW,
        }
    }

    table! {
        /// The end of it.
        pub struct Innermost {
            pub byte: u8 = Spec::NEW,
            pub wide: u64 = Spec::NEW,
            pub numbers: Vec<u32> = Spec::NEW,
            pub name: Option<String> = Spec::NEW,
        }
    }

    fn inner(texts: Option<Vec<String>>, more: Option<Vec<Innermost>>) -> Inner {
        let innermost = Innermost { byte: 255, wide: 1 << 40, numbers: vec![1, u32::MAX], name: Some("中".into()) };
        Inner { flag: Some(1), number: 7, texts, innermost, more }
    }

    fn odd() -> Odd {
        Odd {
            first: 3,
            wide: Some(u64::MAX),
            inner: Some(inner(None, Some(Vec::new()))),
            last: 4,
            rows: vec![
                inner(Some(vec!["a".into(), String::new()]), Some(vec![Innermost::default(); 3])),
                Inner::default(),
            ],
        }
    }

    fn example() -> ExampleParameters {
        let article = |title: &str, tags| Article { title: title.into(), url: String::new(), tags, phone: None };
        ExampleParameters {
            to_user: vec!["zhangsan".into(), "李四".into()],
            importance: Some(1),
            source: Some(Source { description: Some("监控".into()), ..Source::default() }),
            articles: vec![article("a", Some(vec![1, 2])), article("", None)],
        }
    }

    /// What is lifted again of what was lowered: the component at one end takes what the one at the other has let go.
    fn there_and_back(
        connection: (&'static [Field], Option<Values>),
        parameters: (&'static [Field], Values),
    ) -> (Option<Values>, Values) {
        let fields = layout::arguments(connection.0, parameters.0);
        let values = Values(vec![connection.1.map_or(Given::Nothing, Given::Record), Given::Record(parameters.1)]);
        let mut writer = Writer::default();
        let memory = writer.block(Layout::of_record::<{ layout::ADDRESS }>(&fields));
        // SAFETY: the block is as large as the record, and whoever lifts takes all that the writer would have freed.
        unsafe {
            writer.record(memory, &fields, values);
            writer.forget();
            arguments(connection.0, parameters.0, memory)
        }
    }

    #[track_caller]
    fn is_kept<T: Table + Clone>(table: &T) {
        let values = || table.clone().into_values();
        let expected = encode::json(T::FIELDS, &values());
        let (none, parameters) = there_and_back((Key::FIELDS, None), (T::FIELDS, values()));
        assert!(none.is_none());
        assert_eq!(encode::json(T::FIELDS, &parameters), expected);
        let key = Key { key: Some("x".into()) }.into_values();
        let (given, parameters) = there_and_back((Key::FIELDS, Some(key)), (T::FIELDS, values()));
        assert_eq!(encode::json(Key::FIELDS, &given.unwrap()), r#"{"key":"x"}"#);
        assert_eq!(encode::json(T::FIELDS, &parameters), expected);
    }

    #[test]
    fn what_is_lowered_is_lifted_again() {
        is_kept(&odd());
        is_kept(&Odd::default());
        is_kept(&Odd { rows: vec![Inner::default(); 5], ..odd() });
        is_kept(&example());
        is_kept(&ExampleParameters::default());
    }

    #[test]
    fn flat_arguments_are_those_of_the_fields_in_order() {
        // An absent connection has its arguments, too, and they mean nothing.
        // SAFETY: there is no address in it.
        let (none, numbers) =
            unsafe { flat_arguments(Key::FIELDS, Numbers::FIELDS, &[0, 77, 77, 77, 200, 1, 1 << 40, 0, 9]) };
        assert!(none.is_none());
        assert_eq!(encode::json(Numbers::FIELDS, &numbers), r#"{"byte":200,"wide":1099511627776}"#);
        // An empty text is at no address.
        // SAFETY: there is no address in it.
        let (given, _) = unsafe { flat_arguments(Key::FIELDS, Numbers::FIELDS, &[1, 1, 1, 0, 0, 0, 0, 1, 5]) };
        assert_eq!(encode::json(Key::FIELDS, &given.unwrap()), r#"{"key":""}"#);
    }

    table! {
        /// A table without an address in it.
        pub struct Numbers {
            pub byte: u8 = Spec::NEW,
            pub wide: Option<u64> = Spec::NEW,
            pub last: Option<u32> = Spec::NEW,
        }
    }

    table! {
        /// A table with a list of either kind.
        pub struct Lists {
            pub keys: Vec<Key> = Spec::NEW,
            pub texts: Vec<String> = Spec::NEW,
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "so many entries take it too long")]
    fn of_absurd_lists_nothing_is_kept_but_the_count() {
        const MANY: usize = crate::json::MAX_VALUES + 1;
        let lists = Lists { keys: vec![Key { key: Some("a".into()) }; MANY], texts: vec!["a".into(); MANY] };
        let (_, values) = there_and_back((Key::FIELDS, None), (Lists::FIELDS, lists.into_values()));
        for given in &values.0 {
            assert!(matches!(given, Given::TooMany(_)) && given.entries() == MANY);
        }
    }

    /// A number of the result, by its place in bytes.
    fn byte(lowered: &Lowered, place: usize) -> u8 {
        // SAFETY: every result has more bytes than the tests look at.
        unsafe { lowered.address().add(place).read() }
    }

    #[test]
    fn a_result_says_first_which_it_is() {
        let output = Lowered::result(Odd::FIELDS, Ok(odd().into_values()));
        assert_eq!((byte(&output, 0), byte(&output, 8)), (0, 3));
        assert_eq!(byte(&Lowered::result(&[], Ok(Values::default())), 0), 0);
        let failure = Failure {
            category: Category::Limit,
            errcode: Some(-1),
            message: "m".into(),
            hint: Localized::new("en", "zh"),
            doc_url: String::new(),
            retry_after_seconds: Some(7),
            caller_ip: Some("1.1.1.1".into()),
            api: "message/send".into(),
            credential: Credential::ChatbotKey,
        };
        let fault = InvalidParameter {
            argument: Argument::Parameters,
            pointer: "/a".into(),
            message: Localized::same("is required"),
        };
        for (error, case) in [
            (Error::ExecutionFailed, 0),
            (Error::PermanentInvalidParameters(vec![fault]), 1),
            (Error::PermanentRejected(failure.clone()), 2),
            (Error::PermanentOutcomeUnknown(failure.clone()), 3),
            (Error::Retryable(failure), 4),
        ] {
            // The error is aligned like an address, for the output needs no more.
            let lowered = Lowered::result(Key::FIELDS, Err(error));
            assert_eq!((byte(&lowered, 0), byte(&lowered, layout::ADDRESS)), (1, case));
        }
    }

    #[test]
    fn a_required_field_without_a_value_is_empty() {
        static FIELDS: &[Field] = &[layout::field("rows", Kind::Records(Odd::FIELDS), true)];
        let (_, values) = there_and_back((Key::FIELDS, None), (FIELDS, Values::default()));
        assert_eq!(encode::json(FIELDS, &values), r#"{"rows":[]}"#);
    }
}
