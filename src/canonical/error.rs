//! The error of the contract, in the same terms as tables, so that the same code writes it.

use super::layout::{Layout, field};
use crate::error::{Error, Failure, InvalidParameter};
use crate::parameter::{Field, Given, Kind, Values};
use crate::text::Localized;

/// One text in the two languages.
pub const LOCALIZED: &[Field] = &[field("en", Kind::Text, true), field("zh", Kind::Text, true)];

/// One broken rule.
pub const INVALID_PARAMETER: &[Field] = &[
    field("argument", CASE, true),
    field("pointer", Kind::Text, true),
    field("message", Kind::Record(LOCALIZED), true),
];

/// A refusal or a breakdown.
pub const FAILURE: &[Field] = &[
    field("category", CASE, true),
    field("errcode", NUMBER, false),
    field("message", Kind::Text, true),
    field("hint", Kind::Record(LOCALIZED), true),
    field("doc_url", Kind::Text, true),
    field("retry_after_seconds", NUMBER, false),
    field("caller_ip", Kind::Text, false),
    field("api", Kind::Text, true),
    field("credential", CASE, true),
];

/// What the cases of an error hold, in order.
pub const CASES: [Option<Kind>; 5] = [
    None,
    Some(Kind::Records(INVALID_PARAMETER)),
    Some(Kind::Record(FAILURE)),
    Some(Kind::Record(FAILURE)),
    Some(Kind::Record(FAILURE)),
];

/// A case of an enum.
const CASE: Kind = Kind::Number { max: u8::MAX as u64 };
/// A number of 32 bits. Whether one of them is a sign makes no difference.
const NUMBER: Kind = Kind::Number { max: u32::MAX as u64 };

/// What an error takes beside its case: as much as the largest needs.
pub fn payload<const ADDRESS: usize>() -> Layout {
    CASES.into_iter().flatten().map(Layout::of::<ADDRESS>).fold(Layout::NOTHING, Layout::or)
}

/// What `result<output, error>` takes beside the byte that says which of the two it is.
pub fn result_payload<const ADDRESS: usize>(output: &[Field]) -> Layout {
    Layout::of_record::<ADDRESS>(output).or(payload::<ADDRESS>().behind_a_byte())
}

/// Which case the error is, and what it holds.
pub(super) fn case(error: Error) -> (u8, Given) {
    match error {
        Error::ExecutionFailed => (0, Given::Nothing),
        Error::PermanentInvalidParameters(faults) => {
            (1, Given::Records(faults.into_iter().map(invalid_parameter).collect()))
        }
        Error::PermanentRejected(failure) => (2, self::failure(failure)),
        Error::PermanentOutcomeUnknown(failure) => (3, self::failure(failure)),
        Error::Retryable(failure) => (4, self::failure(failure)),
    }
}

fn invalid_parameter(InvalidParameter { argument, pointer, message }: InvalidParameter) -> Values {
    let mut values = Values::default();
    values.push(argument as u8);
    values.push(pointer);
    values.0.push(localized(message));
    values
}

fn failure(failure: Failure) -> Given {
    let mut values = Values::default();
    values.push(failure.category as u8);
    values.push(failure.errcode.map(i32::cast_unsigned));
    values.push(failure.message);
    values.0.push(localized(failure.hint));
    values.push(failure.doc_url);
    values.push(failure.retry_after_seconds);
    values.push(failure.caller_ip);
    values.push(failure.api);
    values.push(failure.credential as u8);
    Given::Record(values)
}

fn localized(Localized { en, zh }: Localized) -> Given {
    let mut values = Values::default();
    values.push(en);
    values.push(zh);
    Given::Record(values)
}
