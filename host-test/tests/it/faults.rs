//! Every fault of the fault server against an action of each kind, through the real host: what the engine is told, how
//! soon, after how many requests, and that no secret stands in it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use host_test::faults::{Arrived, Fault, FaultServer, Plan, Reach, Scope, TOKEN, Target};
use host_test::simulator::seed::{AGENT_ID, CORP_ID};
use host_test::simulator::{Department, Disturbance, Member, Options, Simulator};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use wecom_connector::about::{About, Effect, Proof, Secrets};
use wecom_connector::actions::ABOUT;
use wecom_connector::error::Category;
use wecom_connector::secrecy::SecretFinder;

use crate::harness::{self, Answer, Bench, Caller, Error, Way, about, by_each_component, is_chatbot, least, sample};

/// Secrets with everything in them that has to be encoded, and longer than anything an error quotes.
const APP_SECRET: &str =
    "AWKWARD app+/=&?#%41\"\\中 0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ-9876543210";
const CONTACTS_SECRET: &str =
    "AWKWARD contacts+/=&?#%41\"\\中 zyxwvutsrqponmlkjihgfedcba-0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZ-0";
const CHATBOT_KEY: &str =
    "AWKWARD key+/=&?#%41\"\\中 0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZ-abcdefghijklmnopqrstuvwxyz-0123456789";

/// What no answer may show.
static SECRETS: LazyLock<SecretFinder<'_>> =
    LazyLock::new(|| SecretFinder::new([APP_SECRET, CONTACTS_SECRET, CHATBOT_KEY, TOKEN]));

/// The least timeout that a connection can have: for connecting, for the first byte, and for the rest.
const TIMEOUT: Duration = Duration::from_secs(1);
/// For faults that nobody waits for, so that a busy machine makes no timeout of them. The answer is due as soon.
const PATIENCE: Duration = Duration::from_secs(20);
/// What a busy machine may take beside the waiting.
const SLACK: Duration = Duration::from_secs(5);
/// How many cells run at once: most of them wait.
const AT_ONCE: usize = 28;

// ------------------------------------------------------------------------------------------------------------- columns

/// An action that meets the fault, or whose access token does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Column {
    Read,
    Create,
    Update,
    Delete,
    Send,
    /// A send that WeCom is asked not to do twice.
    Checked,
    Chatbot,
    /// A send by chatbot whose body is larger than any buffer on its way.
    Image,
    /// A send of the application that gets no access token.
    Token,
}
use Column::*;

const COLUMNS: [Column; 9] = [Read, Create, Update, Delete, Send, Checked, Chatbot, Image, Token];

impl Column {
    fn action(self) -> &'static str {
        match self {
            Read => "list-department-ids",
            Create => "create-department",
            Update => "update-department",
            Delete => "delete-department",
            Send | Checked | Token => "push-text-message",
            Chatbot => "push-text-message-by-chatbot",
            Image => "push-image-message-by-chatbot",
        }
    }

    fn parameters(self) -> Value {
        static IMAGE: LazyLock<Value> = LazyLock::new(|| {
            // 1.5 MB of zeros, and their MD5.
            json!({"base64": "A".repeat(2 * 1024 * 1024), "md5": "6811c482ead27c0b1165ecfbe996c2b4"})
        });
        match self {
            Image => IMAGE.clone(),
            Checked => harness::with(least(self.action()), json!({"duplicate_check_interval": 1800})),
            _ => least(self.action()),
        }
    }

    fn connection(self, base_url: &str, timeout: Duration) -> Value {
        match self {
            Chatbot | Image => json!({
                "type": "chatbot", "chatbot_key": CHATBOT_KEY, "base_url": base_url, "timeout_seconds": timeout.as_secs(),
            }),
            _ => json!({
                "type": "application", "corp_id": CORP_ID, "app_secret": APP_SECRET, "contacts_secret": CONTACTS_SECRET,
                "agent_id": AGENT_ID, "base_url": base_url, "timeout_seconds": timeout.as_secs(),
            }),
        }
    }

    /// A large body makes a difference while it is under way only. Every other column meets every fault.
    fn meets(self, fault: Fault) -> bool {
        let under_way = [F::NotHttp, F::Status413, F::Status413Early, F::Status429, F::AnsweredEarly, F::Slow];
        self != Image || fault <= F::ResetInHeaders || under_way.contains(&fault)
    }

    fn target(self) -> Target {
        match self {
            Chatbot | Image => Target::All,
            Token => Target::Gettoken,
            _ => Target::Business,
        }
    }
}

// --------------------------------------------------------------------------------------------------------------- rows

/// What a call comes to: the case of the error and its category.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Succeeded,
    Rejected(&'static str),
    Unknown(&'static str),
    Retryable(&'static str),
}
use Outcome::{Rejected, Retryable, Succeeded, Unknown};

/// Faults that come to the same: for a read, for what is no read, for the access token.
struct Row {
    faults: &'static [Fault],
    read: Outcome,
    other: Outcome,
    token: Outcome,
}

const fn row(faults: &'static [Fault], read: Outcome, other: Outcome, token: Outcome) -> Row {
    Row { faults, read, other, token }
}

use Fault as F;

#[rustfmt::skip]
static TABLE: &[Row] = &[
    // The request did not leave.
    row(
        &[
            F::NameUnresolved, F::NoRoute, F::TlsReset, F::TlsClosed, F::TlsSilent, F::ConnectionRefused,
            F::ConnectTimeout,
        ],
        Retryable("network"), Retryable("network"), Retryable("network"),
    ),
    // Nor did it here, and to repeat it does not help: somebody has to trust a certificate, or to mend an address.
    row(
        &[F::TlsNotSpoken, F::TlsAlert, F::TlsUntrusted],
        Rejected("network"), Rejected("network"), Rejected("network"),
    ),
    // It may have arrived, and no whole answer came back. Of a body that breaks wasmtime's WASI 0.2 says only that it broke
    // (`http-error-code` knows nothing), so that a chunk of no size is among these.
    row(
        &[
            F::ResetOnAccept, F::CloseOnAccept, F::ResetUnread, F::ResetAfterHead, F::ResetAfterRequest,
            F::CloseAfterHead, F::CloseAfterRequest, F::NeverRead, F::NeverAnswered, F::FirstByteLate,
            F::ResetInStatusLine, F::ResetInHeaders, F::CloseInHeaders, F::HeadersNeverEnd, F::StatusLineTrickles,
            F::InformationalForEver, F::BodyNeverBegins, F::ResetInBody, F::BodyShort, F::BodyStalls, F::BodyTrickles,
            F::ChunksTrickle, F::GigabyteAnnounced, F::ChunkCut, F::ChunkSizeBad, F::LastChunkMissing,
            F::UnmeasuredReset, F::Status408,
        ],
        Retryable("network"), Unknown("network"), Retryable("network"),
    ),
    // Something answered that is not WeCom.
    row(
        &[
            F::NotHttp, F::Http2, F::StatusLineBad, F::VersionUnknown, F::HeaderBad, F::LengthTwice,
            F::LengthBad, F::LengthNegative, F::SwitchingProtocols, F::Status204, F::Status206, F::Status303,
            F::BodyEmpty, F::BodyBlank, F::BodyHtml, F::BodyXml, F::BodyJsonp, F::JsonCut, F::AnnouncedShort,
            F::UnmeasuredCut, F::JsonArray, F::JsonString, F::JsonNumber, F::JsonNull, F::JsonTrue, F::JsonTwice,
            F::JsonTrailing, F::JsonComma, F::JsonNan, F::ErrcodeTwice, F::KeyTwice, F::Utf16, F::Gbk, F::Utf8Invalid,
            F::LoneSurrogate, F::ControlCharacter, F::Gzip, F::NestedArrays, F::NestedObjects, F::ErrcodeWord,
            F::ErrcodeFraction, F::ErrcodeHuge, F::ErrcodeInfinite, F::ErrcodeNull, F::ErrcodeBoolean, F::ErrcodeList,
            F::ErrcodeObject, F::ErrcodeEmpty, F::TypesOther, F::ObjectEmpty, F::OtherMessage, F::OtherRet,
            F::OtherErrCode, F::OtherErrcode, F::OtherCode, F::OtherSuccess, F::OtherError, F::OtherErrorObject,
            F::OtherStatus, F::OtherLogin, F::OtherData, F::OtherErrmsg, F::OtherErrcodeEmpty, F::OtherWrapped,
            F::OtherLong, F::ProofForeign, F::ProofNull, F::ProofEmpty, F::ProofTypes, F::EchoKey, F::EchoTypes,
            F::EchoErrcode, F::EchoOther,
        ],
        Retryable("protocol"), Unknown("protocol"), Retryable("protocol"),
    ),
    // It is longer than anything that WeCom answers, and will be so again.
    row(
        &[F::HeaderHuge, F::HeadersMany, F::TenMegabytes, F::TenMegabytesChunked, F::ValuesMany],
        Rejected("protocol"), Unknown("protocol"), Rejected("protocol"),
    ),
    // A server in between is in trouble, or WeCom itself.
    row(
        &[
            F::Status500, F::Status500Success, F::Status501, F::Status502, F::Status503, F::Status503After,
            F::Status504, F::Status520, F::Status999, F::ErrcodeBusy,
        ],
        Retryable("service"), Unknown("service"), Retryable("service"),
    ),
    // A gateway refused.
    row(
        &[
            F::Status301, F::Status302, F::Status304, F::Status307, F::Status308, F::RedirectLoop,
            F::Status400, F::Status404, F::Status405, F::Status411, F::Status412, F::Status413, F::Status413Early,
            F::Status414, F::Status418, F::Status431, F::Status499, F::Status400Json, F::EchoRedirect,
        ],
        Rejected("protocol"), Rejected("protocol"), Rejected("protocol"),
    ),
    row(
        &[F::Status401, F::Status403, F::Status407, F::EchoPage],
        Rejected("permission"), Rejected("permission"), Rejected("permission"),
    ),
    // A gateway or WeCom asked for patience.
    row(
        &[F::Status429, F::Status429After, F::Status429Date, F::Status429Huge, F::Status429Negative, F::ErrcodeLimit],
        Retryable("limit"), Retryable("limit"), Retryable("limit"),
    ),
    // WeCom refused.
    row(
        &[
            F::ErrcodeText, F::ErrcodeFloat, F::WordsLong, F::WordsNoText, F::EchoPlain, F::EchoEncoded, F::EchoForm,
            F::EchoAll,
        ],
        Rejected("invalid-request"), Rejected("invalid-request"), Rejected("invalid-request"),
    ),
    row(&[F::ErrcodeAddress], Rejected("permission"), Rejected("permission"), Rejected("permission")),
    row(&[F::ErrcodeNegative, F::ErrcodeUnknown], Rejected("unknown"), Rejected("unknown"), Rejected("unknown")),
    // `errcode` is 0, and fields are missing that the answer cannot do without: a department's ID, an access token.
    row(&[F::FieldsMissing, F::FieldsNull], Succeeded, Succeeded, Retryable("protocol")),
    // `errcode` is missing: the list and the token prove the success, and most APIs have nothing that would.
    row(&[F::ErrcodeMissing], Succeeded, Unknown("protocol"), Succeeded),
    // Unusual, and a success.
    row(
        &[
            F::Slow, F::Informational, F::Unmeasured, F::Chunked, F::LengthAndChunks, F::BodyLong, F::AnsweredEarly,
            F::Status201, F::ContentTypeWrong, F::ContentTypeMissing, F::GzipClaimed, F::ByteOrderMark, F::BlankAround,
            F::ErrcodeZeroText, F::ErrcodeZeroFloat, F::ErrcodeMinusZero, F::FieldsMore,
        ],
        Succeeded, Succeeded, Succeeded,
    ),
];

/// Cells that come to something else than their row, with the reason.
static EXCEPT: &[(Fault, Column, Outcome, &str)] = &[
    (F::FieldsMissing, Create, Unknown("protocol"), "which department was created is what the output is for"),
    (F::FieldsNull, Create, Unknown("protocol"), "null is as good as absent"),
    (F::ErrcodeMissing, Send, Succeeded, "the ID of the message proves it"),
    (F::TypesOther, Update, Succeeded, "the answer has no fields but errcode and errmsg, and errmsg is never compared"),
    (F::TypesOther, Delete, Succeeded, "the same"),
    (F::TypesOther, Chatbot, Succeeded, "the same"),
    (F::TypesOther, Image, Succeeded, "the same"),
    (F::EchoTypes, Update, Succeeded, "the same"),
    (F::EchoTypes, Delete, Succeeded, "the same"),
    (F::EchoTypes, Chatbot, Succeeded, "the same"),
    (F::EchoTypes, Image, Succeeded, "the same"),
];

/// WeCom's code and the seconds to wait, where an error has one of them.
static DETAILS: &[(Fault, Option<i32>, Option<u32>)] = &[
    (F::Status429After, None, Some(7)),
    (F::Status503After, None, Some(7)),
    (F::ErrcodeText, Some(40058), None),
    (F::ErrcodeFloat, Some(40058), None),
    (F::ErrcodeNegative, Some(-40058), None),
    (F::ErrcodeBusy, Some(-1), None),
    (F::ErrcodeLimit, Some(45009), Some(60)),
    (F::ErrcodeAddress, Some(60020), None),
    (F::ErrcodeUnknown, Some(7_654_321), None),
    (F::WordsLong, Some(40058), None),
    (F::WordsNoText, Some(40058), None),
    (F::EchoPlain, Some(40058), None),
    (F::EchoEncoded, Some(40058), None),
    (F::EchoForm, Some(40058), None),
    (F::EchoAll, Some(40058), None),
];

/// Faults that end with a timeout.
static WAITED_FOR: &[Fault] = &[
    F::TlsSilent,
    F::ConnectTimeout,
    F::NeverRead,
    F::NeverAnswered,
    F::FirstByteLate,
    F::HeadersNeverEnd,
    F::StatusLineTrickles,
    F::InformationalForEver,
    F::BodyNeverBegins,
    F::BodyStalls,
    F::BodyTrickles,
    F::ChunksTrickle,
    F::GigabyteAnnounced,
];

/// What depends on who is faster, with the other outcome and the reason.
static EITHER: &[(Fault, Outcome, &str)] = &[(
    F::ResetOnAccept,
    Retryable("network"),
    "where the reset is there before the client sees that it is connected, nothing was sent, and the error says so",
)];

/// Cells that may be skipped, with the reason. None is, where the system lets a queue be filled.
static SKIPPED: &[(Fault, Column, &str)] = &[];

/// Answers that are no HTTP. An engine that carries requests out says of them that there is no whole answer: what the
/// client found wrong is in its words.
static NO_HTTP: &[Fault] = &[
    F::NotHttp,
    F::Http2,
    F::StatusLineBad,
    F::VersionUnknown,
    F::HeaderBad,
    F::LengthTwice,
    F::LengthBad,
    F::LengthNegative,
];

fn expected(fault: Fault, column: Column, way: Way) -> Outcome {
    match expected_of_outgoing(fault, column) {
        Retryable("protocol") if way == Way::Stepwise && NO_HTTP.contains(&fault) => Retryable("network"),
        Unknown("protocol") if way == Way::Stepwise && NO_HTTP.contains(&fault) => Unknown("network"),
        outcome => outcome,
    }
}

/// Answers with `errcode` 0 whose other fields cannot be read: the message was sent.
static SENT: &[Fault] = &[F::TypesOther, F::EchoTypes];

fn expected_of_outgoing(fault: Fault, column: Column) -> Outcome {
    if column == Checked {
        let is_too_long = matches!(row_of(fault).read, Rejected(_));
        return match expected_of_outgoing(fault, Send) {
            Unknown(category) if !is_too_long && !SENT.contains(&fault) => Retryable(category),
            outcome => outcome,
        };
    }
    if let Some((_, _, outcome, _)) = EXCEPT.iter().find(|(f, c, _, _)| (*f, *c) == (fault, column)) {
        return *outcome;
    }
    let row = row_of(fault);
    match column {
        Read => row.read,
        Token => row.token,
        _ => row.other,
    }
}

fn row_of(fault: Fault) -> &'static Row {
    TABLE.iter().find(|row| row.faults.contains(&fault)).unwrap()
}

#[test]
fn the_table_has_every_fault_once() {
    let mut rows: BTreeMap<Fault, usize> = BTreeMap::new();
    for fault in TABLE.iter().flat_map(|row| row.faults) {
        *rows.entry(*fault).or_default() += 1;
    }
    assert!(rows.values().all(|count| *count == 1), "{rows:?}");
    let missing: Vec<_> = Fault::ALL.iter().filter(|fault| !rows.contains_key(fault)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// The rule in the documentation of the connector's error type, held against the table: what did not happen is
/// retryable, what may have happened is retryable only where it only read, and whoever asked for a token did nothing.
#[test]
fn the_table_keeps_the_rule() {
    for row in TABLE {
        let faults = row.faults;
        match row.read {
            // What a list proves by being there, a change cannot.
            Succeeded => assert!([Succeeded, Unknown("protocol")].contains(&row.other), "{faults:?}"),
            // An answer that is too long to be read says no more of a change than one that was lost.
            Rejected(category) => assert!([Rejected(category), Unknown(category)].contains(&row.other), "{faults:?}"),
            Retryable(category) => {
                assert!([Retryable(category), Unknown(category)].contains(&row.other), "{faults:?}");
                assert_eq!(row.token, row.read, "{faults:?}");
            }
            Unknown(_) => panic!("the outcome of a read is never open: {faults:?}"),
        }
        assert!(!matches!(row.token, Unknown(_)), "{faults:?}");
    }
}

// -------------------------------------------------------------------------------------------------------------- cells

/// Why a cell did not pass.
enum NotPassed {
    Skipped(String),
    Failed(String),
}

impl<T: std::fmt::Display> From<T> for NotPassed {
    fn from(text: T) -> Self {
        Self::Failed(text.to_string())
    }
}

macro_rules! check {
    ($condition:expr, $($words:tt)+) => {
        if !$condition {
            return Err(NotPassed::Failed(format!($($words)+)));
        }
    };
}

async fn cell(fault: Fault, column: Column, way: Way) -> Result<(), NotPassed> {
    let server = FaultServer::start().await?;
    // No token can be fetched from an address that does not work.
    let with_token = fault.scope() == Scope::Address && ![Chatbot, Image, Token].contains(&column);
    if let Err(error) = server.order(column.target(), fault).await {
        return Err(NotPassed::Skipped(error.to_string()));
    }
    let mut connection =
        column.connection(&server.base_url(), if WAITED_FOR.contains(&fault) { TIMEOUT } else { PATIENCE });
    if with_token {
        connection["access_token"] = json!(TOKEN);
    }
    let mut caller = Caller::by(way).await;
    if WAITED_FOR.contains(&fault) && !with_token && ![Chatbot, Image, Token].contains(&column) {
        // Only the fault is to run into the short timeout, not a token on a busy machine: the instance keeps it.
        let patient = column.connection(&server.base_url(), PATIENCE);
        let scope = if about(column.action()).secrets == Secrets::Contacts { "contacts" } else { "app" };
        let token = caller.access_token(Some(&patient), scope).await;
        check!(token.is_ok(), "no token: {token:?}");
    }
    let began = Instant::now();
    let answer = caller.run(way, column.action(), Some(&connection), &column.parameters()).await;
    let took = began.elapsed();

    // Connecting and the first byte, and the rest of the answer.
    check!(took < TIMEOUT * 3 + SLACK, "it took {took:?}");
    check!(!WAITED_FOR.contains(&fault) || took >= TIMEOUT, "it did not wait for the timeout: {took:?}");
    let words = format!("{answer:?}");
    let secret = SECRETS.find_in(&words);
    check!(secret.is_none(), "a piece of {secret:?} stands in {words}");
    let outcome = expected(fault, column, way);
    let came_to = outcome_of(&answer);
    let either = EITHER.iter().any(|(or, other, _)| *or == fault && came_to == Ok(*other));
    check!(either || came_to == Ok(outcome), "{outcome:?} was expected, not {words}");
    let api = if column == Token { "gettoken" } else { about(column.action()).api };
    if let Err(
        Error::PermanentRejected(failure) | Error::PermanentOutcomeUnknown(failure) | Error::Retryable(failure),
    ) = &answer
    {
        let details = DETAILS.iter().find(|(with, _, _)| *with == fault);
        let (errcode, seconds) = details.map_or((None, None), |(_, errcode, seconds)| (*errcode, *seconds));
        check!(failure.errcode == errcode, "errcode {errcode:?} was expected: {words}");
        check!(failure.retry_after_seconds == seconds, "{seconds:?} seconds were expected: {words}");
        check!(failure.api == api, "the API is {api}: {words}");
        check!(!failure.message.is_empty() && failure.message.chars().count() <= 1001, "the message: {words}");
        check!(!failure.hint.en.is_empty() && !failure.hint.zh.is_empty(), "the hint: {words}");
        check!(failure.doc_url.starts_with("https://"), "the link: {words}");
        // What may be repeated now may be no more later.
        let until = column == Checked && matches!(answer, Err(Error::Retryable(_)));
        check!(failure.hint.en.contains("within 1800 seconds") == until, "for how long: {words}");
        let caller_ip = (fault == Fault::ErrcodeAddress).then_some("203.0.113.9");
        check!(failure.caller_ip.as_deref() == caller_ip, "the address: {words}");
        check!(caller_ip.is_none_or(|ip| failure.hint.en.contains(ip) && failure.hint.zh.contains(ip)), "{words}");
    }

    // No request is repeated, and none is made that need not be.
    let seen = server.seen();
    let gettoken = seen.iter().filter(|seen| seen.is_gettoken()).count();
    let business = seen.len() - gettoken;
    let arrives = fault.scope() == Scope::Exchange;
    let requests = match column {
        Token => (usize::from(arrives), usize::from(outcome == Succeeded)),
        Chatbot | Image => (0, usize::from(arrives)),
        _ => (usize::from(!with_token), usize::from(arrives)),
    };
    check!((gettoken, business) == requests, "{requests:?} requests were expected: {seen:?}");
    let triggered = match fault {
        F::NameUnresolved | F::NoRoute | F::ConnectionRefused | F::ConnectTimeout => 0,
        _ => 1,
    };
    check!(server.triggered() == triggered, "the fault was triggered {} times, not {triggered}", server.triggered());
    let faulted = seen.iter().find(|seen| seen.fault == Some(fault));
    if outcome == Succeeded && fault != Fault::AnsweredEarly {
        check!(faulted.is_some_and(|seen| seen.arrived == Arrived::Whole), "a success of half a request: {seen:?}");
    }
    Ok(())
}

fn outcome_of(answer: &Answer) -> Result<Outcome, String> {
    let (case, failure): (fn(&'static str) -> Outcome, _) = match answer {
        Ok(_) => return Ok(Succeeded),
        Err(Error::PermanentRejected(failure)) => (Rejected, failure),
        Err(Error::PermanentOutcomeUnknown(failure)) => (Unknown, failure),
        Err(Error::Retryable(failure)) => (Retryable, failure),
        Err(other) => return Err(format!("{other:?}")),
    };
    let category = Category::named(&failure.category).ok_or_else(|| failure.category.clone())?;
    Ok(case(category.name()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_fault_meets_an_action_of_every_kind() {
    // The components are compiled before the clock of any cell runs.
    harness::host();
    harness::stepwise_host();
    let began = Instant::now();
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut cells = tokio::task::JoinSet::new();
    let mut ways = Way::BOTH.into_iter().cycle();
    // One row alone, for whoever looks into it: FAULT=body-short cargo test -p host-test --test it faults
    let only = std::env::var("FAULT").ok();
    if let Some(name) = &only {
        assert!(Fault::ALL.iter().any(|fault| fault.name() == name), "FAULT={name} is none of the faults");
    }
    for fault in Fault::ALL.iter().filter(|fault| only.as_ref().is_none_or(|name| fault.name() == name)) {
        for column in COLUMNS.into_iter().filter(|column| column.meets(*fault)) {
            for way in [ways.next().unwrap(), Way::Stepwise] {
                let turns = Arc::clone(&turns);
                cells.spawn(async move {
                    let _turn = turns.acquire_owned().await.unwrap();
                    (*fault, column, way, cell(*fault, column, way).await)
                });
            }
        }
        // Every fault meets each column in the other way than the fault before.
        ways.next();
    }
    let count = cells.len();
    let (mut skipped, mut failed) = (0, String::new());
    while let Some(ended) = cells.join_next().await {
        let (fault, column, way, result) = match ended {
            Ok(ended) => ended,
            Err(error) => {
                let _ = writeln!(failed, "a cell panicked: {error}");
                continue;
            }
        };
        match result {
            Ok(()) => {}
            Err(NotPassed::Skipped(why)) => {
                skipped += 1;
                println!("skipped: {} × {column:?}, {way:?}: {why}", fault.name());
                if !SKIPPED.iter().any(|(f, c, _)| (*f, *c) == (fault, column)) {
                    let _ = writeln!(failed, "{} × {column:?}, {way:?} may not be skipped: {why}", fault.name());
                }
            }
            Err(NotPassed::Failed(why)) => {
                let _ = writeln!(failed, "{} × {column:?}, {way:?}: {why}", fault.name());
            }
        }
    }
    println!("{} faults, {count} cells, {skipped} skipped, {:.1} s", Fault::ALL.len(), began.elapsed().as_secs_f32());
    assert!(failed.is_empty(), "{} of {count} cells:\n{failed}", failed.lines().count());
}

// ------------------------------------------------------------------------------------------ what proves a success

/// JSON that is no answer of WeCom's, and what the message has to say of it: what stood there instead.
static SHAPES: &[(Fault, &[&str])] = &[
    (F::ObjectEmpty, &[]),
    (F::OtherMessage, &["message", "Request failed with status_code: 404"]),
    (F::OtherRet, &["ret", "401", "msg", "not logged in"]),
    (F::OtherErrCode, &["errCode", "93000"]),
    (F::OtherErrcode, &["Errcode"]),
    (F::OtherCode, &["code", "msg", "ok", "data"]),
    (F::OtherSuccess, &["success", "true"]),
    (F::OtherError, &["error", "upstream connect error"]),
    (F::OtherErrorObject, &["error"]),
    (F::OtherStatus, &["status", "404", "error", "Not Found", "path", "timestamp"]),
    (F::OtherLogin, &["code", "302", "msg", "please log in", "data"]),
    (F::OtherData, &["data"]),
    (F::OtherErrmsg, &["errmsg"]),
    (F::OtherErrcodeEmpty, &["errcode"]),
    (F::OtherWrapped, &["result"]),
    (F::OtherLong, &["message", "企企企"]),
    (F::ProofForeign, &[]),
    (F::ProofNull, &[]),
    (F::ProofEmpty, &[]),
    (F::ProofTypes, &[]),
    (F::ErrcodeEmpty, &["errcode"]),
    (F::ErrcodeNull, &["errcode"]),
    (F::JsonArray, &[]),
    (F::JsonString, &[]),
    (F::JsonNull, &[]),
    (F::JsonNumber, &[]),
    (F::EchoOther, &["message"]),
];

/// An outcome as the rule of row and column has it, and no word of a secret in it.
#[track_caller]
fn assert_no_answer(answer: Answer, effect: Effect, api: &str, fault: Fault, words: &[&str]) {
    let case = format!("{api}, {}", fault.name());
    let failure = match (answer, effect) {
        (Err(Error::Retryable(failure)), Effect::Read) => failure,
        (Err(Error::PermanentOutcomeUnknown(failure)), effect) if effect != Effect::Read => failure,
        (answer, _) => panic!("{case}: {answer:?}"),
    };
    let shown_of = SECRETS.find_in(&format!("{failure:?}"));
    assert!(shown_of.is_none(), "{case}: a piece of {shown_of:?} stands in {failure:?}");
    assert_eq!((failure.category.as_str(), failure.errcode, failure.api.as_str()), ("protocol", None, api), "{case}");
    assert!(failure.message.chars().count() <= 1001, "{case}: {failure:?}");
    for word in words {
        assert!(failure.message.contains(word), "{case}: {word:?} is not in {:?}", failure.message);
    }
    // Who reads Chinese is told the same.
    assert!(words.iter().all(|word| failure.hint.zh.contains(word)), "{case}: {:?}", failure.hint.zh);
}

/// What a call does: the same as every call of its action, but where the call says it.
fn effect_of(about: &About, parameters: &Value) -> Effect {
    if parameters["effect"] == "read" { Effect::Read } else { about.effect }
}

/// A connection of the type that the action needs.
fn connection_for(about: &About, base_url: &str) -> Value {
    let column = if is_chatbot(about) { Chatbot } else { Send };
    column.connection(base_url, PATIENCE)
}

by_each_component!(json_that_is_no_answer_of_wecom_is_a_success_of_no_action);
async fn json_that_is_no_answer_of_wecom_is_a_success_of_no_action(way: Way) {
    // A server for each type of connection: it echoes every secret that it has seen, and a call knows its own.
    let servers = [FaultServer::start().await.unwrap(), FaultServer::start().await.unwrap()];
    let mut caller = Caller::by(way).await;
    let mut cells = 0;
    for about in ABOUT {
        let server = &servers[usize::from(about.secrets == Secrets::ChatbotKey)];
        let connection = connection_for(about, &server.base_url());
        let parameters = sample(about.id);
        for (fault, words) in SHAPES {
            server.order(Target::Business, *fault).await.unwrap();
            let answer = caller.invoke(about.id, Some(&connection), &parameters).await;
            assert_eq!(server.seen().last().unwrap().fault, Some(*fault), "{}: {answer:?}", about.id);
            assert_no_answer(answer, effect_of(about, &parameters), about.api, *fault, words);
            cells += 1;
        }
        server.clear();
        caller.invoke(about.id, Some(&connection), &parameters).await.unwrap();
    }
    assert_eq!(cells, ABOUT.len() * SHAPES.len());
}

by_each_component!(json_that_is_no_answer_of_wecom_is_no_access_token);
async fn json_that_is_no_answer_of_wecom_is_no_access_token(way: Way) {
    let server = FaultServer::start().await.unwrap();
    let connection = Send.connection(&server.base_url(), PATIENCE);
    for (fault, words) in SHAPES {
        server.order(Target::Gettoken, *fault).await.unwrap();
        for scope in ["app", "contacts"] {
            // A token that was never there cannot be kept: the instance may be the same.
            let answer = Caller::by(way).await.access_token(Some(&connection), scope).await;
            assert_no_answer(answer, Effect::Read, "gettoken", *fault, words);
        }
    }
    // Nothing was asked for with a token that was none.
    assert!(server.seen().iter().all(host_test::faults::Seen::is_gettoken));
}

/// What APIs prove a success by where `errcode` is absent, each with its field and the value that a documented reply has.
fn proofs() -> Vec<(Proof, &'static str, Value)> {
    let mut proofs: Vec<(Proof, &str, Value)> = Vec::new();
    for about in ABOUT {
        let Some(field) = about.proof.field() else { continue };
        if proofs.iter().all(|(proof, ..)| *proof != about.proof) {
            proofs.push((about.proof, field, reply(about)[field].clone()));
        }
    }
    proofs
}

/// The documented reply of an action.
fn reply(about: &About) -> Value {
    serde_json::from_str(about.sample_reply).unwrap()
}

async fn a_success_without_errcode_is_proved_by_the_api_s_own_field_and_by_nothing_else(way: Way) {
    let simulator = harness::simulator(Options::strict()).await;
    let mut caller = Caller::by(way).await;
    let proofs = proofs();
    // What comes as an attachment is a file, whatever stands in it.
    for about in ABOUT.iter().filter(|about| about.proof != Proof::Attachment) {
        let connection = match about.secrets {
            Secrets::ChatbotKey => harness::chatbot(&simulator),
            _ => harness::application(&simulator),
        };
        let parameters = sample(about.id);
        // From here on the instance has the token.
        let _ = caller.run(way, about.id, Some(&connection), &parameters).await;
        let mut ask = async |body: String| {
            simulator.disturb_next(Disturbance::Replace(body.into()));
            caller.run(way, about.id, Some(&connection), &parameters).await
        };
        let effect = effect_of(about, &parameters);
        for (proof, field, value) in proofs.iter().filter(|(proof, ..)| *proof != about.proof) {
            let answer = ask(format!(r#"{{"{field}":{value}}}"#)).await;
            // The name may be its own: that of a list, where its own is an object.
            let words: &[&str] = if about.proof.field() == Some(field) { &[] } else { &[field] };
            assert!(answer.is_err(), "{}: {proof:?}: {answer:?}", about.id);
            assert_no_answer(answer, effect, about.api, F::ProofForeign, words);
        }
        let own = about.proof.field();
        let of_others = || proofs.iter().filter(|(_, field, _)| own != Some(field));
        let empty = of_others().filter(|(_, _, value)| value.is_array()).map(|(_, field, _)| (*field, json!([])));
        let answer = ask(Value::from_iter(empty).to_string()).await;
        assert_no_answer(answer, effect, about.api, F::ProofForeign, &[]);
        if let Some(field) = about.proof.field() {
            let value = reply(about)[field].clone();
            let empty = value.is_array().then(|| json!([]));
            for value in [Some(value), empty].into_iter().flatten() {
                // The output may need more than what proves the success.
                let mut body = reply(about);
                body.as_object_mut().unwrap().remove("errcode");
                body[field] = value;
                let body = body.to_string();
                let answer = ask(body.clone()).await;
                assert!(answer.is_ok(), "{}: {body}: {answer:?}", about.id);
            }
            for value in ["null", r#""""#, "0", "1", "false", "true", "[[]]", "{}", r#"[""]"#, "[1]", r#""x""#] {
                let is_text = matches!(about.proof, Proof::Text(_));
                if !(is_text && value == r#""x""#) {
                    let body = format!(r#"{{"errmsg":"ok","{field}":{value}}}"#);
                    // An object proves that it is one. What is in it is looked at next, and may be missing.
                    let answer = ask(body.clone()).await;
                    assert!(answer.is_err(), "{}: {body}: {answer:?}", about.id);
                    assert_no_answer(answer, effect, about.api, F::ProofTypes, &[]);
                }
            }
        }
        // Beside an errcode nothing else is needed, and nothing else counts.
        for errcode in ["0", r#""0""#, "0.0"] {
            let mut reply = reply(about);
            reply["errcode"] = serde_json::from_str(errcode).unwrap();
            let answer = ask(reply.to_string()).await;
            assert!(answer.is_ok(), "{}: {answer:?}", about.id);
        }
        let mut refusal = json!({"errcode": 40058, "errmsg": "no"});
        for (_, field, value) in &proofs {
            refusal[*field] = value.clone();
        }
        let answer = ask(refusal.to_string()).await;
        assert_eq!(answer.unwrap_err().rejected().errcode, Some(40058), "{}", about.id);
    }
}
by_each_component!(a_success_without_errcode_is_proved_by_the_api_s_own_field_and_by_nothing_else);

// ------------------------------------------------------------------------------------------------- the longest replies

#[tokio::test]
async fn whatever_wecom_s_limits_allow_is_read() {
    let simulator = harness::simulator(Options::strict()).await;
    let connection = harness::application(&simulator);
    for count in [25_000, 30_000] {
        simulator.with_world(|world| {
            let departments = &mut world.corp_mut(CORP_ID).departments;
            let least = u32::MAX as usize - count + 1;
            departments.retain(|id, _| *id == 1);
            departments.extend((least..least + count - 1).map(|id| {
                let id = i64::try_from(id).unwrap();
                let name = id.to_string();
                (id, Department { id, name, name_en: None, parentid: 1, order: u32::MAX.into() })
            }));
        });
        for way in Way::ALL {
            let answer = Caller::by(way).await.run(way, "list-department-ids", Some(&connection), &json!({})).await;
            let list = answer.unwrap();
            let departments = list["department_id"].as_array().unwrap();
            assert_eq!(departments.len(), count, "{way:?}");
            let last = departments.last().unwrap();
            assert_eq!((&last["parent_id"], &last["order"]), (&json!(1), &json!(u32::MAX)), "{way:?}");
        }
    }
    simulator.with_world(|world| {
        for number in 0..10_000 {
            let member = Member::new(&format!("{number:0>64}"), "n");
            world.add_member(CORP_ID, member);
        }
    });
    for way in Way::ALL {
        let mut caller = Caller::by(way).await;
        let page = caller.run(way, "list-member-ids", Some(&connection), &json!({ "limit": 10_000 })).await.unwrap();
        let rows = page["dept_user"].as_array().unwrap();
        assert_eq!(rows.len(), 10_000, "{way:?}");
        assert_eq!(rows[9_999]["user_id"].as_str().unwrap(), format!("{:0>64}", 9_999), "{way:?}");
        let rest = json!({ "cursor": page["next_cursor"] });
        let rest = caller.run(way, "list-member-ids", Some(&connection), &rest).await.unwrap();
        assert_eq!(rest["dept_user"].as_array().unwrap().len(), 8, "{way:?}");
    }
}

by_each_component!(a_reply_that_is_too_long_is_final_for_a_read_and_open_for_a_write);
/// What is too long now will be so again: nobody is told to repeat a read. Of a write nobody knows.
async fn a_reply_that_is_too_long_is_final_for_a_read_and_open_for_a_write(way: Way) {
    let mut bench = Bench::by(way).await;
    let row = r#"{"id":4294967295,"parentid":1,"order":1}"#;
    let list =
        |count: usize| format!(r#"{{"errcode":0,"department_id":[{}{row}]}}"#, format!("{row},").repeat(count - 1));
    let text = |bytes: usize| {
        let frame = r#"{"errcode":0,"department_id":[],"x":""}"#;
        frame.replace(r#""x":"""#, &format!(r#""x":"{}""#, "x".repeat(bytes - frame.len())))
    };
    let zeros = |count: usize| format!(r#"{{"errcode":0,"x":[0{}]}}"#, ",0".repeat(count - 1));
    // Where something is listed, 4 MiB and 160,000 values; elsewhere 1 MiB and 131,072. A row has four values.
    let (read, write) = (("list-department-ids", json!({})), ("update-department", json!({"id": 2, "order": 3})));
    for (body, (action, parameters), is_read) in [
        (list(39_999), &read, true),
        (list(40_001), &read, false),
        (text(4 * 1024 * 1024), &read, true),
        (text(4 * 1024 * 1024 + 1), &read, false),
        (zeros(131_069), &write, true),
        (zeros(131_070), &write, false),
        (text(1024 * 1024), &write, true),
        (text(1024 * 1024 + 1), &write, false),
    ] {
        bench.call(action, parameters).await.unwrap();
        let length = body.len();
        bench.server.disturb_next(Disturbance::Replace(body.into()));
        let answer = bench.call(action, parameters).await;
        if is_read {
            assert!(answer.is_ok(), "{action}, {length} bytes: {answer:?}");
            continue;
        }
        assert!(answer.is_err(), "{action}, {length} bytes");
        let error = answer.unwrap_err();
        let failure = if *action == read.0 { error.rejected() } else { error.outcome_unknown() };
        assert_eq!((failure.category.as_str(), failure.errcode), ("protocol", None), "{failure:?}");
        assert_eq!(failure.message, "the answer is too long", "{failure:?}");
        assert!(failure.hint.zh.contains("过长"), "{failure:?}");
    }
}

// ----------------------------------------------------------------------------------------------- more than one request

by_each_component!(what_follows_an_answer_answers_nothing);
/// An answer that nobody asked for must not be taken for that to the next request of the connection.
async fn what_follows_an_answer_answers_nothing(way: Way) {
    let mut bench = Bench::misbehaving(way).await;
    for _ in 0..20 {
        bench.server.order(Target::All, Fault::BodyLong).await.unwrap();
        bench.call(Chatbot.action(), &Chatbot.parameters()).await.unwrap();
        bench.server.clear();
        // A refusal stands in the connection that was kept, if it was.
        bench.call(Chatbot.action(), &Chatbot.parameters()).await.unwrap();
    }
    assert_eq!(bench.server.seen().len(), 40);
}

by_each_component!(a_fault_of_gettoken_does_not_outlive_the_call);
/// A token that meets a fault is asked for again by the next call, and only then.
async fn a_fault_of_gettoken_does_not_outlive_the_call(way: Way) {
    let mut bench = Bench::misbehaving(way).await;
    for fault in
        [F::CloseAfterRequest, F::Status500, F::BodyHtml, F::ErrcodeBusy, F::TypesOther, F::FieldsNull, F::OtherCode]
    {
        bench.server.order(Target::Gettoken, fault).await.unwrap();
        bench.call(Send.action(), &Send.parameters()).await.unwrap_err().retryable();
        assert_eq!(bench.server.seen().len(), 1, "{fault:?}");
        bench.server.forget();
    }
    bench.server.clear();
    bench.call(Send.action(), &Send.parameters()).await.unwrap();
    assert_eq!(bench.server.seen().len(), 2);
}

// ------------------------------------------------------------------------------------------------- before a simulator

/// What came to the proxy by seed: the fault and whether it was forwarded, in order.
async fn through_proxy(simulator: &Simulator, plan: Plan, calls: usize) -> Vec<(Option<Fault>, bool)> {
    let upstream = ([127, 0, 0, 1], simulator.port()).into();
    let proxy = FaultServer::in_front_of(upstream, plan).await.unwrap();
    let mut connection = harness::chatbot(simulator);
    connection["base_url"] = json!(proxy.base_url());
    let mut caller = Caller::new().await;
    for _ in 0..calls {
        let before = simulator.with_world(|world| {
            // No more than 20 messages a minute to a group.
            world.advance(Duration::from_secs(5));
            world.messages().len()
        });
        let answer = caller.invoke(Chatbot.action(), Some(&connection), &Chatbot.parameters()).await;
        let seen = proxy.seen().pop().unwrap();
        let sent = simulator.with_world(|world| world.messages().len()) - before;
        assert_eq!(sent, usize::from(seen.forwarded), "{seen:?}");
        let reach = seen.fault.map_or(Reach::Always, Fault::reach);
        match answer {
            Ok(_) => assert_eq!((reach, sent), (Reach::Always, 1), "{seen:?}"),
            Err(Error::PermanentOutcomeUnknown(_)) => assert_eq!(reach, Reach::Perhaps, "{seen:?}"),
            // What the connector is sure of is so.
            Err(Error::Retryable(_) | Error::PermanentRejected(_)) => assert_eq!(sent, 0, "{seen:?}"),
            Err(other) => panic!("{other:?}"),
        }
    }
    let seen = proxy.seen();
    assert_eq!(seen.len(), calls, "no request is repeated");
    assert_eq!(proxy.triggered(), seen.iter().filter(|seen| seen.fault.is_some()).count());
    seen.into_iter().map(|seen| (seen.fault, seen.forwarded)).collect()
}

#[tokio::test]
async fn before_a_simulator_a_lost_request_is_told_from_a_lost_reply() {
    let simulator = harness::simulator(Options::strict()).await;
    // Faults of the listener are left out: a proxy has one listener for all.
    let faults = vec![F::ConnectionRefused, F::ResetAfterRequest, F::BodyShort, F::Status502, F::Status429, F::Chunked];
    let plan = Plan { seed: 7, fraction: 0.6, faults };
    let first = through_proxy(&simulator, plan.clone(), 60).await;
    let faulted = first.iter().filter(|(fault, _)| fault.is_some()).count();
    assert!((20..=50).contains(&faulted), "{faulted} of 60");
    for fault in [F::ResetAfterRequest, F::BodyShort, F::Status502] {
        for forwarded in [true, false] {
            assert!(first.contains(&(Some(fault), forwarded)), "{fault:?} {forwarded}: {first:?}");
        }
    }
    assert_eq!(through_proxy(&simulator, plan, 60).await, first, "the same seed is the same luck");

    let none = Plan { seed: 7, fraction: 0.0, faults: Fault::ALL.to_vec() };
    assert_eq!(through_proxy(&simulator, none, 5).await, [(None, true); 5]);
}
